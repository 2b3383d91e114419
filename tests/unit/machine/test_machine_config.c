/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fake_manual.h"
#include "machine_config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static abx_hypervisor *hypervisor;

static int open_hypervisor(void **state)
{
    (void)state;
    fake_manual_reset();
    return abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options);
}

static int close_hypervisor(void **state)
{
    (void)state;
    abx_hypervisor_close(hypervisor);
    return 0;
}

static abx_machine_config config_of(const abx_device_config *devices, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = "/boot/kernel";
    config.devices = devices;
    config.device_count = count;
    return config;
}

static abx_status resolve(const abx_machine_config *config, abx_vm_config *vm)
{
    return abx_machine_resolve(config, hypervisor, vm);
}

/* `config` is refused and each of the texts is in the advice. */
static void expect_faults(const abx_machine_config *config, const char *const *texts, size_t count)
{
    abx_vm_config vm = { .cpus = 99 };
    assert_int_equal(resolve(config, &vm), ABX_ERR_CONFIG);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(abx_last_error()->advice, texts[i]))
            fail_msg("no '%s' in: %s", texts[i], abx_last_error()->advice);
    }
    assert_int_equal(vm.cpus, 99);
}

static void expect_fault(const abx_machine_config *config, const char *text)
{
    expect_faults(config, &text, 1);
    assert_non_null(strstr(abx_last_error()->operation, "(1 fault)"));
}

static void flat_images_have_no_controllers(void **state)
{
    (void)state;
    abx_machine_config config = config_of(NULL, 0);
    abx_vm_config vm;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.irqchip, ABX_IRQCHIP_DEFAULT);
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.irqchip, ABX_IRQCHIP_NONE);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.irqchip, ABX_IRQCHIP_KERNEL);
}

/* Only where ACPI is switched off, and where there can be one. */
static void kernels_without_acpi_have_a_pit(void **state)
{
    (void)state;
    static const abx_choice with_acpi[] = { ABX_DEFAULT, ABX_YES };
    abx_machine_config config = config_of(NULL, 0);
    abx_vm_config vm;
    config.kernel_options.kind = ABX_IMAGE_AUTO;
    for (size_t i = 0; i < 2; i++) {
        config.acpi = with_acpi[i];
        assert_int_equal(resolve(&config, &vm), ABX_OK);
        assert_int_equal(vm.pit, ABX_DEFAULT);
    }
    config.acpi = ABX_NO;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.pit, ABX_YES);
    config.vm.pit = ABX_NO;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.pit, ABX_NO);
    config.vm.pit = ABX_DEFAULT;
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.pit, ABX_DEFAULT);
}

static void structures_of_another_library_are_refused(void **state)
{
    (void)state;
    abx_vm_config vm;
    abx_machine_config config = config_of(NULL, 0);
    config.size--;
    assert_int_equal(resolve(&config, &vm), ABX_ERR_INVALID);
    config = config_of(NULL, 0);
    config.vm.size = 0;
    assert_int_equal(resolve(&config, &vm), ABX_ERR_INVALID);
    config = config_of(NULL, 0);
    config.kernel_options.size = 0;
    assert_int_equal(resolve(&config, &vm), ABX_ERR_INVALID);
}

static void all_faults_are_named_at_once(void **state)
{
    (void)state;
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_NONE },
        { .kind = (abx_device_kind)1000 },
        { .kind = ABX_DEVICE_SERIAL, .serial = { 12345, 54321 } },
        { .kind = ABX_DEVICE_SERIAL, .serial = { -1, -1 } },
    };
    abx_machine_config config = config_of(devices, 4);
    config.kernel = "";
    config.module_count = 2;
    config.acpi = (abx_choice)9;
    config.vm.name = "not a name";
    config.vm.cpus = 1000;
    static const char *const texts[] = { "kernel:",
                                         "modules:",
                                         "acpi:",
                                         "vm.name:",
                                         "vm.cpus:",
                                         "devices[0].kind",
                                         "devices[1].kind",
                                         "devices[2].serial.input_fd: 12345",
                                         "devices[2].serial.output_fd: 54321",
                                         "devices[3]: devices[2] is of kind serial already" };
    expect_faults(&config, texts, sizeof(texts) / sizeof(texts[0]));
    assert_non_null(strstr(abx_last_error()->operation, "(10 faults)"));
}

