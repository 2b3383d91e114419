/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx ps: the machines that run under a name. */
#include "commands.h"
#include "control_client.h"
#include "json.h"
#include "machine_name.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

static bool take_json(void *into, const char *value)
{
    (void)value;
    *(bool *)into = true;
    return true;
}

/* NULL: it does not run, or said why there is no answer. */
static json_t *status_of(const char *name)
{
    cli_client client;
    if (cli_client_open(&client, name) != CLI_CONNECTED)
        return NULL;
    json_t *status = cli_client_ask(&client, json_pack("{s:s}", "do", "status"), CLI_PATIENCE_MS);
    cli_client_close(&client);
    return status;
}

static const char *text(const json_t *status, const char *field)
{
    const char *value = json_string_value(json_object_get(status, field));
    return value ? value : "";
}

static json_int_t number(const json_t *status, const char *field)
{
    return json_integer_value(json_object_get(status, field));
}

static void print_row(const json_t *status)
{
    double up = json_real_value(json_object_get(status, "uptime"));
    printf("%-20s %7" JSON_INTEGER_FORMAT "  %-8s %-7s %-7s %5" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT
           "M %10.0fs\n",
           text(status, "name"), number(status, "pid"), text(status, "state"), text(status, "backend"),
           text(status, "arch"), number(status, "cpus"), number(status, "memory") >> 20, up);
}

static int print_table(const json_t *all)
{
    printf("%-20s %7s  %-8s %-7s %-7s %5s %9s %11s\n", "NAME", "PID", "STATE", "BACKEND", "ARCH", "CPUS", "MEMORY",
           "UP");
    for (size_t i = 0; i < json_array_size(all); i++)
        print_row(json_array_get(all, i));
    return fflush(stdout) == EOF ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

static int run_ps(int argc, char **argv)
{
    bool json = false;
    int operands;
    cli_machine_names names;
    cli_parsed parsed = cli_parse(&cli_ps, argc, argv, &json, &operands);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (!cli_machine_names_read(&names))
        return CLI_EXIT_FAILED;
    json_t *all = json_array();
    for (size_t i = 0; i < names.count; i++) {
        json_t *status = status_of(names.names[i]);
        if (status)
            json_array_append_new(all, status);
    }
    cli_machine_names_free(&names);
    if (json)
        return cli_print_json(stdout, all, true);
    int code = print_table(all);
    json_decref(all);
    return code;
}

static const cli_option options[] = {
    { "json", NULL, "a JSON array for a program to read", take_json },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_ps = {
    .name = "ps",
    .usage = "[--json]",
    .summary = "list the machines that run under a name",
    .options = options,
    .run = run_ps,
};
