/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the fake backends were asked to do, in order, and which of it shall fail. */
#ifndef TESTS_FAKE_LOG_H
#define TESTS_FAKE_LOG_H

#include <arcbox/backend.h>

/* Forgets everything. */
void fake_log_reset(void);

/* The calls so far: "open vm_create …". */
const char *fake_log_text(void);

/* From now on calls of `function` fail with `status`; NULL: nothing fails. */
void fake_log_fail(const char *function, abx_status status);

/* Enters `function` in the log; its status is what it shall return, with an error record where that is a failure. */
abx_status fake_log_enter(const char *function);

#endif
