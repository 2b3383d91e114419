/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fake_managed.h"
#include "fake_manual.h"

#include <arcbox/machine_balloon.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

static char kernel[] = "/tmp/abx-machine-balloon-XXXXXX";
static abx_hypervisor *hypervisor;

static int write_kernel(void **state)
{
    (void)state;
    int file = mkstemp(kernel);
    bool written = file >= 0 && write(file, "\xf4", 1) == 1;
    close(file);
    return written ? 0 : -1;
}

static int remove_kernel(void **state)
{
    (void)state;
    return unlink(kernel);
}

static abx_machine_config config_of(const abx_device_config *devices, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel;
    config.vm.memory_size = 64 * MIB;
    config.devices = devices;
    config.device_count = count;
    return config;
}

static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    (void)payload;
    (void)status;
    (void)ranges;
    (void)count;
    fail_msg("nobody has asked");
}

static abx_machine *manual(const abx_device_config *devices, size_t count)
{
    abx_machine *machine;
    fake_manual_reset();
    fake_manual_guest(fake_guest_sleeps);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    abx_machine_config config = config_of(devices, count);
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    if (abx_machine_create(&machine, hypervisor, &config) != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return machine;
}

static void end(abx_machine *machine)
{
    abx_machine_destroy(machine);
    abx_hypervisor_close(hypervisor);
}

static void targets_and_what_is_known(void **state)
{
    (void)state;
    const abx_device_config device = { ABX_DEVICE_BALLOON, .balloon = { .minimum = 16 * MIB, .target = 48 * MIB } };
    abx_machine *machine = manual(&device, 1);
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_OK);
    assert_int_equal(info.target, 48 * MIB);
    assert_int_equal(info.actual, 64 * MIB);
    assert_false(info.actual_known);
    assert_int_equal(info.known, 0);
    assert_int_equal(abx_machine_balloon_set_target(machine, 16 * MIB - 1), ABX_ERR_LIMIT);
    assert_int_equal(abx_machine_balloon_set_target(machine, 64 * MIB + 1), ABX_ERR_LIMIT);
    assert_int_equal(abx_machine_balloon_set_target(machine, 16 * MIB + 1), ABX_OK);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_OK);
    assert_int_equal(info.target, 16 * MIB + 4096);
    assert_int_equal(abx_machine_balloon_ask(machine), ABX_ERR_STATE); /* the guest has no driver */
    assert_int_equal(abx_machine_balloon_hint(machine, hinted, NULL), ABX_ERR_STATE);
    assert_int_equal(abx_machine_balloon_cancel_hint(machine), ABX_ERR_STATE);
    assert_int_equal(info.hint_runs, 0);
    assert_int_equal(info.hinted, 0);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    assert_int_equal(abx_machine_balloon_set_target(machine, 32 * MIB), ABX_ERR_STATE);
    assert_int_equal(abx_machine_balloon_ask(machine), ABX_ERR_STATE);
    assert_int_equal(abx_machine_balloon_hint(machine, hinted, NULL), ABX_ERR_STATE);
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_OK);
    end(machine);
}

static void machines_without_one(void **state)
{
    (void)state;
    abx_balloon_info info = ABX_BALLOON_INFO_INIT, before = info;
    abx_machine *machine = manual(NULL, 0);
    assert_int_equal(abx_machine_balloon_set_target(machine, MIB), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_ask(machine), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_set_target(NULL, MIB), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_get_info(NULL, &info), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_get_info(machine, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_ask(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_hint(machine, hinted, NULL), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_cancel_hint(machine), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_hint(machine, NULL, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_hint(NULL, hinted, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_balloon_cancel_hint(NULL), ABX_ERR_INVALID);
    assert_memory_equal(&info, &before, sizeof(info));
    info.size--;
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_ERR_INVALID);
    end(machine);
}

static void managed_backends_know_the_target(void **state)
{
    (void)state;
    fake_log_reset();
    fake_managed_at_start = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    const abx_device_config device = { .kind = ABX_DEVICE_BALLOON };
    abx_machine_config config = config_of(&device, 1);
    config.vm.arch = ABX_ARCH_X86_64;
    abx_machine *machine;
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_OK);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_balloon_set_target(machine, 32 * MIB), ABX_OK);
    assert_int_equal(fake_managed_balloon, 32 * MIB);
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    assert_int_equal(abx_machine_balloon_get_info(machine, &info), ABX_OK);
    assert_int_equal(info.target, 32 * MIB);
    assert_false(info.actual_known);
    assert_int_equal(abx_machine_balloon_ask(machine), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_hint(machine, hinted, NULL), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_machine_balloon_cancel_hint(machine), ABX_ERR_NOT_SUPPORTED);
    end(machine);
}

static void statistics_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < ABX_BALLOON_STATISTICS; i++) {
        const char *name = abx_balloon_statistic_name((abx_balloon_statistic)i);
        assert_non_null(name);
        assert_true(strlen(name) > 0);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, abx_balloon_statistic_name((abx_balloon_statistic)k));
    }
    assert_string_equal(abx_balloon_statistic_name(ABX_BALLOON_AVAILABLE), "available");
    assert_null(abx_balloon_statistic_name(ABX_BALLOON_STATISTICS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_and_what_is_known),
        cmocka_unit_test(machines_without_one),
        cmocka_unit_test(managed_backends_know_the_target),
        cmocka_unit_test(statistics_have_names),
    };
    return cmocka_run_group_tests(tests, write_kernel, remove_kernel);
}
