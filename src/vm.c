/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "config_internal.h"
#include "vm_internal.h"
#include "vm_state.h"

#include <stdlib.h>

/* life_lock is held during every change of the VM's life, which may take long. */
struct abx_vm {
    abx_gate gate; /* first: every run of a vCPU looks at it */
    const abx_backend *backend;
    void *object; /* the backend's */
    abx_hypervisor *hypervisor;
    abx_memory_space *space; /* NULL: managed */
    abx_vm_config config;
    abx_event_queue events;
    atomic_uint users; /* the creator and the vCPUs */
    atomic_bool sealed;
    pthread_mutex_t life_lock;
    abx_vm_standing standing;
    pthread_mutex_t seal_lock;
    abx_vsock_listeners listeners;
};

static abx_status make_memory(abx_vm *vm)
{
    if (vm->backend->managed)
        return ABX_OK;
    abx_status status =
        abx_memory_space_new(&vm->space, vm->backend, vm->object, abx_hypervisor_capabilities(vm->hypervisor));
    if (status != ABX_OK || vm->config.no_memory)
        return status;
    return abx_memory_space_add_ram(vm->space, &vm->config, vm->config.arch);
}

/* All but the struct itself. Gives back what it took when it fails. */
static abx_status build(abx_vm *vm, const abx_vm_config *config)
{
    abx_status status = abx_vm_standing_init(&vm->standing);
    if (status != ABX_OK)
        return status;
    status = abx_config_copy(&vm->config, config, vm->hypervisor);
    if (status != ABX_OK)
        goto no_config;
    status = abx_event_queue_init(&vm->events, vm->config.event_capacity);
    if (status != ABX_OK)
        goto no_events;
    status = vm->backend->vm_create(&vm->object, abx_hypervisor_object(vm->hypervisor), &vm->config, vm);
    if (status != ABX_OK)
        goto no_object;
    status = make_memory(vm);
    if (status == ABX_OK)
        return ABX_OK;

    vm->backend->vm_destroy(vm->object);
    abx_memory_space_free(vm->space);
no_object:
    abx_event_queue_end(&vm->events);
no_events:
    abx_config_free(&vm->config);
no_config:
    abx_vm_standing_end(&vm->standing);
    return status;
}

/* By initialisers: unlike pthread_mutex_init() these cannot fail. */
static void make_locks(abx_vm *vm)
{
    vm->life_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    vm->seal_lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    vm->listeners.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    abx_gate_init(&vm->gate);
}

static void end_locks(abx_vm *vm)
{
    abx_gate_end(&vm->gate);
    pthread_mutex_destroy(&vm->listeners.lock);
    pthread_mutex_destroy(&vm->seal_lock);
    pthread_mutex_destroy(&vm->life_lock);
}

abx_status abx_vm_create(abx_vm **out, abx_hypervisor *hypervisor, const abx_vm_config *config)
{
    static const abx_vm_config defaults = ABX_VM_CONFIG_INIT;
    if (!out || !hypervisor)
        return abx_fail(ABX_ERR_INVALID, 0, "Neither the result nor the hypervisor may be NULL.", "create a VM");
    if (!config)
        config = &defaults;
    abx_status status = abx_vm_config_validate(config, hypervisor, NULL, 0, NULL);
    if (status != ABX_OK)
        return status;
    abx_vm *vm = calloc(1, sizeof(*vm));
    if (!vm)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "create a VM");

    vm->backend = abx_hypervisor_table(hypervisor);
    vm->hypervisor = hypervisor;
    atomic_init(&vm->users, 1);
    atomic_init(&vm->sealed, vm->backend->vm_seal == NULL);
    make_locks(vm);
    status = build(vm, config);
    if (status != ABX_OK) {
        end_locks(vm);
        free(vm);
        return status;
    }
    abx_hypervisor_hold(hypervisor);
    *out = vm;
    return ABX_OK;
}

void abx_vm_hold(abx_vm *vm)
{
    atomic_fetch_add_explicit(&vm->users, 1, memory_order_relaxed);
}

