/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_DEVICE = 2, DEVICES = 16, TIME_LIMIT = 60000 };

static void open_pipe(int ends[2])
{
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fcntl(ends[i], F_SETFD, FD_CLOEXEC), 0);
}

/* Every device is there, and said so in its order. */
static void expect_attached(rig *r, const abx_device_config *devices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        abx_event event = rig_await_event(r, ABX_EVENT_DEVICE_ATTACHED);
        assert_int_equal(event.code, i);
        assert_string_equal(event.text, abx_device_kind_name(devices[i].kind));
    }
}

void rig_open(rig *r, const char *program, const abx_device_config *devices, size_t count, abx_loop_kind loop)
{
    *r = (rig){ .loop = loop };
    open_pipe(r->orders);
    open_pipe(r->answers);
    abx_device_config all[DEVICES] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { .input_fd = r->orders[0], .output_fd = r->answers[1] } },
        { .kind = ABX_DEVICE_DEBUG_EXIT },
    };
    assert_in_range(count, 0, DEVICES - FIRST_DEVICE);
    memcpy(all + FIRST_DEVICE, devices, count * sizeof(*devices));
    char path[512];
    guest_path(path, sizeof(path), program);
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.kernel_options.flat_mode = guest_mode(program);
    config.kernel_options.cache = "";
    config.vm.memory_size = 16 << 20;
    config.vm.irqchip = GUEST_IRQCHIP;
    config.devices = all;
    config.device_count = FIRST_DEVICE + count;
    config.loop = loop;
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, backend_under_test, NULL));
    assert_ok(abx_machine_create(&r->machine, hypervisor, &config));
    abx_hypervisor_close(hypervisor);
    r->vm = abx_machine_get_vm(r->machine);
    assert_int_equal(abx_machine_loop_fd(r->machine) >= 0, loop == ABX_LOOP_CALLER);
    expect_attached(r, all, config.device_count);
    assert_ok(abx_machine_start(r->machine));
}

static bool turns_loop(const rig *r)
{
    return r->loop == ABX_LOOP_CALLER && !r->loop_rests;
}

/* A turn of the test's loop: the machine's is a part of it. */
static void turn(rig *r, struct pollfd *ready, bool answers)
{
    if (turns_loop(r))
        assert_ok(abx_machine_dispatch(r->machine));
    struct pollfd fds[] = {
        { .fd = answers ? r->answers[0] : -1, .events = POLLIN },
        { .fd = abx_event_fd(r->vm), .events = POLLIN },
        { .fd = turns_loop(r) ? abx_machine_loop_fd(r->machine) : -1, .events = POLLIN },
    };
    int timeout = turns_loop(r) ? abx_machine_loop_timeout(r->machine) : -1;
    int count;
    do
        count = poll(fds, sizeof(fds) / sizeof(fds[0]), timeout < 0 ? TIME_LIMIT : timeout);
    while (count < 0 && errno == EINTR);
    if (count == 0 && timeout < 0)
        fail_msg("nothing has happened for %d seconds", TIME_LIMIT / 1000);
    ready[0] = fds[0];
    ready[1] = fds[1];
}

/* What must not come while the guest works. */
static void notice_end(const abx_event *event)
{
    if (event->kind == ABX_EVENT_GUEST_EXIT && event->code != 1)
        fail_msg("the check in line %u of the guest program does not hold", (unsigned)event->code >> 1);
    if (event->kind == ABX_EVENT_GUEST_FAULT || event->kind == ABX_EVENT_DEVICE_FAILED)
        fail_msg("%s: %s", abx_event_kind_name(event->kind), event->text);
}

void rig_tell_(rig *r, const uint32_t *words, size_t count)
{
    assert_int_equal(write(r->orders[1], words, 4 * count), 4 * count);
}

static void read_events(rig *r)
{
    abx_event event;
    while (abx_event_next(r->vm, &event) == ABX_OK)
        notice_end(&event);
}

uint32_t rig_hear(rig *r)
{
    uint8_t bytes[4];
    for (size_t count = 0; count < sizeof(bytes);) {
        struct pollfd ready[2];
        turn(r, ready, true);
        if (ready[0].revents) {
            ssize_t got = read(r->answers[0], bytes + count, sizeof(bytes) - count);
            assert_true(got > 0);
            count += (size_t)got;
        } else if (ready[1].revents) {
            read_events(r);
            assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
        }
    }
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

uint32_t rig_order_(rig *r, const uint32_t *words, size_t count)
{
    rig_tell_(r, words, count);
    return rig_hear(r);
}

abx_event rig_await_event(rig *r, uint32_t kind)
{
    abx_event event;
    for (;;) {
        while (abx_event_next(r->vm, &event) == ABX_OK) {
            notice_end(&event);
            if (event.kind == kind)
                return event;
        }
        struct pollfd ready[2];
        turn(r, ready, false);
    }
}

void rig_end(rig *r)
{
    abx_machine_result result = { 0 };
    rig_await_event(r, ABX_EVENT_GUEST_EXIT);
    assert_ok(abx_machine_wait(r->machine, TIME_LIMIT, &result));
    if (result.end != ABX_END_DEBUG_EXIT)
        fail_msg("it ended by %s: %s", abx_machine_end_name(result.end), result.text);
    rig_destroy(r);
}

void rig_destroy(rig *r)
{
    abx_machine_destroy(r->machine);
    for (int i = 0; i < 2; i++) {
        close(r->orders[i]);
        close(r->answers[i]);
    }
}
