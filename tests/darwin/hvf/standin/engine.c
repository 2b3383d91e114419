/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "engine.h"

#include "debug.h"
#include "exceptions.h"
#include "gic.h"
#include "instruction.h"
#include "level.h"
#include "memory.h"
#include "outcome.h"
#include "sysregs.h"
#include "timer.h"
#include "turn.h"

/* After so many instructions a stretch ends, so that time is looked at. */
enum { STRETCH = 4096 };

#define SCR_NS UINT64_C(1)
#define SCR_RW (UINT64_C(1) << 10)
#define HCR_RW (UINT64_C(1) << 31)

static bool must_stop(const model_vcpu *vcpu)
{
    if (vcpu->begun >= STRETCH || turn_wanted() || atomic_load_explicit(&vcpu->cancelled, memory_order_relaxed))
        return true;
    bool irq, fiq;
    gic_inputs(vcpu, &irq, &fiq);
    return (irq || fiq) && exception_interruptible(vcpu, irq, fiq);
}

/* Before each instruction. At least one is executed in a stretch. */
static void on_instruction(uc_engine *engine, uint64_t address, uint32_t size, void *data)
{
    (void)size;
    model_vcpu *vcpu = data;
    if (vcpu->event != EVENT_NONE)
        return;
    vcpu->pc = address;
    if (debug_active(vcpu))
        vcpu->event = debug_before(vcpu, address);
    if (vcpu->event == EVENT_NONE && vcpu->begun && must_stop(vcpu))
        vcpu->event = EVENT_BETWEEN;
    vcpu->begun++;
    if (vcpu->event != EVENT_NONE)
        uc_emu_stop(engine);
}

static bool on_memory(uc_engine *engine, uc_mem_type type, uint64_t address, int size, int64_t value, void *data)
{
    (void)engine, (void)size, (void)value;
    model_vcpu *vcpu = data;
    if (vcpu->event != EVENT_NONE)
        return false;
    vcpu->event = EVENT_MEMORY;
    vcpu->memory_type = type;
    vcpu->virtual_address = address;
    return false;
}

static void on_exception(uc_engine *engine, uint32_t number, void *data)
{
    model_vcpu *vcpu = data;
    if (vcpu->event == EVENT_NONE) {
        vcpu->event = EVENT_EXCEPTION;
        vcpu->exception = number;
    }
    uc_emu_stop(engine);
}

static void attach(model_vcpu *vcpu, int type, void *function)
{
    uc_hook hook;
    if (uc_hook_add(vcpu->engine, &hook, type, function, vcpu, 1, 0) != UC_ERR_OK)
        model_broken("uc_hook_add", "no hooks");
}

void engine_create(model_vcpu *vcpu)
{
    if (uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &vcpu->engine) != UC_ERR_OK ||
        uc_ctl_set_cpu_model(vcpu->engine, UC_CPU_ARM64_MAX) != UC_ERR_OK)
        model_broken("hv_vcpu_create", "libunicorn does not open");
    attach(vcpu, UC_HOOK_CODE, (void *)on_instruction);
    attach(vcpu, UC_HOOK_MEM_INVALID, (void *)on_memory);
    attach(vcpu, UC_HOOK_INTR, (void *)on_exception);
    sysregs_attach(vcpu);
    /* What firmware would have set: 64 bits below EL3 and EL2; otherwise ERET goes nowhere. */
    if (!register_write_system(vcpu, SYSREG(3, 6, 1, 1, 0), SCR_RW | SCR_NS) ||
        !register_write_system(vcpu, SYSREG(3, 4, 1, 1, 0), HCR_RW))
        model_broken("hv_vcpu_create", "libunicorn has no EL3");
    register_set_pstate(vcpu, 0x3c5);
    level_create(vcpu);
    memory_attach(vcpu->engine);
}

void engine_destroy(model_vcpu *vcpu)
{
    level_destroy(vcpu);
    uc_close(vcpu->engine);
}

static void stretch(model_vcpu *vcpu)
{
    vcpu->event = EVENT_NONE;
    vcpu->begun = 0;
    uc_err error = uc_emu_start(vcpu->engine, register_pc(vcpu), UINT64_MAX, 0, 0);
    if (error != UC_ERR_OK && vcpu->event == EVENT_NONE)
        model_broken("uc_emu_start", uc_strerror(error));
}

/* What is looked at before guest code runs. True: it does not run, this is an exit. */
static bool leaves_at_once(model_vcpu *vcpu)
{
    vcpu->exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_CANCELED };
    if (atomic_exchange(&vcpu->cancelled, false))
        return true;
    gic_take_timer(vcpu);
    if (vcpu->timer_masked || gic_exists() || !timer_fires(vcpu))
        return false;
    vcpu->timer_masked = true;
    vcpu->exit.reason = HV_EXIT_REASON_VTIMER_ACTIVATED;
    return true;
}

void engine_run(model_vcpu *vcpu)
{
    while (!leaves_at_once(vcpu)) {
        bool irq, fiq;
        gic_inputs(vcpu, &irq, &fiq);
        exception_interrupt(vcpu, irq, fiq);
        stretch(vcpu);
        if (outcome(vcpu))
            return;
        turn_give();
        turn_take();
    }
}
