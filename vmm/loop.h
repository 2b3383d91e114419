/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A machine's event loop: libuv's, in a thread of its own or turned by the embedding program. What waits in it costs
 * nothing until it happens.
 *
 * Whatever runs in the loop, runs in one thread: that which turns it. Other threads hand tasks to it. Before the loop
 * turns for the first time, and after abx_loop_stop(), the thread that builds or destroys the machine counts as that
 * one.
 */
#ifndef ABX_VMM_LOOP_H
#define ABX_VMM_LOOP_H

#include <arcbox/error.h>

#include <stdbool.h>

typedef struct abx_loop abx_loop;

/* Errors: ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT, ABX_ERR_SYSTEM. */
abx_status abx_loop_new(abx_loop **out);

/* Turns it in a thread of its own from now on. Errors: those of abx_thread_start(). */
abx_status abx_loop_start(abx_loop *loop);

/* Ends the thread, if there is one: nothing runs any more, tasks that wait are forgotten. Not from the loop itself. */
void abx_loop_stop(abx_loop *loop);

/* Frees a loop that does not turn; its watches and timers have been freed. NULL is allowed. */
void abx_loop_free(abx_loop *loop);

/* For libuv's other handles. After a change to them outside of abx_loop_dispatch(): abx_loop_changed(). */
struct uv_loop_s *abx_loop_uv(abx_loop *loop);
void abx_loop_changed(abx_loop *loop);

/* For a loop that somebody turns: does what there is to do, without waiting. */
void abx_loop_dispatch(abx_loop *loop);

/* … and when to do so: when the descriptor is readable, or after so many milliseconds (-1: not before). */
int abx_loop_fd(abx_loop *loop);
int abx_loop_timeout(abx_loop *loop);

/* Something for the loop to do once. All zero but `run` and `argument`. */
typedef struct abx_loop_task {
    void (*run)(void *argument);
    void *argument;
    struct abx_loop_task *next;
    bool waits; /* it has been handed over and has not begun */
} abx_loop_task;

/* Hands a task over. It must stay where it is until it has begun. While it waits, another post does nothing. Any
 * thread, never waits for the loop. */
void abx_loop_post(abx_loop *loop, abx_loop_task *task);

/* Takes back a task that may wait. In the loop: it does not run any more. */
void abx_loop_cancel(abx_loop *loop, abx_loop_task *task);

/*
 * Runs `call` in the loop and returns after it. Not from a vCPU's thread: the loop may wait for that. From the loop
 * itself, or where nobody turns it, it is a plain call.
 */
void abx_loop_call(abx_loop *loop, void (*call)(void *argument), void *argument);

enum {
    ABX_LOOP_READABLE = 1, /* the numbers are libuv's */
    ABX_LOOP_WRITABLE = 2,
    ABX_LOOP_PRIORITY = 8,
    ABX_LOOP_FAULT = 256, /* the descriptor has an error: a read or write says which. Told of once */
};

/* A descriptor to wait for. */
typedef struct abx_loop_watch abx_loop_watch;

/*
 * Makes a watch that waits for nothing yet. `fd` stays the caller's, its O_NONBLOCK as it was, and open until the watch
 * is freed; one watch for each number. In the loop. Errors: ABX_ERR_NOT_SUPPORTED (a regular file or the like: always
 * ready), ABX_ERR_EXISTS, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_loop_watch_new(abx_loop_watch **out, abx_loop *loop, int fd,
                              void (*ready)(void *argument, unsigned events), void *argument);

/* What it waits for from now on, as often as it happens: ABX_LOOP_READABLE … or 0. In the loop. */
void abx_loop_watch_set(abx_loop_watch *watch, unsigned events);

/* `ready` is not called any more. In the loop. NULL is allowed. */
void abx_loop_watch_free(abx_loop_watch *watch);

/* A moment to wait for. */
typedef struct abx_loop_timer abx_loop_timer;

/* Makes a timer that is off. In the loop. Errors: ABX_ERR_NO_MEMORY. */
abx_status abx_loop_timer_new(abx_loop_timer **out, abx_loop *loop, void (*expired)(void *argument), void *argument);

/* Expires once, `delay_ms` from now; 0: off. In the loop. */
void abx_loop_timer_set(abx_loop_timer *timer, uint64_t delay_ms);

/* In the loop. NULL is allowed. */
void abx_loop_timer_free(abx_loop_timer *timer);

#endif
