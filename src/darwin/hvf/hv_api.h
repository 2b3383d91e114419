/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What this backend, and the models that it is tested against, have of Apple's Hypervisor.framework on ARM64: names,
 * numbers and prototypes, declared here so that no SDK is needed. Apple's documentation:
 * https://developer.apple.com/documentation/hypervisor. Everything came with macOS 11.0 unless it says otherwise.
 * Functions return HV_SUCCESS or one of the other numbers.
 */
#ifndef ABX_DARWIN_HVF_HV_API_H
#define ABX_DARWIN_HVF_HV_API_H

#include "darwin/availability.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t hv_return_t;
#define HV_SUCCESS             0
#define HV_ERROR               ((hv_return_t)0xfae94001)
#define HV_BUSY                ((hv_return_t)0xfae94002)
#define HV_BAD_ARGUMENT        ((hv_return_t)0xfae94003)
#define HV_ILLEGAL_GUEST_STATE ((hv_return_t)0xfae94004)
#define HV_NO_RESOURCES        ((hv_return_t)0xfae94005)
#define HV_NO_DEVICE           ((hv_return_t)0xfae94006)
#define HV_DENIED              ((hv_return_t)0xfae94007)
#define HV_FAULT               ((hv_return_t)0xfae94008)
#define HV_UNSUPPORTED         ((hv_return_t)0xfae9400f)

typedef uint64_t hv_ipa_t;
typedef uint64_t hv_memory_flags_t;
#define HV_MEMORY_READ  UINT64_C(1)
#define HV_MEMORY_WRITE UINT64_C(2)
#define HV_MEMORY_EXEC  UINT64_C(4)

/* Objects with a reference count: each create function gives one reference, os_release() takes it back. */
typedef struct hv_vm_config_s *hv_vm_config_t;
typedef struct hv_vcpu_config_s *hv_vcpu_config_t;
typedef struct hv_gic_config_s *hv_gic_config_t;
typedef struct hv_gic_state_s *hv_gic_state_t;
void os_release(void *object);

/* The VM: one per process. A configuration of NULL is the default. */
hv_return_t hv_vm_create(hv_vm_config_t config);
hv_return_t hv_vm_destroy(void);
hv_return_t hv_vm_get_max_vcpu_count(uint32_t *count);
hv_vm_config_t hv_vm_config_create(void) ABX_MACOS_SINCE(13, 0);
hv_return_t hv_vm_config_get_max_ipa_size(uint32_t *bits) ABX_MACOS_SINCE(13, 0);
hv_return_t hv_vm_config_get_default_ipa_size(uint32_t *bits) ABX_MACOS_SINCE(13, 0);
hv_return_t hv_vm_config_set_ipa_size(hv_vm_config_t config, uint32_t bits) ABX_MACOS_SINCE(13, 0);
hv_return_t hv_vm_config_get_ipa_size(hv_vm_config_t config, uint32_t *bits) ABX_MACOS_SINCE(13, 0);
hv_return_t hv_vm_config_get_el2_supported(bool *supported) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_vm_config_set_el2_enabled(hv_vm_config_t config, bool enabled) ABX_MACOS_SINCE(15, 0);

/* Host memory for the guest: addresses and sizes are multiples of 16 KiB. */
hv_return_t hv_vm_map(void *address, hv_ipa_t ipa, size_t size, hv_memory_flags_t flags);
hv_return_t hv_vm_unmap(hv_ipa_t ipa, size_t size);
hv_return_t hv_vm_protect(hv_ipa_t ipa, size_t size, hv_memory_flags_t flags);

typedef uint64_t hv_vcpu_t;

typedef uint32_t hv_exit_reason_t;
enum {
    HV_EXIT_REASON_CANCELED = 0,         /* by hv_vcpus_exit() */
    HV_EXIT_REASON_EXCEPTION = 1,        /* described by `exception` */
    HV_EXIT_REASON_VTIMER_ACTIVATED = 2, /* and masked until hv_vcpu_set_vtimer_mask() */
    HV_EXIT_REASON_UNKNOWN = 3,
};

