/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <stdio.h>
#include <string.h>

enum { ROOM = 32 };

static abx_hypervisor *manual;
static abx_hypervisor *managed;

static int open_both(void **state)
{
    (void)state;
    fake_manual_reset();
    return abx_hypervisor_open(&manual, "fake", &fake_manual_options) ||
           abx_hypervisor_open(&managed, "qemu", &fake_managed_options);
}

static int close_both(void **state)
{
    (void)state;
    abx_hypervisor_close(manual);
    abx_hypervisor_close(managed);
    return 0;
}

/* The faulty fields, each followed by a space. */
static const char *faults_of(const abx_vm_config *config, const abx_hypervisor *hypervisor)
{
    static char text[1024];
    abx_config_fault faults[ROOM];
    size_t count = 99;
    abx_status status = abx_vm_config_validate(config, hypervisor, faults, ROOM, &count);
    assert_int_equal(status, count ? ABX_ERR_CONFIG : ABX_OK);
    assert_in_range(count, 0, ROOM);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(strlen(faults[i].message), 0);
        size_t length = strlen(text);
        snprintf(text + length, sizeof(text) - length, "%s ", faults[i].field);
    }
    return text;
}

#define CONFIG(...) (&(abx_vm_config){ .size = sizeof(abx_vm_config), __VA_ARGS__ })

static void every_fault_is_named_at_once(void **state)
{
    (void)state;
    assert_string_equal(faults_of(CONFIG(.name = "no spaces", .arch = (abx_arch)8, .memory_size = 5, .no_memory = true,
                                         .memory_backing = ABX_BACKING_HOST, .huge_pages = (abx_huge_pages)9,
                                         .irqchip = (abx_irqchip)9, .pit = (abx_choice)9, .nested = (abx_choice)9,
                                         .dirty_log = (abx_choice)9, .event_capacity = 70000, .boot.initrd = "initrd"),
                                  NULL),
                        "name arch event_capacity memory_size memory_backing huge_pages dirty_log irqchip pit nested "
                        "boot.initrd ");
}

static void names_have_limits(void **state)
{
    (void)state;
    char name[65];
    memset(name, 'n', sizeof(name));
    name[63] = '\0';
    assert_string_equal(faults_of(CONFIG(.name = name), NULL), "");
    name[63] = 'n';
    name[64] = '\0';
    assert_string_equal(faults_of(CONFIG(.name = name), NULL), "name ");
    assert_string_equal(faults_of(CONFIG(.name = ""), NULL), "name ");
    assert_string_equal(faults_of(CONFIG(.name = "a/b"), NULL), "name ");
    assert_string_equal(faults_of(CONFIG(.name = "A-z_0.9"), NULL), "");
}

static void memory_fits_pages_and_addresses(void **state)
{
    (void)state;
    assert_string_equal(faults_of(CONFIG(.memory_size = 4096), manual), "");
    assert_string_equal(faults_of(CONFIG(.memory_size = 4097), manual), "memory_size ");
    assert_string_equal(faults_of(CONFIG(.memory_size = 4096, .huge_pages = ABX_HUGE_2M), manual), "memory_size ");
    assert_string_equal(faults_of(CONFIG(.memory_size = UINT64_C(1) << 40), manual), "memory_size ");
    assert_string_equal(faults_of(CONFIG(.memory_size = (UINT64_C(1) << 40) - (UINT64_C(1) << 30)), manual), "");
    assert_string_equal(faults_of(CONFIG(.memory_size = 4096, .no_memory = true), manual), "memory_size ");
    assert_string_equal(faults_of(CONFIG(.memory_backing = ABX_BACKING_FILE_SHARED), manual), "memory_backing ");
    assert_string_equal(faults_of(CONFIG(.memory_backing = ABX_BACKING_MEMFD), manual), "");
}

static void capabilities_are_asked(void **state)
{
    (void)state;
    const uint64_t all = fake_manual_capabilities.bits[0];
    abx_hypervisor *poor;
    fake_manual_capabilities.bits[0] = 0;
    assert_int_equal(abx_hypervisor_open(&poor, "fake", &fake_manual_options), ABX_OK);
    fake_manual_capabilities.bits[0] = all;

    const abx_vm_config *greedy =
        CONFIG(.cpus = 65, .pit = ABX_YES, .nested = ABX_YES, .dirty_log = ABX_YES, .msr_exits = true,
               .hypercall_exits = true, .tsc_khz = 7, .irqchip = ABX_IRQCHIP_KERNEL, .arch = ABX_ARCH_X86_64);
    assert_string_equal(faults_of(greedy, poor),
                        "cpus dirty_log irqchip pit nested msr_exits hypercall_exits tsc_khz ");
    assert_string_equal(faults_of(greedy, manual), "cpus dirty_log ");
    const abx_vm_config *gifts = CONFIG(.pmu = ABX_YES, .sve = ABX_YES, .pointer_auth = ABX_YES);
    assert_string_equal(faults_of(gifts, poor), "pmu sve pointer_auth pmu sve pointer_auth ");
    assert_string_equal(faults_of(CONFIG(.pmu = ABX_NO + 1, .sve = ABX_NO + 1, .pointer_auth = ABX_NO + 1), NULL),
                        "pmu sve pointer_auth ");
    assert_string_equal(faults_of(CONFIG(.irqchip = ABX_IRQCHIP_SPLIT), poor), "irqchip ");
    assert_string_equal(faults_of(CONFIG(.tsc_khz = 2000000), poor), "");
    assert_string_equal(faults_of(CONFIG(.irqchip = ABX_IRQCHIP_NONE), poor), "");
    abx_hypervisor_close(poor);
}

