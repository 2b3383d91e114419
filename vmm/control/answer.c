/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"

#include <stdlib.h>
#include <string.h>

json_t *abx_control_greeting(const char *name)
{
    return json_pack("{s:s, s:i, s:s, s:o}", "service", "arcbox", "protocol", ABX_CONTROL_PROTOCOL, "version",
                     abx_version(), "name", abx_control_text(name));
}

json_t *abx_control_text(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *ascii = strdup(text);
    for (char *c = ascii; c && *c; c++)
        if ((unsigned char)*c > 0x7e)
            *c = '?';
    string = ascii ? json_string(ascii) : NULL;
    free(ascii);
    return string;
}

json_t *abx_control_result(json_t *id, json_t *result)
{
    return id ? json_pack("{s:O, s:o}", "id", id, "result", result) : json_pack("{s:o}", "result", result);
}

/* "ABX_ERR_NOT_SUPPORTED" is "not-supported". */
static void code_of(abx_status status, char code[32])
{
    const char *name = abx_status_name(status);
    size_t prefix = strlen("ABX_ERR_");
    size_t length = strlen(name);
    if (length < prefix || length - prefix >= 32) {
        name = "system";
        prefix = 0;
        length = strlen(name);
    }
    for (size_t i = prefix; i <= length; i++) {
        char c = name[i];
        code[i - prefix] = (char)(c == '_' ? '-' : c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
}

/* The message of an error record ends with the advice, which has a field of its own here. */
static json_t *message_of(const abx_error *error)
{
    size_t length = strlen(error->message);
    size_t tail = strlen(error->advice) + 2;
    bool ends = tail > 2 && length > tail && strcmp(error->message + length - tail + 2, error->advice) == 0;
    char *text = strndup(error->message, ends ? length - tail : length);
    json_t *string = text ? abx_control_text(text) : NULL;
    free(text);
    return string;
}

json_t *abx_control_error(json_t *id)
{
    char code[32];
    const abx_error *error = abx_last_error();
    code_of(error->status, code);
    json_t *object = json_pack("{s:s, s:o, s:o}", "code", code, "message", message_of(error), "advice",
                               abx_control_text(error->advice));
    return id ? json_pack("{s:O, s:o}", "id", id, "error", object) : json_pack("{s:o}", "error", object);
}

static bool set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

json_t *abx_control_event(const abx_event *event)
{
    json_t *object = json_pack("{s:I, s:f, s:s}", "sequence", (json_int_t)event->sequence, "time",
                               (double)event->timestamp_ns / 1e9, "kind", abx_event_kind_name(event->kind));
    bool good = object;
    if (good && event->kind == ABX_EVENT_STATE)
        good = set(object, "state", json_string(abx_vm_state_name((abx_vm_state)event->state)));
    if (good && event->vcpu != UINT32_MAX)
        good = set(object, "vcpu", json_integer(event->vcpu));
    if (good && event->code)
        good = set(object, "code", json_integer((json_int_t)event->code));
    if (good && *event->text)
        good = set(object, "text", abx_control_text(event->text));
    if (!good) {
        json_decref(object);
        return NULL;
    }
    return json_pack("{s:o}", "event", object);
}

static json_t *statistics_of(const abx_balloon_info *info)
{
    json_t *object = json_object();
    for (unsigned i = 0; i < ABX_BALLOON_STATISTICS; i++)
        if (info->known >> i & 1)
            json_object_set_new(object, abx_balloon_statistic_name((abx_balloon_statistic)i),
                                json_integer((json_int_t)info->statistics[i]));
    return object;
}

json_t *abx_control_balloon(const abx_balloon_info *info)
{
    json_t *object = json_pack("{s:I, s:I, s:o}", "target", (json_int_t)info->target, "discarded",
                               (json_int_t)info->discarded, "statistics", statistics_of(info));
    if (object && info->actual_known && !set(object, "actual", json_integer((json_int_t)info->actual))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *abx_control_hinted(uint64_t bytes, size_t ranges, uint64_t ns)
{
    return json_pack("{s:I, s:I, s:f}", "hinted", (json_int_t)bytes, "ranges", (json_int_t)ranges, "seconds",
                     (double)ns / 1e9);
}

char *abx_control_line(json_t *value)
{
    if (!value)
        return NULL;
    size_t length = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *line = length ? malloc(length + 2) : NULL;
    if (line) {
        json_dumpb(value, line, length, JSON_COMPACT);
        line[length] = '\n';
        line[length + 1] = '\0';
    }
    json_decref(value);
    return line;
}
