/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"
#include "fake_backend.h"

#include <arcbox/boot.h>

static abx_vm *vm;
static abx_vcpu *vcpu;

static int begin(void **state)
{
    (void)state;
    vm = fake_vm(1 << 20);
    return abx_vcpu_create(&vcpu, vm, 0) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    assert_ok(abx_vcpu_destroy(vcpu));
    fake_vm_end(vm);
    return 0;
}

static uint64_t segment(unsigned number, unsigned field)
{
    return fake_register(ABX_X86_SEG(number, field));
}

static void assert_segment(unsigned number, uint64_t selector, uint64_t base, uint64_t limit, uint64_t attributes)
{
    assert_int_equal(segment(number, ABX_X86_SEG_SELECTOR), selector);
    assert_int_equal(segment(number, ABX_X86_SEG_BASE), base);
    assert_int_equal(segment(number, ABX_X86_SEG_LIMIT), limit);
    assert_int_equal(segment(number, ABX_X86_SEG_ATTRIBUTES), attributes);
}

static const unsigned data_segments[] = { ABX_X86_SEG_ES, ABX_X86_SEG_SS, ABX_X86_SEG_DS, ABX_X86_SEG_FS,
                                          ABX_X86_SEG_GS };

static void assert_flat_segments(uint64_t code)
{
    assert_segment(ABX_X86_SEG_CS, 0x10, 0, 0xffffffff, code);
    for (size_t i = 0; i < 5; i++) {
        assert_segment(data_segments[i], 0x18, 0, 0xffffffff, 0xc093);
    }
    assert_int_equal(segment(ABX_X86_SEG_TR, ABX_X86_SEG_ATTRIBUTES), 0x8b);
    assert_int_equal(segment(ABX_X86_SEG_TR, ABX_X86_SEG_LIMIT), 0x67);
    assert_int_equal(fake_register(ABX_X86_GDTR_BASE), 0x1000);
    assert_int_equal(fake_register(ABX_X86_GDTR_LIMIT), 0x2f);
    assert_int_equal(fake_register(ABX_X86_RFLAGS), 2);
}

static void test_linux(void **state)
{
    (void)state;
    const abx_boot_entry entry = { .arch = ABX_ARCH_X86_64,
                                   .kind = ABX_IMAGE_LINUX,
                                   .mode = ABX_FLAT_LONG,
                                   .entry = 0x1000000,
                                   .info = 0x2000,
                                   .page_tables = 0x6000,
                                   .stack = 0x10000,
                                   .gdt = 0x1000 };
    assert_ok(abx_boot_enter(vcpu, &entry));
    assert_flat_segments(0xa09b);
    assert_int_equal(fake_register(ABX_X86_RIP), 0x1000000);
    assert_int_equal(fake_register(ABX_X86_RSI), 0x2000);
    assert_int_equal(fake_register(ABX_X86_RBX), 0);
    assert_int_equal(fake_register(ABX_X86_RSP), 0x10000);
    assert_int_equal(fake_register(ABX_X86_CR0) & 0x80000001, 0x80000001);
    assert_int_equal(fake_register(ABX_X86_CR3), 0x6000);
    assert_int_equal(fake_register(ABX_X86_CR4), 0x20);
    assert_int_equal(fake_register(ABX_X86_EFER), 0x500);
    assert_int_equal(fake_register(ABX_X86_MSR(0x1a0)), 1);
    assert_int_equal(fake_register(ABX_X86_MSR(0x2ff)), 0x806);
}

static void assert_protected(void)
{
    assert_flat_segments(0xc09b);
    assert_int_equal(fake_register(ABX_X86_CR0) & 0x80000001, 1);
    assert_int_equal(fake_register(ABX_X86_CR4), 0);
    assert_int_equal(fake_register(ABX_X86_EFER), 0);
    assert_false(fake_register_written(ABX_X86_MSR(0x1a0)));
}

static void test_pvh(void **state)
{
    (void)state;
    const abx_boot_entry entry = { .arch = ABX_ARCH_X86_64,
                                   .kind = ABX_IMAGE_PVH,
                                   .mode = ABX_FLAT_PROTECTED,
                                   .entry = 0x1000050,
                                   .info = 0x2000,
                                   .gdt = 0x1000 };
    assert_ok(abx_boot_enter(vcpu, &entry));
    assert_protected();
    assert_int_equal(fake_register(ABX_X86_RIP), 0x1000050);
    assert_int_equal(fake_register(ABX_X86_RBX), 0x2000);
    assert_int_equal(fake_register(ABX_X86_RAX), 0);
}

static void test_multiboot(void **state)
{
    (void)state;
    const abx_boot_entry entry = { .arch = ABX_ARCH_X86_64,
                                   .kind = ABX_IMAGE_MULTIBOOT,
                                   .mode = ABX_FLAT_PROTECTED,
                                   .entry = 0x100010,
                                   .info = 0x2000,
                                   .gdt = 0x1000 };
    assert_ok(abx_boot_enter(vcpu, &entry));
    assert_protected();
    assert_int_equal(fake_register(ABX_X86_RAX), 0x2badb002);
    assert_int_equal(fake_register(ABX_X86_RBX), 0x2000);
}

static void test_real(void **state)
{
    (void)state;
    static const struct {
        abx_gpa entry;
        uint64_t selector;
        uint64_t ip;
    } cases[] = { { 0x1000, 0, 0x1000 }, { 0x7c00, 0, 0x7c00 }, { 0xfffff, 0xf000, 0xffff }, { 0x10000, 0x1000, 0 } };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const abx_boot_entry entry = {
            .arch = ABX_ARCH_X86_64, .kind = ABX_IMAGE_FLAT, .mode = ABX_FLAT_REAL, .entry = cases[i].entry
        };
        assert_ok(abx_boot_enter(vcpu, &entry));
        assert_segment(ABX_X86_SEG_CS, cases[i].selector, cases[i].selector << 4, 0xffff, 0x9b);
        for (size_t s = 0; s < 5; s++) {
            assert_segment(data_segments[s], cases[i].selector, cases[i].selector << 4, 0xffff, 0x93);
        }
        assert_int_equal(fake_register(ABX_X86_RIP), cases[i].ip);
        assert_int_equal(fake_register(ABX_X86_CR0) & 0x80000001, 0);
        assert_int_equal(fake_register(ABX_X86_IDTR_LIMIT), 0x3ff);
        assert_int_equal(fake_register(ABX_X86_RFLAGS), 2);
    }
}

static void test_arguments(void **state)
{
    (void)state;
    abx_boot_entry entry = { .arch = ABX_ARCH_X86_64, .kind = ABX_IMAGE_FLAT };
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(NULL, &entry));
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, NULL));
    entry.mode = (abx_flat_mode)9;
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, &entry));
    entry.mode = ABX_FLAT_REAL;
    entry.kind = (abx_image_kind)9;
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, &entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_linux, begin, end),
        cmocka_unit_test_setup_teardown(test_pvh, begin, end),
        cmocka_unit_test_setup_teardown(test_multiboot, begin, end),
        cmocka_unit_test_setup_teardown(test_real, begin, end),
        cmocka_unit_test_setup_teardown(test_arguments, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
