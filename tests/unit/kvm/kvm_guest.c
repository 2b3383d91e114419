/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

void assert_status_(abx_status got, abx_status wanted, const char *call, const char *file, int line)
{
    if (got != wanted)
        print_error("%s: %s instead of %s (%s)\n", call, abx_status_name(got), abx_status_name(wanted),
                    abx_last_error()->message);
    _assert_int_equal((unsigned long)got, (unsigned long)wanted, file, line);
}

abx_vm_config small_config(abx_irqchip irqchip)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1 << 20;
    config.irqchip = irqchip;
    return config;
}

void guest_open(kvm_guest *guest, const abx_vm_config *config, const void *code, size_t length)
{
    *guest = (kvm_guest){ 0 };
    assert_ok(abx_hypervisor_open(&guest->hypervisor, "kvm", NULL));
    assert_ok(abx_vm_create(&guest->vm, guest->hypervisor, config));
    if (length > 0)
        assert_ok(abx_memory_write(guest->vm, CODE, code, length));
    assert_ok(abx_vcpu_create(&guest->vcpu, guest->vm, 0));
    const abx_reg names[] = { ABX_X86_RIP, ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_SELECTOR),
                              ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_BASE) };
    const uint64_t values[] = { CODE, 0, 0 };
    assert_ok(abx_vcpu_write_registers(guest->vcpu, names, values, 3));
}

void guest_close(kvm_guest *guest)
{
    assert_ok(abx_vcpu_destroy(guest->vcpu));
    abx_vm_destroy(guest->vm);
    abx_hypervisor_close(guest->hypervisor);
}

uint8_t guest_run_to_out(kvm_guest *guest, uint16_t port)
{
    assert_ok(abx_vcpu_run(guest->vcpu, &guest->exit));
    if (guest->exit.kind != ABX_EXIT_IO) {
        char text[256];
        abx_exit_describe(&guest->exit, text, sizeof(text));
        print_error("not an OUT: %s\n", text);
    }
    assert_int_equal(guest->exit.kind, ABX_EXIT_IO);
    assert_int_equal(guest->exit.io.port, port);
    assert_int_equal(guest->exit.io.size, 1);
    return *(const uint8_t *)guest->exit.io.data;
}

uint64_t guest_get(kvm_guest *guest, abx_reg name)
{
    uint64_t value;
    assert_ok(abx_vcpu_read_register(guest->vcpu, name, &value));
    return value;
}

void guest_set(kvm_guest *guest, abx_reg name, uint64_t value)
{
    assert_ok(abx_vcpu_write_register(guest->vcpu, name, value));
}

void guest_round_trip(kvm_guest *guest, abx_reg name, uint64_t value)
{
    guest_set(guest, name, value);
    assert_int_equal(guest_get(guest, name), value);
}
