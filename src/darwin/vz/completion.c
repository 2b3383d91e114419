/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "completion.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

struct abx_completion {
    atomic_uint users; /* the one who waits, and the handlers */
    atomic_uint handlers;
    dispatch_semaphore_t answered_semaphore;
    pthread_mutex_t lock; /* for what follows */
    bool answered;
    bool abandoned;
    abx_vz_fault fault;
    int fd;
};

abx_status abx_completion_new(abx_completion **out)
{
    abx_completion *completion = calloc(1, sizeof(*completion));
    dispatch_semaphore_t semaphore = completion ? dispatch_semaphore_create(0) : NULL;
    if (!semaphore) {
        free(completion);
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "wait for Virtualization.framework");
    }
    atomic_init(&completion->users, 1);
    atomic_init(&completion->handlers, 0);
    completion->answered_semaphore = semaphore;
    pthread_mutex_init(&completion->lock, NULL);
    completion->fd = -1;
    *out = completion;
    return ABX_OK;
}

void abx_completion_release(abx_completion *completion)
{
    if (atomic_fetch_sub_explicit(&completion->users, 1, memory_order_acq_rel) != 1)
        return;
    if (completion->fd >= 0)
        close(completion->fd);
    pthread_mutex_destroy(&completion->lock);
    dispatch_release(completion->answered_semaphore);
    free(completion);
}

void abx_completion_add_handler(abx_completion *completion)
{
    atomic_fetch_add_explicit(&completion->users, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&completion->handlers, 1, memory_order_relaxed);
}

void abx_completion_drop_handler(abx_completion *completion)
{
    if (atomic_fetch_sub_explicit(&completion->handlers, 1, memory_order_acq_rel) == 1) {
        abx_vz_fault lost;
        abx_vz_fault_set(&lost, ABX_ERR_LOST, "The framework forgot to answer.");
        abx_completion_answer(completion, &lost, -1);
    }
    abx_completion_release(completion);
}

void abx_completion_answer(abx_completion *completion, const abx_vz_fault *fault, int fd)
{
    pthread_mutex_lock(&completion->lock);
    bool wanted = !completion->answered && !completion->abandoned;
    if (wanted) {
        completion->answered = true;
        completion->fault = *fault;
        completion->fd = fd;
    }
    pthread_mutex_unlock(&completion->lock);
    if (wanted)
        dispatch_semaphore_signal(completion->answered_semaphore);
    else if (fd >= 0)
        close(fd);
}

void abx_completion_wait(abx_completion *completion, int timeout_ms, abx_vz_fault *fault, int *fd)
{
    dispatch_time_t deadline = DISPATCH_TIME_FOREVER;
    if (timeout_ms >= 0)
        deadline = dispatch_time(DISPATCH_TIME_NOW, (int64_t)timeout_ms * 1000000);
    dispatch_semaphore_wait(completion->answered_semaphore, deadline);

    /* An answer may have come just after the time was up: it counts. */
    pthread_mutex_lock(&completion->lock);
    if (completion->answered) {
        *fault = completion->fault;
        if (fd) {
            *fd = completion->fd;
            completion->fd = -1;
        }
    } else {
        completion->abandoned = true;
        abx_vz_fault_set(fault, ABX_ERR_TIMEOUT, "There was no answer in %d ms.", timeout_ms);
    }
    pthread_mutex_unlock(&completion->lock);
}
