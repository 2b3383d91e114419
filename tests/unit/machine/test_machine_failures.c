/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every allocation, thread and descriptor of a machine fails in turn; nothing stays behind. */
#include "machine_test.h"

#include "fake_manual.h"
#include "machine_seam.h"
#include "process_census.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MANY = 400 };

static char kernel_path[] = "/tmp/abx-machine-XXXXXX";
static char image_path[] = "/tmp/abx-machine-XXXXXX"; /* for arm64 */
static char disk_path[] = "/tmp/abx-machine-XXXXXX";
static abx_block_cache disk_cache = ABX_CACHE_UNCACHED;
static int serial_fds[2];
static abx_irqchip irqchip;

/* abx_machine_create() or abx_machine_launch(). */
static abx_status (*make)(abx_machine **out, abx_hypervisor *hypervisor, const abx_machine_config *config);

static abx_status build_x86_64(abx_machine **out, abx_hypervisor *hypervisor)
{
    const abx_fw_cfg_file files[] = {
        { .name = "opt/bytes", .data = "bytes", .length = 5 },
        { .name = "opt/file", .path = kernel_path },
    };
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { serial_fds[0], serial_fds[1] } },
        { .kind = ABX_DEVICE_I8042 },
        { .kind = ABX_DEVICE_RTC },
        { .kind = ABX_DEVICE_DEBUG_EXIT },
        { .kind = ABX_DEVICE_FW_CFG, .fw_cfg = { files, 2 } },
        { .kind = ABX_DEVICE_PVPANIC },
        { .kind = ABX_DEVICE_BLOCK, .block.path = disk_path },
        { .kind = ABX_DEVICE_BLOCK, .block = { .path = disk_path, .cache = disk_cache } },
        { .kind = ABX_DEVICE_POWER_BUTTON },
        { .kind = ABX_DEVICE_ENTROPY },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel_path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.memory_size = 2 << 20;
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 3;
    config.acpi = ABX_YES;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    return make(out, hypervisor, &config);
}

static abx_status build_arm64(abx_machine **out, abx_hypervisor *hypervisor)
{
    const abx_fw_cfg_file file = { .name = "opt/bytes", .data = "bytes", .length = 5 };
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { serial_fds[0], serial_fds[1] } },
        { .kind = ABX_DEVICE_RTC },
        { .kind = ABX_DEVICE_DEBUG_EXIT },
        { .kind = ABX_DEVICE_FW_CFG, .fw_cfg = { &file, 1 } },
        { .kind = ABX_DEVICE_PVPANIC },
        { .kind = ABX_DEVICE_POWER_BUTTON },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = image_path;
    config.kernel_options.cache = "";
    config.vm.memory_size = 4 << 20;
    config.vm.cpus = 2;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    return make(out, hypervisor, &config);
}

static abx_loop_kind loop;

/* Of either architecture. What libuv allocates for its own is not led here. */
static abx_status build_virtio(abx_machine **out, abx_hypervisor *hypervisor)
{
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_BLOCK, .block = { .path = image_path, .serial = "disk" } },
        { .kind = ABX_DEVICE_ENTROPY },
        { .kind = ABX_DEVICE_BLOCK, .block = { .path = image_path, .read_only = true } },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel_path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.memory_size = 2 << 20;
    config.vm.irqchip = irqchip;
    config.loop = loop;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    return make(out, hypervisor, &config);
}

static void lack(abx_cap cap)
{
    fake_manual_capabilities.bits[cap / 64] &= ~(UINT64_C(1) << cap % 64);
}

static abx_hypervisor *open_hypervisor(abx_arch arch, bool controllers)
{
    abx_hypervisor *hypervisor;
    abx_hypervisor_options options = fake_manual_options;
    fake_manual_reset();
    fake_manual_guest(fake_guest_sleeps);
    fake_manual_capabilities.guest_archs = 1u << arch;
    if (!controllers) {
        lack(ABX_CAP_IRQCHIP);
        lack(ABX_CAP_PSCI);
    }
    options.guest_arch = arch;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    return hypervisor;
}

/* Told well, with nothing made. */
static void expect_failure(abx_status status, const abx_machine *machine)
{
    assert_null(machine);
    assert_int_equal(abx_last_error()->status, status);
    assert_int_not_equal(strlen(abx_last_error()->operation), 0);
}

static void fail_each(abx_arch arch, bool controllers,
                      abx_status (*build)(abx_machine **out, abx_hypervisor *hypervisor))
{
    abx_hypervisor *hypervisor = open_hypervisor(arch, controllers);
    const process_census before = process_census_take();
    const long held = machine_seam_held();
    int n = 1;
    for (bool has_failed = true; has_failed; n++) {
        abx_machine *machine = NULL;
        machine_seam_fail(n);
        abx_status status = build(&machine, hypervisor);
        has_failed = machine_seam_has_failed();
        machine_seam_fail(0);
        if (status != ABX_OK) {
            if (!has_failed)
                fail_msg("%s", abx_last_error()->message);
            expect_failure(status, machine);
        }
        /* What could do without the call lives, and ends, as ever. */
        if (status == ABX_OK && make == abx_machine_create)
            assert_int_equal(abx_machine_start(machine), ABX_OK);
        abx_machine_destroy(machine);
        process_census_await(&before);
        assert_int_equal(machine_seam_held(), held);
        assert_true(n < MANY);
    }
    print_message("%d calls can fail\n", n - 2);
    assert_true(n > 30);
    abx_hypervisor_close(hypervisor);
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    make = abx_machine_create;
    fail_each(ABX_ARCH_X86_64, true, build_x86_64);
}

