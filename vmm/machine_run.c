/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "machine_gic.h"
#include "machine_power.h"
#include "thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void abx_machine_go(abx_machine *machine, abx_machine_step step)
{
    pthread_mutex_lock(&machine->lock);
    if (machine->step < step)
        machine->step = step;
    pthread_mutex_unlock(&machine->lock);
    /* Outside the lock: who wakes would only wait for it again. The machine outlives this, its threads are joined. */
    pthread_cond_broadcast(&machine->changed);
}

/* Waits until `step` is reached; false when it is time to quit. */
static bool await_step(abx_machine *machine, abx_machine_step step)
{
    pthread_mutex_lock(&machine->lock);
    while (machine->step < step)
        pthread_cond_wait(&machine->changed, &machine->lock);
    bool go_on = machine->step != ABX_STEP_QUIT;
    pthread_mutex_unlock(&machine->lock);
    return go_on;
}

void abx_machine_keep_failure(abx_machine_failure *failure, abx_status status)
{
    const abx_error *error = abx_last_error();
    failure->status = status;
    failure->os_error = error->os_error;
    snprintf(failure->operation, sizeof(failure->operation), "%s", error->operation);
    snprintf(failure->advice, sizeof(failure->advice), "%s", error->advice);
}

abx_status abx_machine_tell_failure(const abx_machine_failure *failure)
{
    if (failure->status == ABX_OK)
        return ABX_OK;
    return abx_fail(failure->status, failure->os_error, failure->advice, "%s", failure->operation);
}

/*
 * Tells the thread that builds the machine; of several failures the first counts. In a machine that was launched,
 * others may have come to its end already: what fails after that fails for that reason.
 */
static void report_ready(abx_machine *machine, abx_status status)
{
    pthread_mutex_lock(&machine->lock);
    if (status != ABX_OK && machine->failure.status == ABX_OK && machine->result.end == ABX_END_NONE)
        abx_machine_keep_failure(&machine->failure, status);
    machine->ready++;
    pthread_mutex_unlock(&machine->lock);
    pthread_cond_broadcast(&machine->changed);
}

/* The kernel goes into memory while the vCPU is being made; the boot processor's registers wait for that. */
static abx_status build_vcpu(abx_machine_cpu *cpu)
{
    abx_status status = abx_vcpu_create(&cpu->vcpu, cpu->machine->vm, cpu->id);
    if (status != ABX_OK || cpu->id != 0 || !await_step(cpu->machine, ABX_STEP_LOADED))
        return status;
    return abx_boot_enter(cpu->vcpu, &cpu->machine->entry);
}

static abx_status enter(abx_machine_cpu *cpu, abx_exit *exit)
{
    return cpu->machine->gic ? abx_machine_run_with_gic(cpu, exit) : abx_vcpu_run(cpu->vcpu, exit);
}

/* Nobody else writes it: no need for an atomic addition. */
static void count_exit(abx_machine_cpu *cpu, abx_exit_kind kind)
{
    _Atomic uint64_t *counter = &cpu->exits[(unsigned)kind % ABX_MACHINE_EXITS];
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1, memory_order_relaxed);
}

static void run(abx_machine_cpu *cpu)
{
    abx_exit exit;
    abx_machine_share_statistics(cpu);
    if (!abx_machine_await_power(cpu))
        return;
    do {
        if (enter(cpu, &exit) != ABX_OK) {
            abx_machine_finish(cpu->machine, ABX_END_FAILED, cpu->id, 0, abx_last_error()->message);
            return;
        }
        count_exit(cpu, exit.kind);
    } while (abx_machine_handle_exit(cpu, &exit));
}

/* The last to leave sees to it that all output has gone out, and tells of the end. */
static void leave(abx_machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    bool last = ++machine->gone == machine->cpu_count && machine->step >= ABX_STEP_RUN;
    pthread_mutex_unlock(&machine->lock);
    if (!last)
        return;
    abx_machine_drain_devices(machine);
    abx_machine_declare_ended(machine);
}

/* "vcpu-<id>", without the pages of code and stack that the first printf of a process touches. */
static void name_thread(char name[16], uint32_t id)
{
    char digits[10];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + id % 10);
    while (id /= 10);
    memcpy(name, "vcpu-", 5);
    for (size_t i = 0; i < count; i++)
        name[5 + i] = digits[count - 1 - i];
    name[5 + count] = 0;
}

static void *vcpu_thread(void *argument)
{
    abx_machine_cpu *cpu = argument;
    char name[16];
    name_thread(name, cpu->id);
    abx_thread_set_name(name);
    abx_status status = build_vcpu(cpu);
    abx_vcpu_wait_bind(&cpu->wait, cpu->vcpu);
    report_ready(cpu->machine, status);
    if (status == ABX_OK && await_step(cpu->machine, ABX_STEP_RUN))
        run(cpu);
    abx_vcpu_wait_bind(&cpu->wait, NULL);
    abx_vcpu_destroy(cpu->vcpu);
    leave(cpu->machine);
    return NULL;
}

abx_status abx_machine_start_threads(abx_machine *machine, uint32_t cpus)
{
    machine->cpus = calloc(cpus, sizeof(*machine->cpus));
    if (!machine->cpus)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make room for %u vCPUs", cpus);
    for (uint32_t id = 0; id < cpus; id++) {
        abx_machine_cpu *cpu = &machine->cpus[id];
        cpu->machine = machine;
        cpu->id = id;
        char name[16];
        name_thread(name, id);
        abx_vcpu_wait_init(&cpu->wait);
        abx_status status = abx_thread_start(&cpu->thread, vcpu_thread, cpu, name);
        if (status != ABX_OK) {
            abx_vcpu_wait_end(&cpu->wait);
            return status;
        }
        pthread_mutex_lock(&machine->lock);
        machine->cpu_count++;
        pthread_mutex_unlock(&machine->lock);
    }
    return ABX_OK;
}

abx_status abx_machine_await_ready(abx_machine *machine)
{
    pthread_mutex_lock(&machine->lock);
    while (machine->ready < machine->cpu_count)
        pthread_cond_wait(&machine->changed, &machine->lock);
    pthread_mutex_unlock(&machine->lock);
    return abx_machine_tell_failure(&machine->failure);
}

void abx_machine_join_threads(abx_machine *machine)
{
    for (uint32_t i = 0; i < machine->cpu_count; i++)
        pthread_join(machine->cpus[i].thread, NULL);
}

void abx_machine_free_threads(abx_machine *machine)
{
    for (uint32_t i = 0; i < machine->cpu_count; i++)
        abx_vcpu_wait_end(&machine->cpus[i].wait);
    free(machine->cpus);
    machine->cpus = NULL;
    machine->cpu_count = 0;
}
