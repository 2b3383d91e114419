/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine of a fake backend with a control socket, and clients of it. Everything here asserts. */
#ifndef TESTS_CONTROL_TEST_H
#define TESTS_CONTROL_TEST_H

#include "machine_test.h"

#include <arcbox/control.h>

#include <jansson.h>

#define assert_ok(call)             assert_status(call, ABX_OK)
#define assert_status(call, status) assert_status_(call, status, __FILE__, __LINE__)
void assert_status_(abx_status got, abx_status wanted, const char *file, int line);

typedef struct subject {
    abx_hypervisor *hypervisor;
    abx_machine *machine;
    abx_control *control;
    char folder[64];
    char path[96];
    int guest; /* with a console: the test's end of what it is in front of */
    abx_shared_console *console;
} subject;

/* A managed machine, with a balloon, that runs. `console`: it shares one. */
void subject_begin(subject *it, bool console);

/* Ends all of it; nothing of it may stay behind. */
void subject_end(subject *it);

/* Connects and takes the greeting. */
int client_open(const subject *it);

/* Connects and takes nothing. */
int client_connect(const subject *it);

void client_send(int fd, const char *text);

/* The next line, which comes. NULL: the end came. */
json_t *client_line(int fd);

/* Sends a request and takes the answer's result, or its error with this code. */
json_t *client_ask(int fd, const char *request);
void client_expect_error(int fd, const char *request, const char *code);

/* The next line is an error, of no request, with this code; then the connection ends. */
void client_expect_dismissal(int fd, const char *code);

/* Reads until the connection ends. */
void client_expect_end(int fd);

/* The next event of `kind`; others before it are skipped. */
json_t *client_event(int fd, const char *kind);

/* So many bytes come from `fd`, and are these. */
void client_hear(int fd, const char *wanted);

#endif
