/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the files of the stand-in share: the VM and its vCPUs. All of it belongs to whoever has the turn (turn.h). */
#ifndef ABX_TESTS_STANDIN_MODEL_H
#define ABX_TESTS_STANDIN_MODEL_H

#include "standin.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unicorn/unicorn.h>

enum {
    MODEL_VCPUS = 16,
    MODEL_PAGE = 16384,
    MODEL_DEBUG_REGISTERS = 16,
    MODEL_IDENTITY = 10,
    MODEL_FREQUENCY = 24000000
};

/* What ended a stretch of guest code. */
typedef enum model_event {
    EVENT_NONE,      /* WFI or WFE */
    EVENT_BETWEEN,   /* stopped before the instruction at `pc` */
    EVENT_MEMORY,    /* an access to where no memory is, or that it does not allow */
    EVENT_EXCEPTION, /* unicorn's number of an exception */
    EVENT_SYSREG,    /* a trapped system register */
    EVENT_STEP,      /* one instruction has been executed */
    EVENT_BREAKPOINT,
    EVENT_WATCHPOINT,
} model_event;

typedef struct model_vcpu {
    hv_vcpu_t id;
    uc_engine *engine;
    pthread_t owner;
    hv_vcpu_exit_t exit;
    atomic_bool cancelled; /* by hv_vcpus_exit(), any thread */

    bool irq, fiq; /* inputs of the current or next run */
    sem_t wake;    /* for one that waits in WFI, with a GIC */

    bool timer_masked;
    uint64_t timer_offset, timer_control, timer_compare;
    uint64_t physical_control, physical_compare; /* kept, but the physical timer never fires */

    bool trap_debug, trap_debug_registers;
    uint64_t mdscr, breakpoint[MODEL_DEBUG_REGISTERS], breakpoint_control[MODEL_DEBUG_REGISTERS],
        watchpoint[MODEL_DEBUG_REGISTERS], watchpoint_control[MODEL_DEBUG_REGISTERS];
    bool software_step; /* PSTATE.SS */
    bool stepped;       /* it was cleared by the last instruction */

    uint64_t mpidr, mdccint, identity[MODEL_IDENTITY]; /* identity.h */
    uc_context *at_el1;                                /* level.h */

    /* The stretch that runs or has just run. */
    model_event event;
    uint64_t pc; /* of the last instruction that was begun */
    uint32_t begun;
    uc_mem_type memory_type;
    uint64_t virtual_address; /* of the access, or of the watchpoint that it met */
    hv_ipa_t physical_address;
    uint32_t exception;
} model_vcpu;

extern struct model {
    bool exists;
    uint32_t ipa_bits;
    model_vcpu *_Atomic vcpus[MODEL_VCPUS];
} model;

/* Ends the program: a rule of the framework was broken. */
_Noreturn void model_broken(const char *function, const char *rule);

/* The caller's vCPU: ends the program when there is none or it belongs to another thread. Takes the turn. */
model_vcpu *model_enter(const char *function, hv_vcpu_t vcpu);

/* Wakes the vCPU with this number, if there is one. Any thread, without the turn. */
void model_wake(uint32_t cpu);

/* Whether this call is the one that standin_fail() has chosen; its status then. */
bool model_fails(const char *function, hv_return_t *status);

/* At the head of functions that came with this version. */
void model_since(const char *function, int major, int minor);

/* Configuration objects: os_release() frees them. */
void *model_object(const char *kind, size_t size);
unsigned model_objects(void);

#endif
