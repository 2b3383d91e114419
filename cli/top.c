/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx top: what the running machines do, again and again. */
#include "top.h"
#include "commands.h"
#include "json.h"
#include "report.h"
#include "signals.h"
#include "terminal.h"
#include "values.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* ECMA-48: the alternate screen, home, to the end of the line and of the screen. */
#define SCREEN_BEGIN "\033[?1049h\033[?25l"
#define SCREEN_END   "\033[?25h\033[?1049l"
#define HOME         "\033[H"
#define CLEAR_LINE   "\033[K"
#define CLEAR_REST   "\033[J"

typedef struct request {
    bool once;
    bool json;
    int interval_ms;
} request;

static bool take_once(void *into, const char *value)
{
    (void)value;
    ((request *)into)->once = true;
    return true;
}

static bool take_json(void *into, const char *value)
{
    (void)value;
    ((request *)into)->json = true;
    return true;
}

static bool take_interval(void *into, const char *value)
{
    return cli_seconds("interval", value, &((request *)into)->interval_ms);
}

static const char *text(const top_machine *machine, const char *field)
{
    const char *value = json_string_value(json_object_get(machine->status, field));
    return value ? value : "";
}

static json_int_t number(const top_machine *machine, const char *field)
{
    return json_integer_value(json_object_get(machine->status, field));
}

static double rate(const top_machine *machine, double before, double now)
{
    double time = machine->now.time - machine->before.time;
    return machine->before.time > 0 && time > 0 && now > before ? (now - before) / time : 0;
}

static void print_row(const top_machine *machine, const char *end)
{
    const top_sample *before = &machine->before, *now = &machine->now;
    char resident[16] = "-";
    if (now->resident >= 0)
        snprintf(resident, sizeof(resident), "%.0fM", now->resident / (1 << 20));
    printf("%-20s %7" JSON_INTEGER_FORMAT "  %-8s %4" JSON_INTEGER_FORMAT " %7" JSON_INTEGER_FORMAT
           "M %8s %6.1f %9.0f %9.1fM %9.1fM%s\n",
           machine->name, number(machine, "pid"), text(machine, "state"), number(machine, "cpus"),
           number(machine, "memory") >> 20, resident, 100 * rate(machine, before->cpu_seconds, now->cpu_seconds),
           rate(machine, before->exits, now->exits), rate(machine, before->read_bytes, now->read_bytes) / (1 << 20),
           rate(machine, before->written_bytes, now->written_bytes) / (1 << 20), end);
}

static bool print_table(const top_list *list, const char *end)
{
    printf("%-20s %7s  %-8s %4s %8s %8s %6s %9s %10s %10s%s\n", "NAME", "PID", "STATE", "CPUS", "MEMORY", "RESIDENT",
           "CPU%", "EXITS/s", "READ/s", "WRITTEN/s", end);
    for (size_t i = 0; i < list->count; i++)
        print_row(list->machines[i], end);
    return !ferror(stdout);
}

static json_t *machine_json(const top_machine *machine)
{
    const top_sample *now = &machine->now;
    json_t *object = json_copy(machine->status);
    json_object_set_new(object, "cpu_seconds", json_real(now->cpu_seconds));
    json_object_set_new(object, "exits", json_integer((json_int_t)now->exits));
    json_object_set_new(object, "read_bytes", json_integer((json_int_t)now->read_bytes));
    json_object_set_new(object, "written_bytes", json_integer((json_int_t)now->written_bytes));
    if (now->resident >= 0)
        json_object_set_new(object, "resident", json_integer((json_int_t)now->resident));
    return object;
}

static int print_json(const top_list *list)
{
    json_t *all = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(all, machine_json(list->machines[i]));
    return cli_print_json(stdout, all, true);
}

enum { WATCH_SIGNALS, WATCH_KEYBOARD, WATCHED };

/* Waits for the next round. False: the user has seen enough. */
static bool wait_for_round(const request *wanted, int signals, bool keyboard)
{
    struct pollfd watched[WATCHED] = {
        [WATCH_SIGNALS] = { .fd = signals, .events = POLLIN },
        [WATCH_KEYBOARD] = { .fd = keyboard ? STDIN_FILENO : -1, .events = POLLIN },
    };
    char key = 0;
    int ready = poll(watched, WATCHED, wanted->interval_ms);
    if (ready > 0 && watched[WATCH_KEYBOARD].revents && read(STDIN_FILENO, &key, 1) <= 0)
        return false;
    return !watched[WATCH_SIGNALS].revents && key != 'q' && key != 'Q' && key != 3; /* Ctrl-C */
}

static bool draw(const top_list *list)
{
    fputs(HOME, stdout);
    bool good = print_table(list, CLEAR_LINE);
    fputs("\n" CLEAR_REST, stdout);
    return fflush(stdout) != EOF && good;
}

static int show_live(top_list *list, const request *wanted, int signals)
{
    cli_terminal terminal;
    bool good = true;
    if (!cli_terminal_open(&terminal, STDIN_FILENO))
        return CLI_EXIT_FAILED;
    fputs(SCREEN_BEGIN, stdout);
    do
        good = top_refresh(list) && draw(list);
    while (good && wait_for_round(wanted, signals, terminal.raw));
    fputs(SCREEN_END, stdout);
    fflush(stdout);
    cli_terminal_close(&terminal);
    return good ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int show_once(top_list *list, const request *wanted, int signals)
{
    if (!top_refresh(list))
        return CLI_EXIT_FAILED;
    if (wanted->json)
        return print_json(list);
    /* Rates need two looks. */
    if (list->count > 0 && (!wait_for_round(wanted, signals, false) || !top_refresh(list)))
        return CLI_EXIT_FAILED;
    return print_table(list, "") && fflush(stdout) != EOF ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int run_top(int argc, char **argv)
{
    request wanted = { .interval_ms = 1000 };
    top_list list = { 0 };
    int operands;
    cli_parsed parsed = cli_parse(&cli_top, argc, argv, &wanted, &operands);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    int signals = cli_signals_open();
    if (signals < 0)
        return CLI_EXIT_FAILED;
    bool live = !wanted.once && !wanted.json && isatty(STDOUT_FILENO);
    int code = live ? show_live(&list, &wanted, signals) : show_once(&list, &wanted, signals);
    top_free(&list);
    cli_signals_close(signals);
    return code;
}

static const cli_option options[] = {
    { "once", NULL, "print one table and end", take_once },
    { "json", NULL, "print a JSON array for a program to read, and end", take_json },
    { "interval", "SECONDS", "the time between two looks (default: 1)", take_interval },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_top = {
    .name = "top",
    .usage = "[--once] [--json] [--interval SECONDS]",
    .summary = "show what the running machines do, live",
    .details = "'q' ends it. Without a terminal one table is printed. CPU% is of the process that runs the machine, "
               "and of QEMU.\n",
    .options = options,
    .run = run_top,
};