static void machines_need_what_they_work_with(void **state)
{
    (void)state;
    abx_machine_config config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_SPLIT;
    expect_fault(&config, "vm.irqchip:");
    config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    config.vm.cpus = 2;
    expect_fault(&config, "vm.cpus:");
    config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    config.acpi = ABX_YES;
    expect_fault(&config, "acpi:");
    config = config_of(NULL, 0);
    config.vm.no_memory = true;
    expect_fault(&config, "vm.no_memory:");
    config = config_of(NULL, 0);
    config.vm.boot.cmdline = "quiet";
    expect_fault(&config, "vm.boot:");
    config = config_of(NULL, 1);
    expect_fault(&config, "devices: NULL");
    config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    config.irqfd = ABX_YES;
    expect_fault(&config, "irqfd: needs interrupt controllers in the kernel");
    config.irqfd = ABX_NO + 1;
    expect_fault(&config, "irqfd: must be");
    config = config_of(NULL, 0);
    config.loop = ABX_LOOP_CALLER + 1;
    expect_fault(&config, "loop: must be");
}

static void descriptors_must_fit_their_use(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    abx_device_config serial = { .kind = ABX_DEVICE_SERIAL, .serial = { fds[0], fds[1] } };
    abx_machine_config config = config_of(&serial, 1);
    abx_vm_config vm;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    serial.serial.input_fd = fds[1];
    expect_fault(&config, "input_fd");
    serial.serial.input_fd = -2;
    expect_fault(&config, "input_fd");
    serial.serial.input_fd = -1;
    serial.serial.output_fd = fds[0];
    expect_fault(&config, "output_fd");
    close(fds[0]);
    close(fds[1]);
}

static void virtio_devices_of_a_machine(void **state)
{
    (void)state;
    abx_device_config devices[14];
    for (size_t i = 0; i < 14; i++)
        devices[i] = (abx_device_config){ .kind = ABX_DEVICE_BLOCK, .block.path = "disk" };
    devices[0] = (abx_device_config){ .kind = ABX_DEVICE_ENTROPY };
    abx_vm_config vm;
    abx_machine_config config = config_of(devices, 12);
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    config.device_count = 13;
    expect_fault(&config, "devices: more than 12 virtio devices");
    config.device_count = 1;
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    expect_fault(&config, "devices: virtio devices need interrupt controllers: vm.irqchip KERNEL");
}

static void devices_that_are_yet_to_come(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_VSOCK } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = "kernel";
    config.devices = devices;
    config.device_count = 1;
    expect_fault(&config, "devices[0]: machines on manual backends have no device of kind vsock yet");
    config.device_count = 0;
    config.efi_variables = "variables";
    expect_fault(&config, "efi_variables: machines on manual backends do not boot by EFI");
}

static void balloons_fit_the_memory(void **state)
{
    (void)state;
    abx_device_config device = { ABX_DEVICE_BALLOON, .balloon = { .target = (256 << 20) + 1 } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = "kernel";
    config.vm.memory_size = 256 << 20;
    config.devices = &device;
    config.device_count = 1;
    expect_fault(&config, "devices[0].balloon.target: more than the machine's memory");
    device.balloon = (abx_balloon_config){ .minimum = (256 << 20) + 1 };
    expect_fault(&config, "devices[0].balloon.minimum: more than the machine's memory");
    device.balloon = (abx_balloon_config){ .policy = ABX_BALLOON_AUTO, .deflate_on_oom = ABX_NO };
    expect_fault(&config, "devices[0].balloon.deflate_on_oom: policy AUTO needs it");
}

static void debug_exit_must_find_room(void **state)
{
    (void)state;
    abx_device_config devices[] = {
        { .kind = ABX_DEVICE_DEBUG_EXIT },
        { .kind = ABX_DEVICE_SERIAL, .serial = { -1, -1 } },
        { .kind = ABX_DEVICE_I8042 },
    };
    const abx_machine_config config = config_of(devices, 3);
    abx_vm_config vm;
    static const uint16_t good[] = { 0, 0xf4, 0x3f4, 0x400, 0x65, 0x5c, 0xfffc, 0x505 };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        devices[0].debug_exit.port = good[i];
        assert_int_equal(resolve(&config, &vm), ABX_OK);
    }
    static const uint16_t bad[] = { 0x3f5, 0x3f8, 0x3ff, 0x61, 0x64, 0x60, 0xfffd, 0xffff };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        devices[0].debug_exit.port = bad[i];
        expect_fault(&config, "devices[0].debug_exit.port");
    }
}

