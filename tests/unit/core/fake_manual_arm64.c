/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The part of the fake manual backend that only ARM64 has. */
#include "fake_manual.h"

static abx_status fake_get_gic(const void *vm, abx_arm64_gic *gic)
{
    (void)vm;
    *gic = (abx_arm64_gic){ .version = 3, .lines = 64, .has_its = true };
    return fake_log_enter("get_gic");
}

static abx_status fake_set_ppi(void *vm, uint32_t id, uint32_t ppi, bool level)
{
    (void)vm;
    fake_manual_arguments.count = id * 100 + ppi * 2 + level;
    return fake_log_enter("set_ppi");
}

static abx_status fake_sysreg_list(void *vcpu, abx_reg *names, size_t capacity, size_t *count)
{
    (void)vcpu;
    fake_manual_arguments.pointer = names;
    fake_manual_arguments.count = capacity;
    *count = 99;
    return fake_log_enter("sysreg_list");
}

static abx_status fake_save_gic(void *vm, void *buffer, size_t capacity, size_t *size)
{
    (void)vm;
    fake_manual_arguments.pointer = buffer;
    fake_manual_arguments.count = capacity;
    *size = 4321;
    return fake_log_enter("save_gic");
}

static abx_status fake_restore_gic(void *vm, const void *buffer, size_t size)
{
    (void)vm;
    fake_manual_arguments.pointer = buffer;
    fake_manual_arguments.count = size;
    return fake_log_enter("restore_gic");
}

static abx_status fake_get_events(void *vcpu, abx_arm64_events *events)
{
    (void)vcpu;
    events->serror_pending = true;
    return fake_log_enter("get_events");
}

static abx_status fake_set_events(void *vcpu, const abx_arm64_events *events)
{
    (void)vcpu;
    fake_manual_arguments.pointer = events;
    return fake_log_enter("set_events");
}

static abx_status fake_reset(void *vcpu)
{
    (void)vcpu;
    return fake_log_enter("reset");
}

static abx_status fake_set_irq(void *vcpu, bool irq, bool fiq)
{
    (void)vcpu;
    fake_manual_arguments.count = irq * 2u + fiq;
    return fake_log_enter("set_irq");
}

static abx_status fake_get_timer(void *vcpu, abx_arm64_timer *timer)
{
    (void)vcpu;
    *timer = (abx_arm64_timer){ .enabled = true, .compare = 2000, .count = 1000, .frequency = 24000000 };
    return fake_log_enter("get_timer");
}

static abx_status fake_unmask_timer(void *vcpu)
{
    (void)vcpu;
    return fake_log_enter("unmask_timer");
}

const abx_backend_arm64 fake_manual_arm64 = {
    .get_gic = fake_get_gic,
    .set_ppi = fake_set_ppi,
    .sysreg_list = fake_sysreg_list,
    .save_gic = fake_save_gic,
    .restore_gic = fake_restore_gic,
    .get_events = fake_get_events,
    .set_events = fake_set_events,
    .reset = fake_reset,
    .set_irq = fake_set_irq,
    .get_timer = fake_get_timer,
    .unmask_timer = fake_unmask_timer,
};
