/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "supervise.h"
#include "report.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

enum { WATCH_EVENTS, WATCH_SIGNALS, WATCH_KEYBOARD, WATCHED };

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Milliseconds until `deadline` (-1: for ever), as poll takes them. */
static int time_left(int64_t deadline)
{
    if (deadline < 0)
        return -1;
    int64_t left = deadline - now_ms();
    return left > 0 ? (int)left : 0;
}

static bool has_ended(abx_machine *machine)
{
    abx_vm_state state = abx_vm_get_state(abx_machine_get_vm(machine));
    return state == ABX_VM_STOPPED || state == ABX_VM_FAILED;
}

/* Until the machine is over or shall be. True when the time limit ended it. */
static bool watch(abx_machine *machine, cli_console *console, cli_event_log *log, int signals, int64_t deadline)
{
    abx_vm *vm = abx_machine_get_vm(machine);
    struct pollfd watched[WATCHED] = {
        [WATCH_EVENTS] = { .fd = abx_event_fd(vm), .events = POLLIN },
        [WATCH_SIGNALS] = { .fd = signals, .events = POLLIN },
        [WATCH_KEYBOARD] = { .fd = console->relay >= 0 ? STDIN_FILENO : -1, .events = POLLIN },
    };
    for (;;) {
        /* Before the look at the state, so that the event of its end is not missed. */
        cli_event_log_drain(log, vm);
        if (has_ended(machine))
            return false;
        int ready = poll(watched, WATCHED, time_left(deadline));
        if (ready == 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && watched[WATCH_SIGNALS].revents)
            return false;
        if (ready > 0 && watched[WATCH_KEYBOARD].revents && !cli_console_relay(console))
            return false;
    }
}

cli_supervision cli_supervise(abx_machine *machine, cli_console *console, cli_event_log *log, int signals,
                              int timeout_ms, abx_machine_result *result)
{
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    if (abx_machine_start(machine) != ABX_OK) {
        cli_complain_of_error();
        return CLI_SUPERVISION_FAILED;
    }
    bool timed_out = watch(machine, console, log, signals, deadline);
    if (!has_ended(machine))
        abx_machine_stop(machine);
    /* It has ended: this wait is for the machine's own bookkeeping only. */
    if (abx_machine_wait(machine, -1, result) != ABX_OK) {
        cli_complain_of_error();
        return CLI_SUPERVISION_FAILED;
    }
    cli_event_log_drain(log, abx_machine_get_vm(machine));
    return timed_out ? CLI_SUPERVISION_TIMEOUT : CLI_SUPERVISION_ENDED;
}
