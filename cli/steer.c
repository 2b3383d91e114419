/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx pause, resume, stop, balloon, metrics: one request to a running machine. */
#include "commands.h"
#include "control_client.h"
#include "json.h"
#include "report.h"
#include "values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct steering {
    bool force;
    int timeout_ms; /* -1: the machine's own */
    bool json;
    bool hint;
} steering;

static bool take_force(void *into, const char *value)
{
    (void)value;
    ((steering *)into)->force = true;
    return true;
}

static bool take_timeout(void *into, const char *value)
{
    return cli_seconds("timeout", value, &((steering *)into)->timeout_ms);
}

static bool take_json(void *into, const char *value)
{
    (void)value;
    ((steering *)into)->json = true;
    return true;
}

static bool take_hint(void *into, const char *value)
{
    (void)value;
    ((steering *)into)->hint = true;
    return true;
}

/* Parses, with the machine's name in words[0] and at most `most` words. An exit code, or -1: go on. */
static int parse(const cli_command *command, int argc, char **argv, steering *into, const char **words, int most)
{
    int count = 0;
    *into = (steering){ .timeout_ms = -1 };
    cli_parsed parsed = cli_parse_mixed(command, argc, argv, into, words, most, &count);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (count > 0)
        return -1;
    cli_complain("which machine? see 'abx %s --help'", command->name);
    return CLI_EXIT_USAGE;
}

/* The answer of the machine; NULL: said why. */
static json_t *ask(const char *name, json_t *request, int patience_ms)
{
    cli_client client;
    json_t *result = NULL;
    if (cli_client_connect(&client, name)) {
        result = cli_client_ask(&client, request, patience_ms);
        cli_client_close(&client);
    } else {
        json_decref(request);
    }
    return result;
}

