/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/request.h"

#include <string.h>

static const char verb_names[][8] = {
    [ABX_CONTROL_STATUS] = "status",   [ABX_CONTROL_EVENTS] = "events", [ABX_CONTROL_PAUSE] = "pause",
    [ABX_CONTROL_RESUME] = "resume",   [ABX_CONTROL_STOP] = "stop",     [ABX_CONTROL_BALLOON] = "balloon",
    [ABX_CONTROL_METRICS] = "metrics", [ABX_CONTROL_ATTACH] = "attach",
};

const char *abx_control_verb_name(abx_control_verb verb)
{
    return verb_names[verb];
}

static bool take_whole(const json_t *value, uint64_t most, uint64_t *out)
{
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number > most)
        return false;
    *out = (uint64_t)number;
    return true;
}

static bool take_bool(const json_t *value, bool *out)
{
    *out = json_is_true(value);
    return json_is_boolean(value);
}

static bool take_event_backlog(abx_control_request *request, const json_t *value)
{
    uint64_t number = 0;
    bool good = take_whole(value, ABX_CONTROL_BACKLOG_MAX, &number);
    request->backlog = (uint32_t)number;
    return good;
}

static bool take_scrollback(abx_control_request *request, const json_t *value)
{
    uint64_t number = 0;
    bool good = take_whole(value, ABX_CONTROL_SCROLLBACK_MAX, &number);
    request->backlog = (uint32_t)number;
    return good;
}

/* Seconds. */
static bool take_timeout(abx_control_request *request, const json_t *value)
{
    const double day = 24 * 3600;
    double seconds = json_number_value(value);
    if (!json_is_number(value) || !(seconds >= 0 && seconds <= day))
        return false;
    request->timeout_ms = (uint32_t)(seconds * 1000);
    return true;
}

static bool take_force(abx_control_request *request, const json_t *value)
{
    return take_bool(value, &request->force);
}

static bool take_size(abx_control_request *request, const json_t *value)
{
    request->has_size = true;
    return take_whole(value, INT64_MAX, &request->size);
}

static bool take_hint(abx_control_request *request, const json_t *value)
{
    return take_bool(value, &request->hint);
}

static bool take_read_only(abx_control_request *request, const json_t *value)
{
    return take_bool(value, &request->read_only);
}

/* What a request may have beside "id" and "do". */
static const struct field {
    abx_control_verb verb;
    char name[12];
    char advice[56];
    bool (*take)(abx_control_request *request, const json_t *value);
} fields[] = {
    { ABX_CONTROL_EVENTS, "backlog", "It is a number of events from 0 to 256.", take_event_backlog },
    { ABX_CONTROL_STOP, "timeout", "It is a number of seconds from 0 to 86400.", take_timeout },
    { ABX_CONTROL_STOP, "force", "It is true or false.", take_force },
    { ABX_CONTROL_BALLOON, "size", "It is a number of bytes.", take_size },
    { ABX_CONTROL_BALLOON, "hint", "It is true or false.", take_hint },
    { ABX_CONTROL_ATTACH, "backlog", "It is a number of bytes from 0 to 65536.", take_scrollback },
    { ABX_CONTROL_ATTACH, "read_only", "It is true or false.", take_read_only },
};

static const struct field *find_field(abx_control_verb verb, const char *name)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].verb == verb && strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

/* jansson goes down as deep as the text does: on a stack that is small here. */
static bool is_shallow(const char *line, size_t length)
{
    unsigned depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = line[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            depth--;
        if (depth > ABX_CONTROL_DEPTH_MAX)
            return false;
    }
    return true;
}

static abx_status parse_text(json_t **out, const char *line, size_t length)
{
    static const char operation[] = "read a request";
    json_error_t error;
    if (!is_shallow(line, length))
        return abx_fail(ABX_ERR_LIMIT, 0, "Values may be nested eight deep.", "%s", operation);
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
    if (!object && json_error_code(&error) == json_error_out_of_memory)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s", operation);
    if (!object)
        return abx_fail(ABX_ERR_FORMAT, 0, "Send one JSON object in each line.", "%s", operation);
    if (!json_is_object(object)) {
        json_decref(object);
        return abx_fail(ABX_ERR_FORMAT, 0, "A request is a JSON object.", "%s", operation);
    }
    *out = object;
    return ABX_OK;
}

static abx_status take_id(abx_control_request *request, const json_t *object)
{
    json_t *id = json_object_get(object, "id");
    if (!id)
        return ABX_OK;
    if (!json_is_integer(id) && !(json_is_string(id) && json_string_length(id) <= ABX_CONTROL_ID_MAX))
        return abx_fail(ABX_ERR_INVALID, 0, "It is an integer or a string of at most 128 bytes.",
                        "read the id of a request");
    request->id = json_incref(id);
    return ABX_OK;
}

static abx_status take_verb(abx_control_request *request, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "do"));
    if (!name)
        return abx_fail(ABX_ERR_INVALID, 0, "The field \"do\" says what to do.", "read a request");
    for (abx_control_verb verb = 0; verb < ABX_CONTROL_VERBS; verb++) {
        if (strcmp(name, verb_names[verb]) == 0) {
            request->verb = verb;
            return ABX_OK;
        }
    }
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0,
                    "There are status, events, pause, resume, stop, balloon, metrics and attach.",
                    "carry out request '%.32s'", name);
}

static abx_status take_fields(abx_control_request *request, json_t *object)
{
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        if (strcmp(name, "id") == 0 || strcmp(name, "do") == 0)
            continue;
        const struct field *field = find_field(request->verb, name);
        if (!field)
            return abx_fail(ABX_ERR_INVALID, 0, "It has no such field.", "take field '%.32s' of request '%s'", name,
                            verb_names[request->verb]);
        if (!field->take(request, json_object_iter_value(at)))
            return abx_fail(ABX_ERR_INVALID, 0, field->advice, "take field '%s' of request '%s'", name,
                            verb_names[request->verb]);
    }
    return ABX_OK;
}

abx_status abx_control_request_parse(abx_control_request *request, const char *line, size_t length)
{
    json_t *object = NULL;
    *request = (abx_control_request){ .timeout_ms = ABX_CONTROL_STOP_TIMEOUT_MS };
    abx_status status = parse_text(&object, line, length);
    if (status != ABX_OK)
        return status;
    status = take_id(request, object);
    if (status == ABX_OK)
        status = take_verb(request, object);
    if (status == ABX_OK)
        status = take_fields(request, object);
    json_decref(object);
    return status;
}

void abx_control_request_end(abx_control_request *request)
{
    json_decref(request->id);
    request->id = NULL;
}
