/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Options of one command: a table that parses the command line and prints the help from the same lines. */
#ifndef ABX_CLI_OPTIONS_H
#define ABX_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* One option. `take` gets its value (NULL where there is none), stores it in the command's own structure and
 * returns false after it has said what is wrong. */
typedef struct cli_option {
    const char *name;     /* without the dashes */
    const char *argument; /* what help calls its value; "[...]": it may be left out; NULL: it takes none */
    const char *help;     /* may have several lines */
    bool (*take)(void *into, const char *value);
} cli_option;

/* A command of abx. */
typedef struct cli_command {
    const char *name;
    const char *usage;         /* what follows "abx NAME" in the usage line */
    const char *summary;       /* one line */
    const char *details;       /* printed after the options; may be NULL */
    const cli_option *options; /* ends with a NULL name */
    bool takes_operands;       /* otherwise an operand is an error */
    int (*run)(int argc, char **argv);
} cli_command;

/* What became of a command line. */
typedef enum cli_parsed {
    CLI_GO,    /* run the command */
    CLI_HELP,  /* help was asked for and printed: exit with 0 */
    CLI_WRONG, /* said what is wrong: exit with CLI_EXIT_USAGE */
} cli_parsed;

/*
 * Parses "--name value", "--name=value" and "-h". argv[0] is the command's name. `*operands` gets the index of the
 * first operand (argc when there is none); "--" ends the options.
 */
cli_parsed cli_parse(const cli_command *command, int argc, char **argv, void *into, int *operands);

/*
 * The same with operands among the options: `words` gets them, `*count` how many, `most` at most. More are wrong.
 */
cli_parsed cli_parse_mixed(const cli_command *command, int argc, char **argv, void *into, const char **words, int most,
                           int *count);

void cli_print_help(const cli_command *command);

#endif
