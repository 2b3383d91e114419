/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A small Hypervisor.framework that runs no guest: what a run ends with is scripted, registers and mappings are kept,
 * and the framework's rules (threads, alignment, order, one VM) are held up. Any call can be made to fail.
 */
#ifndef TESTS_DARWIN_HVF_FAKE_HV_H
#define TESTS_DARWIN_HVF_FAKE_HV_H

#include "cmocka_hvf.h"
#include "darwin/hvf/hv_api.h"
#include "darwin/hvf/io_api.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    FAKE_VCPUS = 8,
    FAKE_PAGES = 4096,
    FAKE_PAGE = 1 << 14,
    FAKE_SCRIPT = 32,
    FAKE_OBJECTS = 8,
    FAKE_GIC_STATE = 40
};

typedef struct fake_page {
    hv_ipa_t ipa;
    char *host; /* NULL: not mapped */
    hv_memory_flags_t flags;
} fake_page;

typedef struct fake_vcpu {
    bool used;
    pthread_t owner;
    uint64_t general[35];
    hv_simd_fp_uchar16_t vectors[32];
    uint64_t *sysregs, *icc; /* all numbers */
    hv_vcpu_exit_t exit;
    atomic_bool cancel;
    bool irq, fiq; /* as set for the next run */
    bool ran_with_irq, ran_with_fiq;
    uint64_t ran_with_pstate;
    bool timer_masked;
    uint64_t offset;
    bool trap_exceptions, trap_accesses;
    hv_vcpu_exit_t script[FAKE_SCRIPT];
    uint32_t scripted, played;
} fake_vcpu;

typedef struct fake_hv {
    /* What the host is like. */
    int macos_major, macos_minor;
    bool supported, inside_vm;
    hv_return_t create_result, destroy_result; /* of the VM */
    uint32_t max_vcpus, max_ipa_bits;
    bool el2;
    uint64_t feature[16];
    atomic_uint_fast64_t absolute, continuous; /* clocks */
    uint64_t absolute_per_reading;             /* how far a reading moves it */
    uint16_t unknown_sysreg;                   /* a number that it does not know */
    uint16_t fixed_sysreg;                     /* a number that it lets nobody write */
    size_t distributor_size, redistributor_size, frame_size, alignment;
    uint32_t redistributors_off; /* by how many vCPUs a redistributor lies elsewhere */
    uint32_t first_spi, spis;

    /* Faults. Call number `fail_at` (from 1) gets `fail_with`; 0: none. */
    atomic_uint calls;
    uint32_t fail_at;
    hv_return_t fail_with;
    atomic_uint thread_faults; /* calls from a wrong thread */

    /* What has been done. */
    bool vm, gic;
    uint32_t ipa_bits; /* of the VM */
    bool el2_enabled;
    uint32_t objects; /* alive */
    bool object[FAKE_OBJECTS];
    fake_page pages[FAKE_PAGES];
    uint32_t unmaps;
    hv_ipa_t distributor, redistributors, frame;
    uint32_t first_message, messages;
    bool spi[1024];
    uint32_t sent_message;
    hv_ipa_t sent_to;
    uint8_t gic_state[FAKE_GIC_STATE];
    fake_vcpu vcpus[FAKE_VCPUS];
    /* IOKit's messages of the system's power. */
    bool power_refused; /* what the host is like */
    bool queue_refused;
    bool queue, power, power_open, port, on_queue; /* what is there */
    IOServiceInterestCallback power_callback;
    void *power_context;
    intptr_t allowed; /* the last answer */

    /* In place of the script, while it is set. */
    hv_return_t (*run)(fake_vcpu *vcpu);
} fake_hv;

extern fake_hv fake;

/* A Mac with everything (macOS 15, M3), and nothing done to it. */
void fake_reset(void);
/* Fails the test for whatever is not given back, and for broken rules. */
void fake_end(void);

/* What a call gives: `result`, unless it is the one that shall fail. */
hv_return_t fake_call(hv_return_t result);

/* An object with one reference; NULL when this call shall fail. */
void *fake_object(void);

/* Adds to what the runs of vCPU `id` end with: an exception, or another reason. */
void fake_exception(hv_vcpu_t id, uint64_t syndrome, uint64_t virtual_address, hv_ipa_t ipa);
void fake_reason(hv_vcpu_t id, hv_exit_reason_t reason);

/* Whether the guest can reach `ipa` now, to write to it or to read. Any thread. */
bool fake_reaches(hv_ipa_t ipa, bool write);

/* Sends a message of the system's power to whoever listens. Any thread. */
void fake_power(uint32_t message, intptr_t argument);

/* The mapping of the page at `ipa`, or NULL. */
const fake_page *fake_mapping(hv_ipa_t ipa);
size_t fake_mapped(void); /* pages */

#endif