typedef struct {
    uint64_t syndrome; /* as in ESR_EL2 */
    uint64_t virtual_address;
    hv_ipa_t physical_address;
} hv_vcpu_exit_exception_t;

typedef struct {
    hv_exit_reason_t reason;
    hv_vcpu_exit_exception_t exception;
} hv_vcpu_exit_t;
_Static_assert(offsetof(hv_vcpu_exit_t, exception) == 8 && sizeof(hv_vcpu_exit_t) == 32, "the framework's layout");

/* A vCPU belongs to the thread that creates it: one per thread, and all functions but hv_vcpus_exit() there. */
hv_return_t hv_vcpu_create(hv_vcpu_t *vcpu, hv_vcpu_exit_t **exit, hv_vcpu_config_t config);
hv_return_t hv_vcpu_destroy(hv_vcpu_t vcpu);
hv_return_t hv_vcpu_run(hv_vcpu_t vcpu);
/* Ends the current run of each, else the next one as soon as it begins. Any thread. */
hv_return_t hv_vcpus_exit(hv_vcpu_t *vcpus, uint32_t count);

typedef uint32_t hv_reg_t;
enum {
    HV_REG_X0 = 0, /* to X30 */
    HV_REG_X30 = 30,
    HV_REG_PC = 31,
    HV_REG_FPCR = 32,
    HV_REG_FPSR = 33,
    HV_REG_CPSR = 34, /* PSTATE */
};
hv_return_t hv_vcpu_get_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t *value);
hv_return_t hv_vcpu_set_reg(hv_vcpu_t vcpu, hv_reg_t reg, uint64_t value);

/* Q0 to Q31, passed in vector registers. */
typedef uint32_t hv_simd_fp_reg_t;
typedef uint8_t hv_simd_fp_uchar16_t __attribute__((vector_size(16)));
hv_return_t hv_vcpu_get_simd_fp_reg(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t *value);
hv_return_t hv_vcpu_set_simd_fp_reg(hv_vcpu_t vcpu, hv_simd_fp_reg_t reg, hv_simd_fp_uchar16_t value);

/* op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 | op2: the same as ABX_ARM64_SYSREG_NUMBER(). */
typedef uint16_t hv_sys_reg_t;
hv_return_t hv_vcpu_get_sys_reg(hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t *value);
hv_return_t hv_vcpu_set_sys_reg(hv_vcpu_t vcpu, hv_sys_reg_t reg, uint64_t value);

/* What a new vCPU would have. */
typedef uint32_t hv_feature_reg_t;
enum { HV_FEATURE_REG_ID_AA64DFR0_EL1 = 0, HV_FEATURE_REG_ID_AA64ISAR1_EL1 = 3, HV_FEATURE_REG_ID_AA64MMFR0_EL1 = 4 };
hv_vcpu_config_t hv_vcpu_config_create(void);
hv_return_t hv_vcpu_config_get_feature_reg(hv_vcpu_config_t config, hv_feature_reg_t reg, uint64_t *value);

/* Levels of the vCPU's inputs, for one run: cleared when it ends. Not in a VM that has the framework's GIC. */
typedef uint32_t hv_interrupt_type_t;
enum { HV_INTERRUPT_TYPE_IRQ = 0, HV_INTERRUPT_TYPE_FIQ = 1 };
hv_return_t hv_vcpu_get_pending_interrupt(hv_vcpu_t vcpu, hv_interrupt_type_t type, bool *pending);
hv_return_t hv_vcpu_set_pending_interrupt(hv_vcpu_t vcpu, hv_interrupt_type_t type, bool pending);