static void the_pit_needs_the_controllers_beside_it(void **state)
{
    (void)state;
    assert_string_equal(faults_of(CONFIG(.pit = ABX_YES), manual), "");
    assert_string_equal(faults_of(CONFIG(.pit = ABX_YES, .irqchip = ABX_IRQCHIP_SPLIT), manual), "pit ");
    assert_string_equal(faults_of(CONFIG(.pit = ABX_YES, .irqchip = ABX_IRQCHIP_NONE), manual), "pit ");
}

static void the_architecture_counts(void **state)
{
    (void)state;
    assert_string_equal(faults_of(CONFIG(.arch = ABX_ARCH_ARM64), manual), "arch ");
    assert_string_equal(faults_of(CONFIG(.arch = ABX_ARCH_ARM64, .pit = ABX_YES, .msr_exits = true,
                                         .hypercall_exits = true, .tsc_khz = 1),
                                  NULL),
                        "pit msr_exits tsc_khz ");
    const abx_vm_config *gifts = CONFIG(.pmu = ABX_YES, .sve = ABX_YES, .pointer_auth = ABX_YES);
    assert_string_equal(faults_of(gifts, NULL), "");
    gifts = CONFIG(.arch = ABX_ARCH_ARM64, .pmu = ABX_YES, .sve = ABX_YES, .pointer_auth = ABX_YES);
    assert_string_equal(faults_of(gifts, NULL), "");
    gifts = CONFIG(.arch = ABX_ARCH_X86_64, .pmu = ABX_YES, .sve = ABX_YES, .pointer_auth = ABX_YES);
    assert_string_equal(faults_of(gifts, NULL), "pmu sve pointer_auth ");
}

static void boot_and_devices_belong_to_managed_backends(void **state)
{
    (void)state;
    const abx_device_config serial = { ABX_DEVICE_SERIAL, .serial = { -1, 1 } };
    const abx_vm_config *config = CONFIG(.boot = { "kernel", "initrd", "quiet", NULL }, .devices = &serial,
                                         .device_count = 1, .machine_id = "me", .machine_id_size = 2);
    assert_string_equal(faults_of(config, managed), "");
    assert_string_equal(faults_of(config, manual), "boot.kernel boot.initrd boot.cmdline devices machine_id ");
    assert_string_equal(faults_of(CONFIG(.boot.cmdline = "quiet"), managed), "boot.cmdline ");
    const abx_device_config bad[] = { { .kind = ABX_DEVICE_VSOCK }, { .kind = ABX_DEVICE_BLOCK } };
    assert_string_equal(faults_of(CONFIG(.devices = bad, .device_count = 2), managed), "devices[1].block.path ");
    assert_string_equal(faults_of(CONFIG(.boot = { NULL, NULL, NULL, "variables" }), managed), "");
    assert_string_equal(faults_of(CONFIG(.boot = { NULL, NULL, NULL, "" }), managed), "boot.efi_variables ");
    assert_string_equal(faults_of(CONFIG(.boot = { "kernel", NULL, "quiet", "variables" }), managed),
                        "boot.kernel boot.cmdline ");
    assert_string_equal(faults_of(CONFIG(.boot = { NULL, NULL, NULL, "variables" }), manual), "boot.efi_variables ");
    assert_string_equal(faults_of(CONFIG(.machine_id_size = 2), NULL), "machine_id ");
    assert_string_equal(faults_of(CONFIG(.machine_id = "me"), managed), "machine_id ");
    assert_string_equal(
        faults_of(CONFIG(.arch = ABX_ARCH_X86_64, .no_memory = true, .irqchip = ABX_IRQCHIP_KERNEL, .msr_exits = true),
                  managed),
        "no_memory irqchip msr_exits ");
}

static void the_backend_has_the_last_word(void **state)
{
    (void)state;
    assert_string_equal(faults_of(CONFIG(.name = "unwanted"), manual), "name ");
    assert_non_null(strstr(abx_last_error()->advice, "the fake backend does not want it, really"));
    assert_string_equal(faults_of(CONFIG(.name = "unwanted"), managed), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_named_at_once),
        cmocka_unit_test(names_have_limits),
        cmocka_unit_test(memory_fits_pages_and_addresses),
        cmocka_unit_test(capabilities_are_asked),
        cmocka_unit_test(the_pit_needs_the_controllers_beside_it),
        cmocka_unit_test(the_architecture_counts),
        cmocka_unit_test(boot_and_devices_belong_to_managed_backends),
        cmocka_unit_test(the_backend_has_the_last_word),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