static void every_call_of_a_launch_fails_in_turn(void **state)
{
    (void)state;
    make = abx_machine_launch;
    fail_each(ABX_ARCH_X86_64, true, build_x86_64);
}

static void every_call_of_arm64_fails_in_turn(void **state)
{
    (void)state;
    make = abx_machine_create;
    fail_each(ABX_ARCH_ARM64, true, build_arm64);
}

static void every_call_with_our_own_controller_fails_in_turn(void **state)
{
    (void)state;
    make = abx_machine_create;
    fail_each(ABX_ARCH_ARM64, false, build_arm64);
    make = abx_machine_launch;
    fail_each(ABX_ARCH_ARM64, false, build_arm64);
}

static void fail_each_with_virtio(abx_arch arch, bool controllers)
{
    irqchip = arch == ABX_ARCH_X86_64 ? ABX_IRQCHIP_KERNEL : ABX_IRQCHIP_DEFAULT;
    for (int kind = ABX_LOOP_THREAD; kind <= ABX_LOOP_CALLER; kind++) {
        loop = (abx_loop_kind)kind;
        make = abx_machine_create;
        fail_each(arch, controllers, build_virtio);
        make = abx_machine_launch;
        fail_each(arch, controllers, build_virtio);
    }
}

static void every_call_with_virtio_fails_in_turn(void **state)
{
    (void)state;
    fail_each_with_virtio(ABX_ARCH_X86_64, true);
    fail_each_with_virtio(ABX_ARCH_ARM64, true);
    fail_each_with_virtio(ABX_ARCH_ARM64, false);
}

/* libuv's descriptors among them: there is room for one more each time. */
static void descriptors_run_out(void **state)
{
    (void)state;
    struct rlimit usual;
    abx_hypervisor *hypervisor = open_hypervisor(ABX_ARCH_X86_64, true);
    const process_census before = process_census_take();
    const long held = machine_seam_held();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    irqchip = ABX_IRQCHIP_KERNEL;
    loop = ABX_LOOP_THREAD;
    make = abx_machine_create;
    abx_status status = ABX_ERR_LIMIT;
    rlim_t room = 3;
    for (; status != ABX_OK && room < 100; room++) {
        abx_machine *machine = NULL;
        const struct rlimit few = { room, usual.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        status = build_virtio(&machine, hypervisor);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
        if (status != ABX_OK) {
            assert_int_equal(status, ABX_ERR_LIMIT);
            expect_failure(status, machine);
        }
        abx_machine_destroy(machine);
        process_census_await(&before);
        assert_int_equal(machine_seam_held(), held);
    }
    assert_int_equal(status, ABX_OK);
    assert_true(room > 10);
    abx_hypervisor_close(hypervisor);
}

static int prepare(void **state)
{
    (void)state;
    uint8_t image[4096] = "MZ";
    image[18] = 0x10; /* image_size: 1 MiB */
    memcpy(image + 56, "ARM\x64", 4);
    int image_fd = mkstemp(image_path);
    assert_int_equal(write(image_fd, image, sizeof(image)), sizeof(image));
    close(image_fd);
    int fd = mkstemp(kernel_path);
    assert_int_equal(write(fd, "\xf4", 1), 1);
    close(fd);
    int disk_fd = mkstemp(disk_path);
    assert_int_equal(ftruncate(disk_fd, 1 << 20), 0);
    close(disk_fd);
    disk_fd = open(disk_path, O_RDWR | O_DIRECT | O_CLOEXEC);
    if (disk_fd < 0)
        disk_cache = ABX_CACHE_CACHED; /* not on this file system */
    else
        close(disk_fd);
    process_census_begin();
    /* What libuv has once for the whole process, and cannot do without. */
    abx_loop *first;
    assert_int_equal(abx_loop_new(&first), ABX_OK);
    abx_loop_free(first);
    return pipe2(serial_fds, O_CLOEXEC);
}

static int clean_up(void **state)
{
    (void)state;
    close(serial_fds[0]);
    close(serial_fds[1]);
    return unlink(kernel_path) + unlink(image_path) + unlink(disk_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_fails_in_turn),
                                        cmocka_unit_test(every_call_of_a_launch_fails_in_turn),
                                        cmocka_unit_test(every_call_of_arm64_fails_in_turn),
                                        cmocka_unit_test(every_call_with_our_own_controller_fails_in_turn),
                                        cmocka_unit_test(every_call_with_virtio_fails_in_turn),
                                        cmocka_unit_test(descriptors_run_out) };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
