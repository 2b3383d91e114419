/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "boot_test.h"
#include "fake_backend.h"

#include <arcbox/arm64.h>
#include <arcbox/boot.h>

static abx_vm *vm;
static abx_vcpu *vcpu;

static int begin(void **state)
{
    (void)state;
    vm = fake_vm_for(ABX_ARCH_ARM64, 1 << 20);
    return abx_vcpu_create(&vcpu, vm, 0) == ABX_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    assert_ok(abx_vcpu_destroy(vcpu));
    fake_vm_end(vm);
    return 0;
}

static void test_registers(void **state)
{
    (void)state;
    static const abx_image_kind kinds[] = { ABX_IMAGE_LINUX, ABX_IMAGE_ELF, ABX_IMAGE_FLAT };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const abx_boot_entry entry = {
            .kind = kinds[i], .arch = ABX_ARCH_ARM64, .entry = 0x40080000, .info = 0x48000000
        };
        assert_ok(abx_boot_enter(vcpu, &entry));
        assert_int_equal(fake_register(ABX_ARM64_PC), 0x40080000);
        assert_int_equal(fake_register(ABX_ARM64_X(0)), 0x48000000);
        assert_int_equal(fake_register(ABX_ARM64_X(1)), 0);
        assert_int_equal(fake_register(ABX_ARM64_X(2)), 0);
        assert_int_equal(fake_register(ABX_ARM64_X(3)), 0);
        assert_int_equal(fake_register(ABX_ARM64_PSTATE), 0x3c5);
    }
}

static void test_arguments(void **state)
{
    (void)state;
    abx_boot_entry entry = { .kind = ABX_IMAGE_LINUX, .arch = ABX_ARCH_ARM64 };
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(NULL, &entry));
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, NULL));
    entry.mode = ABX_FLAT_LONG;
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, &entry));
    entry.mode = ABX_FLAT_REAL;
    entry.kind = (abx_image_kind)17;
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, &entry));
    entry.kind = ABX_IMAGE_LINUX;
    entry.arch = (abx_arch)3;
    assert_failed(ABX_ERR_INVALID, abx_boot_enter(vcpu, &entry));
    assert_false(fake_register_written(ABX_ARM64_PC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_registers, begin, end),
        cmocka_unit_test_setup_teardown(test_arguments, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
