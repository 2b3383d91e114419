/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A kernel's KVM for tests on any machine: the tests are linked with --wrap=ioctl, and every ioctl on KVM's numbers
 * comes here. Descriptors are real (memory files), so that they are counted and mapped like genuine ones.
 */
#ifndef ABX_TESTS_FAKE_KVM_H
#define ABX_TESTS_FAKE_KVM_H

#include "linux/kvm_backend.h"

#include "cmocka_kvm.h"

typedef struct fake_call {
    int fd;
    unsigned long request;
    unsigned long value;      /* the argument itself */
    unsigned char copy[4096]; /* what it points to, as far as the request's number tells the size */
} fake_call;

enum { FAKE_CALLS = 2048, FAKE_RUN_SIZE = 3 * 4096 };

/* The state of the fake kernel: tests change it freely. */
typedef struct fake_kvm {
    fake_call calls[FAKE_CALLS];
    size_t count;
    int version;
    int extensions[512];        /* what KVM_CHECK_EXTENSION answers */
    unsigned long fail_request; /* this request … */
    int fail_error;             /* … fails with this errno, after `fail_after` good ones */
    size_t fail_after;
    size_t fail_call; /* the call of this number, from 1, fails with ENOMEM; 0: none */
    /* KVM_RUN: with the vCPU's run page; 0 or an errno. Without it: EINTR. */
    int (*run)(struct kvm_run *run);
    struct kvm_run *page; /* of the vCPU that runs */
    int taken;            /* what KVM_SIGNAL_MSI answers */
    uint64_t dirty_word;  /* KVM_GET_DIRTY_LOG puts it into the first word */
    uint32_t vcpus;       /* that fake_vcpu() made */
    uint8_t fill;         /* ARM64: each byte of a register that is read */
} fake_kvm;

extern fake_kvm fake;

/* A kernel with all extensions, and no calls yet. */
void fake_reset(void);

/* What the architecture has of these: the numbers of its extensions, and its own requests (0 or an errno). */
void fake_reset_arch(void);
int fake_answer_arch(unsigned long request, unsigned long value, int *result);

/* A new descriptor of the kernel's. */
int fake_descriptor(void);

/* The last call with that request since the reset; NULL if there was none. */
const fake_call *fake_last(unsigned long request);
size_t fake_count(unsigned long request);

/* Opens the backend on it; creates a VM of `config`, and in one that is sealed the next vCPU. */
abx_kvm_hypervisor *fake_open(void);
abx_kvm_vm *fake_vm(abx_kvm_hypervisor *hypervisor, const abx_vm_config *config);
abx_kvm_vcpu *fake_vcpu(abx_kvm_vm *vm);

/* KVM_RUN: what abx_kvm_arch_enter() is in these tests (fake_vcpu.c). */
int fake_enter(int fd);

/* How many descriptors this process has. */
size_t open_descriptors(void);

#endif