void abx_vm_release(abx_vm *vm)
{
    if (atomic_fetch_sub_explicit(&vm->users, 1, memory_order_acq_rel) != 1)
        return;
    vm->backend->vm_destroy(vm->object);
    abx_memory_space_free(vm->space);
    abx_event_queue_end(&vm->events);
    abx_config_free(&vm->config);
    abx_vm_standing_end(&vm->standing);
    end_locks(vm);
    abx_hypervisor *hypervisor = vm->hypervisor;
    free(vm);
    abx_hypervisor_close(hypervisor);
}

abx_status abx_vm_seal(abx_vm *vm)
{
    if (atomic_load_explicit(&vm->sealed, memory_order_acquire))
        return ABX_OK;
    abx_status status = ABX_OK;
    pthread_mutex_lock(&vm->seal_lock);
    if (!atomic_load_explicit(&vm->sealed, memory_order_relaxed)) {
        status = vm->backend->vm_seal(vm->object);
        if (status == ABX_OK)
            atomic_store_explicit(&vm->sealed, true, memory_order_release);
    }
    pthread_mutex_unlock(&vm->seal_lock);
    return status;
}

abx_status abx_vm_check(const abx_vm *vm, bool valid, abx_cap cap, size_t offset, const char *operation)
{
    if (!vm || !valid)
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL or out of its range.", "%s", operation);
    bool able = cap == ABX_CAP_COUNT || abx_hypervisor_has(vm->hypervisor, cap);
    return able && abx_table_has(vm->backend, offset) ? ABX_OK : abx_fail_absent(vm->backend, operation);
}

/* Goes to `to` and says so, unless the VM has come to its end meanwhile. Returns the state that holds now. */
static abx_vm_state move(abx_vm *vm, abx_vm_state to, const char *text)
{
    abx_vm_state now;
    if (abx_vm_standing_move(&vm->standing, to, text, &vm->events, &now) && abx_vm_state_is_final(to))
        abx_vsock_listeners_end(&vm->listeners);
    return now;
}

static abx_status wrong_state(const abx_vm *vm, const char *operation)
{
    return abx_fail(ABX_ERR_STATE, 0, NULL, "%s that is %s", operation, abx_vm_state_name(abx_vm_get_state(vm)));
}

abx_status abx_vm_expect(const abx_vm *vm, abx_vm_state state, const char *operation)
{
    return abx_vm_get_state(vm) == state ? ABX_OK : wrong_state(vm, operation);
}

bool abx_vm_await_end(abx_vm *vm, int timeout_ms)
{
    return abx_vm_standing_await_end(&vm->standing, timeout_ms);
}

abx_status abx_vm_arrive(abx_vm *vm, abx_vm_state to, const char *operation)
{
    abx_vm_state state = move(vm, to, NULL);
    if (state == to)
        return ABX_OK;
    if (state == ABX_VM_FAILED)
        return abx_fail(ABX_ERR_LOST, 0, NULL, "%s", operation);
    return wrong_state(vm, operation);
}

static abx_status call(const abx_vm *vm, abx_status (*function)(void *vm))
{
    return function ? function(vm->object) : ABX_OK;
}

static abx_status start(abx_vm *vm)
{
    static const char operation[] = "start a VM";
    if (abx_vm_get_state(vm) != ABX_VM_CREATED)
        return wrong_state(vm, operation);
    abx_status status = abx_vm_seal(vm);
    if (status == ABX_OK)
        status = call(vm, vm->backend->vm_start);
    if (status != ABX_OK)
        return status;
    /* A managed guest may have come to its end at once: it did start. */
    if (move(vm, ABX_VM_RUNNING, NULL) == ABX_VM_FAILED)
        return abx_fail(ABX_ERR_LOST, 0, NULL, "%s", operation);
    if (!vm->backend->managed)
        abx_gate_open(&vm->gate);
    return ABX_OK;
}

