/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "thread.h"

#include <errno.h>
#include <signal.h>

/* Enough for the deepest path of ours with a good reserve; sanitizers need more for their own frames. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_SIZE = 1024 * 1024 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
enum { STACK_SIZE = 1024 * 1024 };
#else
enum { STACK_SIZE = 128 * 1024 };
#endif
#else
enum { STACK_SIZE = 128 * 1024 };
#endif

abx_status abx_thread_start(pthread_t *thread, void *(*body)(void *), void *argument, const char *name)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "start thread %s", name);

    /* A new thread inherits the mask: nothing can arrive in between. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (error == EAGAIN)
        return abx_fail(ABX_ERR_LIMIT, error, "There are too many threads: see ulimit -u.", "start thread %s", name);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "start thread %s", name);
    return ABX_OK;
}
