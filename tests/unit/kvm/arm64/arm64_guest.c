/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "arm64_guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77 };

void assert_status_(abx_status got, abx_status wanted, const char *call, const char *file, int line)
{
    if (got != wanted)
        print_error("%s: %s instead of %s (%s)\n", call, abx_status_name(got), abx_status_name(wanted),
                    abx_last_error()->message);
    _assert_int_equal((unsigned long)got, (unsigned long)wanted, file, line);
}

void require_backend(void)
{
    abx_hypervisor *hypervisor;
    if (abx_hypervisor_open(&hypervisor, "kvm", NULL) == ABX_OK) {
        abx_hypervisor_close(hypervisor);
        return;
    }
    bool must = getenv("ABX_TESTBED") != NULL;
    printf("%s: %s\n", must ? "failed" : "skipped", abx_last_error()->message);
    exit(must ? EXIT_FAILURE : SKIPPED);
}

abx_vm_config small_config(void)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1 << 20;
    return config;
}

void guest_open_(arm64_guest *guest, const abx_vm_config *config, const void *code, size_t length)
{
    const abx_vm_config small = small_config();
    *guest = (arm64_guest){ 0 };
    assert_ok(abx_hypervisor_open(&guest->hypervisor, "kvm", NULL));
    assert_ok(abx_vm_create(&guest->vm, guest->hypervisor, config ? config : &small));
    assert_ok(abx_memory_write(guest->vm, ABX_ARM64_RAM, code, length));
    assert_ok(abx_vcpu_create(&guest->vcpu, guest->vm, 0));
    const abx_reg names[] = { ABX_ARM64_PC, ABX_ARM64_PSTATE, ABX_ARM64_X(1) };
    const uint64_t values[] = { ABX_ARM64_RAM, ABX_ARM64_PSTATE_EL1H, REPORT };
    assert_ok(abx_vcpu_write_registers(guest->vcpu, names, values, 3));
}

void guest_start(arm64_guest *guest)
{
    assert_ok(abx_vm_start(guest->vm));
}

void guest_close(arm64_guest *guest)
{
    assert_ok(abx_vcpu_destroy(guest->vcpu));
    abx_vm_destroy(guest->vm);
    abx_hypervisor_close(guest->hypervisor);
}

void guest_run(arm64_guest *guest)
{
    assert_ok(abx_vcpu_run(guest->vcpu, &guest->exit));
}

void guest_run_to(arm64_guest *guest, abx_exit_kind kind)
{
    guest_run(guest);
    if (guest->exit.kind != kind) {
        char text[256];
        abx_exit_describe(&guest->exit, text, sizeof(text));
        print_error("not %s: %s\n", abx_exit_kind_name(kind), text);
    }
    assert_int_equal(guest->exit.kind, kind);
}

uint64_t guest_report(arm64_guest *guest)
{
    uint64_t number = 0;
    guest_run_to(guest, ABX_EXIT_MMIO);
    assert_int_equal(guest->exit.mmio.address, REPORT);
    assert_int_equal(guest->exit.mmio.direction, ABX_WRITE);
    memcpy(&number, guest->exit.mmio.data, guest->exit.mmio.size);
    return number;
}

void guest_expect(arm64_guest *guest, uint64_t number)
{
    assert_int_equal(guest_report(guest), number);
}

uint64_t guest_get(arm64_guest *guest, abx_reg name)
{
    uint64_t value;
    assert_ok(abx_vcpu_read_register(guest->vcpu, name, &value));
    return value;
}

void guest_set(arm64_guest *guest, abx_reg name, uint64_t value)
{
    assert_ok(abx_vcpu_write_register(guest->vcpu, name, value));
}
