/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers of every class, as the guest sees them and as it left them; the whole state; CPUID, TSC and clock. */
#include "harness.h"

#include <stdlib.h>
#include <string.h>

enum { KERNEL_GS_BASE = 0xc0000102, STAR = 0xc0000081 };

/* Runs `program` to where it has filled its registers. */
static void open_filled(guest *g, const char *program)
{
    guest_open(g, program, NULL);
    guest_run_to(g, ABX_EXIT_IO);
    assert_int_equal(g->exit.io.port, 0x20);
    assert_ok(abx_vcpu_complete_io(g->vcpu));
}

static void open_registers(guest *g)
{
    open_filled(g, "registers");
}

static void open_fpu(guest *g)
{
    require_hardware("emulates no SSE and x87 in ring 0");
    open_filled(g, "fpu");
}

static void test_general(void **state)
{
    (void)state;
    static const abx_reg names[] = { ABX_X86_RBX, ABX_X86_RCX, ABX_X86_RSI, ABX_X86_RDI,
                                     ABX_X86_RBP, ABX_X86_R8,  ABX_X86_R15, ABX_X86_RSP };
    static const uint64_t expected[] = { 0x0101010101010101, 0x0202020202020202, 0x0404040404040404, 0x0505050505050505,
                                         0x0606060606060606, 0x0808080808080808, 0x1515151515151515, 0x200000 };
    guest g;
    open_registers(&g);
    uint64_t values[8];
    assert_ok(abx_vcpu_read_registers(g.vcpu, names, values, 8));
    assert_memory_equal(values, expected, sizeof(expected));
    uint64_t rip = guest_register(&g, ABX_X86_RIP);
    assert_in_range(rip, 0x100000, 0x101000);
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_X86_R15, 0xcafe));
    guest_expect_out(&g, 0x21, 4, 0xcafe);
    guest_close(&g);
}

static void test_system(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    assert_true(guest_register(&g, ABX_X86_CR0) & 1);
    assert_true(guest_register(&g, ABX_X86_CR0) >> 31 & 1);
    assert_true(guest_register(&g, ABX_X86_CR4) >> 5 & 1);
    assert_int_equal(guest_register(&g, ABX_X86_CR3), g.entry.page_tables);
    assert_int_equal(guest_register(&g, ABX_X86_EFER) & 0x500, 0x500);
    /* L, P, S and an executable type (SDM vol. 3, 24.4.1). */
    uint64_t code = guest_register(&g, ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_ATTRIBUTES));
    assert_int_equal(code & 0x2098, 0x2098);

    static const abx_reg names[] = { ABX_X86_CR2, ABX_X86_SEG(ABX_X86_SEG_FS, ABX_X86_SEG_BASE), ABX_X86_IDTR_LIMIT };
    static const uint64_t written[] = { 0x123456789000, 0x7fff00001000, 0x3ff };
    uint64_t read[3];
    assert_ok(abx_vcpu_write_registers(g.vcpu, names, written, 3));
    assert_ok(abx_vcpu_read_registers(g.vcpu, names, read, 3));
    assert_memory_equal(read, written, sizeof(written));
    guest_expect_out(&g, 0x21, 4, 0x15151515);
    guest_close(&g);
}

static void test_debug_and_extended_control(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    assert_int_equal(guest_register(&g, ABX_X86_DR(0)), 0x0808080808080808);
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_X86_DR(0), 0xd0d0));
    assert_true(guest_register(&g, ABX_X86_XCR0) & 1);
    assert_ok(abx_vcpu_write_register(g.vcpu, ABX_X86_XCR0, 3));
    assert_int_equal(guest_register(&g, ABX_X86_XCR0), 3);
    guest_run_to(&g, ABX_EXIT_IO);
    guest_expect_out(&g, 0x23, 4, 0xd0d0);
    guest_close(&g);
}

static void test_msrs(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    static const abx_reg names[] = { ABX_X86_MSR(KERNEL_GS_BASE), ABX_X86_MSR(STAR) };
    static const uint64_t written[] = { 0xffff800012345678, 0x0023001000000000 };
    uint64_t read[2];
    assert_ok(abx_vcpu_write_registers(g.vcpu, names, written, 2));
    assert_ok(abx_vcpu_read_registers(g.vcpu, names, read, 2));
    assert_memory_equal(read, written, sizeof(written));
    uint64_t value = 1;
    assert_status(abx_vcpu_read_register(g.vcpu, ABX_X86_MSR(0x4f4f0001), &value), ABX_ERR_NOT_FOUND);
    assert_int_equal(value, 1);
    assert_non_null(strstr(abx_last_error()->message, "4f4f0001"));
    for (int i = 0; i < 2; i++)
        guest_run_to(&g, ABX_EXIT_IO);
    guest_expect_out(&g, 0x25, 4, 0x12345678);
    guest_close(&g);
}

