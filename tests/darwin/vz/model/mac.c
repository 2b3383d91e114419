/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The Mac that is modelled. */
#include "runtime.h"

model_mac model;

static const model_mac usual = { .major = 26,
                                 .minor = 0,
                                 .supported = true,
                                 .entitled = true,
                                 .may_bridge = true,
                                 .nested = true,
                                 .can_save = true,
                                 .rosetta = 2,
                                 .cpu_limits = { 1, 8 },
                                 .memory_limits = { UINT64_C(4) << 20, UINT64_C(16) << 30 },
                                 .interfaces = { "en0", "en1" } };

__attribute__((constructor)) static void start(void)
{
    model = usual;
}

void model_reset(void)
{
    model = usual;
    model_fail(0);
    model_fail_operation(NULL, 0, 0);
    model_hold(false);
}

bool abx_model_macos_at_least(int major, int minor)
{
    return MACOS(model.major, model.minor) >= MACOS(major, minor);
}

bool abx_model_is_arm64(void)
{
    return !model.intel;
}

bool model_exists(int since, int flags)
{
    return MACOS(model.major, model.minor) >= since && !(model.intel && (flags & ARM64_ONLY));
}
