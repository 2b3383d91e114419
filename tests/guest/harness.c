/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUEST_MEMORY = 16 << 20 };

void assert_ok_(abx_status status, const char *call, const char *file, int line)
{
    if (status != ABX_OK)
        print_error("%s: %s (%s)\n", call, abx_status_name(status), abx_last_error()->message);
    _assert_int_equal((unsigned long)status, ABX_OK, file, line);
}

void assert_status_(abx_status status, abx_status expected, const char *call, const char *file, int line)
{
    if (status != expected)
        print_error("%s: %s instead of %s (%s)\n", call, abx_status_name(status), abx_status_name(expected),
                    abx_last_error()->message);
    _assert_int_equal((unsigned long)status, (unsigned long)expected, file, line);
}

abx_vm_config guest_config(void)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = GUEST_MEMORY;
    config.irqchip = ABX_IRQCHIP_NONE;
    return config;
}

void guest_load(guest *g, const char *program, abx_flat_mode mode, const abx_vm_config *config)
{
    *g = (guest){ 0 };
    abx_vm_config usual = guest_config();
    assert_ok(abx_hypervisor_open(&g->hypervisor, "kvm", NULL));
    assert_ok(abx_vm_create(&g->vm, g->hypervisor, config ? config : &usual));

    char path[512];
    int length = snprintf(path, sizeof(path), "%s/%s.bin", GUEST_PROGRAMS, program);
    assert_in_range(length, 1, sizeof(path) - 1);
    abx_kernel_options options = ABX_KERNEL_OPTIONS_INIT;
    options.kind = ABX_IMAGE_FLAT;
    options.flat_mode = mode;
    options.cache = "";
    abx_kernel *kernel;
    assert_ok(abx_kernel_open(&kernel, path, &options));
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    assert_ok(abx_boot_load(g->vm, kernel, &params, &g->entry));
    abx_kernel_close(kernel);
}

void guest_open(guest *g, const char *program, abx_flat_mode mode, const abx_vm_config *config)
{
    guest_load(g, program, mode, config);
    assert_ok(abx_vcpu_create(&g->vcpu, g->vm, 0));
    assert_ok(abx_boot_enter(g->vcpu, &g->entry));
    assert_ok(abx_vm_start(g->vm));
}

void guest_close(guest *g)
{
    if (g->vcpu)
        assert_ok(abx_vcpu_destroy(g->vcpu));
    abx_vm_destroy(g->vm);
    abx_hypervisor_close(g->hypervisor);
    *g = (guest){ 0 };
}

void guest_run(guest *g)
{
    assert_ok(abx_vcpu_run(g->vcpu, &g->exit));
}

static void fail_with_exit(const guest *g, const char *expected)
{
    char text[256];
    abx_exit_describe(&g->exit, text, sizeof(text));
    fail_msg("expected %s, got %s", expected, text);
}

/* What a program says of itself at any time. */
static void notice_failure(const guest *g)
{
    const abx_exit_io *io = &g->exit.io;
    if (g->exit.kind != ABX_EXIT_IO || io->port != PORT_FAIL || io->direction != ABX_WRITE)
        return;
    uint32_t line = 0;
    memcpy(&line, io->data, io->size);
    fail_msg("the check in line %u of the guest program does not hold", line);
}

void guest_run_to(guest *g, abx_exit_kind kind)
{
    guest_run(g);
    notice_failure(g);
    if (g->exit.kind != kind)
        fail_with_exit(g, abx_exit_kind_name(kind));
}

static void run_to_port(guest *g, uint16_t port, uint8_t size, abx_direction direction)
{
    guest_run_to(g, ABX_EXIT_IO);
    const abx_exit_io *io = &g->exit.io;
    if (io->port == port && io->size == size && io->direction == direction && io->count == 1)
        return;
    char expected[64];
    snprintf(expected, sizeof(expected), "%s of %u at port 0x%x", direction == ABX_READ ? "a read" : "a write", size,
             port);
    fail_with_exit(g, expected);
}

void guest_expect_out(guest *g, uint16_t port, uint8_t size, uint32_t value)
{
    run_to_port(g, port, size, ABX_WRITE);
    uint32_t written = 0;
    memcpy(&written, g->exit.io.data, size);
    assert_int_equal(written, value);
}

void guest_answer_in(guest *g, uint16_t port, uint8_t size, uint32_t value)
{
    run_to_port(g, port, size, ABX_READ);
    memcpy(g->exit.io.data, &value, size);
}

void guest_expect_sync(guest *g, uint32_t number)
{
    guest_expect_out(g, PORT_SYNC, 4, number);
}

void guest_answer(guest *g, uint32_t value)
{
    guest_answer_in(g, PORT_ASK, 4, value);
}

void guest_expect_done(guest *g)
{
    run_to_port(g, PORT_DONE, 4, ABX_WRITE);
}

uint64_t guest_register(guest *g, abx_reg name)
{
    uint64_t value = 0;
    assert_ok(abx_vcpu_read_register(g->vcpu, name, &value));
    return value;
}
