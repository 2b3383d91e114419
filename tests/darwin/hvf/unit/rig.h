/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VM of backend hvf, through the whole core, on the fake framework. */
#ifndef TESTS_DARWIN_HVF_RIG_H
#define TESTS_DARWIN_HVF_RIG_H

#include "darwin/hvf/hvf_backend.h"
#include "fake_hv.h"

#include <arcbox/arcbox.h>

#define RIG_RAM      ABX_ARM64_RAM
#define RIG_RAM_SIZE (UINT64_C(2) << 20)
#define RIG_DEVICE   UINT64_C(0x0a000000)

typedef struct hvf_rig {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;       /* number 0, of this thread */
    abx_hvf_vcpu *object; /* the backend's */
    fake_vcpu *hv;        /* the framework's */
} hvf_rig;

/* Opens the hypervisor only. */
abx_status rig_open(hvf_rig *rig);

/* A started VM of `cpus` vCPUs with 2 MiB of RAM and vCPU 0. */
void rig_start(hvf_rig *rig, abx_irqchip irqchip, uint32_t cpus);

/* Ends what there is of it, and fails the test for what is left. */
void rig_end(hvf_rig *rig);

/* For tests as fixtures: a fake, and a started VM of 2 vCPUs without interrupt controllers. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* Runs vCPU 0, which must succeed. */
abx_exit rig_run(hvf_rig *rig);

/* Scripts the next exit of vCPU 0: a data abort at `ipa` (the virtual address is `ipa` | 1 << 40). */
void rig_script(const hvf_rig *rig, uint64_t syndrome, hv_ipa_t ipa);

uint64_t rig_pc(const hvf_rig *rig);

/* Fails unless `status` is `expected`, and the error's text has `text` in it. */
void assert_fails(abx_status status, abx_status expected, const char *text);

/* ESR_EL2. */
#define ESR(class, iss) ((uint64_t)(class) << 26 | (uint64_t)1 << 25 | (uint64_t)(iss))
/* A described load or store of 1 << `log2` bytes of register `reg`, of 64 bits. */
#define LOAD(log2, reg)  ESR(0x24, 1u << 24 | (uint32_t)(log2) << 22 | (uint32_t)(reg) << 16 | 1u << 15)
#define STORE(log2, reg) (LOAD(log2, reg) | 1u << 6)
#define MRS(number, reg)                                                                                               \
    ESR(0x18, ((number) >> 14 & 3) << 20 | ((number)&7) << 17 | ((number) >> 11 & 7) << 14 |                           \
                  ((number) >> 7 & 15) << 10 | (uint32_t)(reg) << 5 | ((number) >> 3 & 15) << 1 | 1)
#define MSR(number, reg) (MRS(number, reg) & ~UINT64_C(1))
#define HVC              ESR(0x16, 0)
#define SMC              ESR(0x17, 0)
#define WFI              ESR(0x01, 0)
#define WFE              ESR(0x01, 1)

#endif
