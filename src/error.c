/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/error.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One per thread, of fixed size: recording a failure must not itself fail. */
typedef struct record {
    abx_error error;
    char operation[256];
    char message[1536]; /* ends with the advice */
} record;

/* All zero until the first failure: a thread that has none need not have its copy filled in. */
static _Thread_local record last;
static const abx_error none = { .operation = "", .advice = "", .message = "" };

static const struct {
    abx_status status;
    char name[24];
    char text[48];
} statuses[] = {
    { ABX_OK, "ABX_OK", "success" },
    { ABX_ERR_INVALID, "ABX_ERR_INVALID", "invalid argument" },
    { ABX_ERR_NOT_SUPPORTED, "ABX_ERR_NOT_SUPPORTED", "not supported here" },
    { ABX_ERR_NO_MEMORY, "ABX_ERR_NO_MEMORY", "the host has no memory for it" },
    { ABX_ERR_PERMISSION, "ABX_ERR_PERMISSION", "permission denied" },
    { ABX_ERR_NOT_FOUND, "ABX_ERR_NOT_FOUND", "not found" },
    { ABX_ERR_EXISTS, "ABX_ERR_EXISTS", "exists already" },
    { ABX_ERR_BUSY, "ABX_ERR_BUSY", "in use" },
    { ABX_ERR_STATE, "ABX_ERR_STATE", "not possible in this state" },
    { ABX_ERR_THREAD, "ABX_ERR_THREAD", "called from the wrong thread" },
    { ABX_ERR_RANGE, "ABX_ERR_RANGE", "address range not backed by guest memory" },
    { ABX_ERR_LIMIT, "ABX_ERR_LIMIT", "a limit is reached" },
    { ABX_ERR_FORMAT, "ABX_ERR_FORMAT", "malformed data" },
    { ABX_ERR_TIMEOUT, "ABX_ERR_TIMEOUT", "no answer in time" },
    { ABX_ERR_CONFIG, "ABX_ERR_CONFIG", "the configuration has faults" },
    { ABX_ERR_LOST, "ABX_ERR_LOST", "the backend is gone" },
    { ABX_ERR_SYSTEM, "ABX_ERR_SYSTEM", "a system call failed" },
    { ABX_ERR_EMPTY, "ABX_ERR_EMPTY", "nothing there" },
};

const char *abx_status_name(abx_status status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status)
            return statuses[i].name;
    }
    return "unknown status";
}

const char *abx_status_text(abx_status status)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].status == status)
            return statuses[i].text;
    }
    return "unknown status";
}

abx_status abx_status_of_errno(int os_error)
{
    switch (os_error) {
    case EACCES:
    case EPERM:
        return ABX_ERR_PERMISSION;
    case ENOMEM:
        return ABX_ERR_NO_MEMORY;
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return ABX_ERR_NOT_FOUND;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
        return ABX_ERR_LIMIT;
    case EBUSY:
    case EAGAIN:
        return ABX_ERR_BUSY;
    case EEXIST:
        return ABX_ERR_EXISTS;
    default:
        return ABX_ERR_SYSTEM;
    }
}

static const char *usual_advice(abx_status status, int os_error)
{
    switch (os_error) {
    case EMFILE:
        return "Raise this process's limit of open files (ulimit -n).";
    case ENFILE:
        return "Raise the host's limit of open files (fs.file-max).";
    case ENOSPC:
        return "Make room on the file system.";
    case EAGAIN:
        return "A limit of the host is reached (threads, locked memory); try again later or raise it.";
    default:
        break;
    }
    switch (status) {
    case ABX_ERR_NO_MEMORY:
        return "Give the machine less memory, or free memory on the host or in its control group.";
    case ABX_ERR_PERMISSION:
        return "Ask for the rights to it, or run as a user who has them.";
    case ABX_ERR_THREAD:
        return "A vCPU belongs to the thread that created it.";
    case ABX_ERR_BUSY:
        return "Try again when the other user is done.";
    case ABX_ERR_LOST:
        return "The machine cannot go on: destroy it.";
    default:
        return "";
    }
}

/* Two incompatible functions share the name strerror_r: GNU's returns the text, POSIX's an int. */
#if defined(__GLIBC__)
static const char *error_text(int os_error, char *buffer, size_t size)
{
    return strerror_r(os_error, buffer, size);
}
#else
static const char *error_text(int os_error, char *buffer, size_t size)
{
    return strerror_r(os_error, buffer, size) == 0 ? buffer : "unknown error";
}
#endif

const abx_error *abx_last_error(void)
{
    return last.error.message ? &last.error : &none;
}

abx_status abx_fail(abx_status status, int os_error, const char *advice, const char *operation, ...)
{
    int saved = errno;
    record fresh;
    va_list arguments;

    /* Into a fresh record first: the arguments may come from the old one. */
    va_start(arguments, operation);
    if (vsnprintf(fresh.operation, sizeof(fresh.operation), operation, arguments) < 0)
        fresh.operation[0] = '\0';
    va_end(arguments);
    if (!advice)
        advice = usual_advice(status, os_error);

    char buffer[128];
    const char *cause = os_error ? error_text(os_error, buffer, sizeof(buffer)) : abx_status_text(status);
    int length = snprintf(fresh.message, sizeof(fresh.message), "%s: %.128s; ", fresh.operation, cause);
    size_t start = length > 0 ? (size_t)length : 0; /* of the advice: operation and cause leave room for it */
    bool advised = *advice;
    if (advised)
        snprintf(fresh.message + start, sizeof(fresh.message) - start, "%s", advice);
    else if (start >= 2)
        fresh.message[start - 2] = '\0';

    memcpy(last.operation, fresh.operation, sizeof(last.operation));
    memcpy(last.message, fresh.message, sizeof(last.message));
    last.error = (abx_error){
        .status = status,
        .os_error = os_error,
        .operation = last.operation,
        .advice = advised ? last.message + start : "",
        .message = last.message,
    };
    errno = saved;
    return status;
}
