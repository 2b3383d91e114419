/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The KVM backend's own objects, for its own files. What depends on the guest's architecture is behind kvm_arch.h,
 * which each architecture's directory has; the files beside this one know no architecture.
 *
 * (This file cannot be called kvm.h: with src/ among the include directories it would hide the kernel's.)
 */
#ifndef ABX_SRC_LINUX_KVM_BACKEND_H
#define ABX_SRC_LINUX_KVM_BACKEND_H

#include <arcbox/backend.h>
#include <arcbox/statistics.h>
#include <linux/kvm.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "linux/statistics.h"

#include ABX_KVM_ARCH /* "linux/<architecture>/kvm_arch.h", by the build */

/* An open KVM device. Constant once opened. */
typedef struct abx_kvm_hypervisor {
    int fd;
    int kick_signal;
    size_t run_size;       /* of the mapping of a vCPU's descriptor */
    uint64_t sync_regs;    /* KVM_SYNC_*: register classes that exits can bring along; 0: none */
    uint64_t manual_clear; /* KVM_DIRTY_LOG_MANUAL_PROTECT_*: what the dirty log can do; 0: it clears when read */
    uint64_t msi_flags;    /* KVM_MSI_VALID_DEVID where messages carry a device id */
    abx_capabilities caps; /* as reported */
    struct abx_kvm_arch_hypervisor arch;
} abx_kvm_hypervisor;

typedef struct abx_kvm_vm {
    int fd;
    abx_kvm_hypervisor *hypervisor;
    const abx_vm_config *config; /* the core's, complete, valid as long as the VM */
    abx_kvm_statistics statistics;
    struct abx_kvm_arch_vm arch;
} abx_kvm_vm;

typedef struct abx_kvm_vcpu {
    int fd;
    uint32_t id;
    struct kvm_run *run; /* shared with the kernel */
    size_t run_size;
    /*
     * KVM_SYNC_*: register classes whose copy in run->s.regs is the vCPU's present state. Set after each entry to what
     * was asked for in run->kvm_valid_regs, which starts empty: a class costs something at every exit, so it is asked
     * for when somebody has read it, until an exit brings it and nobody does. Whoever changes registers by another way
     * than the copy takes the class out. Whoever changes the copy adds the class to run->kvm_dirty_regs.
     */
    uint64_t synced;
    uint64_t unread; /* those of `synced` that nobody has used yet */
    /* The next run has more to do than to enter: copies are asked for, an exit waits, or the architecture wants it. */
    bool careful;
    bool exit_waits;    /* run has an exit that no run has brought yet */
    atomic_bool kicked; /* a kick that the core has not cleared yet */
    atomic_bool inside; /* the owner is in KVM_RUN, or about to be */
    pid_t process;
    pid_t thread; /* the owner */
    abx_kvm_vm *vm;
    struct abx_kvm_arch_vcpu arch;
} abx_kvm_vcpu;

static inline void abx_kvm_set_cap(abx_capabilities *caps, abx_cap cap, bool on)
{
    uint64_t bit = UINT64_C(1) << (cap % 64);
    caps->bits[cap / 64] = on ? caps->bits[cap / 64] | bit : caps->bits[cap / 64] & ~bit;
}

/* Lets exits bring copies of registers of `classes` (KVM_SYNC_*) along, from the next entry on. */
static inline void abx_kvm_ask_for_copies(abx_kvm_vcpu *vcpu, uint64_t classes)
{
    vcpu->run->kvm_valid_regs |= classes;
    vcpu->careful = true;
}

/* ioctl(2), again if a signal interrupts it. The result, or a negative errno. */
int abx_kvm_ioctl(int fd, unsigned long request, const void *argument);
int abx_kvm_ioctl_value(int fd, unsigned long request, unsigned long value);

/*
 * ABX_OK for a `result` from above that is not negative; otherwise records the failure, with the usual status and
 * advice of that errno, and returns its status. `operation` is a printf format.
 */
abx_status abx_kvm_check(int result, const char *operation, ...) ABX_PRINTF(2, 3);

/* KVM_CHECK_EXTENSION: what the kernel says of `capability`; 0 if it does not know it. `fd`: of the device or of a VM.
 */
int abx_kvm_extension(int fd, unsigned long capability);

/* KVM_ENABLE_CAP with its first argument, on a VM or vCPU. The result, or a negative errno. */
int abx_kvm_enable(int fd, uint32_t capability, uint64_t argument);

/* Whether we ourselves run inside a VM, and the hypervisor's signature, "" where there is none. (nested.c) */
abx_nesting abx_kvm_nested_host(char signature[16]);

/* What each architecture's directory provides; called by the files here at the points that the names say. A function
 * that fails has recorded it and given back what it took. */
abx_status abx_kvm_arch_open(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps);
void abx_kvm_arch_close(abx_kvm_hypervisor *hypervisor);
/* What KVM_CREATE_VM wants. */
unsigned long abx_kvm_arch_vm_type(const abx_kvm_hypervisor *hypervisor);
/* Before any memory. */
abx_status abx_kvm_arch_vm_create(abx_kvm_vm *vm);
/* After memory, before vCPUs: interrupt controllers. */
abx_status abx_kvm_arch_vm_seal(abx_kvm_vm *vm);
void abx_kvm_arch_vm_destroy(abx_kvm_vm *vm);
/* The descriptor of vCPU `id`, from now on the caller's; or a negative errno, EEXIST where the number has been used. */
int abx_kvm_arch_vcpu_open(abx_kvm_vm *vm, uint32_t id);
/* With descriptor and run page in place. */
abx_status abx_kvm_arch_vcpu_create(abx_kvm_vcpu *vcpu);
/* Before an entry that vcpu->careful asked for: 0 or a negative errno. */
int abx_kvm_arch_prepare_entry(abx_kvm_vcpu *vcpu);
/* Hypercalls, and exits that only this architecture has. `*exit`, whose reason is set, is ABX_EXIT_UNKNOWN for others.
 */
abx_status abx_kvm_arch_decode(abx_kvm_vcpu *vcpu, abx_exit *exit);
/* What KVM_IRQ_LINE wants for line `gsi`. */
uint32_t abx_kvm_arch_line(uint32_t gsi);

/* Functions of the table, file by file. */
abx_status abx_kvm_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps);
void abx_kvm_close(void *hypervisor);

