/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx: the command. Each of its commands is a file of that name. */
#include "cli_os.h"
#include "commands.h"
#include "report.h"

#include <arcbox/base.h>

#include <stdio.h>
#include <string.h>

static const cli_command *const commands[] = {
    &cli_run,    &cli_ps,   &cli_top,     &cli_attach,  &cli_events, &cli_pause,
    &cli_resume, &cli_stop, &cli_balloon, &cli_metrics, &cli_info,
#ifdef ABX_WITH_BENCH
    &cli_bench,
#endif
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_overview(void)
{
    puts("usage: abx COMMAND [options]\n\nVirtual machines from the command line.\n\ncommands:");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s%s\n", commands[i]->name, commands[i]->summary);
    puts("  help      help for a command\n  version   the version of abx\n\n'abx COMMAND --help' has the options.");
}

static int help(const char *name)
{
    const cli_command *command = name ? find_command(name) : NULL;
    if (name && !command) {
        cli_complain("there is no command '%s'; see 'abx help'", name);
        return CLI_EXIT_USAGE;
    }
    if (command)
        cli_print_help(command);
    else
        print_overview();
    return CLI_EXIT_OK;
}

static bool is(const char *word, const char *name, const char *option)
{
    return strcmp(word, name) == 0 || strcmp(word, option) == 0;
}

int main(int argc, char **argv)
{
    cli_os_begin();
    if (argc < 2) {
        print_overview();
        return CLI_EXIT_USAGE;
    }
    if (is(argv[1], "help", "--help") || strcmp(argv[1], "-h") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (is(argv[1], "version", "--version")) {
        printf("abx %s\n", abx_version());
        return CLI_EXIT_OK;
    }
    const cli_command *command = find_command(argv[1]);
    if (!command) {
        cli_complain("there is no command '%s'; see 'abx help'", argv[1]);
        return CLI_EXIT_USAGE;
    }
    return command->run(argc - 1, argv + 1);
}
