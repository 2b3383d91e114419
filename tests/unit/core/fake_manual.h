/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A manual backend without a guest: what its vCPUs do inside is a function of the test's. */
#ifndef TESTS_FAKE_MANUAL_H
#define TESTS_FAKE_MANUAL_H

#include "fake_log.h"

#include <semaphore.h>
#include <stdatomic.h>

typedef struct fake_vcpu {
    uint32_t id;
    atomic_bool kicked;
    atomic_ulong entries;
    sem_t wake;
    unsigned pending_io; /* accesses that the last instruction still makes */
} fake_vcpu;

/* What a vCPU does in guest mode until it leaves with an exit. */
typedef abx_status (*fake_guest)(fake_vcpu *vcpu, abx_exit *exit);

/* Leaves at once for I/O, unless it was kicked. */
abx_status fake_guest_exits(fake_vcpu *vcpu, abx_exit *exit);
/* Stays until it is kicked. */
abx_status fake_guest_sleeps(fake_vcpu *vcpu, abx_exit *exit);
/* Stays a little, then leaves as if the program had got a signal. */
abx_status fake_guest_signals(fake_vcpu *vcpu, abx_exit *exit);
/* Cannot be run. */
abx_status fake_guest_fails(fake_vcpu *vcpu, abx_exit *exit);
/* Leaves with I/O of two accesses, of which the second one comes out when the first is completed. */
abx_status fake_guest_crosses(fake_vcpu *vcpu, abx_exit *exit);

void fake_manual_guest(fake_guest guest);

/* What the backend says of itself; a test may change it before it opens the backend, fake_manual_reset() resets. */
extern abx_capabilities fake_manual_capabilities;
void fake_manual_reset(void);

/* The vCPU with this number, or NULL; how many vCPUs are in guest mode, as it were. */
fake_vcpu *fake_manual_vcpu(uint32_t id);
unsigned fake_manual_inside(void);

/* The last arguments of a call that took some, of any thread: enough to see that they came through. */
extern struct fake_arguments {
    atomic_uint_least64_t number;
    const void *_Atomic pointer;
    atomic_size_t count;
} fake_manual_arguments;

extern const abx_backend_x86_64 fake_manual_x86_64;
extern const abx_backend_arm64 fake_manual_arm64;
extern const abx_backend fake_manual;

/* Options that offer the fake backend first, or none but it where a test needs no more. */
extern const abx_hypervisor_options fake_manual_options;

/* Opens it and builds a VM without memory of `cpus` vCPUs; both must succeed. */
abx_vm *fake_manual_vm(uint32_t cpus);
/* Ends such a VM and its hypervisor. */
void fake_manual_end(abx_vm *vm);

#endif
