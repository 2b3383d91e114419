/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a client of the control socket asks for: one line of JSON. The client is not trusted. docs/control.md. */
#ifndef ABX_VMM_CONTROL_REQUEST_H
#define ABX_VMM_CONTROL_REQUEST_H

#include <arcbox/error.h>

#include <jansson.h>

enum {
    ABX_CONTROL_LINE_MAX = 64 * 1024,       /* of a request, its end included */
    ABX_CONTROL_DEPTH_MAX = 8,              /* how deep its values may be nested */
    ABX_CONTROL_ID_MAX = 128,               /* bytes of an id that is a string */
    ABX_CONTROL_BACKLOG_MAX = 256,          /* events that are kept */
    ABX_CONTROL_SCROLLBACK_MAX = 64 * 1024, /* bytes of the console that are kept */
    ABX_CONTROL_STOP_TIMEOUT_MS = 30000,    /* unless the client says so */
};

typedef enum abx_control_verb {
    ABX_CONTROL_STATUS,
    ABX_CONTROL_EVENTS,
    ABX_CONTROL_PAUSE,
    ABX_CONTROL_RESUME,
    ABX_CONTROL_STOP,
    ABX_CONTROL_BALLOON,
    ABX_CONTROL_METRICS,
    ABX_CONTROL_ATTACH,
    ABX_CONTROL_VERBS
} abx_control_verb;

typedef struct abx_control_request {
    json_t *id; /* an integer, a string, or NULL: there is none */
    abx_control_verb verb;
    uint32_t backlog;    /* events, attach: how many events or bytes of before */
    uint32_t timeout_ms; /* stop */
    bool force;          /* stop */
    bool has_size;       /* balloon: a target is given */
    uint64_t size;       /* … in bytes */
    bool hint;           /* balloon: the guest is asked what is free */
    bool read_only;      /* attach */
} abx_control_request;

/*
 * Takes `line` apart. In any case request->id is what could be found of it: abx_control_request_end() gives it back.
 * Errors: ABX_ERR_FORMAT (no JSON, or not an object), ABX_ERR_LIMIT (nested too deeply), ABX_ERR_NOT_SUPPORTED (no such
 * request), ABX_ERR_INVALID (a field is missing, unknown, or has a wrong value), ABX_ERR_NO_MEMORY.
 */
abx_status abx_control_request_parse(abx_control_request *request, const char *line, size_t length);
void abx_control_request_end(abx_control_request *request);

/* "status" … Static storage. */
const char *abx_control_verb_name(abx_control_verb verb);

#endif
