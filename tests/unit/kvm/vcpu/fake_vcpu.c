/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { LARGEST_BATCH = 255 };

fake_vcpu fake;

int __wrap_ioctl(int fd, unsigned long request, ...);

/* Those that copy one structure out or in. */
static const struct {
    unsigned long get, set;
    void *structure;
    size_t size;
} plain[] = {
    { KVM_GET_REGS, KVM_SET_REGS, &fake.regs, sizeof(fake.regs) },
    { KVM_GET_SREGS, KVM_SET_SREGS, &fake.sregs, sizeof(fake.sregs) },
    { KVM_GET_SREGS2, KVM_SET_SREGS2, &fake.sregs2, sizeof(fake.sregs2) },
    { KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, &fake.debug, sizeof(fake.debug) },
    { KVM_GET_XCRS, KVM_SET_XCRS, &fake.xcrs, sizeof(fake.xcrs) },
    { KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, &fake.events, sizeof(fake.events) },
    { KVM_GET_MP_STATE, KVM_SET_MP_STATE, &fake.mp_state, sizeof(fake.mp_state) },
    { KVM_GET_LAPIC, KVM_SET_LAPIC, &fake.lapic, sizeof(fake.lapic) },
    { KVM_GET_XSAVE2, KVM_SET_XSAVE, fake.xsave, sizeof(fake.xsave) },
    { 0, KVM_SET_GUEST_DEBUG, &fake.guest_debug, sizeof(fake.guest_debug) },
};

static bool msr_fails(const struct kvm_msr_entry *entry, bool write)
{
    if (entry->index >= FAKE_MSRS)
        return true;
    return write ? entry->index == MSR_READ_ONLY || entry->data == REFUSED_VALUE : entry->index == MSR_WRITE_ONLY;
}

static int access_msrs(struct kvm_msrs *batch, bool write)
{
    if (batch->nmsrs > LARGEST_BATCH)
        return -E2BIG;
    if (batch->nmsrs > fake.most_at_once)
        fake.most_at_once = batch->nmsrs;
    for (uint32_t i = 0; i < batch->nmsrs; i++) {
        struct kvm_msr_entry *entry = &batch->entries[i];
        if (msr_fails(entry, write))
            return (int)i;
        if (write)
            fake.msrs[entry->index] = entry->data;
        else
            entry->data = fake.msrs[entry->index];
    }
    return (int)batch->nmsrs;
}

static int list_cpuid(struct kvm_cpuid2 *table)
{
    if (table->nent < fake.cpuid_entries)
        return -E2BIG;
    table->nent = fake.cpuid_entries;
    for (uint32_t i = 0; i < table->nent; i++)
        table->entries[i] = (struct kvm_cpuid_entry2){ .function = i };
    return 0;
}

static int list_msrs(struct kvm_msr_list *list)
{
    uint32_t room = list->nmsrs;
    list->nmsrs = fake.listed_msrs;
    if (room < fake.listed_msrs)
        return -E2BIG;
    for (uint32_t i = 0; i < list->nmsrs; i++)
        list->indices[i] = i;
    return 0;
}

static int answer(unsigned long request, unsigned long value)
{
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (request == plain[i].get)
            memcpy((void *)value, plain[i].structure, plain[i].size);
        else if (request == plain[i].set)
            memcpy(plain[i].structure, (const void *)value, plain[i].size);
        else
            continue;
        return 0;
    }
    switch (request) {
    case KVM_GET_MSRS:
    case KVM_SET_MSRS:
        return access_msrs((struct kvm_msrs *)value, request == KVM_SET_MSRS);
    case KVM_GET_SUPPORTED_CPUID:
    case KVM_GET_CPUID2:
        return list_cpuid((struct kvm_cpuid2 *)value);
    case KVM_GET_MSR_INDEX_LIST:
        return list_msrs((struct kvm_msr_list *)value);
    case KVM_CHECK_EXTENSION:
        return value == KVM_CAP_XSAVE2 ? FAKE_XSAVE : 1;
    case KVM_GET_TSC_KHZ:
        return 2000000;
    default:
        return 0;
    }
}

/* Counts a call; the negative errno that it fails with, or 0. */
static int note(unsigned long request)
{
    if (fake.calls < sizeof(fake.log) / sizeof(fake.log[0]))
        fake.log[fake.calls] = request;
    return ++fake.calls == fake.fail_call ? -ENOMEM : request == fake.invalid_request ? -EINVAL : 0;
}

int fake_enter(int fd)
{
    (void)fd;
    int result = note(KVM_RUN);
    return result < 0 ? result : -EINTR;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    unsigned long value = va_arg(arguments, unsigned long);
    va_end(arguments);
    (void)fd;
    int result = note(request);
    if (result == 0)
        result = answer(request, value);
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}

fake_host *fake_open(void)
{
    memset(&fake, 0, sizeof(fake));
    fake.cpuid_entries = 20;
    fake.listed_msrs = 200;
    fake.xcrs.nr_xcrs = 1;
    fake.xcrs.xcrs[0].value = 1;
    fake_host *host = calloc(1, sizeof(*host));
    assert_non_null(host);
    host->hypervisor.sync_regs = KVM_SYNC_X86_VALID_FIELDS;
    host->hypervisor.arch.xsave2 = host->hypervisor.arch.sregs2 = true;
    assert_int_equal(abx_kvm_cpuid_load(&host->hypervisor), ABX_OK);
    assert_int_equal(abx_kvm_msr_list_load(&host->hypervisor), ABX_OK);
    host->config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    host->config.cpus = 1;
    host->config.irqchip = ABX_IRQCHIP_SPLIT;
    host->vm.hypervisor = &host->hypervisor;
    host->vm.config = &host->config;
    host->vcpu.vm = &host->vm;
    host->vcpu.run = &host->run;
    fake_forget();
    return host;
}

void fake_close(fake_host *host)
{
    free(host->hypervisor.arch.cpuid);
    free(host->hypervisor.arch.msrs);
    free(host);
}

void fake_exit(fake_host *host)
{
    abx_kvm_vcpu *vcpu = &host->vcpu;
    host->run.kvm_valid_regs &= ~vcpu->unread;
    if (host->run.kvm_dirty_regs & KVM_SYNC_X86_REGS)
        fake.regs = host->run.s.regs.regs;
    host->run.kvm_dirty_regs = 0;
    if (host->run.kvm_valid_regs & KVM_SYNC_X86_REGS)
        host->run.s.regs.regs = fake.regs;
    if (host->run.kvm_valid_regs & KVM_SYNC_X86_SREGS)
        host->run.s.regs.sregs = fake.sregs;
    vcpu->synced = vcpu->unread = host->run.kvm_valid_regs;
    host->run.exit_reason = KVM_EXIT_IO;
}

void fake_forget(void)
{
    fake.calls = 0;
    fake.fail_call = 0;
}

size_t fake_count(unsigned long request)
{
    size_t count = 0;
    for (size_t i = 0; i < fake.calls && i < sizeof(fake.log) / sizeof(fake.log[0]); i++)
        count += fake.log[i] == request;
    return count;
}
