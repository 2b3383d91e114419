/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One vCPU's state as a kernel would keep it, behind ioctl(2) (tests are linked with --wrap=ioctl): what is set can be
 * got back, calls are counted, and any of them can be made to fail.
 */
#ifndef ABX_TESTS_FAKE_VCPU_H
#define ABX_TESTS_FAKE_VCPU_H

#include "linux/kvm_registers.h"

#include "cmocka_kvm.h"

enum { FAKE_MSRS = 300, FAKE_XSAVE = 4096 };

/* An MSR that can be read and not written, one for the other way, and one that there is not. */
enum { MSR_READ_ONLY = 0x17, MSR_WRITE_ONLY = 0x49, MSR_NONE = 0x666 };
/* This value no MSR takes. */
#define REFUSED_VALUE UINT64_C(0xbadbadbad)

typedef struct fake_vcpu {
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_sregs2 sregs2;
    struct kvm_debugregs debug;
    struct kvm_xcrs xcrs;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp_state;
    struct kvm_lapic_state lapic;
    struct kvm_guest_debug guest_debug;
    uint8_t xsave[FAKE_XSAVE];
    uint64_t msrs[FAKE_MSRS]; /* MSR n is index n */
    uint32_t cpuid_entries;   /* that KVM_GET_SUPPORTED_CPUID has */
    uint32_t listed_msrs;     /* that KVM_GET_MSR_INDEX_LIST has */
    uint32_t most_at_once;    /* MSRs in one call, so far */

    size_t calls;                  /* since fake_forget() */
    size_t fail_call;              /* this one fails, from 1; 0: none */
    unsigned long invalid_request; /* this request always fails with EINVAL */
    unsigned long log[64];         /* the first requests */
} fake_vcpu;

extern fake_vcpu fake;

/* The backend's objects around it; all of one test's. */
typedef struct fake_host {
    abx_kvm_hypervisor hypervisor;
    abx_vm_config config;
    abx_kvm_vm vm;
    abx_kvm_vcpu vcpu;
    union {
        struct kvm_run run;
        uint8_t page[4096];
    };
} fake_host;

/* A vCPU that has not run, on a host with all features. */
fake_host *fake_open(void);
void fake_close(fake_host *host);

/* As if the vCPU had run to an exit: the copies that were asked for are in the page. */
void fake_exit(fake_host *host);

/* KVM_RUN, which here does no more than complete I/O. */
int fake_enter(int fd);

void fake_forget(void);
size_t fake_count(unsigned long request);

#endif
