/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* For tests of the model itself. */
#ifndef MODEL_TEST_H
#define MODEL_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include "model.h"

/* In a child process `function` is ended by the model with a line that contains `text`. */
void assert_dies(void (*function)(void), const char *text);
/* Nothing is left. */
void assert_nothing_alive(void);

/* objc_msgSend, to be cast; a direct call with other types the compiler takes for a mistake. */
extern void (*message)(void);
/* Messages by their number of arguments, objects or words of 64 bit. */
id send0(id receiver, const char *selector);
id send1(id receiver, const char *selector, id argument);
id send2(id receiver, const char *selector, id first, id second);
uint64_t ask(id receiver, const char *selector);
bool ask_bool(id receiver, const char *selector);
bool ask_error(id receiver, const char *selector, id *error);
void set_number(id receiver, const char *selector, uint64_t value);

id class_object(const char *name);
/* [[name alloc] init], which belongs to the caller. */
id make(const char *name);
/* An instance of a class whose initialiser has one argument. */
id make_with(const char *name, const char *initialiser, id argument);
id string(const char *text); /* autoreleased */
id file_url(const char *path);
id array_of(id object);
long error_code(id error);

/* A file that is removed at the end of the program, of this size. */
const char *file_of(size_t size);

/* A configuration that is valid, which belongs to the caller, and a machine of it. */
id good_configuration(void);
/* What its validation says, with part of the text. */
void assert_configuration_valid(id configuration);
void assert_configuration_invalid(id configuration, const char *text);
typedef struct rig {
    void *pool;
    dispatch_queue_t queue;
    id configuration, machine;
} rig;
void rig_begin(rig *r);
void rig_begin_with(rig *r, id configuration);
void rig_end(rig *r);

/* A completion handler that notes what it gets. It lives as long as this structure, on the stack. */
typedef struct handler {
    struct {
        void *isa;
        int32_t flags, reserved;
        void (*invoke)(void *block, id first, id second);
        const void *descriptor;
        struct handler *handler;
    } block;
    dispatch_semaphore_t called;
    long code;     /* of the error, or 0 */
    int connected; /* a duplicate of the connection's descriptor, or -1 */
} handler;
void handler_begin(handler *h);            /* for an error */
void handler_begin_connection(handler *h); /* for a connection and an error */
long handler_wait(handler *h);             /* and its end: the code */

/* Runs on the machine's queue. */
int64_t state_of(rig *r);
void on_queue(rig *r, void (*work)(rig *r));
/* Sends an operation and waits for its end. */
long operate(rig *r, const char *selector);

#endif
