/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_pressure.h"

/* Grand Central Dispatch tells of it there, to queues of its own; that is not wired to the loop yet. */
abx_status abx_host_pressure_new(abx_host_pressure **out, abx_loop *loop, void (*pressed)(void *argument),
                                 void *argument)
{
    (void)out;
    (void)loop;
    (void)pressed;
    (void)argument;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "On macOS set the balloon's target yourself: policy MANUAL.",
                    "watch the host's memory pressure");
}

void abx_host_pressure_free(abx_host_pressure *pressure)
{
    (void)pressure;
}
