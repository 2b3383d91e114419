/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening the backend, and machines that cannot be built, with scripts that stand in for QEMU. */
#include "qemu_test.h"

#include "linux/nested.h"

#include <arcbox/arcbox.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWERS_VERSION(version)                                                                                       \
    "#!/bin/sh\nif [ \"$*\" = --version ]; then echo QEMU emulator version " version "; exit; fi\n"

/* Finds the number of its end of the protocol's connection, as QEMU would. */
#define FINDS_FD "for a; do case $a in socket,id=qmp,fd=*) fd=${a##*=} ;; esac; done\n"

static char folder[64];
static char search[80]; /* only the folder, so that no real QEMU is found */
static const char *old_path;

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/abx-hypervisor-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    old_path = strdup(getenv("PATH"));
    snprintf(search, sizeof(search), "%s", folder);
    return setenv("PATH", search, 1);
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    setenv("PATH", old_path, 1);
    free((void *)(uintptr_t)old_path);
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void install(const char *name, const char *content)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static abx_status open_for(abx_arch arch, const char *accel, abx_hypervisor **out)
{
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.guest_arch = arch;
    options.qemu_accel = accel;
    return abx_hypervisor_open(out, "qemu", &options);
}

static void expect_refusal(abx_arch arch, const char *accel, abx_status expected)
{
    abx_hypervisor *hypervisor = NULL;
    size_t descriptors = count_descriptors();
    assert_status(open_for(arch, accel, &hypervisor), expected);
    assert_null(hypervisor);
    assert_int_equal(count_descriptors(), descriptors);
    assert_no_children();
}

static void test_not_installed(void **state)
{
    (void)state;
    expect_refusal(ABX_ARCH_X86_64, NULL, ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-x86"));
    expect_refusal(ABX_ARCH_ARM64, NULL, ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-arm"));
}

static void test_too_old(void **state)
{
    (void)state;
    install("qemu-system-x86_64", ANSWERS_VERSION("5.2.0"));
    expect_refusal(ABX_ARCH_X86_64, NULL, ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->message, "5.2.0"));
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-x86"));
    install("qemu-system-aarch64", ANSWERS_VERSION("5.2.0"));
    expect_refusal(ABX_ARCH_ARM64, NULL, ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "qemu-system-arm"));
}

static void test_not_qemu(void **state)
{
    (void)state;
    install("qemu-system-x86_64", "#!/bin/sh\necho something else\n");
    expect_refusal(ABX_ARCH_X86_64, NULL, ABX_ERR_NOT_SUPPORTED);
}

static void test_accelerators(void **state)
{
    (void)state;
    install("qemu-system-x86_64", ANSWERS_VERSION("7.2.9"));
    install("qemu-system-aarch64", ANSWERS_VERSION("7.2.9"));
    abx_arch foreign = abx_host_arch() == ABX_ARCH_X86_64 ? ABX_ARCH_ARM64 : ABX_ARCH_X86_64;
    expect_refusal(abx_host_arch(), "xen", ABX_ERR_INVALID);
    expect_refusal(foreign, "kvm", ABX_ERR_NOT_SUPPORTED);
    expect_refusal(abx_host_arch(), "hvf", ABX_ERR_NOT_SUPPORTED);

    abx_hypervisor *hypervisor;
    if (access("/dev/kvm", R_OK | W_OK) != 0) {
        expect_refusal(abx_host_arch(), "kvm", abx_status_of_errno(errno));
    } else {
        assert_ok(open_for(abx_host_arch(), "kvm", &hypervisor));
        bool hardware;
        abx_nested_technology(&abx_nested_this_host, &hardware);
        assert_int_equal(abx_hypervisor_has(hypervisor, ABX_CAP_HARDWARE), hardware);
        assert_string_equal(abx_hypervisor_capabilities(hypervisor)->detail, "KVM of QEMU 7.2.9");
        abx_hypervisor_close(hypervisor);
    }
}

