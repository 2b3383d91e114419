/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "supervise.h"
#include "report.h"
#include "signals.h"

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

/* Why nobody watches any more. */
typedef enum outcome {
    ENDED,
    OUT_OF_TIME,
    ASKED, /* a signal or the escape key came, or nothing can be watched */
} outcome;

/* Machines without a virtio console on the terminal have nobody to tell. */
static void pass_size(abx_machine *machine, const cli_console *console)
{
    uint16_t columns, rows;
    cli_terminal_size(&columns, &rows);
    if (console->device >= 0)
        (void)!abx_machine_resize_console(machine, (size_t)console->device, 0, columns, rows);
}

/* Until the machine is over or shall be. */
static outcome watch(abx_machine *machine, cli_console *console, cli_event_log *log, int signals, int64_t deadline)
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
            return ENDED;
        int ready = poll(watched, WATCHED, time_left(deadline));
        if (ready == 0)
            return OUT_OF_TIME;
        if (ready < 0 && errno != EINTR)
            return ASKED;
        if (ready > 0 && watched[WATCH_SIGNALS].revents) {
            if (cli_signals_take(signals))
                return ASKED;
            pass_size(machine, console);
        }
        if (ready > 0 && watched[WATCH_KEYBOARD].revents && !cli_console_relay(console))
            return ASKED;
    }
}

cli_supervision cli_supervise(abx_machine *machine, cli_console *console, cli_event_log *log, int signals,
                              const cli_limits *limits, abx_machine_result *result)
{
    int64_t deadline = limits->timeout_ms < 0 ? -1 : now_ms() + limits->timeout_ms;
    outcome first = watch(machine, console, log, signals, deadline);
    if (first == ASKED && limits->stop_timeout_ms > 0) {
        if (abx_machine_press_power_button(machine) == ABX_OK)
            watch(machine, console, log, signals, now_ms() + limits->stop_timeout_ms);
        else
            cli_complain_of_error();
    }
    if (!has_ended(machine))
        abx_machine_stop(machine);
    /* It has ended: this wait is for the machine's own bookkeeping only. */
    if (abx_machine_wait(machine, -1, result) != ABX_OK) {
        cli_complain_of_error();
        return CLI_SUPERVISION_FAILED;
    }
    cli_event_log_drain(log, abx_machine_get_vm(machine));
    return first == OUT_OF_TIME ? CLI_SUPERVISION_TIMEOUT : CLI_SUPERVISION_ENDED;
}
