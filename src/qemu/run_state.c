/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "run_state.h"

#include <stddef.h>
#include <string.h>

abx_run_state abx_run_state_parse(const char *status)
{
    static const struct {
        const char *status;
        abx_run_state state;
    } states[] = {
        { "running", { ABX_RUN_GOES, "QEMU lets the guest go on" } },
        { "io-error", { ABX_RUN_PAUSES, "QEMU paused the guest: a disk's image refused an operation" } },
        { "watchdog", { ABX_RUN_PAUSES, "QEMU paused the guest: its watchdog expired" } },
        { "suspended", { ABX_RUN_PAUSES, "the guest suspended itself" } },
        { "guest-panicked", { ABX_RUN_ENDS, "the guest panicked" } },
        { "shutdown", { ABX_RUN_ENDS, "the guest has ended" } },
        { "internal-error", { ABX_RUN_FAILS, "QEMU cannot go on: internal error" } },
    };
    for (size_t i = 0; status && i < sizeof(states) / sizeof(states[0]); i++) {
        if (strcmp(status, states[i].status) == 0)
            return states[i].state;
    }
    return (abx_run_state){ ABX_RUN_PAUSES, "QEMU paused the guest" };
}
