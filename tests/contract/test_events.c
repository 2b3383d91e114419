/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What happens to a VM: in order, numbered, timed, on a descriptor that polls. */
#include "contract.h"

#include <poll.h>
#include <string.h>
#include <time.h>

enum { SMALLEST_QUEUE = 16, DROPPED = 4, OBSERVERS = 8 };

static bool is_readable(const abx_vm *vm)
{
    struct pollfd ready = { .fd = abx_event_fd(vm), .events = POLLIN };
    return poll(&ready, 1, 0) == 1;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void test_states_in_order(void **state)
{
    (void)state;
    static const abx_vm_state expected[] = { ABX_VM_RUNNING, ABX_VM_PAUSED, ABX_VM_RUNNING, ABX_VM_STOPPED };
    abx_hypervisor *hypervisor = contract_open();
    uint64_t time = now_ns();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_PAUSED);
    assert_ok(abx_vm_resume(vm));
    assert_ok(abx_vm_stop(vm));

    size_t states = 0;
    uint64_t sequence = 0;
    abx_event event;
    assert_true(is_readable(vm));
    while (abx_event_next(vm, &event) == ABX_OK) {
        assert_int_equal(event.sequence, ++sequence);
        assert_true(event.timestamp_ns >= time);
        time = event.timestamp_ns;
        if (event.kind != ABX_EVENT_STATE)
            continue;
        assert_in_range(states, 0, 3);
        assert_string_equal(abx_vm_state_name((abx_vm_state)event.state), abx_vm_state_name(expected[states]));
        states++;
    }
    assert_int_equal(states, 4);
    assert_true(now_ns() >= time);
    assert_false(is_readable(vm));
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

/* That there is none is no fault: no record is made, and nothing is written. */
static void test_nothing_waits(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_event event, before;
    memset(&event, 0x5a, sizeof(event));
    before = event;
    assert_status(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_false(is_readable(vm));
    assert_status(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    assert_memory_equal(&event, &before, sizeof(event));
    assert_record(ABX_ERR_STATE);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void test_events_of_the_program(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    abx_event event = { .kind = ABX_EVENT_USER + 3, .vcpu = UINT32_MAX, .code = 42, .text = "mine" };
    assert_ok(abx_event_post(vm, &event));
    event = (abx_event){ 0 };
    assert_ok(abx_event_next(vm, &event));
    assert_int_equal(event.kind, ABX_EVENT_USER + 3);
    assert_int_equal(event.code, 42);
    assert_string_equal(event.text, "mine");
    static const uint32_t refused[] = { ABX_EVENT_NONE, ABX_EVENT_STATE, ABX_EVENT_OVERFLOW };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        event.kind = refused[i];
        assert_status(abx_event_post(vm, &event), ABX_ERR_INVALID);
        assert_record(ABX_ERR_INVALID);
    }
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void test_overflow_is_told(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_config config = contract_config();
    config.event_capacity = SMALLEST_QUEUE;
    abx_vm *vm;
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
    abx_event event = { .kind = ABX_EVENT_USER };
    for (int i = 0; i < SMALLEST_QUEUE + DROPPED; i++)
        assert_ok(abx_event_post(vm, &event));
    for (int i = 0; i < SMALLEST_QUEUE; i++) {
        assert_ok(abx_event_next(vm, &event));
        assert_int_equal(event.kind, ABX_EVENT_USER);
    }
    assert_ok(abx_event_next(vm, &event));
    assert_int_equal(event.kind, ABX_EVENT_OVERFLOW);
    assert_int_equal(event.code, DROPPED);
    assert_status(abx_event_next(vm, &event), ABX_ERR_EMPTY);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void count_stops(void *payload, const abx_event *event)
{
    *(int *)payload += event->kind == ABX_EVENT_STATE && event->state == ABX_VM_STOPPED;
}

static void test_observers_see_the_end(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    int stops[OBSERVERS + 1] = { 0 };
    for (int i = 0; i < OBSERVERS; i++)
        assert_ok(abx_event_observe(vm, count_stops, &stops[i]));
    assert_status(abx_event_observe(vm, count_stops, &stops[0]), ABX_ERR_EXISTS);
    assert_record(ABX_ERR_EXISTS);
    assert_status(abx_event_observe(vm, count_stops, &stops[OBSERVERS]), ABX_ERR_LIMIT);
    assert_record(ABX_ERR_LIMIT);
    assert_ok(abx_event_unobserve(vm, count_stops, &stops[1]));
    assert_status(abx_event_unobserve(vm, count_stops, &stops[1]), ABX_ERR_NOT_FOUND);
    assert_record(ABX_ERR_NOT_FOUND);
    assert_ok(abx_vm_start(vm));
    assert_ok(abx_vm_stop(vm));
    assert_ok(abx_vm_stop(vm));
    for (int i = 0; i < OBSERVERS; i++)
        assert_int_equal(stops[i], i != 1);
    abx_vm_destroy(vm);
    assert_int_equal(stops[0], 1);
    abx_hypervisor_close(hypervisor);
}

int run_event_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_in_order),       cmocka_unit_test(test_nothing_waits),
        cmocka_unit_test(test_events_of_the_program), cmocka_unit_test(test_overflow_is_told),
        cmocka_unit_test(test_observers_see_the_end),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