static void test_capabilities(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    install("qemu-system-x86_64", ANSWERS_VERSION("7.2.9"));
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    const abx_capabilities *caps = abx_hypervisor_capabilities(hypervisor);
    assert_string_equal(caps->detail, "TCG of QEMU 7.2.9");
    assert_int_equal(caps->guest_archs, 1u << ABX_ARCH_X86_64);
    assert_int_equal(caps->max_vcpus, 255);
    assert_int_equal(caps->max_slots, 0);
    assert_true(abx_capabilities_has(caps, ABX_CAP_PAUSE));
    assert_true(abx_capabilities_has(caps, ABX_CAP_NESTED));
    assert_false(abx_capabilities_has(caps, ABX_CAP_HARDWARE));
    assert_false(abx_capabilities_has(caps, ABX_CAP_MANUAL));
    assert_false(abx_capabilities_has(caps, ABX_CAP_GUEST_MEMORY));
    char signature[sizeof(caps->host_hypervisor)];
    assert_int_equal(caps->nesting, abx_nested_host(&abx_nested_this_host, signature));
    assert_string_equal(caps->host_hypervisor, signature);
    assert_true(caps->nesting != ABX_NESTING_UNKNOWN || abx_host_arch() != ABX_ARCH_X86_64);
    abx_hypervisor_close(hypervisor);

    install("qemu-system-aarch64", ANSWERS_VERSION("7.2.9"));
    assert_ok(open_for(ABX_ARCH_X86_64, "tcg", &hypervisor));
    caps = abx_hypervisor_capabilities(hypervisor);
    assert_int_equal(caps->guest_archs, (1u << ABX_ARCH_X86_64) | (1u << ABX_ARCH_ARM64));
    assert_true(abx_capabilities_has(caps, ABX_CAP_FOREIGN_ARCH));
    abx_hypervisor_close(hypervisor);
}

static void test_a_binary_of_ones_own(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    install("my-qemu", ANSWERS_VERSION("9.1"));
    options.guest_arch = ABX_ARCH_ARM64;
    options.qemu_binary = "my-qemu";
    assert_ok(abx_hypervisor_open(&hypervisor, "qemu", &options));
    const abx_capabilities *caps = abx_hypervisor_capabilities(hypervisor);
    assert_string_equal(caps->detail, "TCG of QEMU 9.1.0");
    assert_int_equal(caps->guest_archs, 1u << ABX_ARCH_ARM64);
    abx_hypervisor_close(hypervisor);
}

