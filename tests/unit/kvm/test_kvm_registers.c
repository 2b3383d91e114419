/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

#include <string.h>

#define MSR_STAR    0xc0000081
#define MSR_LSTAR   0xc0000082
#define MSR_FS_BASE 0xc0000100
#define MSR_UNKNOWN 0x12345678

static void general_registers(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_reg names[18];
    uint64_t values[18], read[18];
    for (uint32_t i = 0; i < 18; i++) {
        names[i] = ABX_X86_REG(ABX_X86_CLASS_GPR, i);
        values[i] = i == 17 ? 0x2 : UINT64_C(0x1111111111111111) * (i % 15 + 1);
    }
    assert_ok(abx_vcpu_write_registers(guest.vcpu, names, values, 18));
    assert_ok(abx_vcpu_read_registers(guest.vcpu, names, read, 18));
    assert_memory_equal(read, values, sizeof(values));
    guest_round_trip(&guest, ABX_X86_RSP, 7);
    assert_int_equal(guest_get(&guest, ABX_X86_RAX), values[0]);
    assert_ok(abx_vcpu_read_registers(guest.vcpu, NULL, NULL, 0));
    guest_close(&guest);
}

static void system_registers(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    for (uint32_t segment = 0; segment < ABX_X86_SEG_COUNT; segment++) {
        if (segment == ABX_X86_SEG_TR || segment == ABX_X86_SEG_LDTR)
            continue; /* their types are special */
        guest_round_trip(&guest, ABX_X86_SEG(segment, ABX_X86_SEG_SELECTOR), 0x18);
        guest_round_trip(&guest, ABX_X86_SEG(segment, ABX_X86_SEG_BASE), 0x180);
        guest_round_trip(&guest, ABX_X86_SEG(segment, ABX_X86_SEG_LIMIT), 0xffff);
        guest_round_trip(&guest, ABX_X86_SEG(segment, ABX_X86_SEG_ATTRIBUTES), 0x93);
    }
    guest_round_trip(&guest, ABX_X86_GDTR_BASE, 0x123450);
    guest_round_trip(&guest, ABX_X86_GDTR_LIMIT, 0x7f);
    guest_round_trip(&guest, ABX_X86_IDTR_BASE, 0x54320);
    guest_round_trip(&guest, ABX_X86_IDTR_LIMIT, 0xff);
    guest_round_trip(&guest, ABX_X86_CR2, 0xabcdef);
    guest_round_trip(&guest, ABX_X86_CR3, 0x5000);
    guest_round_trip(&guest, ABX_X86_CR4, 0x20); /* PAE */
    guest_round_trip(&guest, ABX_X86_CR8, 0x5);
    guest_round_trip(&guest, ABX_X86_EFER, 0x100); /* LME */
    guest_close(&guest);
}

static void flat_64_bit_mode_in_one_batch(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    const abx_reg names[] = {
        ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_ATTRIBUTES),
        ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_LIMIT), /* AMD takes G from it */
        ABX_X86_CR0,
        ABX_X86_CR3,
        ABX_X86_CR4,
        ABX_X86_EFER,
        ABX_X86_RIP,
        ABX_X86_MSR(MSR_LSTAR),
    };
    const uint64_t values[] = { 0xa09b, 0xffffffff, 0x80000011, 0x2000, 0x20, 0x500, 0x123456789a, 0xffffffff81000000 };
    uint64_t read[8];
    assert_ok(abx_vcpu_write_registers(guest.vcpu, names, values, 8));
    assert_ok(abx_vcpu_read_registers(guest.vcpu, names, read, 8));
    assert_memory_equal(read, values, sizeof(values));
    guest_close(&guest);
}