static abx_status pause_vm(abx_vm *vm)
{
    static const char operation[] = "pause a VM";
    if (!abx_hypervisor_has(vm->hypervisor, ABX_CAP_PAUSE))
        return abx_fail_absent(vm->backend, operation);
    if (abx_vm_get_state(vm) != ABX_VM_RUNNING)
        return wrong_state(vm, operation);
    abx_gate_close(&vm->gate, ABX_GATE_HELD);
    abx_status status = call(vm, vm->backend->vm_pause);
    if (status == ABX_OK)
        return abx_vm_arrive(vm, ABX_VM_PAUSED, operation);
    if (!vm->backend->managed)
        abx_gate_open(&vm->gate);
    return status;
}

static abx_status resume(abx_vm *vm)
{
    static const char operation[] = "resume a VM";
    if (abx_vm_get_state(vm) != ABX_VM_PAUSED)
        return wrong_state(vm, operation);
    abx_status status = call(vm, vm->backend->vm_resume);
    if (status == ABX_OK)
        status = abx_vm_arrive(vm, ABX_VM_RUNNING, operation);
    if (status == ABX_OK)
        abx_gate_open(&vm->gate);
    return status;
}

static abx_status stop(abx_vm *vm)
{
    if (abx_vm_state_is_final(abx_vm_get_state(vm)))
        return ABX_OK;
    abx_gate_close(&vm->gate, ABX_GATE_ENDED);
    bool well = call(vm, vm->backend->vm_stop) == ABX_OK;
    move(vm, well ? ABX_VM_STOPPED : ABX_VM_FAILED, well ? NULL : abx_last_error()->message);
    return ABX_OK;
}

void abx_vm_lock_life(abx_vm *vm)
{
    pthread_mutex_lock(&vm->life_lock);
    abx_vm_standing_hold(&vm->standing);
}

void abx_vm_unlock_life(abx_vm *vm)
{
    abx_vm_standing_let_go(&vm->standing, &vm->events);
    pthread_mutex_unlock(&vm->life_lock);
}

static abx_status live(abx_vm *vm, abx_status (*step)(abx_vm *), const char *operation)
{
    if (!vm)
        return abx_fail(ABX_ERR_INVALID, 0, "The VM must not be NULL.", "%s", operation);
    abx_vm_lock_life(vm);
    abx_status status = step(vm);
    abx_vm_unlock_life(vm);
    return status;
}

abx_status abx_vm_start(abx_vm *vm)
{
    return live(vm, start, "start a VM");
}

abx_status abx_vm_pause(abx_vm *vm)
{
    return live(vm, pause_vm, "pause a VM");
}

abx_status abx_vm_resume(abx_vm *vm)
{
    return live(vm, resume, "resume a VM");
}

abx_status abx_vm_stop(abx_vm *vm)
{
    return live(vm, stop, "stop a VM");
}

void abx_vm_destroy(abx_vm *vm)
{
    if (!vm)
        return;
    live(vm, stop, "stop a VM");
    abx_vm_release(vm);
}

void abx_backend_vm_ended(abx_vm *vm, abx_vm_state state, const char *text)
{
    if (!vm || !abx_vm_state_is_final(state))
        return;
    move(vm, state, text);
}

void abx_backend_vm_changed(abx_vm *vm, abx_vm_state state, const char *text)
{
    if (vm)
        abx_vm_standing_report(&vm->standing, state, text, &vm->events);
}

abx_vm_state abx_vm_get_state(const abx_vm *vm)
{
    return abx_vm_standing_get(&vm->standing);
}

const abx_vm_config *abx_vm_get_config(const abx_vm *vm)
{
    return &vm->config;
}

abx_hypervisor *abx_vm_get_hypervisor(const abx_vm *vm)
{
    return vm->hypervisor;
}

abx_memory_space *abx_vm_memory_space(const abx_vm *vm)
{
    return vm->space;
}

const abx_backend *abx_vm_backend(const abx_vm *vm)
{
    return vm->backend;
}

void *abx_vm_backend_object(const abx_vm *vm)
{
    return vm->object;
}

abx_event_queue *abx_vm_events(abx_vm *vm)
{
    return &vm->events;
}

abx_gate *abx_vm_gate(abx_vm *vm)
{
    return &vm->gate;
}

abx_vsock_listeners *abx_vm_listeners(abx_vm *vm)
{
    return &vm->listeners;
}
