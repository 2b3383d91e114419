/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening the device: advice for each way in which it can fail, capabilities as the kernel tells them. */
#include "fake_kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/abx-kvm-XXXXXX");
    fake_reset();
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *path_of(char buffer[128], const char *name)
{
    snprintf(buffer, 128, "%s/%s", folder, name);
    return buffer;
}

/* Opening `device` must fail, change nothing and say `words` in its advice. */
static void expect_failure(const char *device, int signal_number, abx_status expected, int os_error, const char *words)
{
    size_t before = open_descriptors();
    void *hypervisor = &before;
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    abx_capabilities caps = { .size = 1234 };
    options.kvm_device = device;
    options.kick_signal = signal_number;
    assert_int_equal(abx_kvm_open(&hypervisor, &options, &caps), expected);
    assert_ptr_equal(hypervisor, &before);
    assert_int_equal(caps.size, 1234);
    assert_int_equal(abx_last_error()->status, expected);
    assert_int_equal(abx_last_error()->os_error, os_error);
    assert_non_null(strstr(abx_last_error()->advice, words));
    assert_int_equal(open_descriptors(), before);
}

static void no_device(void **state)
{
    (void)state;
    char path[128];
    expect_failure(path_of(path, "none"), 0, ABX_ERR_NOT_FOUND, ENOENT, ABX_KVM_ARCH_ADVICE_MISSING);
    assert_non_null(strstr(abx_last_error()->operation, path));
}

static void forbidden_device(void **state)
{
    (void)state;
    char path[128];
    int fd = open(path_of(path, "forbidden"), O_CREAT | O_RDWR | O_CLOEXEC, 0);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(folder, 0755), 0);
    bool root = geteuid() == 0;
    if (root)
        assert_int_equal(seteuid(65534), 0);
    expect_failure(path, 0, ABX_ERR_PERMISSION, EACCES, "group kvm");
    if (root)
        assert_int_equal(seteuid(0), 0);
    unlink(path);
}

/* open() of a socket's name fails with ENXIO, as that of a device without hardware does. */
static void no_hardware(void **state)
{
    (void)state;
    char path[128];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", path_of(path, "socket"));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    expect_failure(path, 0, ABX_ERR_NOT_FOUND, ENXIO, "no hardware virtualization");
    close(fd);
    unlink(path);
}

static void something_else(void **state)
{
    (void)state;
    fake.version = -1;
    expect_failure("/dev/null", 0, ABX_ERR_NOT_SUPPORTED, ENOTTY, "not a KVM device");
}

static void too_old_kernels(void **state)
{
    (void)state;
    static const int needed[] = { KVM_CAP_USER_MEMORY, KVM_CAP_DESTROY_MEMORY_REGION_WORKS, KVM_CAP_IMMEDIATE_EXIT };
    fake.version = 11;
    expect_failure("/dev/null", 0, ABX_ERR_NOT_SUPPORTED, 0, "4.13");
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        fake_reset();
        fake.extensions[needed[i]] = 0;
        expect_failure("/dev/null", 0, ABX_ERR_NOT_SUPPORTED, 0, "4.13");
    }
}

static void useless_signals(void **state)
{
    (void)state;
    expect_failure("/dev/null", SIGKILL, ABX_ERR_INVALID, 0, "caught");
    expect_failure("/dev/null", SIGSTOP, ABX_ERR_INVALID, 0, "caught");
    expect_failure("/dev/null", -1, ABX_ERR_INVALID, 0, "caught");
    expect_failure("/dev/null", SIGRTMAX + 1, ABX_ERR_INVALID, 0, "caught");
}

static bool has(const abx_kvm_hypervisor *hypervisor, abx_cap cap)
{
    return abx_capabilities_has(&hypervisor->caps, cap);
}

static void capabilities_of_a_full_kernel(void **state)
{
    (void)state;
    fake.extensions[KVM_CAP_MAX_VCPUS] = 100;
    abx_kvm_hypervisor *hypervisor = fake_open();
    static const abx_cap expected[] = {
        ABX_CAP_GUEST_MEMORY,   ABX_CAP_READ_ONLY_MEMORY,
        ABX_CAP_MEMORY_HOTPLUG, ABX_CAP_DISCARD,
        ABX_CAP_DIRTY_LOG,      ABX_CAP_IRQCHIP,
        ABX_CAP_IRQ_LINES,      ABX_CAP_MSI,
        ABX_CAP_IRQ_ROUTING,    ABX_CAP_IRQFD,
        ABX_CAP_IRQFD_RESAMPLE, ABX_CAP_IOEVENTFD,
        ABX_CAP_SINGLE_STEP,    ABX_CAP_BINARY_STATS,
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(has(hypervisor, expected[i]));
    /* Nothing in the table offers these. */
    assert_false(has(hypervisor, ABX_CAP_DIRTY_RING));
    assert_false(has(hypervisor, ABX_CAP_COALESCED_IO));
    assert_int_equal(hypervisor->caps.max_slots, 32764);
    assert_int_equal(hypervisor->caps.max_vcpus, 100);
    assert_int_equal(hypervisor->caps.max_gsi, 4096);
    assert_int_equal(hypervisor->caps.guest_archs, 1u << abx_host_arch());
    assert_int_equal(hypervisor->caps.page_size, sysconf(_SC_PAGESIZE));
    assert_int_equal(hypervisor->kick_signal, SIGRTMAX);
    assert_int_equal(fcntl(hypervisor->fd, F_GETFD), FD_CLOEXEC);
    abx_kvm_close(hypervisor);
}

static void capabilities_that_the_kernel_lacks(void **state)
{
    (void)state;
    static const struct {
        int extension;
        abx_cap cap;
    } pairs[] = {
        { KVM_CAP_READONLY_MEM, ABX_CAP_READ_ONLY_MEMORY },
        { KVM_CAP_SYNC_MMU, ABX_CAP_DISCARD },
        { KVM_CAP_IRQFD, ABX_CAP_IRQFD },
        { KVM_CAP_IRQFD_RESAMPLE, ABX_CAP_IRQFD_RESAMPLE },
        { KVM_CAP_IOEVENTFD, ABX_CAP_IOEVENTFD },
        { KVM_CAP_SET_GUEST_DEBUG, ABX_CAP_SINGLE_STEP },
        { KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, ABX_CAP_DIRTY_LOG },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        fake_reset();
        fake.extensions[pairs[i].extension] = 0;
        abx_kvm_hypervisor *hypervisor = fake_open();
        assert_false(has(hypervisor, pairs[i].cap));
        abx_kvm_close(hypervisor);
    }
}

/* Every call to the kernel fails in turn. Questions about extensions may fail: then the answer is no. */
static void failing_calls_leave_nothing_behind(void **state)
{
    (void)state;
    abx_kvm_close(fake_open());
    size_t calls = fake.count;
    size_t before = open_descriptors();
    for (size_t n = 1; n <= calls; n++) {
        void *hypervisor = NULL;
        abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
        abx_capabilities caps = { .size = sizeof(caps) };
        options.kvm_device = "/dev/null";
        fake_reset();
        fake.fail_call = n;
        if (abx_kvm_open(&hypervisor, &options, &caps) == ABX_OK)
            abx_kvm_close(hypervisor);
        else
            assert_null(hypervisor);
        assert_int_equal(open_descriptors(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_device, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(forbidden_device, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(no_hardware, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(something_else, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(too_old_kernels, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(useless_signals, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(capabilities_of_a_full_kernel, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(capabilities_that_the_kernel_lacks, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(failing_calls_leave_nothing_behind, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