static void test_all_listed_msrs(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    size_t count;
    assert_ok(abx_x86_msr_list(g.hypervisor, NULL, 0, &count));
    assert_in_range(count, 10, 1000);
    uint32_t *indices = calloc(count, sizeof(*indices));
    assert_non_null(indices);
    assert_ok(abx_x86_msr_list(g.hypervisor, indices, count, &count));
    size_t readable = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        readable += abx_vcpu_read_register(g.vcpu, ABX_X86_MSR(indices[i]), &value) == ABX_OK;
    }
    /* The list is the host's; some of it needs features that this vCPU has not been given. */
    assert_in_range(readable, count / 2, count);
    free(indices);
    guest_close(&g);
}

static void test_unknown_names(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    static const abx_reg names[] = { ABX_X86_RAX, ABX_X86_REG(ABX_X86_CLASS_GPR, 99), ABX_REG(ABX_ARCH_ARM64, 1, 0),
                                     ABX_X86_REG(77, 0) };
    uint64_t values[2] = { 5, 5 };
    assert_status(abx_vcpu_read_registers(g.vcpu, names, values, 2), ABX_ERR_NOT_FOUND);
    assert_int_equal(values[0], 5);
    assert_status(abx_vcpu_read_registers(g.vcpu, names + 2, values, 1), ABX_ERR_NOT_FOUND);
    assert_status(abx_vcpu_write_registers(g.vcpu, names + 3, values, 1), ABX_ERR_NOT_FOUND);
    guest_close(&g);
}

static void test_fpu(void **state)
{
    (void)state;
    guest g;
    open_fpu(&g);
    abx_x86_fpu fpu;
    assert_ok(abx_x86_get_fpu(g.vcpu, &fpu));
    uint64_t low;
    memcpy(&low, fpu.xmm[7], sizeof(low));
    assert_int_equal(low, 0x0101010101010101);
    /* One, in 80 bits: an exponent of 0x3fff and only the integer bit. */
    static const uint8_t one[10] = { 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f };
    assert_memory_equal(fpu.st[0], one, sizeof(one));
    low = 0xbeef;
    memcpy(fpu.xmm[7], &low, sizeof(low));
    fpu.st[0][8] = 0x00; /* 2: an exponent of 0x4000 */
    fpu.st[0][9] = 0x40;
    assert_ok(abx_x86_set_fpu(g.vcpu, &fpu));
    guest_expect_out(&g, 0x22, 4, 0xbeef);
    guest_expect_out(&g, 0x24, 4, 2);
    guest_close(&g);
}

static void test_xsave(void **state)
{
    (void)state;
    guest g;
    open_fpu(&g);
    size_t size;
    assert_ok(abx_x86_get_xsave(g.vcpu, NULL, 0, &size));
    assert_in_range(size, 576, 1 << 16);
    uint8_t *area = malloc(size);
    assert_non_null(area);
    size_t too_small;
    assert_status(abx_x86_get_xsave(g.vcpu, area, size - 1, &too_small), ABX_ERR_LIMIT);
    assert_int_equal(too_small, size);
    assert_ok(abx_x86_get_xsave(g.vcpu, area, size, &size));
    /* XMM7 at 160 + 7 * 16 (SDM vol. 1, table 10-2) */
    uint64_t low;
    memcpy(&low, area + 272, sizeof(low));
    assert_int_equal(low, 0x0101010101010101);
    low = 0xf00d;
    memcpy(area + 272, &low, sizeof(low));
    assert_ok(abx_x86_set_xsave(g.vcpu, area, size));
    guest_expect_out(&g, 0x22, 4, 0xf00d);
    free(area);
    guest_close(&g);
}

