/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A life on KVM in steps: each is one call of the library, made anew after it has failed. */
#ifndef TESTS_KVM_LIFE_H
#define TESTS_KVM_LIFE_H

#include "../cmocka_kvm.h"

#include <arcbox/arcbox.h>

enum { KVM_LIFE_STATE = 1 << 16, KVM_LIFE_BATCH = 100 };

typedef struct kvm_life {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    int events[2]; /* eventfds of the test's */
    size_t state_size;
    uint8_t state[KVM_LIFE_STATE]; /* as it was saved */
} kvm_life;

typedef enum kvm_step_kind {
    KVM_STEP_PLAIN,
    KVM_STEP_ASKS, /* what the host can do: no answer is an answer as well */
    KVM_STEP_ONCE, /* KVM lets it be tried once */
    KVM_STEP_LONG, /* many calls of one kind, of which some fail */
} kvm_step_kind;

typedef struct kvm_step {
    const char *name;
    abx_status (*take)(kvm_life *life); /* a failure has left its outputs alone: this is asserted within */
    kvm_step_kind kind;
} kvm_step;

/* Fills an output with what nobody writes; and asserts, unless `status` is ABX_OK, that it is still so. */
void kvm_output(void *output, size_t size);
abx_status kvm_outcome(abx_status status, const void *output, size_t size);

/* What the architecture has: its wishes for a VM, its step before the start and those at the end, and KVM_LIFE_BATCH
 * registers of all classes. */
void kvm_life_configure(const abx_hypervisor *hypervisor, abx_vm_config *config);
abx_status kvm_life_prepare(kvm_life *life);
extern const kvm_step kvm_life_steps_arch[];
extern const size_t kvm_life_step_count_arch;
void kvm_life_registers(abx_reg names[KVM_LIFE_BATCH]);

/* Whether the failure of `request` is an answer; `asked`: in a step that asks. */
bool kvm_life_is_answer(bool asked, unsigned long request);

#endif
