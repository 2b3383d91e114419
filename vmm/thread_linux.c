/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "thread.h"

void abx_thread_set_name(const char *name)
{
    /* By the thread itself it is one system call; from outside it would go through /proc. */
    pthread_setname_np(pthread_self(), name);
}
