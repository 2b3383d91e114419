/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is said to a client of the control socket: lines of JSON. docs/control.md. */
#ifndef ABX_VMM_CONTROL_ANSWER_H
#define ABX_VMM_CONTROL_ANSWER_H

#include <arcbox/event.h>
#include <arcbox/machine_balloon.h>

#include <jansson.h>

/* Of the greeting. It changes when a client of before could not go on. */
enum { ABX_CONTROL_PROTOCOL = 1 };

/* All of them: NULL for want of memory; otherwise a new reference. */

/* The first line: who speaks. */
json_t *abx_control_greeting(const char *name);

/* The answer to the request with this id (NULL: it had none). `result`, which may be NULL for want of memory, is given
 * away. */
json_t *abx_control_result(json_t *id, json_t *result);

/* The answer when it could not be done, by this thread's last error. */
json_t *abx_control_error(json_t *id);

/* An event, for those that have asked for them. */
json_t *abx_control_event(const abx_event *event);

/* A balloon as it is. */
json_t *abx_control_balloon(const abx_balloon_info *info);

/* What a guest named as free: so many bytes in so many ranges, and how long it took. */
json_t *abx_control_hinted(uint64_t bytes, size_t ranges, uint64_t ns);

/* A string; what is no UTF-8 in it is replaced. */
json_t *abx_control_text(const char *text);

/* The line itself with its end, for free(); `value` may be NULL and is given away. NULL for want of memory. */
char *abx_control_line(json_t *value);

#endif
