/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The hvf backend's own objects, for its own files. One call of Hypervisor.framework each is behind most functions;
 * what they mean is in <arcbox/backend.h> and <arcbox/arm64.h>.
 */
#ifndef ABX_DARWIN_HVF_HVF_BACKEND_H
#define ABX_DARWIN_HVF_HVF_BACKEND_H

#include "clock.h"
#include "debug_registers.h"
#include "hv_api.h"
#include "image.h"
#include "memory.h"
#include "syndrome.h"
#include "sysreg_table.h"
#include "wake_watch.h"

#include <arcbox/backend.h>

#include <pthread.h>
#include <stdatomic.h>

/* INTIDs (GIC architecture, IHI 0069, 2.2.1): SPIs come after 16 SGIs and 16 PPIs. */
enum { ABX_HVF_FIRST_SPI = 32 };

typedef struct abx_hvf_hypervisor {
    uint32_t ipa_bits;    /* of guest addresses; 0: the framework's only size */
    bool gic;             /* the framework's fits the map of addresses */
    uint32_t lines;       /* of the GIC: SPIs from 0 on */
    uint32_t messages;    /* of the GIC: SPIs behind them, for its MSI frame; 0: none */
    uint32_t frequency;   /* of the virtual counter, in Hz */
    uint32_t breakpoints; /* of a vCPU, and watchpoints */
    uint32_t watchpoints;
} abx_hvf_hypervisor;

typedef struct abx_hvf_vcpu abx_hvf_vcpu;

typedef struct abx_hvf_vm {
    const abx_hvf_hypervisor *hypervisor;
    const abx_vm_config *config;
    abx_vm *core;
    abx_hvf_memory memory;
    abx_hvf_clock clock;
    abx_wake_watch wake_watch;
    uint64_t slept; /* what the wake watch has told of: ticks, as in `clock` */
    bool gic;       /* created */
    pthread_mutex_t lock;
    abx_hvf_vcpu *vcpus; /* under the lock */
} abx_hvf_vm;

/* What the last exit left to be done before the guest goes on. */
typedef enum abx_hvf_pending {
    ABX_HVF_NOTHING = 0,
    ABX_HVF_LOAD,   /* `value` goes into a register, and PC behind the instruction */
    ABX_HVF_STORE,  /* PC goes behind the instruction */
    ABX_HVF_RESULT, /* `value` goes into X0 */
} abx_hvf_pending;

/* The data abort that was told last: where the guest's own would point to. */
typedef struct abx_hvf_fault {
    bool valid;
    bool write;
    uint64_t address; /* virtual */
} abx_hvf_fault;

struct abx_hvf_vcpu {
    hv_vcpu_t id; /* the framework's */
    hv_vcpu_exit_t *exit;
    abx_hvf_vm *vm;
    abx_hvf_vcpu *next; /* of the VM, under its lock */
    /* What other threads touch is in a word of its own: compilers read several flags at once. */
    atomic_bool kicked; /* until abx_hvf_vcpu_clear_kick() */
    atomic_bool inside;
    atomic_bool has_run;
    uint64_t value;  /* of `pending`, in the caller's hands */
    uint64_t offset; /* the virtual counter's, as the framework has it */
    uint64_t serror_syndrome;
    abx_hvf_fault fault;
    abx_debug_state debug;
    abx_sysreg_set sysregs;
    uint32_t number;
    abx_hvf_pending pending;
    abx_mp_state mp_state;
    abx_access access; /* of LOAD */
    bool irq, fiq;     /* levels of the inputs */
    bool serror;       /* pending */
    bool serror_has_syndrome;
    abx_hvf_image initial;
};

/* hv_check.c. Errors: by the framework's number, with advice. `operation` is a printf format. */
abx_status abx_hv_check(hv_return_t result, const char *operation, ...) ABX_PRINTF(2, 3);

