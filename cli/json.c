/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "json.h"
#include "report.h"

#include <errno.h>
#include <string.h>

int cli_print_json(FILE *file, json_t *value, bool indented)
{
    if (!value) {
        cli_complain("no memory for a JSON report");
        return CLI_EXIT_FAILED;
    }
    int failed = json_dumpf(value, file, indented ? JSON_INDENT(2) : JSON_COMPACT);
    json_decref(value);
    if (failed || fputc('\n', file) == EOF || fflush(file) == EOF) {
        cli_complain("cannot write the JSON report: %s", strerror(errno));
        return CLI_EXIT_FAILED;
    }
    return CLI_EXIT_OK;
}
