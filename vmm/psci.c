/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "psci.h"

#include <arcbox/arm64.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* DEN 0022, 5.1 and 5.2.1 … 5.19; DEN 0028, section 7. The 64-bit form of a function has another bit set. */
#define SMCCC_64               UINT32_C(0x40000000)
#define SMCCC_VERSION          UINT32_C(0x80000000)
#define SMCCC_ARCH_FEATURES    UINT32_C(0x80000001)
#define PSCI_VERSION           UINT32_C(0x84000000)
#define PSCI_CPU_SUSPEND       UINT32_C(0x84000001)
#define PSCI_CPU_OFF           UINT32_C(0x84000002)
#define PSCI_CPU_ON            UINT32_C(0x84000003)
#define PSCI_AFFINITY_INFO     UINT32_C(0x84000004)
#define PSCI_MIGRATE_INFO_TYPE UINT32_C(0x84000006)
#define PSCI_SYSTEM_OFF        UINT32_C(0x84000008)
#define PSCI_SYSTEM_RESET      UINT32_C(0x84000009)
#define PSCI_FEATURES          UINT32_C(0x8400000a)
#define PSCI_SYSTEM_RESET2     UINT32_C(0x84000012)

/* What is returned (5.2.2). */
enum {
    SUCCESS = 0,
    NOT_SUPPORTED = -1,
    INVALID_PARAMETERS = -2,
    ALREADY_ON = -4,
    ON_PENDING = -5,

    VERSION_1_1 = 0x10001, /* of both PSCI and the calling convention */
    NO_TRUSTED_OS = 2,     /* MIGRATE_INFO_TYPE */
    AFFINITY_LEVELS = 4,
};

#define AFFINITY_MASK      UINT64_C(0xff00ffffff) /* Aff3 to Aff0 in MPIDR_EL1 */
#define VENDOR_RESET_FIRST UINT32_C(0x80000000)

/* The numbers are those of AFFINITY_INFO. */
enum { ON = 0, OFF = 1, CALLED = 2 };

typedef struct psci_cpu {
    atomic_int power; /* changes under the lock */
    abx_psci_start start;
} psci_cpu;

struct abx_psci {
    pthread_mutex_t lock;
    abx_psci_wake wake;
    void *machine;
    uint32_t cpu_count;
    psci_cpu cpus[];
};

abx_status abx_psci_new(abx_psci **out, uint32_t cpus, abx_psci_wake wake, void *machine)
{
    abx_psci *psci = calloc(1, sizeof(*psci) + cpus * sizeof(psci->cpus[0]));
    if (!psci)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "keep the power states of %u vCPUs", cpus);
    pthread_mutex_init(&psci->lock, NULL);
    psci->wake = wake;
    psci->machine = machine;
    psci->cpu_count = cpus;
    for (uint32_t i = 0; i < cpus; i++)
        atomic_init(&psci->cpus[i].power, i == 0 ? ON : OFF);
    *out = psci;
    return ABX_OK;
}

void abx_psci_free(abx_psci *psci)
{
    if (!psci)
        return;
    pthread_mutex_destroy(&psci->lock);
    free(psci);
}

bool abx_psci_is_called(const abx_psci *psci, uint32_t cpu)
{
    return atomic_load(&psci->cpus[cpu].power) == CALLED;
}

abx_psci_start abx_psci_answer(abx_psci *psci, uint32_t cpu)
{
    pthread_mutex_lock(&psci->lock);
    abx_psci_start start = psci->cpus[cpu].start;
    atomic_store(&psci->cpus[cpu].power, ON);
    pthread_mutex_unlock(&psci->lock);
    return start;
}

/* Under the lock. */
static int64_t call_cpu(abx_psci *psci, uint64_t target, abx_psci_start start, uint32_t *called)
{
    for (uint32_t i = 0; i < psci->cpu_count; i++) {
        if (ABX_ARM64_AFFINITY(i) != target)
            continue;
        int power = atomic_load(&psci->cpus[i].power);
        if (power != OFF)
            return power == ON ? ALREADY_ON : ON_PENDING;
        psci->cpus[i].start = start;
        atomic_store(&psci->cpus[i].power, CALLED);
        *called = i;
        return SUCCESS;
    }
    return INVALID_PARAMETERS;
}

static int64_t cpu_on(abx_psci *psci, uint64_t target, uint64_t entry, uint64_t context)
{
    uint32_t called = UINT32_MAX;
    pthread_mutex_lock(&psci->lock);
    int64_t result = call_cpu(psci, target, (abx_psci_start){ entry, context }, &called);
    pthread_mutex_unlock(&psci->lock);
    if (result == SUCCESS)
        psci->wake(psci->machine, called);
    return result;
}

