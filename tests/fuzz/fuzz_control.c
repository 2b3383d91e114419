/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a client may send to a control socket: any bytes, in pieces of any size. The first byte of an input says how
 * large the pieces are.
 */
#include "control/answer.h"
#include "control/buffer.h"
#include "control/request.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* What would go back. */
static void answer(const abx_control_request *request, abx_status status)
{
    json_t *value = status == ABX_OK ? abx_control_result(request->id, json_object()) : abx_control_error(request->id);
    char *line = abx_control_line(value);
    if (line && strchr(line, '\n') != line + strlen(line) - 1)
        abort();
    free(line);
}

static void take_lines(abx_buffer *buffer)
{
    size_t length;
    while (abx_buffer_line(buffer, &length)) {
        abx_control_request request;
        abx_status status = abx_control_request_parse(&request, abx_buffer_bytes(buffer), length);
        if (status == ABX_OK && (request.verb >= ABX_CONTROL_VERBS || request.backlog > ABX_CONTROL_SCROLLBACK_MAX ||
                                 request.timeout_ms > 24 * 3600 * 1000))
            abort();
        answer(&request, status);
        abx_control_request_end(&request);
        abx_buffer_drop(buffer, length + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    abx_buffer buffer = ABX_BUFFER_INIT(ABX_CONTROL_LINE_MAX);
    size_t piece = size > 0 ? data[0] + 1u : 0;
    for (size_t at = 1; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        if (!abx_buffer_add(&buffer, data + at, length))
            break;
        take_lines(&buffer);
    }
    abx_buffer_free(&buffer);
    return 0;
}
