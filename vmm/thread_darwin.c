/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "thread.h"

void abx_thread_set_name(const char *name)
{
    pthread_setname_np(name);
}
