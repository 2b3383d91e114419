/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Configurations: all faults at once, defaults filled in, the builder's the same. */
#include "contract.h"

#include <string.h>
#include <unistd.h>

enum { MOST_FAULTS = 32 };

static bool names_field(const abx_config_fault *faults, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(faults[i].field, field) == 0)
            return *faults[i].message;
    return false;
}

static void test_every_fault_is_named(void **state)
{
    (void)state;
    static const char *const fields[] = { "name",       "cpus",    "memory_size", "memory_backing", "event_capacity",
                                          "huge_pages", "irqchip", "pit",         "nested",         "dirty_log" };
    enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_config config = contract_config();
    config.name = "a name";
    config.cpus = UINT32_MAX;
    config.memory_size = 12345;
    config.memory_backing = ABX_BACKING_FILE_SHARED;
    config.event_capacity = 3;
    config.huge_pages = (abx_huge_pages)99;
    config.irqchip = (abx_irqchip)99;
    config.pit = config.nested = config.dirty_log = (abx_choice)99;

    abx_config_fault faults[MOST_FAULTS];
    size_t count = 0;
    assert_status(abx_vm_config_validate(&config, hypervisor, faults, MOST_FAULTS, &count), ABX_ERR_CONFIG);
    assert_in_range(count, FIELDS, MOST_FAULTS);
    for (size_t i = 0; i < FIELDS; i++)
        if (!names_field(faults, count, fields[i]))
            fail_msg("%s is not named", fields[i]);

    size_t all = 0;
    assert_status(abx_vm_config_validate(&config, hypervisor, faults, 1, &all), ABX_ERR_CONFIG);
    assert_int_equal(all, count);

    abx_vm *vm = UNTOUCHED;
    assert_status(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_CONFIG);
    assert_ptr_equal(vm, UNTOUCHED);
    assert_advice(ABX_ERR_CONFIG);
    for (size_t i = 0; i < FIELDS; i++)
        if (!strstr(abx_last_error()->advice, fields[i]))
            fail_msg("%s is not in '%s'", fields[i], abx_last_error()->advice);
    abx_hypervisor_close(hypervisor);
}

static void test_unknown_structures(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_config config = contract_config();
    abx_vm *vm = UNTOUCHED;
    config.size = 1;
    assert_status(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    assert_status(abx_vm_config_validate(NULL, hypervisor, NULL, 0, NULL), ABX_ERR_INVALID);
    assert_status(abx_vm_create(&vm, NULL, NULL), ABX_ERR_INVALID);
    assert_status(abx_vm_create(NULL, hypervisor, NULL), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    assert_ptr_equal(vm, UNTOUCHED);
    abx_hypervisor_close(hypervisor);
}

static void test_defaults_are_filled_in(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm;
    assert_ok(abx_vm_create(&vm, hypervisor, NULL));
    const abx_vm_config *config = abx_vm_get_config(vm);
    assert_string_equal(config->name, "vm");
    assert_int_equal(config->arch, abx_host_arch());
    assert_int_equal(config->cpus, 1);
    assert_int_equal(config->memory_size, abx_default_memory_size());
    assert_int_equal(config->event_capacity, 256);
    assert_int_equal(config->device_count, 0);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

/* The structure is the caller's: it may go as soon as the VM is there. */
static void test_configuration_is_copied(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    char name[] = "first";
    abx_vm_config config = contract_config();
    config.name = name;
    abx_vm *vm;
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
    memset(name, 'x', sizeof(name) - 1);
    memset(&config, 0x5a, sizeof(config));
    assert_string_equal(abx_vm_get_config(vm)->name, "first");
    assert_int_equal(abx_vm_get_config(vm)->memory_size, 16u << 20);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void test_builder(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_builder *builder = abx_vm_builder_new();
    assert_non_null(builder);
    abx_vm_builder_name(builder, "built");
    abx_vm_builder_memory(builder, 16u << 20);
    abx_vm *vm = UNTOUCHED;
    abx_vm_builder_event_capacity(builder, 1);
    assert_status(abx_vm_builder_create(builder, &vm, hypervisor), ABX_ERR_CONFIG);
    assert_ptr_equal(vm, UNTOUCHED);
    abx_vm_builder_event_capacity(builder, 16);
    assert_ok(abx_vm_builder_create(builder, &vm, hypervisor));
    abx_vm_builder_free(builder);
    assert_string_equal(abx_vm_get_config(vm)->name, "built");
    assert_int_equal(abx_vm_get_config(vm)->event_capacity, 16);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

int run_config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fault_is_named),
        cmocka_unit_test(test_unknown_structures),
        cmocka_unit_test(test_defaults_are_filled_in),
        cmocka_unit_test(test_configuration_is_copied),
        cmocka_unit_test(test_builder),
    };
    return cmocka_run_group_tests_name("configuration", tests, NULL, NULL);
}
