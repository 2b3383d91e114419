/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which of the calls that can fail does. */
#include "runtime.h"

static atomic_long countdown;
static const char *_Atomic failed;

void model_fail(long n)
{
    if (n)
        atomic_store_explicit(&failed, NULL, memory_order_relaxed);
    atomic_store_explicit(&countdown, n, memory_order_relaxed);
}

const char *model_failed(void)
{
    return atomic_load_explicit(&failed, memory_order_relaxed);
}

/* Relaxed, here and wherever the model counts: it must not put in an order what a Mac would not, or a race goes unseen.
 */
bool model_fails(const char *name)
{
    if (atomic_load_explicit(&countdown, memory_order_relaxed) <= 0 ||
        atomic_fetch_sub_explicit(&countdown, 1, memory_order_relaxed) != 1)
        return false;
    atomic_store_explicit(&failed, name, memory_order_relaxed);
    return true;
}
