/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "config_internal.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <stdio.h>
#include <string.h>

static abx_hypervisor *open_manual(void)
{
    abx_hypervisor *hypervisor;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    return hypervisor;
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = open_manual();
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_vm_config copy;
    assert_int_equal(abx_vm_config_validate(&config, hypervisor, NULL, 0, NULL), ABX_OK);
    assert_int_equal(abx_config_copy(&copy, &config, hypervisor), ABX_OK);
    assert_string_equal(copy.name, "vm");
    assert_int_equal(copy.arch, ABX_ARCH_X86_64);
    assert_int_equal(copy.cpus, 1);
    assert_int_equal(copy.memory_size % (2 << 20), 0);
    assert_in_range(copy.memory_size, 2 << 20, UINT64_C(16) << 30);
    assert_int_equal(copy.irqchip, ABX_IRQCHIP_KERNEL);
    assert_int_equal(copy.pit, ABX_NO);
    assert_int_equal(copy.nested, ABX_NO);
    assert_int_equal(copy.dirty_log, ABX_NO);
    assert_int_equal(copy.tsc_khz, 2000000);
    assert_int_equal(copy.event_capacity, 256);
    assert_int_equal(copy.device_count, 0);
    assert_null(copy.devices);
    abx_config_free(&copy);
    abx_hypervisor_close(hypervisor);
}

static void what_is_set_stays(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = open_manual();
    char name[] = "my-vm.1";
    abx_vm_config copy;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.name = name;
    config.cpus = 7;
    config.no_memory = true;
    config.irqchip = ABX_IRQCHIP_SPLIT;
    config.nested = ABX_YES;
    config.tsc_khz = 1000000;
    config.event_capacity = 16;
    assert_int_equal(abx_config_copy(&copy, &config, hypervisor), ABX_OK);
    memset(name, 'x', sizeof(name) - 1);
    assert_string_equal(copy.name, "my-vm.1");
    assert_int_equal(copy.cpus, 7);
    assert_int_equal(copy.memory_size, 0);
    assert_int_equal(copy.irqchip, ABX_IRQCHIP_SPLIT);
    assert_int_equal(copy.nested, ABX_YES);
    assert_int_equal(copy.tsc_khz, 1000000);
    assert_int_equal(copy.event_capacity, 16);
    abx_config_free(&copy);
    abx_hypervisor_close(hypervisor);
}

static void boot_strings_are_copied(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm_config copy;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    char kernel[] = "/boot/vmlinuz";
    char cmdline[] = "console=ttyS0";
    config.boot.kernel = kernel;
    config.boot.cmdline = cmdline;
    fake_log_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    assert_int_equal(abx_config_copy(&copy, &config, hypervisor), ABX_OK);
    kernel[0] = cmdline[0] = '!';
    assert_string_equal(copy.boot.kernel, "/boot/vmlinuz");
    assert_null(copy.boot.initrd);
    assert_string_equal(copy.boot.cmdline, "console=ttyS0");
    assert_int_equal(copy.irqchip, ABX_IRQCHIP_DEFAULT);
    abx_config_free(&copy);
    abx_hypervisor_close(hypervisor);
}

static void devices_and_identity_are_copied(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm_config copy;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    char path[] = "disk", id[] = "me", variables[] = "variables";
    abx_device_config disk = { .kind = ABX_DEVICE_BLOCK, .block.path = path };
    config.devices = &disk;
    config.device_count = 1;
    config.machine_id = id;
    config.machine_id_size = 2;
    config.boot.efi_variables = variables;
    fake_log_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    assert_int_equal(abx_config_copy(&copy, &config, hypervisor), ABX_OK);
    path[0] = id[0] = variables[0] = '!';
    disk.kind = ABX_DEVICE_NONE;
    assert_int_equal(copy.device_count, 1);
    assert_int_equal(copy.devices[0].kind, ABX_DEVICE_BLOCK);
    assert_string_equal(copy.devices[0].block.path, "disk");
    assert_int_equal(copy.machine_id_size, 2);
    assert_memory_equal(copy.machine_id, "me", 2);
    assert_string_equal(copy.boot.efi_variables, "variables");
    abx_config_free(&copy);
    abx_hypervisor_close(hypervisor);
}

static void a_huge_page_is_the_least_memory(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = open_manual();
    abx_vm_config copy;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.huge_pages = ABX_HUGE_1G;
    assert_int_equal(abx_config_copy(&copy, &config, hypervisor), ABX_OK);
    assert_int_equal(copy.memory_size % (UINT64_C(1) << 30), 0);
    assert_int_not_equal(copy.memory_size, 0);
    abx_config_free(&copy);
    abx_hypervisor_close(hypervisor);
}

static void faults_beyond_the_room_are_counted(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_config_fault fault = { .field = "" };
    size_t count = 0;
    config.name = "";
    config.event_capacity = 3;
    config.memory_size = 17;
    assert_int_equal(abx_vm_config_validate(&config, NULL, &fault, 1, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 3);
    assert_string_equal(fault.field, "name");
    assert_string_equal(abx_last_error()->operation, "check the configuration (3 faults)");
    assert_non_null(strstr(abx_last_error()->advice, "name: "));
    assert_non_null(strstr(abx_last_error()->advice, "; event_capacity: "));
    assert_non_null(strstr(abx_last_error()->advice, "; memory_size: 17 is not a multiple"));
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    size_t count = 99;
    assert_int_equal(abx_vm_config_validate(NULL, NULL, NULL, 0, &count), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_config_validate(&config, NULL, NULL, 3, &count), ABX_ERR_INVALID);
    config.size--;
    assert_int_equal(abx_vm_config_validate(&config, NULL, NULL, 0, &count), ABX_ERR_INVALID);
    assert_int_equal(count, 99);
    config.size++;
    assert_int_equal(abx_vm_config_validate(&config, NULL, NULL, 0, NULL), ABX_OK);
}

static void many_faults_do_not_overrun_the_line(void **state)
{
    (void)state;
    abx_config_report report = { .capacity = 0 };
    for (int i = 0; i < 500; i++)
        abx_config_add_fault(&report, "field", "fault number %d of very many, told at some length", i);
    assert_int_equal(report.count, 500);
    assert_in_range(strlen(report.text), 500, sizeof(report.text) - 1);
    /* Only whole faults are in it. */
    assert_string_equal(report.text + strlen(report.text) - strlen("some length"), "some length");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in),          cmocka_unit_test(what_is_set_stays),
        cmocka_unit_test(boot_strings_are_copied),         cmocka_unit_test(devices_and_identity_are_copied),
        cmocka_unit_test(a_huge_page_is_the_least_memory), cmocka_unit_test(faults_beyond_the_room_are_counted),
        cmocka_unit_test(wrong_arguments_are_refused),     cmocka_unit_test(many_faults_do_not_overrun_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
