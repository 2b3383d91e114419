/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "ending.h"

#include <stdio.h>
#include <string.h>

abx_shutdown abx_shutdown_parse(const char *reason)
{
    static const struct {
        const char *reason;
        abx_shutdown shutdown;
    } reasons[] = {
        { "guest-shutdown", ABX_SHUTDOWN_GUEST },
        { "guest-reset", ABX_SHUTDOWN_RESET },
        { "guest-panic", ABX_SHUTDOWN_PANIC },
        { "host-qmp-quit", ABX_SHUTDOWN_QUIT },
    };
    for (size_t i = 0; reason && i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(reason, reasons[i].reason) == 0)
            return reasons[i].shutdown;
    }
    return ABX_SHUTDOWN_HOST;
}

/*
 * The debug-exit port makes QEMU exit with status (value << 1) | 1, in newer versions after a SHUTDOWN event of the
 * guest's. Status 1 is also that of QEMU's own failures, but those come with a message and without the event.
 */
static bool is_debug_exit(const abx_ending_facts *facts)
{
    const abx_process_end *end = &facts->process;
    if (!facts->debug_exit || end->how != ABX_PROCESS_EXITED || end->code % 2 == 0)
        return false;
    if (facts->shutdown != ABX_SHUTDOWN_NONE)
        return facts->shutdown == ABX_SHUTDOWN_GUEST;
    return end->code != 1 || !facts->last_words[0];
}

static abx_ending end_of_guest(abx_event_kind kind, uint64_t code, const char *text)
{
    abx_ending ending = { .state = ABX_VM_STOPPED };
    ending.event = (abx_event){ .kind = kind, .vcpu = UINT32_MAX, .code = code };
    snprintf(ending.text, sizeof(ending.text), "%s", text);
    return ending;
}

static abx_ending loss(const abx_ending_facts *facts)
{
    abx_ending ending = { .state = ABX_VM_FAILED };
    char how[64] = "QEMU is gone";
    if (facts->shutdown == ABX_SHUTDOWN_FAULT)
        snprintf(how, sizeof(how), "QEMU stopped the guest: internal error");
    else if (facts->process.how == ABX_PROCESS_KILLED)
        snprintf(how, sizeof(how), "QEMU was killed by signal %d", facts->process.code);
    else if (facts->shutdown == ABX_SHUTDOWN_HOST)
        snprintf(how, sizeof(how), "QEMU was told to quit by somebody else");
    else if (facts->process.how == ABX_PROCESS_EXITED)
        snprintf(how, sizeof(how), "QEMU exited with status %d", facts->process.code);
    snprintf(ending.text, sizeof(ending.text), "%s%s%s", how, facts->last_words[0] ? ": " : "", facts->last_words);
    ending.event = (abx_event){ .kind = ABX_EVENT_BACKEND_LOST, .vcpu = UINT32_MAX };
    snprintf(ending.event.text, sizeof(ending.event.text), "%.*s", (int)sizeof(ending.event.text) - 1, ending.text);
    return ending;
}

abx_ending abx_ending_judge(const abx_ending_facts *facts)
{
    if (is_debug_exit(facts))
        return end_of_guest(ABX_EVENT_GUEST_EXIT, (uint64_t)facts->process.code, "the guest used its debug-exit port");
    switch (facts->shutdown) {
    case ABX_SHUTDOWN_GUEST:
        return end_of_guest(ABX_EVENT_GUEST_SHUTDOWN, 0, "the guest switched itself off");
    case ABX_SHUTDOWN_RESET:
        return end_of_guest(ABX_EVENT_GUEST_RESET, 0, "the guest asked for a reset");
    case ABX_SHUTDOWN_PANIC:
        /* Its event has been posted when it came. */
        return end_of_guest(ABX_EVENT_NONE, 0, "the guest panicked");
    case ABX_SHUTDOWN_QUIT:
        return end_of_guest(ABX_EVENT_NONE, 0, "stopped");
    case ABX_SHUTDOWN_NONE:
    case ABX_SHUTDOWN_HOST:
    case ABX_SHUTDOWN_FAULT:
        break;
    }
    return loss(facts);
}
