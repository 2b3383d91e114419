/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "acpi/tables.h"
#include "devices/acpi_pm.h"
#include "fake_manual.h"
#include "machine_firmware.h"

#include <string.h>

static abx_vm *vm_with(uint64_t memory)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = memory;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return vm;
}

/* As a guest finds it: the signature at a multiple of 16 below 1 MiB. */
static void the_root_pointer_can_be_found(void **state)
{
    (void)state;
    const abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_vm *vm = vm_with(1 << 20);
    assert_int_equal(abx_machine_write_firmware(vm, &config), ABX_OK);
    abx_gpa found = 0;
    for (abx_gpa gpa = 0xe0000; gpa < 0x100000 && !found; gpa += 16) {
        char signature[8];
        assert_int_equal(abx_memory_read(vm, gpa, signature, sizeof(signature)), ABX_OK);
        if (memcmp(signature, "RSD PTR ", sizeof(signature)) == 0)
            found = gpa;
    }
    assert_int_equal(found, ABX_ACPI_BASE);
    abx_vm_destroy(vm);
}

/* Steps through the code at the reset vector, which knows four instructions. */
static void the_reset_vector_resets(void **state)
{
    (void)state;
    const abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_vm *vm = vm_with(1 << 20);
    assert_int_equal(abx_machine_write_firmware(vm, &config), ABX_OK);
    uint8_t code[16];
    assert_int_equal(abx_memory_read(vm, 0xffff0, code, sizeof(code)), ABX_OK);
    uint32_t dx = 0, al = 0;
    size_t at = 0;
    for (; code[at] != 0xee; at += code[at] == 0xba ? 3 : 2) {
        assert_true(at < sizeof(code) - 3 && (code[at] == 0xba || code[at] == 0xb0));
        if (code[at] == 0xba)
            dx = code[at + 1] | (uint32_t)code[at + 2] << 8;
        else
            al = code[at + 1];
    }
    assert_int_equal(dx, ABX_ACPI_RESET);
    assert_int_equal(al, ABX_ACPI_RESET_VALUE);
    assert_memory_equal(code + at + 1, "\xf4\xeb\xfd", 3);
    abx_vm_destroy(vm);
}

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    const abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_vm *vm = vm_with(512 << 10);
    assert_int_equal(abx_machine_write_firmware(vm, &config), ABX_ERR_RANGE);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_pointer_can_be_found),
        cmocka_unit_test(the_reset_vector_resets),
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
