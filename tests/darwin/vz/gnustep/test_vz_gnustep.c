/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The backend on a real Objective-C runtime and a real Foundation: GCC's and GNUstep's. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "backends.h"
#include "darwin/vz/objc_abi.h"
#include "machine.h"

#include <arcbox/arcbox.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 };

static abx_hypervisor *hypervisor;
static abx_vm *vm;

static const abx_console_port ports[] = { { "org.example.log", { -1, -1 } }, { NULL, { -1, -1 } } };
static const abx_device_config devices[] = {
    { .kind = ABX_DEVICE_CONSOLE, .serial = { -1, -1 } },
    { .kind = ABX_DEVICE_CONSOLE, .console = { .serial = { -1, -1 }, .ports = ports, .port_count = 2 } },
    { .kind = ABX_DEVICE_ENTROPY },
    { .kind = ABX_DEVICE_BALLOON },
    { .kind = ABX_DEVICE_VSOCK },
};

static abx_vm_config configuration(void)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.boot.kernel = "/proc/self/exe";
    config.boot.cmdline = "console=hvc0";
    config.memory_size = UINT64_C(256) << 20;
    config.devices = devices;
    config.device_count = sizeof devices / sizeof devices[0];
    return config;
}

static int begin(void **state)
{
    (void)state;
    static const abx_backend *const backends[] = { &abx_backend_vz };
    const abx_hypervisor_options options = {
        .size = sizeof options, .guest_arch = ABX_ARCH_ARM64, .backends = backends, .backend_count = 1
    };
    const abx_vm_config config = configuration();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "vz", &options), ABX_OK);
    if (abx_vm_create(&vm, hypervisor, &config) != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return 0;
}

/* The machine's own thread may still be at its last work. */
void model_queues_settle(void);

static int end(void **state)
{
    (void)state;
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    model_queues_settle();
    assert_int_equal(machine_objects(), 0);
    return 0;
}

static void await(abx_event_kind kind, abx_vm_state state)
{
    abx_event event = { .kind = ABX_EVENT_NONE };
    bool told = false;
    while (event.kind != ABX_EVENT_STATE || event.state != state) {
        told = told || event.kind == kind;
        struct pollfd poller = { .fd = abx_event_fd(vm), .events = POLLIN };
        if (abx_event_next(vm, &event) != ABX_OK)
            assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
    }
    assert_true(told);
}

static void it_lives(void **state)
{
    (void)state;
    assert_true(machine_objects() > 0);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
}

static void it_fails_to_start(void **state)
{
    (void)state;
    machine_fail_start(6);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_LIMIT);
    assert_non_null(strstr(abx_last_error()->message, "The operation failed. (VZErrorDomain 6)"));
}

static void it_ends_by_itself(void **state)
{
    (void)state;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    machine_power_off();
    await(ABX_EVENT_GUEST_SHUTDOWN, ABX_VM_STOPPED);
}

static void it_is_asked_to_stop(void **state)
{
    (void)state;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_shut_down(vm, PATIENCE_MS), ABX_OK);
}

static void it_crashes(void **state)
{
    (void)state;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    machine_crash(1);
    await(ABX_EVENT_BACKEND_LOST, ABX_VM_FAILED);
}

static void it_is_dropped_while_it_runs(void **state)
{
    (void)state;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
}

static void host_and_guest_connect(void **state)
{
    (void)state;
    abx_vsock_listener *listener;
    uint32_t port;
    char byte = 0;
    int fd;
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vsock_connect(vm, 2, PATIENCE_MS, &fd), ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_vsock_connect(vm, 1, PATIENCE_MS, &fd), ABX_OK);
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
    assert_int_equal(abx_vsock_listen(&listener, vm, 7), ABX_OK);
    int guest = machine_connect(7);
    assert_true(guest >= 0);
    assert_int_equal(abx_vsock_accept(listener, PATIENCE_MS, &fd, &port), ABX_OK);
    assert_int_equal(port, 4321);
    assert_int_equal(write(guest, "x", 1), 1);
    assert_int_equal(read(fd, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    close(guest);
    close(fd);
    abx_vsock_listener_close(listener);
    assert_int_equal(machine_connect(7), -1);
}

static void the_machine_is_known_again(void **state)
{
    (void)state;
    char bytes[16];
    size_t size;
    assert_int_equal(abx_vm_get_machine_id(vm, bytes, sizeof bytes, &size), ABX_OK);
    assert_int_equal(size, 9);
    assert_memory_equal(bytes, "a machine", size);
}

static unsigned compared, different;

/*
 * As Clang would write it, and without offsets: GCC's BOOL is an unsigned char, and it puts the qualifier of what is
 * pointed at behind the star. It has no blocks.
 */
static void translate(const char *encoding, char *text)
{
    for (; *encoding; encoding++) {
        if (*encoding >= '0' && *encoding <= '9')
            continue;
        *text++ = *encoding == 'C' ? VZ_BOOL[0] : *encoding;
        if (text[-1] == 'r' && text[-2] == '^' && encoding[1] != '*') {
            text[-2] = 'r';
            text[-1] = '^';
        }
    }
    *text = '\0';
}

static void check(const char *class_name, char kind, const char *selector, const char *expected)
{
    Class class = objc_getClass(class_name);
    SEL name = sel_registerName(selector);
    Method method = !class        ? NULL
                    : kind == '+' ? class_getClassMethod(class, name)
                                  : class_getInstanceMethod(class, name);
    char found[256];
    if (!method || strstr(expected, "@?"))
        return;
    translate(method_getTypeEncoding(method), found);
    compared++;
    if (strcmp(found, expected) != 0) {
        print_message("%c[%s %s]: expected %s, found %s\n", kind, class_name, selector, expected, found);
        different++;
    }
}

#define VZ_CLASS(class, major, minor, archs)
#define VZ_METHOD(class, kind, selector, encoding, major, minor, archs) check(#class, kind, selector, encoding);
#define VZ_CALLBACK(protocol, selector, encoding, major, minor)
#define VZ_VALUE(enumeration, name, value)

static void encodings_are_those_of_the_table(void **state)
{
    (void)state;
#include "darwin/vz/vz_api.def"
    assert_true(compared > 60);
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodings_are_those_of_the_table),
        cmocka_unit_test_setup_teardown(it_lives, begin, end),
        cmocka_unit_test_setup_teardown(it_fails_to_start, begin, end),
        cmocka_unit_test_setup_teardown(it_ends_by_itself, begin, end),
        cmocka_unit_test_setup_teardown(it_is_asked_to_stop, begin, end),
        cmocka_unit_test_setup_teardown(it_crashes, begin, end),
        cmocka_unit_test_setup_teardown(it_is_dropped_while_it_runs, begin, end),
        cmocka_unit_test_setup_teardown(host_and_guest_connect, begin, end),
        cmocka_unit_test_setup_teardown(the_machine_is_known_again, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
