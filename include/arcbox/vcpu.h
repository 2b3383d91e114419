/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtual CPU of a manual backend. It belongs to the thread that creates it. */
#ifndef ARCBOX_VCPU_H
#define ARCBOX_VCPU_H

#include <arcbox/base.h>
#include <arcbox/error.h>
#include <arcbox/exit.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef struct abx_vcpu abx_vcpu;

/*
 * Creates vCPU `id` (0 to config.cpus - 1) for the calling thread. vCPU 0 is the boot processor; with an in-kernel
 * local interrupt controller the others wait for the guest to start them. On kvm the thread's mask is opened for the
 * kick signal. The vCPU keeps the VM's resources alive. On success `*out` is the caller's: abx_vcpu_destroy(). Errors:
 * ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (managed backend), ABX_ERR_LIMIT (id out of range), ABX_ERR_EXISTS,
 * ABX_ERR_STATE (stopped), ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_create(abx_vcpu **out, abx_vm *vm, uint32_t id) ABX_MUST_CHECK;

/*
 * Runs the guest until it leaves, and says why in `*exit`. I/O and MMIO reads, MSR reads and hypercalls take their
 * results from where the exit points to, at the next run. While the VM is paused it waits inside. Signals of the
 * program's own do not end it; abx_vcpu_kick() does, with ABX_EXIT_INTERRUPTED. After abx_vm_stop(): ABX_EXIT_STOPPED.
 * The owning thread only. Errors: ABX_ERR_THREAD, ABX_ERR_STATE (the VM has not been started), ABX_ERR_SYSTEM (the host
 * refuses: `*exit` is untouched).
 */
ABX_API abx_status abx_vcpu_run(abx_vcpu *vcpu, abx_exit *exit) ABX_MUST_CHECK;

/*
 * Ends exactly one run with ABX_EXIT_INTERRUPTED: the current one, or the next one if none is going on. Kicks that come
 * before that run has ended count once. Any thread, and signal handlers except on backend hvf, whose framework does not
 * say so. The vCPU must not be destroyed meanwhile.
 */
ABX_API void abx_vcpu_kick(abx_vcpu *vcpu);

/*
 * Completes the I/O of the last exit without running the guest, so that registers and memory are those after the
 * instruction. Does nothing when none is pending. Needed before reading registers for a snapshot. The owning thread
 * only. Errors: ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED, ABX_ERR_BUSY (the instruction makes another access: run the vCPU
 * for that exit and try again), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_complete_io(abx_vcpu *vcpu) ABX_MUST_CHECK;

/* Ends a vCPU and its hold on the VM. The owning thread only (otherwise nothing happens and ABX_ERR_THREAD is
 * returned). NULL is allowed. */
ABX_API abx_status abx_vcpu_destroy(abx_vcpu *vcpu);

/* Its number. Any thread. */
ABX_API uint32_t abx_vcpu_id(const abx_vcpu *vcpu);

/*
 * Puts interrupt `vector` (0 to 255) into the guest at the next run: for VMs without an in-kernel controller. Only when
 * abx_vcpu_interrupt_ready(). The owning thread only. Errors: ABX_ERR_THREAD, ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_BUSY (one is there already), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_inject_vector(abx_vcpu *vcpu, uint32_t vector) ABX_MUST_CHECK;

/* Whether the guest could take a vector now, as of the last exit. The owning thread only. */
ABX_API bool abx_vcpu_interrupt_ready(const abx_vcpu *vcpu);

/* Asks for ABX_EXIT_IRQ_WINDOW as soon as the guest can take a vector; false withdraws it. The owning thread only.
 * Errors: ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED. */
ABX_API abx_status abx_vcpu_request_irq_window(abx_vcpu *vcpu, bool on) ABX_MUST_CHECK;

/* Injects a non-maskable interrupt. The owning thread only. Errors: ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_SYSTEM. */
ABX_API abx_status abx_vcpu_inject_nmi(abx_vcpu *vcpu) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
