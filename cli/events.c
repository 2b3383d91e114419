/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx events: what happened to a running machine, and what happens. */
#include "commands.h"
#include "control_client.h"
#include "json.h"
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

enum { BACKLOG = 256 };

typedef struct request {
    bool json;
    bool follow;
} request;

static bool take_json(void *into, const char *value)
{
    (void)value;
    ((request *)into)->json = true;
    return true;
}

static bool take_follow(void *into, const char *value)
{
    (void)value;
    ((request *)into)->follow = true;
    return true;
}

static void print_number(const json_t *event, const char *field)
{
    const json_t *value = json_object_get(event, field);
    if (value)
        printf("  %s %" JSON_INTEGER_FORMAT, field, json_integer_value(value));
}

static int print_plain(const json_t *event)
{
    const char *kind = json_string_value(json_object_get(event, "kind"));
    const char *state = json_string_value(json_object_get(event, "state"));
    const char *text = json_string_value(json_object_get(event, "text"));
    printf("%14.6f  %s", json_number_value(json_object_get(event, "time")), kind ? kind : "");
    if (state)
        printf("  %s", state);
    print_number(event, "vcpu");
    print_number(event, "code");
    if (text)
        printf("  %s", text);
    putchar('\n');
    return fflush(stdout) == EOF ? CLI_EXIT_FAILED : CLI_EXIT_OK;
}

/* One line of the machine's. */
static int print_event(const cli_client *client, const json_t *line, bool json)
{
    json_t *event = json_object_get(line, "event");
    const char *message = json_string_value(json_object_get(json_object_get(line, "error"), "message"));
    if (!event) {
        cli_complain("%s: %s", client->name, message ? message : "it sends no events");
        return CLI_EXIT_FAILED;
    }
    return json ? cli_print_json(stdout, json_incref(event), false) : print_plain(event);
}

/* Those of before, and then to the machine's end if they are to be followed. */
static int show(cli_client *client, const request *wanted)
{
    bool ended = false;
    json_t *result =
        cli_client_ask(client, json_pack("{s:s, s:i}", "do", "events", "backlog", BACKLOG), CLI_PATIENCE_MS);
    json_int_t left = json_integer_value(json_object_get(result, "backlog"));
    int code = result ? CLI_EXIT_OK : CLI_EXIT_FAILED;
    json_decref(result);
    for (; code == CLI_EXIT_OK && (left > 0 || wanted->follow); left--) {
        json_t *line = cli_client_read(client, left > 0 ? CLI_PATIENCE_MS : -1, &ended);
        if (!line)
            return ended && left <= 0 ? CLI_EXIT_OK : CLI_EXIT_FAILED;
        code = print_event(client, line, wanted->json);
        json_decref(line);
    }
    return code;
}

static int run_events(int argc, char **argv)
{
    request wanted = { 0 };
    cli_client client;
    const char *name = NULL;
    int count;
    cli_parsed parsed = cli_parse_mixed(&cli_events, argc, argv, &wanted, &name, 1, &count);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (!name) {
        cli_complain("which machine? see 'abx events --help'");
        return CLI_EXIT_USAGE;
    }
    if (!cli_client_connect(&client, name))
        return CLI_EXIT_FAILED;
    int code = show(&client, &wanted);
    cli_client_close(&client);
    return code;
}

static const cli_option options[] = {
    { "follow", NULL, "go on with those that come, until the machine ends", take_follow },
    { "json", NULL, "JSON lines for a program to read", take_json },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_events = {
    .name = "events",
    .usage = "NAME [--follow] [--json]",
    .summary = "show the last events of a running machine",
    .details = "Times are seconds of the host's monotonic clock. The machine keeps its last 256 events.\n",
    .options = options,
    .takes_operands = true,
    .run = run_events,
};