static abx_psci_action cpu_off(abx_psci *psci, uint32_t cpu)
{
    bool last = true;
    pthread_mutex_lock(&psci->lock);
    atomic_store(&psci->cpus[cpu].power, OFF);
    for (uint32_t i = 0; i < psci->cpu_count; i++)
        last = last && atomic_load(&psci->cpus[i].power) == OFF;
    pthread_mutex_unlock(&psci->lock);
    return last ? ABX_PSCI_LAST_OFF : ABX_PSCI_OFF;
}

/* Of all vCPUs whose affinity is `target` from `level` on, one that is on, else one that is called, decides. */
static int64_t affinity_info(abx_psci *psci, uint64_t target, uint64_t level)
{
    int64_t result = INVALID_PARAMETERS;
    if (level >= AFFINITY_LEVELS || target & ~AFFINITY_MASK)
        return result;
    uint64_t mask = AFFINITY_MASK & UINT64_MAX << 8 * level;
    pthread_mutex_lock(&psci->lock);
    for (uint32_t i = 0; i < psci->cpu_count; i++) {
        int power = atomic_load(&psci->cpus[i].power);
        if ((ABX_ARM64_AFFINITY(i) & mask) != (target & mask))
            continue;
        if (result < 0 || power == ON || (power == CALLED && result == OFF))
            result = power;
    }
    pthread_mutex_unlock(&psci->lock);
    return result;
}

/* Both forms of those that take addresses or affinities, else that of 32 bits. */
static bool is_known(uint32_t function)
{
    switch (function & ~SMCCC_64) {
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_ON:
    case PSCI_AFFINITY_INFO:
    case PSCI_SYSTEM_RESET2:
        return true;
    case SMCCC_VERSION:
    case SMCCC_ARCH_FEATURES:
    case PSCI_VERSION:
    case PSCI_CPU_OFF:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_FEATURES:
        return !(function & SMCCC_64);
    default:
        return false;
    }
}

static bool is_of_convention(uint32_t function)
{
    return function == SMCCC_VERSION || function == SMCCC_ARCH_FEATURES;
}

/* PSCI_FEATURES tells of the convention's version as well; SMCCC_ARCH_FEATURES tells of the convention alone. */
static int64_t psci_features(uint32_t function)
{
    return is_known(function) && function != SMCCC_ARCH_FEATURES ? SUCCESS : NOT_SUPPORTED;
}

static int64_t arch_features(uint32_t function)
{
    return is_of_convention(function) ? SUCCESS : NOT_SUPPORTED;
}

/* The only architectural kind of reset is a warm one; vendors' kinds are their own. */
static bool is_reset(uint32_t kind)
{
    return kind == 0 || kind >= VENDOR_RESET_FIRST;
}

static abx_psci_action go_on(const abx_exit_hypercall *call, int64_t result)
{
    *call->result = (uint64_t)result;
    return ABX_PSCI_GO_ON;
}

abx_psci_action abx_psci_call(abx_psci *psci, uint32_t cpu, const abx_exit_hypercall *call)
{
    uint32_t function = (uint32_t)call->number;
    uint64_t width = function & SMCCC_64 ? UINT64_MAX : UINT32_MAX;
    uint64_t first = call->arguments[0] & width, second = call->arguments[1] & width,
             third = call->arguments[2] & width;
    if (!is_known(function))
        return go_on(call, NOT_SUPPORTED);
    switch (function & ~SMCCC_64) {
    case SMCCC_VERSION:
    case PSCI_VERSION:
        return go_on(call, VERSION_1_1);
    case SMCCC_ARCH_FEATURES:
        return go_on(call, arch_features((uint32_t)first));
    case PSCI_FEATURES:
        return go_on(call, psci_features((uint32_t)first));
    case PSCI_CPU_SUSPEND: /* whatever state is asked for: the vCPU keeps its own, and does not go to the entry */
        go_on(call, SUCCESS);
        return ABX_PSCI_SUSPEND;
    case PSCI_CPU_OFF:
        return cpu_off(psci, cpu);
    case PSCI_CPU_ON:
        return go_on(call, cpu_on(psci, first, second, third));
    case PSCI_AFFINITY_INFO:
        return go_on(call, affinity_info(psci, first, second));
    case PSCI_MIGRATE_INFO_TYPE:
        return go_on(call, NO_TRUSTED_OS);
    case PSCI_SYSTEM_OFF:
        return ABX_PSCI_SHUTDOWN;
    case PSCI_SYSTEM_RESET:
        return ABX_PSCI_RESET;
    default: /* PSCI_SYSTEM_RESET2 */
        return is_reset((uint32_t)first) ? ABX_PSCI_RESET : go_on(call, INVALID_PARAMETERS);
    }
}
