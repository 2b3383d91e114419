/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx run: one machine, its console on the terminal, its end as the exit status. */
#include "commands.h"
#include "console.h"
#include "event_log.h"
#include "report.h"
#include "run_options.h"
#include "sharing.h"
#include "signals.h"
#include "supervise.h"

#include <arcbox/hypervisor.h>
#include <arcbox/machine.h>

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static int exit_code(const abx_machine_result *result)
{
    switch (result->end) {
    case ABX_END_SHUTDOWN:
    case ABX_END_HALT:
        return CLI_EXIT_OK;
    case ABX_END_RESET:
        return CLI_EXIT_GUEST_RESET;
    case ABX_END_PANIC:
        return CLI_EXIT_GUEST_PANIC;
    case ABX_END_FAULT:
        return CLI_EXIT_GUEST_FAULT;
    case ABX_END_DEBUG_EXIT:
        return (int)(result->code & 0xff);
    case ABX_END_STOPPED:
        return CLI_EXIT_INTERRUPTED;
    case ABX_END_NONE:
    case ABX_END_FAILED:
        break;
    }
    return CLI_EXIT_FAILED;
}

static void say_end(const abx_machine_result *result)
{
    const char *colon = *result->text ? ": " : "";
    switch (result->end) {
    case ABX_END_SHUTDOWN:
    case ABX_END_DEBUG_EXIT:
        break;
    case ABX_END_RESET:
        cli_complain("the guest asked for a reset%s%s", colon, result->text);
        break;
    case ABX_END_PANIC:
        cli_complain("the guest panicked%s%s", colon, result->text);
        break;
    case ABX_END_FAULT:
        cli_complain("the guest's processor cannot go on (triple fault)%s%s", colon, result->text);
        break;
    case ABX_END_HALT:
        cli_complain("the guest halted for good%s%s", colon, result->text);
        break;
    case ABX_END_STOPPED:
        cli_complain("stopped");
        break;
    case ABX_END_NONE:
    case ABX_END_FAILED:
        cli_complain("the machine failed%s%s", colon, result->text);
        break;
    }
}

/* The machine runs; sees it to its end. */
static int run_machine(const run_request *request, abx_machine *machine, cli_console *console, cli_sharing *sharing,
                       cli_event_log *log, int signals)
{
    abx_machine_result result;
    const cli_limits limits = { request->timeout_ms, request->stop_timeout_ms };
    cli_supervision ended = cli_supervise(machine, console, log, signals, &limits, &result);
    if (request->shared)
        cli_sharing_close(sharing, ended != CLI_SUPERVISION_ENDED || result.end == ABX_END_STOPPED);
    cli_console_restore(console);
    if (ended == CLI_SUPERVISION_FAILED)
        return CLI_EXIT_FAILED;
    if (ended == CLI_SUPERVISION_TIMEOUT) {
        cli_complain("the machine did not end within %d.%03d seconds", request->timeout_ms / 1000,
                     request->timeout_ms % 1000);
        return CLI_EXIT_TIMEOUT;
    }
    if (!request->quiet || result.end == ABX_END_FAILED)
        say_end(&result);
    return exit_code(&result);
}

/* Builds a machine and starts it. One whose identifier cannot be kept must not run. False: said why; what is there of
 * the machine is the caller's all the same. */
static bool begin(run_request *request, abx_hypervisor *hypervisor, cli_sharing *sharing, abx_machine **machine)
{
    abx_status status;
    if (!request->machine_id.path && !request->shared) {
        status = abx_machine_launch(machine, hypervisor, &request->machine);
    } else {
        status = abx_machine_create(machine, hypervisor, &request->machine);
        if (status == ABX_OK && !cli_machine_id_keep(&request->machine_id, abx_machine_get_vm(*machine)))
            return false;
        if (status == ABX_OK && request->shared && !cli_sharing_open(sharing, *machine, request->machine.vm.name))
            return false;
        if (status == ABX_OK)
            status = abx_machine_start(*machine);
    }
    if (status != ABX_OK)
        cli_complain_of_error();
    return status == ABX_OK;
}

static int build_and_run(run_request *request, abx_hypervisor *hypervisor, cli_console *console, int signals)
{
    if (!cli_machine_id_read(&request->machine_id) || !run_devices_open(&request->added))
        return CLI_EXIT_FAILED;
    cli_event_log log;
    if (!cli_event_log_open(&log, request->events))
        return CLI_EXIT_FAILED;
    cli_sharing sharing = { 0 };
    abx_serial_config ends = { console->guest_input, STDOUT_FILENO };
    abx_machine *machine = NULL;
    int code = CLI_EXIT_FAILED;
    bool ready = !request->shared || !run_has_console(request) || cli_sharing_begin(&sharing, &ends);
    run_request_finish(request, hypervisor, &ends);
    console->device = request->virtio_console ? RUN_CONSOLE : -1;
    if (ready && begin(request, hypervisor, &sharing, &machine))
        code = run_machine(request, machine, console, &sharing, &log, signals);
    if (request->shared)
        cli_sharing_close(&sharing, true);
    if (!cli_event_log_close(&log))
        code = CLI_EXIT_FAILED;
    abx_machine_destroy(machine);
    if (request->shared)
        cli_sharing_end(&sharing);
    return code;
}

static int run_request_go(run_request *request)
{
    cli_console console;
    if (!cli_console_open(&console, run_has_console(request)))
        return CLI_EXIT_FAILED;
    int code = CLI_EXIT_FAILED;
    int signals = cli_signals_open();
    abx_hypervisor *hypervisor;
    if (signals < 0)
        code = CLI_EXIT_FAILED;
    else if (abx_hypervisor_open(&hypervisor, request->backend, &request->hypervisor) != ABX_OK)
        code = cli_complain_of_error();
    else {
        code = build_and_run(request, hypervisor, &console, signals);
        abx_hypervisor_close(hypervisor);
    }
    cli_signals_close(signals);
    cli_console_close(&console);
    return code;
}

static int run_run(int argc, char **argv)
{
    static run_request request; /* large, and hardly touched: pages that are not touched cost nothing here */
    run_request_begin(&request);
    int operands;
    cli_parsed parsed = cli_parse(&cli_run, argc, argv, &request, &operands);
    int code = parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (parsed == CLI_GO && !request.machine.kernel && !request.machine.efi_variables)
        cli_complain("which kernel? --kernel FILE; see 'abx run --help'");
    else if (parsed == CLI_GO)
        code = run_request_go(&request);
    run_request_end(&request);
    return code;
}

const cli_command cli_run = {
    .name = "run",
    .usage = "--kernel FILE [options]",
    .summary = "boot a kernel in a new machine, with its console here",
    .details = "The console is standard input and output. On a terminal, Ctrl-A x ends the machine and\n"
               "Ctrl-A Ctrl-A sends Ctrl-A. SIGINT, SIGTERM and SIGHUP end it as well.\n\n"
               "exit status: 0 the guest shut down (or halted), 2 wrong usage, 4 failure, 120 guest reset,\n"
               "122 guest panic, 124 timeout, 126 triple fault, 130 ended by the user; with --debug-exit the\n"
               "guest's own status, which is odd.\n",
    .options = run_options,
    .run = run_run,
};
