/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "notices.h"
#include "run_state.h"

#include <arcbox/backend.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define QUERY_STATUS "query-status"

static void post(const abx_notices *notices, abx_event_kind kind, uint64_t code, const char *text)
{
    abx_event event = { .kind = kind, .vcpu = UINT32_MAX, .code = code };
    snprintf(event.text, sizeof(event.text), "%s", text);
    abx_event_post(notices->vm, &event);
}

static void take_shutdown(abx_notices *notices, const json_t *data)
{
    notices->shutdown = abx_shutdown_parse(json_string_value(json_object_get(data, "reason")));
}

/* The codes are the bits that the guest wrote to pvpanic. */
static void take_panic(abx_notices *notices, const json_t *data)
{
    (void)data;
    post(notices, ABX_EVENT_GUEST_PANIC, 1, "the guest panicked");
}

static void take_crash_kernel(abx_notices *notices, const json_t *data)
{
    (void)data;
    post(notices, ABX_EVENT_GUEST_PANIC, 2, "the guest panicked and runs its crash kernel");
}

/* "actual" is what the guest has left, in bytes. */
static void take_balloon(abx_notices *notices, const json_t *data)
{
    json_int_t actual = json_integer_value(json_object_get(data, "actual"));
    if (actual > 0)
        post(notices, ABX_EVENT_BALLOON, (uint64_t)actual, "the balloon has changed");
}

static void take_disk_error(abx_notices *notices, const json_t *data)
{
    abx_event event;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    if (abx_disk_errors_take(&notices->disks, data, now_ns, &event))
        abx_event_post(notices->vm, &event);
}

static void take_resume(abx_notices *notices, const json_t *data)
{
    (void)data;
    abx_backend_vm_changed(notices->vm, ABX_VM_RUNNING, NULL);
}

static void take_status(abx_notices *notices, const json_t *data)
{
    abx_run_state state = abx_run_state_parse(json_string_value(json_object_get(data, "status")));
    switch (state.run) {
    case ABX_RUN_GOES:
        abx_backend_vm_changed(notices->vm, ABX_VM_RUNNING, state.text);
        break;
    case ABX_RUN_PAUSES:
        abx_backend_vm_changed(notices->vm, ABX_VM_PAUSED, state.text);
        break;
    case ABX_RUN_FAILS:
        notices->shutdown = ABX_SHUTDOWN_FAULT;
        break;
    case ABX_RUN_ENDS:
        break;
    }
}

/* QEMU does not say why: it is asked. Where it is gone already its end says more. */
static void take_stop(abx_notices *notices, const json_t *data)
{
    (void)data;
    abx_status status = abx_qmp_ask(notices->qmp, QUERY_STATUS);
    if (status != ABX_OK && status != ABX_ERR_LOST)
        take_status(notices, NULL);
}

void abx_notices_take(void *context, const char *name, const json_t *data)
{
    static const struct {
        const char *name;
        void (*take)(abx_notices *notices, const json_t *data);
    } known[] = {
        { "SHUTDOWN", take_shutdown },
        { "GUEST_PANICKED", take_panic },
        { "GUEST_CRASHLOADED", take_crash_kernel },
        { "BALLOON_CHANGE", take_balloon },
        { "BLOCK_IO_ERROR", take_disk_error },
        { "STOP", take_stop },
        { QUERY_STATUS, take_status },
        { "RESUME", take_resume },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(name, known[i].name) == 0) {
            known[i].take(context, data);
            return;
        }
    }
}