/* Whether debug exceptions, and accesses to debug registers, leave the guest. */
hv_return_t hv_vcpu_set_trap_debug_exceptions(hv_vcpu_t vcpu, bool trap);
hv_return_t hv_vcpu_set_trap_debug_reg_accesses(hv_vcpu_t vcpu, bool trap);

/* The virtual timer. CNTVCT_EL0 is mach_absolute_time() - offset. */
hv_return_t hv_vcpu_get_vtimer_mask(hv_vcpu_t vcpu, bool *masked);
hv_return_t hv_vcpu_set_vtimer_mask(hv_vcpu_t vcpu, bool masked);
hv_return_t hv_vcpu_get_vtimer_offset(hv_vcpu_t vcpu, uint64_t *offset);
hv_return_t hv_vcpu_set_vtimer_offset(hv_vcpu_t vcpu, uint64_t offset);

/*
 * The framework's GICv3. Created after the VM and before the first vCPU; regions of guest memory lie where the
 * configuration puts them, aligned as the queries say. The redistributors' region has one for every vCPU that there may
 * be. The MSI region is a GICv2m frame.
 */
hv_gic_config_t hv_gic_config_create(void) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_config_set_distributor_base(hv_gic_config_t config, hv_ipa_t base) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_config_set_redistributor_base(hv_gic_config_t config, hv_ipa_t base) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_config_set_msi_region_base(hv_gic_config_t config, hv_ipa_t base) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_config_set_msi_interrupt_range(hv_gic_config_t config, uint32_t first, uint32_t count)
    ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_create(hv_gic_config_t config) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_reset(void) ABX_MACOS_SINCE(15, 0);

hv_return_t hv_gic_get_distributor_size(size_t *size) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_distributor_base_alignment(size_t *alignment) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_redistributor_region_size(size_t *size) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_redistributor_size(size_t *size) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_redistributor_base_alignment(size_t *alignment) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_msi_region_size(size_t *size) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_get_msi_region_base_alignment(size_t *alignment) ABX_MACOS_SINCE(15, 0);
/* INTIDs, and how many. */
hv_return_t hv_gic_get_spi_interrupt_range(uint32_t *first, uint32_t *count) ABX_MACOS_SINCE(15, 0);
/* Owner thread of the vCPU, after its MPIDR_EL1 is set. */
hv_return_t hv_gic_get_redistributor_base(hv_vcpu_t vcpu, hv_ipa_t *base) ABX_MACOS_SINCE(15, 0);

/* Any thread. HV_BAD_ARGUMENT for an INTID that is no SPI, or one of the MSI range. */
hv_return_t hv_gic_set_spi(uint32_t intid, bool level) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_send_msi(hv_ipa_t address, uint32_t intid) ABX_MACOS_SINCE(15, 0);

/* All of the GIC but the vCPUs' own interface (ICC registers). Set before the first run. */
hv_gic_state_t hv_gic_state_create(void) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_state_get_size(hv_gic_state_t state, size_t *size) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_state_get_data(hv_gic_state_t state, void *data) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_set_state(const void *data, size_t size) ABX_MACOS_SINCE(15, 0);

/* ICC_…_EL1 by the numbers of system registers. Owner thread of the vCPU. */
typedef uint16_t hv_gic_icc_reg_t;
hv_return_t hv_gic_get_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t *value) ABX_MACOS_SINCE(15, 0);
hv_return_t hv_gic_set_icc_reg(hv_vcpu_t vcpu, hv_gic_icc_reg_t reg, uint64_t value) ABX_MACOS_SINCE(15, 0);

/* Of the system library, as <sys/sysctl.h> and <mach/mach_time.h> have them. */
int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size);
uint64_t mach_absolute_time(void);   /* stands still while the host sleeps */
uint64_t mach_continuous_time(void); /* does not */
struct mach_timebase_info {          /* nanoseconds are ticks of both × numer ÷ denom */
    uint32_t numer;
    uint32_t denom;
};
int mach_timebase_info(struct mach_timebase_info *info);

#endif