/* vcpu.c. Ends what all others of the VM are doing, so that they enter anew; no run ends by it. `but` NULL: all. */
void abx_hvf_vcpus_turn(abx_hvf_vm *vm, const abx_hvf_vcpu *but);

/* exit.c. Says in `*exit` why the guest was left, or sets `*again`: it was dealt with here. `gaps`: of memory, from
 * before the run. Errors: as abx_hv_check(). */
abx_status abx_hvf_decode(abx_hvf_vcpu *vcpu, uint64_t gaps, abx_exit *exit, bool *again);

/* completion.c. PC behind the present instruction. */
abx_status abx_hvf_advance(abx_hvf_vcpu *vcpu);

/* hypervisor.c */
abx_status abx_hvf_open(void **hypervisor, const abx_hypervisor_options *options, abx_capabilities *caps);
void abx_hvf_close(void *hypervisor);

/* vm.c */
abx_status abx_hvf_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *core);
abx_status abx_hvf_vm_seal(void *vm);
void abx_hvf_vm_destroy(void *vm);

/* memory.c, discard.c, dirty.c */
abx_status abx_hvf_memory_map(void *vm, const abx_slot *slot);
abx_status abx_hvf_memory_unmap(void *vm, const abx_slot *slot);
abx_status abx_hvf_memory_set_flags(void *vm, const abx_slot *slot);
abx_status abx_hvf_memory_discard(void *vm, const abx_slot *slot, uint64_t offset, uint64_t length);
abx_status abx_hvf_memory_get_dirty(void *vm, const abx_slot *slot, uint64_t *bitmap);
abx_status abx_hvf_memory_clear_dirty(void *vm, const abx_slot *slot, const uint64_t *bitmap);

/* vcpu.c, run.c, completion.c */
abx_status abx_hvf_vcpu_create(void **out, void *vm, uint32_t id);
void abx_hvf_vcpu_destroy(void *vcpu);
void abx_hvf_vcpu_kick(void *vcpu);
void abx_hvf_vcpu_clear_kick(void *vcpu);
abx_status abx_hvf_vcpu_run(void *vcpu, abx_exit *exit);
abx_status abx_hvf_vcpu_complete_io(void *vcpu);

/* registers.c, state.c, mp_state.c, debug.c */
abx_status abx_hvf_vcpu_read_registers(void *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_hvf_vcpu_write_registers(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count);
abx_status abx_hvf_vcpu_save_state(void *vcpu, void *buffer, size_t capacity, size_t *size);
abx_status abx_hvf_vcpu_restore_state(void *vcpu, const void *buffer, size_t size);
abx_status abx_hvf_vcpu_get_mp_state(void *vcpu, abx_mp_state *state);
abx_status abx_hvf_vcpu_set_mp_state(void *vcpu, abx_mp_state state);
abx_status abx_hvf_vcpu_set_debug(void *vcpu, const abx_debug_config *config);

/* gic.c, gic_state.c */
abx_status abx_hvf_irq_set_line(void *vm, uint32_t gsi, bool level);
abx_status abx_hvf_irq_send_msi(void *vm, const abx_msi *msi);
abx_status abx_hvf_get_gic(const void *vm, abx_arm64_gic *gic);
abx_status abx_hvf_save_gic(void *vm, void *buffer, size_t capacity, size_t *size);
abx_status abx_hvf_restore_gic(void *vm, const void *buffer, size_t size);

/* events.c, sysreg.c, state.c, timer.c */
abx_status abx_hvf_get_events(void *vcpu, abx_arm64_events *events);
abx_status abx_hvf_set_events(void *vcpu, const abx_arm64_events *events);
abx_status abx_hvf_sysreg_list(void *vcpu, abx_reg *names, size_t capacity, size_t *count);
abx_status abx_hvf_reset(void *vcpu);
abx_status abx_hvf_set_irq(void *vcpu, bool irq, bool fiq);
abx_status abx_hvf_get_timer(void *vcpu, abx_arm64_timer *timer);
abx_status abx_hvf_unmask_timer(void *vcpu);

#endif
