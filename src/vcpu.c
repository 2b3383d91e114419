/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "vcpu_internal.h"

#include <stdlib.h>

#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Its address names the calling thread, at the price of an instruction or two. */
#ifdef __ELF__
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local char this_thread;

bool abx_vcpu_is_mine(const abx_vcpu *vcpu)
{
    return vcpu->owner == &this_thread;
}

abx_status abx_vcpu_check(const abx_vcpu *vcpu, bool valid, abx_cap cap, size_t offset, const char *operation)
{
    if (UNLIKELY(!vcpu || !valid))
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL or out of its range.", "%s", operation);
    if (UNLIKELY(!abx_vcpu_is_mine(vcpu)))
        return abx_fail(ABX_ERR_THREAD, 0, NULL, "%s of vCPU %u", operation, vcpu->passenger.id);
    bool able = cap == ABX_CAP_COUNT || abx_hypervisor_has(abx_vm_get_hypervisor(vcpu->vm), cap);
    if (UNLIKELY(!able || !abx_table_has(vcpu->backend, offset)))
        return abx_fail_absent(vcpu->backend, operation);
    return ABX_OK;
}

static abx_status check_create(abx_vcpu **out, abx_vm *vm, uint32_t id)
{
    static const char operation[] = "create vCPU %u";
    if (!out || !vm)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the result nor the VM may be NULL.", operation, id);
    if (abx_vm_backend(vm)->managed)
        return abx_fail_absent(abx_vm_backend(vm), "create a vCPU");
    if (id >= abx_vm_get_config(vm)->cpus)
        return abx_fail(ABX_ERR_LIMIT, 0, "The configuration's field cpus says how many there may be.", operation, id);
    abx_vm_state state = abx_vm_get_state(vm);
    if (state == ABX_VM_STOPPED || state == ABX_VM_FAILED)
        return abx_fail(ABX_ERR_STATE, 0, "The VM has come to its end.", operation, id);
    return ABX_OK;
}

/* Joins the gate first: of two threads that ask for the same id at once only one gets as far as the backend. */
static abx_status build(abx_vcpu *vcpu, uint32_t id)
{
    abx_status status = abx_wake_init(&vcpu->passenger.wake);
    if (status != ABX_OK)
        return status;
    if (!abx_gate_join(vcpu->gate, &vcpu->passenger)) {
        status = abx_fail(ABX_ERR_EXISTS, 0, NULL, "create vCPU %u", id);
        goto no_place;
    }
    status = abx_vm_seal(vcpu->vm);
    if (status == ABX_OK)
        status = vcpu->backend->vcpu_create(&vcpu->object, abx_vm_backend_object(vcpu->vm), id);
    if (status == ABX_OK) {
        vcpu->passenger.object = vcpu->object;
        return ABX_OK;
    }
    abx_gate_part(vcpu->gate, &vcpu->passenger);
no_place:
    abx_wake_end(&vcpu->passenger.wake);
    return status;
}

abx_status abx_vcpu_create(abx_vcpu **out, abx_vm *vm, uint32_t id)
{
    abx_status status = check_create(out, vm, id);
    if (status != ABX_OK)
        return status;
    abx_vcpu *vcpu = calloc(1, sizeof(*vcpu));
    if (!vcpu)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "create vCPU %u", id);
    vcpu->gate = abx_vm_gate(vm);
    vcpu->owner = &this_thread;
    vcpu->backend = abx_vm_backend(vm);
    vcpu->run = vcpu->backend->vcpu_run;
    vcpu->vm = vm;
    vcpu->passenger.id = id;
    vcpu->passenger.kick = vcpu->backend->vcpu_kick;
    atomic_init(&vcpu->kicked, false);
    atomic_init(&vcpu->passenger.inside, 0);
    status = build(vcpu, id);
    if (status != ABX_OK) {
        free(vcpu);
        return status;
    }
    abx_vm_hold(vm);
    abx_event_vcpu(vm, ABX_EVENT_VCPU_ON, id);
    *out = vcpu;
    return ABX_OK;
}

abx_status abx_vcpu_destroy(abx_vcpu *vcpu)
{
    if (!vcpu)
        return ABX_OK;
    if (!abx_vcpu_is_mine(vcpu))
        return abx_fail(ABX_ERR_THREAD, 0, NULL, "destroy vCPU %u", vcpu->passenger.id);
    abx_gate_part(vcpu->gate, &vcpu->passenger);
    vcpu->backend->vcpu_destroy(vcpu->object);
    abx_wake_end(&vcpu->passenger.wake);
    abx_event_vcpu(vcpu->vm, ABX_EVENT_VCPU_OFF, vcpu->passenger.id);
    abx_vm_release(vcpu->vm);
    free(vcpu);
    return ABX_OK;
}

/* A run ends by the library's own doing. */
static abx_status end_run(abx_exit *exit, abx_exit_kind kind)
{
    exit->kind = kind;
    exit->reason = 0;
    return ABX_OK;
}

/* Takes the kick that has arrived, if there is one. The backend forgets first: a kick that comes between the two is
 * then in both places, and costs the next run no more than one entry. */
static bool take_kick(abx_vcpu *vcpu)
{
    vcpu->backend->vcpu_clear_kick(vcpu->object);
    return atomic_exchange(&vcpu->kicked, false);
}

/* Waits while the gate is held; true when a kick ended that. */
static bool wait_for_gate(abx_vcpu *vcpu)
{
    abx_wake *wake = &vcpu->passenger.wake;
    for (;;) {
        abx_wake_prepare(wake);
        bool held = atomic_load(&vcpu->gate->position) == ABX_GATE_HELD;
        bool kicked = held && take_kick(vcpu);
        if (!held || kicked) {
            abx_wake_cancel(wake);
            return kicked;
        }
        abx_wake_wait(wake);
    }
}

