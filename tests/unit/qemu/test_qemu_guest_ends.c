/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each way in which a guest ends its machine. */
#include "qemu_rig.h"

#include <string.h>
#include <unistd.h>

static void expect_end(const char *what, abx_event_kind kind, uint64_t code)
{
    qemu_rig rig;
    qemu_rig_start(&rig, what);
    abx_event event = qemu_rig_wait_state(&rig, ABX_VM_STOPPED);
    assert_string_equal(abx_event_kind_name(event.kind), abx_event_kind_name(kind));
    assert_int_equal(event.code, code);
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    assert_status(abx_vm_pause(rig.vm), ABX_ERR_STATE);
    assert_no_children();
    qemu_rig_close(&rig);
}

static void test_power_off(void **state)
{
    (void)state;
    expect_end("s", ABX_EVENT_GUEST_SHUTDOWN, 0);
}

static void test_reset(void **state)
{
    (void)state;
    expect_end("r", ABX_EVENT_GUEST_RESET, 0);
}

static void test_triple_fault(void **state)
{
    (void)state;
    expect_end("t", ABX_EVENT_GUEST_RESET, 0);
}

static void test_panic(void **state)
{
    (void)state;
    expect_end("p", ABX_EVENT_GUEST_PANIC, 1);
}

/* QEMU stops the guest on the way to its end. */
static void test_a_panic_is_no_pause(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "p");
    abx_event event;
    do {
        event = qemu_rig_wait(&rig, ABX_EVENT_STATE);
        assert_int_not_equal(event.state, ABX_VM_PAUSED);
    } while (event.state != ABX_VM_STOPPED);
    qemu_rig_close(&rig);
}

static void test_debug_exit(void **state)
{
    (void)state;
    expect_end("d", ABX_EVENT_GUEST_EXIT, (0x21 << 1) | 1);
    expect_end("z", ABX_EVENT_GUEST_EXIT, 1);
}

/* The port is only there when it is asked for. */
static void test_without_debug_exit(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    abx_vm_config config = qemu_rig_config(&rig, "d");
    config.device_count = 1;
    assert_ok(abx_vm_create(&rig.vm, rig.hypervisor, &config));
    assert_ok(abx_vm_start(rig.vm));
    assert_ok(abx_vm_pause(rig.vm));
    assert_ok(abx_vm_stop(rig.vm));
    assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_NONE);
    qemu_rig_close(&rig);
}

/* Whichever of the two comes first: the caller's stop or the guest's own end. */
static void test_a_race_with_stop(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        qemu_rig rig;
        qemu_rig_create(&rig, i % 2 ? "d" : "s");
        assert_ok(abx_vm_start(rig.vm));
        if (i / 2 % 2)
            qemu_rig_wait(&rig, i % 2 ? ABX_EVENT_GUEST_EXIT : ABX_EVENT_GUEST_SHUTDOWN);
        assert_ok(abx_vm_stop(rig.vm));
        assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
        qemu_rig_close(&rig);
    }
}

/* By the power button: the guest waits for it. */
static void test_asked_to_end(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "b");
    qemu_rig_expect(&rig, "hello");
    assert_ok(abx_vm_shut_down(rig.vm, -1));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_GUEST_SHUTDOWN);
    assert_status(abx_vm_request_stop(rig.vm), ABX_ERR_STATE);
    qemu_rig_close(&rig);
}

/* A guest that does not listen is ended by force. */
static void test_asked_in_vain(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "l");
    qemu_rig_expect(&rig, "....");
    assert_ok(abx_vm_request_stop(rig.vm));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_RUNNING);
    assert_status(abx_vm_shut_down(rig.vm, 50), ABX_ERR_TIMEOUT);
    assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_NONE);
    qemu_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_off),           cmocka_unit_test(test_reset),
        cmocka_unit_test(test_triple_fault),        cmocka_unit_test(test_panic),
        cmocka_unit_test(test_a_panic_is_no_pause), cmocka_unit_test(test_debug_exit),
        cmocka_unit_test(test_without_debug_exit),  cmocka_unit_test(test_a_race_with_stop),
        cmocka_unit_test(test_asked_to_end),        cmocka_unit_test(test_asked_in_vain),
    };
    if (!qemu_is_there(ABX_ARCH_X86_64))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
