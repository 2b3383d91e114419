/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the machine's own files know of it. */
#ifndef ABX_VMM_MACHINE_INTERNAL_H
#define ABX_VMM_MACHINE_INTERNAL_H

#include <arcbox/machine.h>

#include "bus.h"
#include "device.h"
#include "gicv3/gicv3.h"
#include "psci.h"
#include "vcpu_wait.h"

#include <pthread.h>
#include <stdatomic.h>

/* How far the machine's threads may go. */
typedef enum abx_machine_step {
    ABX_STEP_BUILD = 0, /* make their vCPUs */
    ABX_STEP_LOADED,    /* the kernel is in memory: set the boot processor up */
    ABX_STEP_RUN,
    ABX_STEP_QUIT,
} abx_machine_step;

/* A failure on its way from one thread's last error to another's. */
typedef struct abx_machine_failure {
    abx_status status;
    int os_error;
    char operation[160];
    char advice[256];
} abx_machine_failure;

/* Kinds of exits that are counted: abx_exit_kind is below. */
enum { ABX_MACHINE_EXITS = 32 };
_Static_assert((int)ABX_EXIT_TIMER < (int)ABX_MACHINE_EXITS, "every kind has its counter");

/* A vCPU and its thread. */
typedef struct abx_machine_cpu {
    abx_machine *machine;
    pthread_t thread;
    uint32_t id;
    abx_vcpu_wait wait; /* with a controller or PSCI of the machine's own */

    /* Its thread's own. */
    abx_vcpu *vcpu;   /* NULL: none yet, or no more */
    int inputs;       /* as they were set last: abx_gicv3_inputs() */
    bool timer_fired; /* and has not been unmasked since */
    bool shares_statistics;

    _Atomic uint64_t exits[ABX_MACHINE_EXITS]; /* by kind; written by its thread alone */
} abx_machine_cpu;

enum { ABX_MACHINE_DEVICES = 24 };

struct abx_machine {
    abx_vm *vm;
    abx_loop *loop; /* NULL: nothing needs one, yet */
    bool loop_is_callers;
    abx_gicv3 *gic; /* ARM64: its own; NULL: there is none */
    abx_psci *psci; /* likewise */
    abx_boot_entry entry;
    bool managed;
    bool has_lines; /* the machine has interrupt controllers, its own or the kernel's */
    atomic_flag line_failed;
    atomic_bool shares_statistics; /* vCPUs shall share the kernel's */

    /* Built before the first thread starts; constant afterwards. */
    abx_bus ports;
    abx_bus mmio;
    abx_device devices[ABX_MACHINE_DEVICES];
    size_t device_count;
    const abx_device *power_button; /* one of them, or NULL */
    const abx_device *balloon;      /* likewise */
    abx_machine_cpu *cpus;
    uint32_t cpu_count;    /* threads that were started */
    uint32_t virtio_count; /* of the devices */

    pthread_mutex_t control; /* held through start, pause and resume */

    pthread_mutex_t lock; /* of what follows; held for moments */
    pthread_cond_t changed;
    abx_machine_step step;
    uint32_t ready; /* threads that have built their vCPU, or failed to */
    uint32_t gone;  /* threads that have left */
    abx_machine_failure failure;
    abx_machine_result result;
    bool ended; /* the result is final and nothing of the machine runs any more */
};

/* machine_loop.c */

/* Makes the loop if `config` wants one: to be turned by the caller, or on manual backends for virtio devices. */
abx_status abx_machine_build_loop(abx_machine *machine, const abx_machine_config *config, bool manual);

/* Lets it turn, after the devices have been built. */
abx_status abx_machine_start_loop(abx_machine *machine);

/* The loop of a machine that has been built, made now if there was none. Any thread but the machine's own. */
abx_status abx_machine_need_loop(abx_machine *machine, abx_loop **loop);

/* machine_devices.c */

/* Makes the devices of `config`, and ACPI's registers. */
abx_status abx_machine_build_devices(abx_machine *machine, const abx_machine_config *config, bool acpi);

/* An event for each device of `config`, which has been built. */
void abx_machine_tell_attached(abx_machine *machine, const abx_machine_config *config);
void abx_machine_resume_devices(abx_machine *machine);
void abx_machine_pause_devices(abx_machine *machine);
void abx_machine_drain_devices(abx_machine *machine);
void abx_machine_abandon_devices(abx_machine *machine);
void abx_machine_free_devices(abx_machine *machine);

/* Those of its configuration, in its order; and what one is called. */
size_t abx_machine_count_devices(const abx_machine *machine);
const char *abx_machine_device_name(const abx_machine *machine, size_t index);

/* machine_end.c */

/* Notes an end; false when there is one already. Any thread. */
bool abx_machine_note_end(abx_machine *machine, abx_machine_end end, uint64_t code, const char *text);

/* Notes an end, tells of it, and stops the VM. vCPU threads. `vcpu`: UINT32_MAX where it does not matter. */
void abx_machine_finish(abx_machine *machine, abx_machine_end end, uint32_t vcpu, uint64_t code, const char *text);

/* How it ended; ABX_END_NONE before that. Any thread. */
void abx_machine_get_result(const abx_machine *machine, abx_machine_result *result);

/* As abx_machine_stop(), but returns when the VM is stopped. */
void abx_machine_begin_stop(abx_machine *machine);

/* Nothing runs any more: wakes those that wait for the end. */
void abx_machine_declare_ended(abx_machine *machine);

/* machine_run.c */

/* Starts the threads, which make their vCPUs. */
abx_status abx_machine_start_threads(abx_machine *machine, uint32_t cpus);

/* Lets threads go to `step`, unless they quit already. */
void abx_machine_go(abx_machine *machine, abx_machine_step step);

/* Waits until all vCPUs are built. Errors: what any of them met. */
abx_status abx_machine_await_ready(abx_machine *machine);

/* Waits for the threads' end. */
void abx_machine_join_threads(abx_machine *machine);

/* Forgets them. Nothing wakes a vCPU any more. */
void abx_machine_free_threads(abx_machine *machine);

/* This thread's last error as a failure on its way; and the other way round: ABX_OK when there is none. */
void abx_machine_keep_failure(abx_machine_failure *failure, abx_status status);
abx_status abx_machine_tell_failure(const abx_machine_failure *failure);

/* metrics_kernel.c: lets the vCPU share the kernel's statistics, if that is wanted. Its thread. */
void abx_machine_share_statistics(abx_machine_cpu *cpu);

/* machine_exit.c */

/* Carries out an exit. False: the vCPU must not run again. */
bool abx_machine_handle_exit(abx_machine_cpu *cpu, const abx_exit *exit);

/* machine_managed.c */

/* Lets the machine hear of the end of its managed VM. */
abx_status abx_machine_observe(abx_machine *machine);

#endif
