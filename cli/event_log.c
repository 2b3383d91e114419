/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "event_log.h"
#include "json.h"
#include "report.h"

#include <errno.h>
#include <string.h>

bool cli_event_log_open(cli_event_log *log, const char *path)
{
    *log = (cli_event_log){ 0 };
    if (!path)
        return true;
    log->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    if (!log->file) {
        cli_complain("cannot write events to %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

static json_t *event_json(const abx_event *event)
{
    json_t *object = json_pack("{s:I, s:f, s:s}", "sequence", (json_int_t)event->sequence, "time",
                               (double)event->timestamp_ns / 1e9, "kind", abx_event_kind_name(event->kind));
    if (!object)
        return NULL;
    if (event->kind == ABX_EVENT_STATE)
        json_object_set_new(object, "state", json_string(abx_vm_state_name((abx_vm_state)event->state)));
    if (event->vcpu != UINT32_MAX)
        json_object_set_new(object, "vcpu", json_integer(event->vcpu));
    if (event->code)
        json_object_set_new(object, "code", json_integer((json_int_t)event->code));
    if (*event->text)
        json_object_set_new(object, "text", json_string(event->text));
    return object;
}

void cli_event_log_drain(cli_event_log *log, abx_vm *vm)
{
    abx_event event;
    while (abx_event_next(vm, &event) == ABX_OK)
        if (log->file && !log->failed)
            log->failed = cli_print_json(log->file, event_json(&event), false) != CLI_EXIT_OK;
}

bool cli_event_log_close(cli_event_log *log)
{
    if (log->file && log->file != stdout && fclose(log->file) == EOF && !log->failed) {
        cli_complain("cannot write events: %s", strerror(errno));
        log->failed = true;
    }
    log->file = NULL;
    return !log->failed;
}
