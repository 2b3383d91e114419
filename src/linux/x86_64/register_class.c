/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_class.h"
#include "register_map.h"

#include <errno.h>
#include <inttypes.h>

enum { XCR0 = 0 };

static abx_status no_room(abx_reg name, uint64_t value)
{
    return abx_fail(ABX_ERR_RANGE, 0, "the register is narrower, or bits that are reserved are set",
                    "write %#" PRIx64 " to register %#" PRIx64, value, name);
}

/* A failed KVM_SET_*: EINVAL stands for values that the CPU would refuse. */
static abx_status store_failed(int result, const char *what)
{
    if (result == -EINVAL)
        return abx_fail(ABX_ERR_RANGE, EINVAL, "a CPU refuses these values, alone or together", "set %s", what);
    return abx_kvm_check(result, "set %s", what);
}

/*
 * Whether the copy of `class` that came with the last exit is the present state. Once the vCPU has run, the next exit
 * brings along what was asked for here.
 */
static bool copy_is_present(abx_kvm_vcpu *vcpu, uint64_t class)
{
    if (!(vcpu->vm->hypervisor->sync_regs & class))
        return false;
    if (vcpu->run->exit_reason != KVM_EXIT_UNKNOWN)
        abx_kvm_ask_for_copies(vcpu, class);
    vcpu->unread &= ~class;
    return vcpu->synced & class;
}

abx_status abx_kvm_settle_registers(abx_kvm_vcpu *vcpu)
{
    struct kvm_run *run = vcpu->run;
    if (run->kvm_dirty_regs & KVM_SYNC_X86_REGS) {
        abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_REGS, &run->s.regs.regs), "set registers");
        if (status != ABX_OK)
            return status;
        run->kvm_dirty_regs &= ~(uint64_t)KVM_SYNC_X86_REGS;
    }
    vcpu->synced = 0;
    return ABX_OK;
}

/* The general registers: those in `run` or else, fetched into `*room`, the kernel's. */
static abx_status fetch_general(abx_kvm_vcpu *vcpu, struct kvm_regs *room, struct kvm_regs **registers)
{
    if (copy_is_present(vcpu, KVM_SYNC_X86_REGS)) {
        *registers = &vcpu->run->s.regs.regs;
        return ABX_OK;
    }
    *registers = room;
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_REGS, room), "get registers");
}

abx_status abx_x86_read_general(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    struct kvm_regs room, *registers;
    abx_status status = fetch_general(vcpu, &room, &registers);
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_GPR)
            values[i] = abx_x86_get_general(registers, ABX_REG_NUMBER(names[i]));
    }
    return ABX_OK;
}

abx_status abx_x86_write_general(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    struct kvm_regs room, *registers;
    abx_status status = fetch_general(vcpu, &room, &registers);
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        /* All of these are 64 bits wide: none is refused. */
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_GPR)
            abx_x86_set_general(registers, ABX_REG_NUMBER(names[i]), values[i]);
    }
    if (registers != &room) {
        vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
        return ABX_OK;
    }
    return abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_SET_REGS, &room), "set registers");
}

abx_status abx_x86_read_system(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    struct kvm_sregs room = { 0 };
    const struct kvm_sregs *registers = &vcpu->run->s.regs.sregs;
    if (!copy_is_present(vcpu, KVM_SYNC_X86_SREGS)) {
        abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_SREGS, &room), "get system registers");
        if (status != ABX_OK)
            return status;
        registers = &room;
    }
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_SYSTEM)
            values[i] = abx_x86_get_system(registers, ABX_REG_NUMBER(names[i]));
    }
    return ABX_OK;
}

/* Never by the copy in `run`: a refused value must fail here and not at the next entry. */
abx_status abx_x86_write_system(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    struct kvm_sregs registers = { 0 };
    if (vcpu->synced & KVM_SYNC_X86_SREGS) {
        registers = vcpu->run->s.regs.sregs;
    } else {
        abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_SREGS, &registers), "get system registers");
        if (status != ABX_OK)
            return status;
    }
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) != ABX_X86_CLASS_SYSTEM)
            continue;
        if (!abx_x86_set_system(&registers, ABX_REG_NUMBER(names[i]), values[i]))
            return no_room(names[i], values[i]);
    }
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_SREGS, &registers);
    vcpu->synced &= ~(uint64_t)KVM_SYNC_X86_SREGS;
    if (result < 0)
        return store_failed(result, "system registers");
    /* Without a local APIC in the kernel each entry takes CR8 from here. */
    vcpu->run->cr8 = registers.cr8;
    return ABX_OK;
}

abx_status abx_x86_read_debug(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    struct kvm_debugregs registers = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &registers), "get debug registers");
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_DEBUG)
            values[i] = abx_x86_get_debug(&registers, ABX_REG_NUMBER(names[i]));
    }
    return ABX_OK;
}

abx_status abx_x86_write_debug(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    struct kvm_debugregs registers = { 0 };
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &registers), "get debug registers");
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_DEBUG)
            abx_x86_set_debug(&registers, ABX_REG_NUMBER(names[i]), values[i]);
    }
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &registers);
    return result < 0 ? store_failed(result, "debug registers") : ABX_OK;
}

/* XCR0's place among the extended control registers that KVM gives; NULL where the CPU has none. */
static struct kvm_xcr *find_xcr0(struct kvm_xcrs *registers)
{
    for (uint32_t i = 0; i < registers->nr_xcrs && i < KVM_MAX_XCRS; i++) {
        if (registers->xcrs[i].xcr == XCR0)
            return &registers->xcrs[i];
    }
    return NULL;
}

static abx_status fetch_xcr0(abx_kvm_vcpu *vcpu, struct kvm_xcrs *registers, struct kvm_xcr **xcr0)
{
    abx_status status = abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_XCRS, registers), "get XCR0");
    if (status != ABX_OK)
        return status;
    *xcr0 = find_xcr0(registers);
    if (!*xcr0)
        return abx_fail(ABX_ERR_NOT_FOUND, 0, "this host's CPU has no XSAVE", "get XCR0");
    return ABX_OK;
}

abx_status abx_x86_read_xcr(abx_kvm_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    struct kvm_xcrs registers = { 0 };
    struct kvm_xcr *xcr0;
    abx_status status = fetch_xcr0(vcpu, &registers, &xcr0);
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_XCR)
            values[i] = xcr0->value;
    }
    return ABX_OK;
}

abx_status abx_x86_write_xcr(abx_kvm_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    struct kvm_xcrs registers = { 0 };
    struct kvm_xcr *xcr0;
    abx_status status = fetch_xcr0(vcpu, &registers, &xcr0);
    if (status != ABX_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (ABX_REG_CLASS(names[i]) == ABX_X86_CLASS_XCR)
            xcr0->value = values[i];
    }
    int result = abx_kvm_ioctl(vcpu->fd, KVM_SET_XCRS, &registers);
    return result < 0 ? store_failed(result, "XCR0") : ABX_OK;
}