static void test_lapic_events_and_mp_state(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest g;
    guest_open(&g, "registers", &config);
    guest_run_to(&g, ABX_EXIT_IO);
    abx_x86_lapic lapic;
    assert_ok(abx_x86_get_lapic(g.vcpu, &lapic));
    assert_int_equal(lapic.page[0x30] & 0xf0, 0x10); /* version 0x1x: integrated */
    lapic.page[0x80] = 0x20;                         /* task priority */
    assert_ok(abx_x86_set_lapic(g.vcpu, &lapic));
    assert_ok(abx_x86_get_lapic(g.vcpu, &lapic));
    assert_int_equal(lapic.page[0x80], 0x20);

    abx_x86_events events;
    assert_ok(abx_x86_get_events(g.vcpu, &events));
    assert_false(events.nmi_masked);
    events.nmi_masked = true;
    assert_ok(abx_x86_set_events(g.vcpu, &events));
    assert_ok(abx_x86_get_events(g.vcpu, &events));
    assert_true(events.nmi_masked);

    abx_mp_state mp;
    assert_ok(abx_vcpu_get_mp_state(g.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_RUNNABLE);
    assert_ok(abx_vcpu_set_mp_state(g.vcpu, ABX_MP_HALTED));
    assert_ok(abx_vcpu_get_mp_state(g.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_HALTED);
    guest_close(&g);
}

/* What `first` is in the middle of goes on in `second`. */
static void move_to_another(guest *first, guest *second, const char *program)
{
    size_t size;
    assert_ok(abx_vcpu_save_state(first->vcpu, NULL, 0, &size));
    uint8_t *block = malloc(size);
    assert_non_null(block);
    assert_ok(abx_vcpu_save_state(first->vcpu, block, size, &size));

    guest_open(second, program, NULL);
    assert_status(abx_vcpu_restore_state(second->vcpu, block, size / 2), ABX_ERR_FORMAT);
    block[0] ^= 1;
    assert_status(abx_vcpu_restore_state(second->vcpu, block, size), ABX_ERR_FORMAT);
    block[0] ^= 1;
    assert_ok(abx_vcpu_restore_state(second->vcpu, block, size));
    free(block);
}

/* Half of a program in one VM, the other half in another. */
static void test_whole_state(void **state)
{
    (void)state;
    guest first, second;
    open_registers(&first);
    move_to_another(&first, &second, "registers");
    guest_expect_out(&second, 0x21, 4, 0x15151515);
    guest_expect_out(&second, 0x23, 4, 0x08080808);
    guest_close(&second);
    guest_close(&first);
}

static void test_whole_fpu_state(void **state)
{
    (void)state;
    guest first, second;
    open_fpu(&first);
    move_to_another(&first, &second, "fpu");
    guest_expect_out(&second, 0x22, 4, 0x01010101);
    guest_expect_out(&second, 0x24, 4, 1);
    guest_close(&second);
    guest_close(&first);
}

static void test_cpuid(void **state)
{
    (void)state;
    guest g;
    guest_load(&g, "registers", NULL);
    assert_ok(abx_vcpu_create(&g.vcpu, g.vm, 0));
    size_t count;
    assert_ok(abx_x86_supported_cpuid(g.hypervisor, NULL, 0, &count));
    assert_in_range(count, 10, 256);
    abx_x86_cpuid entries[256];
    assert_ok(abx_x86_get_cpuid(g.vcpu, entries, 256, &count));
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].leaf == 1)
            assert_true(entries[i].ecx >> 31); /* the hypervisor bit */
        if (entries[i].leaf == 0x40000000) {
            entries[i].ebx = 0x21786261;
            found = true;
        }
    }
    assert_true(found);
    assert_ok(abx_x86_set_cpuid(g.vcpu, entries, count));
    guest_enter(&g, g.vcpu);
    assert_ok(abx_vm_start(g.vm));
    for (int i = 0; i < 4; i++)
        guest_run_to(&g, ABX_EXIT_IO);
    guest_expect_out(&g, 0x26, 4, 0x21786261);
    guest_close(&g);
}

static void test_time(void **state)
{
    (void)state;
    guest g;
    open_registers(&g);
    uint32_t khz;
    assert_ok(abx_x86_get_tsc_khz(g.vcpu, &khz));
    assert_in_range(khz, 100000, 10000000);
    uint64_t before, after;
    assert_ok(abx_x86_get_clock(g.vm, &before));
    assert_ok(abx_x86_set_clock(g.vm, before + UINT64_C(3600000000000)));
    assert_ok(abx_x86_get_clock(g.vm, &after));
    assert_true(after >= before + UINT64_C(3600000000000));
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_general),
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_debug_and_extended_control),
        cmocka_unit_test(test_msrs),
        cmocka_unit_test(test_all_listed_msrs),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_fpu),
        cmocka_unit_test(test_xsave),
        cmocka_unit_test(test_lapic_events_and_mp_state),
        cmocka_unit_test(test_whole_state),
        cmocka_unit_test(test_whole_fpu_state),
        cmocka_unit_test(test_cpuid),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
