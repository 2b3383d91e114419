/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One vocabulary of errors: a status for the program, and a sentence with advice for the person. */
#ifndef ARCBOX_ERROR_H
#define ARCBOX_ERROR_H

#include <arcbox/base.h>

ABX_BEGIN_DECLS

/* Zero or a negative code. The numbers never change meaning. */
typedef enum abx_status {
    ABX_OK = 0,
    ABX_ERR_INVALID = -1,       /* an argument is wrong by itself: NULL, out of its range, unknown flag */
    ABX_ERR_NOT_SUPPORTED = -2, /* this backend, host or machine kind cannot do it */
    ABX_ERR_NO_MEMORY = -3,     /* the host has no memory (or address space) for it */
    ABX_ERR_PERMISSION = -4,    /* the host refuses it to this user */
    ABX_ERR_NOT_FOUND = -5,     /* no such backend, file, region, slot … */
    ABX_ERR_EXISTS = -6,        /* overlaps or repeats something that is there */
    ABX_ERR_BUSY = -7,          /* in use; try when the other user is done */
    ABX_ERR_STATE = -8,         /* not in this state of the VM or vCPU */
    ABX_ERR_THREAD = -9,        /* not from this thread: a vCPU belongs to the thread that created it */
    ABX_ERR_RANGE = -10,        /* a guest address range is not (wholly) backed as the call needs it */
    ABX_ERR_LIMIT = -11,        /* more than the backend or host offers: slots, vCPUs, lines, buffer too small */
    ABX_ERR_FORMAT = -12,       /* a file or message is malformed, truncated or of another architecture */
    ABX_ERR_TIMEOUT = -13,      /* a peer did not answer in time */
    ABX_ERR_CONFIG = -14,       /* the configuration has faults: see abx_vm_config_validate() */
    ABX_ERR_LOST = -15,         /* the backend died or the device went away */
    ABX_ERR_SYSTEM = -16,       /* any other failure of a system call: see os_error */
    ABX_ERR_EMPTY = -17,        /* nothing there yet; not a fault: no error record is made */
} abx_status;

/* What went wrong last in this thread. All strings are valid until the next failing call of this thread. Never NULL. */
typedef struct abx_error {
    abx_status status;     /* what the failing function returned */
    int os_error;          /* errno of the failed system call, or 0 */
    const char *operation; /* what was being done: "open /dev/kvm", "map memory at 0x1000" */
    const char *advice;    /* a sentence for the user; "" when there is nothing to advise */
    const char *message;   /* all of it in one line: operation: cause; advice */
} abx_error;

/* "ABX_ERR_RANGE" and the like; "unknown status" for other values. Static storage. */
ABX_API const char *abx_status_name(abx_status status);

/* A few words: "address range not backed by guest memory". Static storage. */
ABX_API const char *abx_status_text(abx_status status);

/*
 * The last failure of this thread, for a function that returned a negative status just now. Successful calls leave it
 * alone. Before any failure: status ABX_OK and empty strings. The record belongs to the thread; do not free it, do not
 * hand it to another.
 */
ABX_API const abx_error *abx_last_error(void);

/*
 * Records a failure as this thread's last one and returns `status`: for backends and for layers above this library.
 * `os_error` is an errno or 0. `advice` is a sentence, or NULL for the usual one of that status and errno. `operation`
 * is a printf format; long texts are cut.
 */
ABX_API abx_status abx_fail(abx_status status, int os_error, const char *advice, const char *operation, ...)
    ABX_PRINTF(4, 5);

/*
 * The status for an errno: EACCES and EPERM give ABX_ERR_PERMISSION, ENOMEM gives ABX_ERR_NO_MEMORY, ENOENT, ENODEV and
 * ENXIO give ABX_ERR_NOT_FOUND, EMFILE, ENFILE and ENOSPC give ABX_ERR_LIMIT, EBUSY and EAGAIN give ABX_ERR_BUSY,
 * EEXIST gives ABX_ERR_EXISTS, others ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_status_of_errno(int os_error);

ABX_END_DECLS

#endif
