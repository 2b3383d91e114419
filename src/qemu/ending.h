/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the end of a QEMU process means for its machine. */
#ifndef ABX_SRC_QEMU_ENDING_H
#define ABX_SRC_QEMU_ENDING_H

#include "process.h"

#include <arcbox/event.h>
#include <arcbox/vm.h>

/* Why the machine ends, by QMP's SHUTDOWN event. */
typedef enum abx_shutdown {
    ABX_SHUTDOWN_NONE = 0, /* there was no such event */
    ABX_SHUTDOWN_GUEST,
    ABX_SHUTDOWN_RESET,
    ABX_SHUTDOWN_PANIC,
    ABX_SHUTDOWN_QUIT,  /* a command of ours */
    ABX_SHUTDOWN_HOST,  /* a signal, or something else outside the guest */
    ABX_SHUTDOWN_FAULT, /* no such event: QEMU stopped the guest because of an internal error, and nothing can go on */
} abx_shutdown;

/* The event's "reason"; NULL gives ABX_SHUTDOWN_HOST, as does one that is not known. */
abx_shutdown abx_shutdown_parse(const char *reason);

typedef struct abx_ending_facts {
    abx_shutdown shutdown;
    abx_process_end process;
    bool debug_exit;        /* the machine has the port */
    const char *last_words; /* the last line that QEMU printed, "" for none */
} abx_ending_facts;

typedef struct abx_ending {
    abx_vm_state state; /* STOPPED or FAILED */
    abx_event event;    /* the guest's or the backend's; kind ABX_EVENT_NONE: there is none to post */
    char text[256];     /* all that is known, in one line */
} abx_ending;

abx_ending abx_ending_judge(const abx_ending_facts *facts);

#endif
