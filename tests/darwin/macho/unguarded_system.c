/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Must not compile: a function of the C library that came with macOS 12.1. */
#include <pthread.h>

extern void caller(void);

void caller(void)
{
    pthread_jit_write_freeze_callbacks_np();
}