abx_status abx_kvm_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *core);
abx_status abx_kvm_vm_seal(void *vm);
void abx_kvm_vm_destroy(void *vm);

abx_status abx_kvm_vm_get_statistics(void *vm, abx_statistic_visitor visitor, void *payload);
abx_status abx_kvm_vcpu_share_statistics(void *vcpu);

abx_status abx_kvm_memory_map(void *vm, const abx_slot *slot);
abx_status abx_kvm_memory_unmap(void *vm, const abx_slot *slot);
abx_status abx_kvm_memory_set_flags(void *vm, const abx_slot *slot);
abx_status abx_kvm_memory_get_dirty(void *vm, const abx_slot *slot, uint64_t *bitmap);
abx_status abx_kvm_memory_clear_dirty(void *vm, const abx_slot *slot, const uint64_t *bitmap);

abx_status abx_kvm_irq_set_line(void *vm, uint32_t gsi, bool level);
abx_status abx_kvm_irq_send_msi(void *vm, const abx_msi *msi);
abx_status abx_kvm_irq_set_routes(void *vm, const abx_route *routes, size_t count);
abx_status abx_kvm_irqfd_attach(void *vm, int fd, uint32_t gsi, int resample_fd);
abx_status abx_kvm_irqfd_detach(void *vm, int fd, uint32_t gsi);
abx_status abx_kvm_ioeventfd_attach(void *vm, const abx_ioeventfd *doorbell);
abx_status abx_kvm_ioeventfd_detach(void *vm, const abx_ioeventfd *doorbell);

abx_status abx_kvm_vcpu_create(void **out, void *vm, uint32_t id);
void abx_kvm_vcpu_destroy(void *vcpu);
abx_status abx_kvm_vcpu_run(void *vcpu, abx_exit *exit);
void abx_kvm_vcpu_kick(void *vcpu);
void abx_kvm_vcpu_clear_kick(void *vcpu);
abx_status abx_kvm_vcpu_complete_io(void *vcpu);

#endif