static void fw_cfg_files_must_be_whole(void **state)
{
    (void)state;
    abx_fw_cfg_file files[2] = {
        { .name = "opt/a", .data = "x", .length = 1 },
        { .name = "opt/b", .path = "/tmp/x" },
    };
    abx_device_config device = { .kind = ABX_DEVICE_FW_CFG, .fw_cfg = { files, 2 } };
    const abx_machine_config config = config_of(&device, 1);
    abx_vm_config vm;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    files[1].name = "opt/a";
    expect_fault(&config, "devices[0].fw_cfg.files[1].name: opt/a is there already");
    files[1].name = "";
    expect_fault(&config, "files[1].name");
    files[1].name = NULL;
    expect_fault(&config, "files[1].name");
    files[1].name = "opt/a-name-that-is-one-byte-longer-than-it-is-allowed-to-be";
    expect_fault(&config, "files[1].name");
    files[1].name = "opt/b";
    files[1].data = "x";
    expect_fault(&config, "files[1]: has both");
    files[1] = (abx_fw_cfg_file){ .name = "opt/b", .length = 5 };
    expect_fault(&config, "files[1]: has neither");
    device.fw_cfg.files = NULL;
    expect_fault(&config, "fw_cfg.files: NULL");
    device.fw_cfg.count = 0x4000;
    expect_fault(&config, "fw_cfg.count");
}

static void what_an_arm64_machine_is_not(void **state)
{
    (void)state;
    abx_device_config devices[] = { { .kind = ABX_DEVICE_I8042 },
                                    { .kind = ABX_DEVICE_POWER_BUTTON },
                                    { .kind = ABX_DEVICE_DEBUG_EXIT, .debug_exit.port = 0xf4 } };
    abx_vm_config vm;
    abx_machine_config config = config_of(devices, 1);
    config.vm.arch = ABX_ARCH_ARM64;
    fake_manual_capabilities.guest_archs |= 1u << ABX_ARCH_ARM64;
    abx_hypervisor_close(hypervisor);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    expect_fault(&config, "devices[0]: the keyboard controller is for x86_64 guests");
    config = config_of(devices + 2, 1);
    config.vm.arch = ABX_ARCH_ARM64;
    expect_fault(&config, "devices[0].debug_exit.port: arm64 has no ports");
    config = config_of(devices + 1, 1);
    config.vm.arch = ABX_ARCH_ARM64;
    config.acpi = ABX_YES;
    expect_fault(&config, "acpi: is for x86_64 guests");
    config.acpi = ABX_NO;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.cpus = 2;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.arch, ABX_ARCH_ARM64);
    assert_int_equal(vm.irqchip, ABX_IRQCHIP_DEFAULT); /* halts do not come out, with or without controllers */
}

static void what_an_x86_64_machine_is_not(void **state)
{
    (void)state;
    abx_machine_config config = config_of(NULL, 0);
    abx_vm_config vm;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    assert_int_equal(vm.arch, ABX_ARCH_X86_64); /* the hypervisor's, whatever the host's is */
}

/* Where the kernel decides on ACPI, it decides on the button. */
static void a_power_button_is_heard_of_by_acpi(void **state)
{
    (void)state;
    static const char fault[] = "devices: on x86_64 a power button needs ACPI";
    const abx_device_config button = { .kind = ABX_DEVICE_POWER_BUTTON };
    abx_machine_config config = config_of(&button, 1);
    abx_vm_config vm;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
    config.acpi = ABX_NO;
    expect_fault(&config, fault);
    config.acpi = ABX_DEFAULT;
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    expect_fault(&config, fault);
    config.vm.irqchip = ABX_IRQCHIP_DEFAULT;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    expect_fault(&config, fault);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.acpi = ABX_YES;
    assert_int_equal(resolve(&config, &vm), ABX_OK);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_hypervisor, close_hypervisor)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flat_images_have_no_controllers),
        TEST(structures_of_another_library_are_refused),
        TEST(all_faults_are_named_at_once),
        TEST(machines_need_what_they_work_with),
        TEST(descriptors_must_fit_their_use),
        TEST(debug_exit_must_find_room),
        TEST(virtio_devices_of_a_machine),
        TEST(devices_that_are_yet_to_come),
        TEST(balloons_fit_the_memory),
        TEST(fw_cfg_files_must_be_whole),
        TEST(what_an_arm64_machine_is_not),
        TEST(what_an_x86_64_machine_is_not),
        TEST(a_power_button_is_heard_of_by_acpi),
        TEST(kernels_without_acpi_have_a_pit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