static void test_faults_of_the_configuration(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_config_fault faults[8];
    size_t count;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_backing = ABX_BACKING_MEMFD;
    config.huge_pages = ABX_HUGE_2M;
    install("qemu-system-x86_64", ANSWERS_VERSION("7.2.9"));
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    assert_status(abx_vm_config_validate(&config, hypervisor, faults, 8, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 2);
    assert_string_equal(faults[0].field, "memory_backing");
    assert_string_equal(faults[1].field, "huge_pages");
    abx_hypervisor_close(hypervisor);
}

/* Devices that it has, those that its platform has, and those that it does not have. */
static void test_devices(void **state)
{
    (void)state;
    static const abx_fs_share share = { .path = "/" };
    static const char *const fields[] = { "devices[8]", "devices[9]", "devices[10].net.kind" };
    const abx_device_config devices[] = {
        { ABX_DEVICE_SERIAL, .serial = { -1, -1 } },
        { .kind = ABX_DEVICE_DEBUG_EXIT },
        { .kind = ABX_DEVICE_RTC },
        { .kind = ABX_DEVICE_BLOCK, .block.path = "disk" },
        { .kind = ABX_DEVICE_NET },
        { .kind = ABX_DEVICE_CONSOLE, .serial = { -1, -1 } },
        { .kind = ABX_DEVICE_ENTROPY },
        { .kind = ABX_DEVICE_BALLOON },
        { .kind = ABX_DEVICE_VSOCK },
        { ABX_DEVICE_FS, .fs = { "tag", &share, 1 } },
        { ABX_DEVICE_NET, .net = { .kind = ABX_NET_BRIDGED, .interface = "eth0" } },
    };
    abx_hypervisor *hypervisor;
    abx_config_fault faults[8];
    size_t count;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    install("qemu-system-x86_64", ANSWERS_VERSION("7.2.9"));
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    assert_status(abx_vm_config_validate(&config, hypervisor, faults, 8, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(faults[i].field, fields[i]);
    abx_hypervisor_close(hypervisor);
}

/* The root bus has room for so many. */
static void test_too_many_devices(void **state)
{
    (void)state;
    abx_device_config devices[60];
    abx_hypervisor *hypervisor;
    size_t count;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.devices = devices;
    install("qemu-system-x86_64", ANSWERS_VERSION("7.2.9"));
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    for (size_t i = 0; i < 60; i++) {
        devices[i] = (abx_device_config){ ABX_DEVICE_CONSOLE, .serial = { -1, -1 } };
        if (i < 25)
            devices[i] = (abx_device_config){ ABX_DEVICE_BLOCK, .block.path = "disk" };
    }
    config.device_count = 24;
    assert_ok(abx_vm_config_validate(&config, hypervisor, NULL, 0, NULL));
    config.device_count = 55;
    assert_status(abx_vm_config_validate(&config, hypervisor, NULL, 0, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 1);
    config.device_count = 60;
    assert_status(abx_vm_config_validate(&config, hypervisor, NULL, 0, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 2);
    abx_hypervisor_close(hypervisor);
}

/* Builds a machine with a QEMU that goes on with `script`. */
static void expect_failure(const char *script, const char *kernel, abx_status expected)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm = NULL;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1u << 20;
    config.boot.kernel = kernel;
    const abx_device_config serial = { ABX_DEVICE_SERIAL, .serial = { -1, STDERR_FILENO } };
    config.devices = &serial;
    config.device_count = 1;
    install("qemu-system-x86_64", script);
    size_t descriptors = count_descriptors();
    size_t threads = count_threads();
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    assert_status(abx_vm_create(&vm, hypervisor, &config), expected);
    assert_null(vm);
    abx_hypervisor_close(hypervisor);
    assert_int_equal(count_descriptors(), descriptors);
    assert_threads(threads);
    assert_no_children();
}

static void test_kernels_that_cannot_be_read(void **state)
{
    (void)state;
    static const char script[] = ANSWERS_VERSION("7.2.9") "exit 9\n";
    expect_failure(script, "/nonexistent", ABX_ERR_NOT_FOUND);
    assert_non_null(strstr(abx_last_error()->operation, "/nonexistent"));
    expect_failure(script, "/", ABX_ERR_FORMAT);
    expect_failure(script, "/dev/zero", ABX_ERR_FORMAT);
}

static void test_qemu_gives_up_at_once(void **state)
{
    (void)state;
    expect_failure(ANSWERS_VERSION("7.2.9") "echo what went wrong >&2; exit 1\n", NULL, ABX_ERR_LOST);
    assert_string_equal(abx_last_error()->advice, "QEMU exited with status 1: what went wrong");
    expect_failure(ANSWERS_VERSION("7.2.9") "kill -6 $$\n", NULL, ABX_ERR_LOST);
    assert_string_equal(abx_last_error()->advice, "QEMU was killed by signal 6");
    expect_failure(ANSWERS_VERSION("7.2.9") "exec /nonexistent\n", NULL, ABX_ERR_LOST);
}

static void test_qemu_breaks_the_protocol(void **state)
{
    (void)state;
    expect_failure(ANSWERS_VERSION("7.2.9") FINDS_FD "echo nonsense >&$fd; while :; do read x <&$fd; done\n", NULL,
                   ABX_ERR_FORMAT);
}

/* The program for the other architecture is not asked for its version until it greets. */
static void test_too_old_at_the_greeting(void **state)
{
    (void)state;
    expect_failure(ANSWERS_VERSION("7.2.9") FINDS_FD
                   "echo '{\"QMP\": {\"version\": {\"qemu\": {\"major\": 4, \"minor\": 1, \"micro\": 0}}}}' >&$fd\n"
                   "read x <&$fd; echo '{\"return\": {}, \"id\": 1}' >&$fd; read x <&$fd\n",
                   NULL, ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->message, "4.1.0"));
}

/* A QEMU that answers whatever it is asked, once it is asked to go on tells of the balloon, and quits when told. */
#define TELLS(event)                                                                                                   \
    FINDS_FD "echo '{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 0}}}}' >&$fd; id=0\n"   \
             "while read -r line <&$fd; do id=$((id + 1)); echo \"{\\\"return\\\": {}, \\\"id\\\": $id}\" >&$fd\n"     \
             "case $line in *cont*) echo '" event "' >&$fd ;; *quit*) exit ;; esac; done\n"

static void test_a_balloon_that_changes(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_event event = { 0 };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1u << 20;
    install("qemu-system-x86_64",
            ANSWERS_VERSION("7.2.9") TELLS("{\"event\": \"BALLOON_CHANGE\", \"data\": {\"actual\": -1}}\n"
                                           "{\"event\": \"BALLOON_CHANGE\", \"data\": {\"actual\": 524288}}"));
    assert_ok(open_for(ABX_ARCH_X86_64, NULL, &hypervisor));
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
    assert_ok(abx_vm_start(vm));
    while (event.kind != ABX_EVENT_BALLOON) {
        if (abx_event_next(vm, &event) != ABX_OK)
            assert_true(wait_until_readable(abx_event_fd(vm)));
    }
    assert_int_equal(event.code, 524288);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_not_installed),
        TEST(test_too_old),
        TEST(test_not_qemu),
        TEST(test_accelerators),
        TEST(test_capabilities),
        TEST(test_a_binary_of_ones_own),
        TEST(test_faults_of_the_configuration),
        TEST(test_devices),
        TEST(test_too_many_devices),
        TEST(test_kernels_that_cannot_be_read),
        TEST(test_qemu_gives_up_at_once),
        TEST(test_qemu_breaks_the_protocol),
        TEST(test_too_old_at_the_greeting),
        TEST(test_a_balloon_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
