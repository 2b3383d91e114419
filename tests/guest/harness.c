/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "harness.h"

#include <inttypes.h>
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

void guest_path(char *path, size_t size, const char *program)
{
    int length = snprintf(path, size, "%s/" GUEST_ARCH "-%s.bin", GUEST_PROGRAMS, program);
    assert_in_range(length, 1, size - 1);
}

static void place(guest *g, const char *program)
{
    char path[512];
    guest_path(path, sizeof(path), program);
    abx_kernel_options options = ABX_KERNEL_OPTIONS_INIT;
    options.kind = ABX_IMAGE_FLAT;
    options.flat_mode = guest_mode(program);
    options.cache = "";
    abx_kernel *kernel;
    assert_ok(abx_kernel_open(&kernel, path, &options));
    abx_boot_params params = ABX_BOOT_PARAMS_INIT;
    assert_ok(abx_boot_load(g->vm, kernel, &params, &g->entry));
    abx_kernel_close(kernel);
}

void guest_load(guest *g, const char *program, const abx_vm_config *config)
{
    *g = (guest){ 0 };
    abx_vm_config usual = guest_config();
    assert_ok(abx_hypervisor_open(&g->hypervisor, backend_under_test, NULL));
    assert_ok(abx_vm_create(&g->vm, g->hypervisor, config ? config : &usual));
    place(g, program);
}

void guest_open(guest *g, const char *program, const abx_vm_config *config)
{
    guest_load(g, program, config);
    assert_ok(abx_vcpu_create(&g->vcpu, g->vm, 0));
    guest_enter(g, g->vcpu);
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

void guest_unexpected(const guest *g, const char *expected)
{
    char text[256];
    abx_exit_describe(&g->exit, text, sizeof(text));
    fail_msg("expected %s, got %s", expected, text);
}

/* What a program says of itself at any time. */
static void notice_failure(const guest *g)
{
    void *data;
    if (guest_word_of(&g->exit, &data) != GUEST_FAIL)
        return;
    uint32_t line;
    memcpy(&line, data, sizeof(line));
    fail_msg("the check in line %u of the guest program does not hold", line);
}

void guest_run_to(guest *g, abx_exit_kind kind)
{
    guest_run(g);
    notice_failure(g);
    if (g->exit.kind != kind)
        guest_unexpected(g, abx_exit_kind_name(kind));
}

static void run_to_access(guest *g, abx_gpa address, uint8_t size, abx_direction direction)
{
    guest_run_to(g, ABX_EXIT_MMIO);
    const abx_exit_mmio *mmio = &g->exit.mmio;
    if (mmio->address == address && mmio->size == size && mmio->direction == direction)
        return;
    char expected[64];
    snprintf(expected, sizeof(expected), "%s of %u at 0x%" PRIx64, direction == ABX_READ ? "a read" : "a write", size,
             address);
    guest_unexpected(g, expected);
}

void guest_expect_write(guest *g, abx_gpa address, uint8_t size, uint64_t value)
{
    run_to_access(g, address, size, ABX_WRITE);
    uint64_t written = 0;
    memcpy(&written, g->exit.mmio.data, size);
    assert_int_equal(written, value);
}

void guest_answer_read(guest *g, abx_gpa address, uint8_t size, uint64_t value)
{
    run_to_access(g, address, size, ABX_READ);
    memcpy(g->exit.mmio.data, &value, size);
}

/* Runs to this word; its 4 bytes. */
static void *run_to_word(guest *g, guest_word word, const char *name)
{
    void *data;
    guest_run(g);
    notice_failure(g);
    if (guest_word_of(&g->exit, &data) != word)
        guest_unexpected(g, name);
    return data;
}

void guest_expect_sync(guest *g, uint32_t number)
{
    uint32_t told;
    memcpy(&told, run_to_word(g, GUEST_SYNC, "guest_sync()"), sizeof(told));
    assert_int_equal(told, number);
}

void guest_answer(guest *g, uint32_t value)
{
    memcpy(run_to_word(g, GUEST_ASK, "guest_ask()"), &value, sizeof(value));
}

void guest_expect_done(guest *g)
{
    run_to_word(g, GUEST_DONE, "the end");
}

uint64_t guest_register(guest *g, abx_reg name)
{
    uint64_t value = 0;
    assert_ok(abx_vcpu_read_register(g->vcpu, name, &value));
    return value;
}