/*
 * Completes the I/O of the last exit before a wait; true when the run ends here: with a failure, or with the next
 * access of the same instruction. The passenger is still inside by name: whoever pauses the VM finds the I/O completed.
 */
static bool completion_ends_run(abx_vcpu *vcpu, abx_exit *exit, abx_status *status)
{
    *status = ABX_OK;
    if (!vcpu->backend->vcpu_complete_io)
        return false;
    *status = vcpu->backend->vcpu_complete_io(vcpu->object);
    if (*status == ABX_ERR_BUSY)
        *status = vcpu->run(vcpu->object, exit);
    else if (*status == ABX_OK)
        return false;
    abx_vcpu_rekick(vcpu);
    return true;
}

/* What a run does before a gate that is not open. `*again`: it is to try once more. */
static abx_status turned_away(abx_vcpu *vcpu, abx_exit *exit, bool *again)
{
    abx_status status = ABX_OK;
    bool held = atomic_load(&vcpu->gate->position) == ABX_GATE_HELD;
    bool ended = held && completion_ends_run(vcpu, exit, &status);
    abx_gate_leave(vcpu->gate, &vcpu->passenger);
    abx_gate_tell(vcpu->gate);
    *again = false;
    if (ended)
        return status;

    switch (atomic_load(&vcpu->gate->position)) {
    case ABX_GATE_NOT_YET:
        return abx_fail(ABX_ERR_STATE, 0, "Start the VM first.", "run vCPU %u", vcpu->passenger.id);
    case ABX_GATE_ENDED:
        return end_run(exit, ABX_EXIT_STOPPED);
    case ABX_GATE_HELD:
        if (wait_for_gate(vcpu))
            return end_run(exit, ABX_EXIT_INTERRUPTED);
        break;
    default:
        break;
    }
    abx_vcpu_rekick(vcpu);
    *again = true;
    return ABX_OK;
}

/* What a run does after it left the guest. `*again`: it is to enter once more. */
static abx_status left(abx_vcpu *vcpu, abx_exit *exit, abx_status status, bool *again)
{
    int position = atomic_load(&vcpu->gate->position);
    if (position != ABX_GATE_OPEN)
        abx_gate_tell(vcpu->gate);
    *again = false;
    if (status != ABX_OK)
        return status;
    if (position == ABX_GATE_ENDED)
        return end_run(exit, ABX_EXIT_STOPPED);
    /* Without a kick it was somebody else's signal, or a pause that may be over by now. */
    if (exit->kind == ABX_EXIT_INTERRUPTED)
        *again = !take_kick(vcpu);
    return ABX_OK;
}

/* Goes on with a run that was turned away (not `entered`), or that left with `status` and does not just end so. */
__attribute__((cold, noinline)) static abx_status go_on(abx_vcpu *vcpu, abx_exit *exit, abx_status status, bool entered)
{
    for (;;) {
        bool again;
        status = entered ? left(vcpu, exit, status, &again) : turned_away(vcpu, exit, &again);
        if (!again)
            return status;
        entered = abx_gate_enter(vcpu->gate, &vcpu->passenger);
        if (entered) {
            status = vcpu->run(vcpu->object, exit);
            abx_gate_leave(vcpu->gate, &vcpu->passenger);
        }
    }
}

__attribute__((cold, noinline)) static abx_status refuse_run(const abx_vcpu *vcpu, const abx_exit *exit)
{
    if (!vcpu || !exit)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the vCPU nor the exit may be NULL.", "run a vCPU");
    return abx_fail(ABX_ERR_THREAD, 0, NULL, "run vCPU %u", vcpu->passenger.id);
}

/* The way of nearly every run: in, out, and nothing else has happened. Without a loop it needs few registers. */
abx_status abx_vcpu_run(abx_vcpu *vcpu, abx_exit *exit)
{
    if (UNLIKELY(!vcpu || !exit || !abx_vcpu_is_mine(vcpu)))
        return refuse_run(vcpu, exit);
    if (UNLIKELY(!abx_gate_enter(vcpu->gate, &vcpu->passenger)))
        return go_on(vcpu, exit, ABX_OK, false);
    abx_status status = vcpu->run(vcpu->object, exit);
    if (UNLIKELY(!abx_gate_leave(vcpu->gate, &vcpu->passenger)) || UNLIKELY(status != ABX_OK) ||
        UNLIKELY(exit->kind == ABX_EXIT_INTERRUPTED))
        return go_on(vcpu, exit, status, true);
    return ABX_OK;
}

void abx_vcpu_kick(abx_vcpu *vcpu)
{
    atomic_store(&vcpu->kicked, true);
    vcpu->backend->vcpu_kick(vcpu->object);
    abx_wake_post(&vcpu->passenger.wake);
}

void abx_vcpu_rekick(abx_vcpu *vcpu)
{
    if (atomic_load(&vcpu->kicked))
        vcpu->backend->vcpu_kick(vcpu->object);
}

abx_status abx_vcpu_complete_io(abx_vcpu *vcpu)
{
    static const char operation[] = "complete the I/O";
    abx_status status = abx_vcpu_check(vcpu, true, ABX_CAP_COUNT, offsetof(abx_backend, vcpu_complete_io), operation);
    if (status != ABX_OK)
        return status;
    status = vcpu->backend->vcpu_complete_io(vcpu->object);
    abx_vcpu_rekick(vcpu);
    if (status == ABX_ERR_BUSY)
        return abx_fail(status, 0, "The instruction makes another access: run the vCPU for that exit.", "%s of vCPU %u",
                        operation, vcpu->passenger.id);
    return status;
}

uint32_t abx_vcpu_id(const abx_vcpu *vcpu)
{
    return vcpu->passenger.id;
}