static void refused_values_change_nothing(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    uint64_t cr0 = guest_get(&guest, ABX_X86_CR0);
    const abx_reg names[] = { ABX_X86_CR3, ABX_X86_GDTR_LIMIT };
    const uint64_t values[] = { 0x7000, 0x10000 };
    assert_status(abx_vcpu_write_registers(guest.vcpu, names, values, 2), ABX_ERR_RANGE);
    assert_int_equal(guest_get(&guest, ABX_X86_CR3), 0);
    /* Paging without protected mode; NW without CD. */
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_X86_CR0, UINT64_C(1) << 63), ABX_ERR_RANGE);
    assert_int_equal(guest_get(&guest, ABX_X86_CR0), cr0);
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_X86_DR(7), UINT64_C(1) << 32), ABX_ERR_RANGE);
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_X86_XCR0, 0), ABX_ERR_RANGE); /* without x87 */
    assert_int_equal(guest_get(&guest, ABX_X86_XCR0), 1);
    guest_close(&guest);
}

static void unknown_names(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    const abx_reg names[] = { ABX_X86_RIP, ABX_X86_REG(ABX_X86_CLASS_GPR, 99) };
    uint64_t values[] = { 11, 22 };
    assert_status(abx_vcpu_read_registers(guest.vcpu, names, values, 2), ABX_ERR_NOT_FOUND);
    assert_int_equal(values[0], 11);
    assert_status(abx_vcpu_write_registers(guest.vcpu, names, values, 2), ABX_ERR_NOT_FOUND);
    assert_int_equal(guest_get(&guest, ABX_X86_RIP), CODE);
    assert_non_null(strstr(abx_last_error()->message, "0x101000000000063"));
    guest_close(&guest);
}

static void debug_and_extended_registers(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    for (uint32_t i = 0; i < 4; i++)
        guest_round_trip(&guest, ABX_X86_DR(i), 0x1000 * i + 1);
    guest_round_trip(&guest, ABX_X86_DR(7), 0x455);
    guest_round_trip(&guest, ABX_X86_DR(6), 0xffff0ff1);
    guest_round_trip(&guest, ABX_X86_XCR0, 3);
    guest_close(&guest);
}

static void msrs(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    guest_round_trip(&guest, ABX_X86_MSR(MSR_STAR), 0x0023001000000000);
    guest_round_trip(&guest, ABX_X86_MSR(MSR_FS_BASE), 0x7fff12345678);
    /* It is the segment's base as well. */
    assert_int_equal(guest_get(&guest, ABX_X86_SEG(ABX_X86_SEG_FS, ABX_X86_SEG_BASE)), 0x7fff12345678);

    uint64_t value = 5;
    assert_status(abx_vcpu_read_register(guest.vcpu, ABX_X86_MSR(MSR_UNKNOWN), &value), ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->message, "0x12345678"));
    assert_int_equal(value, 5);
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_X86_MSR(MSR_UNKNOWN), 1), ABX_ERR_NOT_FOUND);
    /* Not canonical. */
    assert_status(abx_vcpu_write_register(guest.vcpu, ABX_X86_MSR(MSR_LSTAR), UINT64_C(1) << 63), ABX_ERR_RANGE);
    assert_non_null(strstr(abx_last_error()->message, "0xc0000082"));

    const abx_reg names[] = { ABX_X86_MSR(MSR_STAR), ABX_X86_MSR(MSR_UNKNOWN), ABX_X86_MSR(MSR_FS_BASE) };
    const uint64_t values[] = { 0, 0, 0 };
    assert_status(abx_vcpu_write_registers(guest.vcpu, names, values, 3), ABX_ERR_NOT_FOUND);
    assert_int_equal(guest_get(&guest, ABX_X86_MSR(MSR_STAR)), 0x0023001000000000);
    assert_int_equal(guest_get(&guest, ABX_X86_MSR(MSR_FS_BASE)), 0x7fff12345678);
    guest_close(&guest);
}

