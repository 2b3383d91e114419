/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "options.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 28 };

static const cli_option *find_option(const cli_command *command, const char *name, size_t length)
{
    for (const cli_option *option = command->options; option->name; option++)
        if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

/* "[...]": the value may be left out. Of a command with operands it comes after '=' only. */
static bool is_optional(const cli_option *option)
{
    return option->argument && *option->argument == '[';
}

static bool is_next_value(const cli_command *command, const char *next)
{
    return !command->takes_operands && next && *next != '-';
}

/* Takes argv[*index] and, if need be, the word after it. */
static cli_parsed take_option(const cli_command *command, int argc, char **argv, int *index, void *into)
{
    const char *word = argv[*index] + 2;
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const cli_option *option = find_option(command, word, length);
    if (!option) {
        cli_complain("unknown option '%s'; see 'abx %s --help'", argv[*index], command->name);
        return CLI_WRONG;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (is_optional(option) && !value) {
        const char *next = *index + 1 < argc ? argv[*index + 1] : NULL;
        if (is_next_value(command, next))
            value = argv[++*index];
    } else if (option->argument && !value) {
        if (*index + 1 >= argc) {
            cli_complain("option '--%s' needs a value: %s", option->name, option->argument);
            return CLI_WRONG;
        }
        value = argv[++*index];
    } else if (!option->argument && value) {
        cli_complain("option '--%s' takes no value", option->name);
        return CLI_WRONG;
    }
    return option->take(into, value) ? CLI_GO : CLI_WRONG;
}

cli_parsed cli_parse(const cli_command *command, int argc, char **argv, void *into, int *operands)
{
    int index = 1;
    for (; index < argc; index++) {
        const char *word = argv[index];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            cli_print_help(command);
            return CLI_HELP;
        }
        if (strcmp(word, "--") == 0) {
            index++;
            break;
        }
        if (strncmp(word, "--", 2) != 0)
            break;
        cli_parsed taken = take_option(command, argc, argv, &index, into);
        if (taken != CLI_GO)
            return taken;
    }
    *operands = index;
    if (index < argc && !command->takes_operands) {
        cli_complain("unexpected word '%s'; see 'abx %s --help'", argv[index], command->name);
        return CLI_WRONG;
    }
    return CLI_GO;
}

cli_parsed cli_parse_mixed(const cli_command *command, int argc, char **argv, void *into, const char **words, int most,
                           int *count)
{
    *count = 0;
    while (argc > 1) {
        int operands;
        cli_parsed parsed = cli_parse(command, argc, argv, into, &operands);
        if (parsed != CLI_GO || operands == argc)
            return parsed;
        if (*count == most) {
            cli_complain("unexpected word '%s'; see 'abx %s --help'", argv[operands], command->name);
            return CLI_WRONG;
        }
        words[(*count)++] = argv[operands];
        argc -= operands;
        argv += operands;
    }
    return CLI_GO;
}

static void print_option(const char *name, const char *argument, const char *help)
{
    int width = printf("  --%s%s%s", name, argument ? " " : "", argument ? argument : "");
    if (width >= HELP_COLUMN) {
        putchar('\n');
        width = 0;
    }
    for (const char *line = help; line;) {
        const char *end = strchr(line, '\n');
        int length = end ? (int)(end - line) : (int)strlen(line);
        printf("%*s%.*s\n", HELP_COLUMN - width, "", length, line);
        width = 0;
        line = end ? end + 1 : NULL;
    }
}

void cli_print_help(const cli_command *command)
{
    printf("usage: abx %s%s%s\n\n%s\n\noptions:\n", command->name, *command->usage ? " " : "", command->usage,
           command->summary);
    for (const cli_option *option = command->options; option->name; option++)
        print_option(option->name, option->argument, option->help);
    print_option("help", NULL, "this text");
    if (command->details)
        printf("\n%s", command->details);
}