static int ask_plainly(const cli_command *command, const char *verb, int argc, char **argv)
{
    steering options;
    const char *words[1];
    int code = parse(command, argc, argv, &options, words, 1);
    if (code >= 0)
        return code;
    json_t *result = ask(words[0], json_pack("{s:s}", "do", verb), CLI_PATIENCE_MS);
    json_decref(result);
    return result ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static int run_pause(int argc, char **argv)
{
    return ask_plainly(&cli_pause, "pause", argc, argv);
}

static int run_resume(int argc, char **argv)
{
    return ask_plainly(&cli_resume, "resume", argc, argv);
}

static json_t *stop_request(const steering *options)
{
    if (options->force)
        return json_pack("{s:s, s:b}", "do", "stop", "force", 1);
    if (options->timeout_ms >= 0)
        return json_pack("{s:s, s:f}", "do", "stop", "timeout", options->timeout_ms / 1000.0);
    return json_pack("{s:s}", "do", "stop");
}

/* The answer comes when the machine has ended. */
static int run_stop(int argc, char **argv)
{
    steering options;
    const char *words[1];
    int code = parse(&cli_stop, argc, argv, &options, words, 1);
    if (code >= 0)
        return code;
    json_t *result = ask(words[0], stop_request(&options), -1);
    if (!result)
        return CLI_EXIT_FAILED;
    if (options.json)
        return cli_print_json(stdout, result, false);
    if (json_is_true(json_object_get(result, "forced")) && json_is_true(json_object_get(result, "asked")))
        cli_complain("%s: the guest did not end in time and was stopped", words[0]);
    json_decref(result);
    return CLI_EXIT_OK;
}

/* The answer comes when the guest has named everything; whoever does not want to wait hangs up. */
static int run_hint(const char *name, const steering *options)
{
    json_t *result = ask(name, json_pack("{s:s, s:b}", "do", "balloon", "hint", 1), -1);
    if (!result)
        return CLI_EXIT_FAILED;
    if (options->json)
        return cli_print_json(stdout, result, false);
    printf("the guest named %" PRIu64 " MiB as free, in %" PRIu64 " ranges, in %.3f s\n",
           (uint64_t)json_integer_value(json_object_get(result, "hinted")) >> 20,
           (uint64_t)json_integer_value(json_object_get(result, "ranges")),
           json_real_value(json_object_get(result, "seconds")));
    json_decref(result);
    return CLI_EXIT_OK;
}

static int run_balloon(int argc, char **argv)
{
    steering options;
    const char *words[2] = { NULL, NULL };
    int code = parse(&cli_balloon, argc, argv, &options, words, 2);
    if (code >= 0)
        return code;
    if (options.hint && words[1]) {
        cli_complain("--hint asks what is free: leave SIZE out");
        return CLI_EXIT_USAGE;
    }
    if (options.hint)
        return run_hint(words[0], &options);
    uint64_t size;
    if (words[1] && !cli_size("balloon", words[1], &size))
        return CLI_EXIT_USAGE;
    json_t *request = words[1] ? json_pack("{s:s, s:I}", "do", "balloon", "size", (json_int_t)size)
                               : json_pack("{s:s}", "do", "balloon");
    json_t *result = ask(words[0], request, CLI_PATIENCE_MS);
    if (!result)
        return CLI_EXIT_FAILED;
    if (options.json)
        return cli_print_json(stdout, result, false);
    const json_t *actual = json_object_get(result, "actual");
    printf("target %" PRIu64 " MiB", (uint64_t)json_integer_value(json_object_get(result, "target")) >> 20);
    if (actual)
        printf(", the guest keeps %" PRIu64 " MiB", (uint64_t)json_integer_value(actual) >> 20);
    putchar('\n');
    json_decref(result);
    return CLI_EXIT_OK;
}

static int run_metrics(int argc, char **argv)
{
    steering options;
    const char *words[1];
    int code = parse(&cli_metrics, argc, argv, &options, words, 1);
    if (code >= 0)
        return code;
    json_t *result = ask(words[0], json_pack("{s:s}", "do", "metrics"), CLI_PATIENCE_MS);
    const char *text = json_string_value(json_object_get(result, "text"));
    bool written = text && fputs(text, stdout) != EOF && fflush(stdout) != EOF;
    if (text && !written)
        cli_complain("cannot write the metrics");
    json_decref(result);
    return written ? CLI_EXIT_OK : CLI_EXIT_FAILED;
}

static const cli_option no_options[] = { { NULL, NULL, NULL, NULL } };

static const cli_option stop_options[] = {
    { "force", NULL, "do not ask the guest: stop it now", take_force },
    { "timeout", "SECONDS", "the time that the guest has to end (default: 30)", take_timeout },
    { "json", NULL, "one JSON object for a program to read", take_json },
    { NULL, NULL, NULL, NULL },
};

static const cli_option balloon_options[] = {
    { "hint", NULL, "ask the guest which of its memory is free", take_hint },
    { "json", NULL, "one JSON object for a program to read", take_json },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_pause = {
    .name = "pause",
    .usage = "NAME",
    .summary = "let a running machine stand still",
    .options = no_options,
    .takes_operands = true,
    .run = run_pause,
};

const cli_command cli_resume = {
    .name = "resume",
    .usage = "NAME",
    .summary = "let a paused machine go on",
    .options = no_options,
    .takes_operands = true,
    .run = run_resume,
};

const cli_command cli_stop = {
    .name = "stop",
    .usage = "NAME [--force] [--timeout SECONDS]",
    .summary = "ask a machine's guest to end, and stop it if it does not",
    .details = "The guest is asked by its power button; a machine without one is stopped at once. Returns when the\n"
               "machine has ended.\n",
    .options = stop_options,
    .takes_operands = true,
    .run = run_stop,
};

const cli_command cli_balloon = {
    .name = "balloon",
    .usage = "NAME [SIZE | --hint]",
    .summary = "ask a machine's guest to do with SIZE of memory, or show what it is asked for",
    .options = balloon_options,
    .takes_operands = true,
    .run = run_balloon,
};

const cli_command cli_metrics = {
    .name = "metrics",
    .usage = "NAME",
    .summary = "print a machine's metrics as OpenMetrics text",
    .options = no_options,
    .takes_operands = true,
    .run = run_metrics,
};