/* More than one system call's worth, and than the stack's. */
static void many_msrs(void **state)
{
    (void)state;
    enum { MANY = 700 };
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    static abx_reg names[MANY];
    static uint64_t values[MANY], read[MANY];
    const uint32_t indices[] = { 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102 };
    for (size_t i = 0; i < MANY; i++) {
        names[i] = i == 350 ? ABX_X86_RBX : ABX_X86_MSR(indices[i % 7]);
        values[i] = i == 350 ? 0xb : 0x1000 + i % 7;
    }
    assert_ok(abx_vcpu_write_registers(guest.vcpu, names, values, MANY));
    assert_ok(abx_vcpu_read_registers(guest.vcpu, names, read, MANY));
    assert_memory_equal(read, values, sizeof(values));
    names[MANY - 1] = ABX_X86_MSR(MSR_UNKNOWN);
    values[0] = 0;
    assert_status(abx_vcpu_write_registers(guest.vcpu, names, values, MANY), ABX_ERR_NOT_FOUND);
    assert_status(abx_vcpu_read_registers(guest.vcpu, names, values, MANY), ABX_ERR_NOT_FOUND);
    assert_int_equal(values[0], 0);
    assert_int_equal(guest_get(&guest, ABX_X86_MSR(0xc0000081)), 0x1000);
    guest_close(&guest);
}

/* start: inc ax; mov dl, al; out 0x10, al; mov al, bl; out 0x11, al; mov al, dl; jmp start */
static const uint8_t counting[] = { 0x40, 0x88, 0xc2, 0xe6, 0x10, 0x88, 0xd8, 0xe6, 0x11, 0x88, 0xd0, 0xeb, 0xf3 };

/* Registers come along with exits from the second read on; what is written must reach the guest either way. */
static void registers_between_exits(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, counting, sizeof(counting));
    guest_set(&guest, ABX_X86_RAX, 0);
    assert_ok(abx_vm_start(guest.vm));
    for (uint32_t i = 1; i <= 40; i++) {
        assert_int_equal(guest_run_to_out(&guest, 0x10), i);
        assert_int_equal(guest_get(&guest, ABX_X86_RDX) & 0xff, i);
        if (i % 2)
            guest_round_trip(&guest, ABX_X86_RBX, 0x100 + i);
        if (i % 3 == 0) {
            guest_round_trip(&guest, ABX_X86_CR8, i % 16);
            guest_round_trip(&guest, ABX_X86_SEG(ABX_X86_SEG_FS, ABX_X86_SEG_BASE), 0x10 * i);
            guest_round_trip(&guest, ABX_X86_MSR(MSR_FS_BASE), 0x20 * i);
            assert_int_equal(guest_get(&guest, ABX_X86_SEG(ABX_X86_SEG_FS, ABX_X86_SEG_BASE)), 0x20 * i);
        }
        if (i % 5 == 0) {
            abx_mp_state mp;
            assert_ok(abx_vcpu_get_mp_state(guest.vcpu, &mp));
            guest_round_trip(&guest, ABX_X86_RSI, i);
            assert_ok(abx_vcpu_complete_io(guest.vcpu));
            assert_int_equal(guest_get(&guest, ABX_X86_RIP), CODE + 5);
            assert_int_equal(guest_get(&guest, ABX_X86_RSI), i);
        }
        assert_int_equal(guest_run_to_out(&guest, 0x11), i % 2 ? i : i - 1);
        if (i % 3 == 0)
            assert_int_equal(guest_get(&guest, ABX_X86_CR8), i % 16);
    }
    guest_close(&guest);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(general_registers),
        cmocka_unit_test(system_registers),
        cmocka_unit_test(flat_64_bit_mode_in_one_batch),
        cmocka_unit_test(refused_values_change_nothing),
        cmocka_unit_test(unknown_names),
        cmocka_unit_test(debug_and_extended_registers),
        cmocka_unit_test(msrs),
        cmocka_unit_test(many_msrs),
        cmocka_unit_test(registers_between_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
