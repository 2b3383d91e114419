/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Registers by name and value, in batches. Which names there are depends on the architecture: x86_64.h, arm64.h. */
#ifndef ARCBOX_REGISTERS_H
#define ARCBOX_REGISTERS_H

#include <arcbox/base.h>
#include <arcbox/error.h>
#include <arcbox/vcpu.h>

ABX_BEGIN_DECLS

/* A register's name: architecture in bits 63-56, class in bits 55-48, number within the class in bits 31-0. */
typedef uint64_t abx_reg;

#define ABX_REG(arch, class_, number)                                                                                  \
    (((abx_reg)(arch) << 56) | ((abx_reg)(class_) << 48) | (abx_reg)(uint32_t)(number))
#define ABX_REG_ARCH(reg)   ((uint32_t)((reg) >> 56))
#define ABX_REG_CLASS(reg)  ((uint32_t)((reg) >> 48) & 0xffu)
#define ABX_REG_NUMBER(reg) ((uint32_t)(reg))

/*
 * Reads or writes `count` registers at once. On x86_64 each class is fetched or stored with one system call, or none
 * where the exit brought it along; on ARM64 each register with one. Registers narrower than 64 bits are zero-extended.
 * Writing is all or nothing within a class; classes are written in the order of the enumeration (general purpose first,
 * MSRs last). The owning thread only, after abx_vcpu_run() has returned. Registers of an instruction whose I/O is
 * pending are those before the instruction: abx_vcpu_complete_io(). Errors: ABX_ERR_INVALID, ABX_ERR_THREAD,
 * ABX_ERR_NOT_FOUND (a name that this architecture or host does not know; the error's advice has it),
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_RANGE (a value the register does not take), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_read_registers(abx_vcpu *vcpu, const abx_reg *names, uint64_t *values,
                                           size_t count) ABX_MUST_CHECK;
ABX_API abx_status abx_vcpu_write_registers(abx_vcpu *vcpu, const abx_reg *names, const uint64_t *values,
                                            size_t count) ABX_MUST_CHECK;

/* One register. Otherwise as above. */
ABX_API abx_status abx_vcpu_read_register(abx_vcpu *vcpu, abx_reg name, uint64_t *value) ABX_MUST_CHECK;
ABX_API abx_status abx_vcpu_write_register(abx_vcpu *vcpu, abx_reg name, uint64_t value) ABX_MUST_CHECK;

/* Whether a vCPU runs, waits to be started or sleeps. */
typedef enum abx_mp_state {
    ABX_MP_RUNNABLE = 0,
    ABX_MP_UNINITIALIZED, /* x86_64: waits for INIT */
    ABX_MP_INIT_RECEIVED, /* x86_64: waits for SIPI */
    ABX_MP_HALTED,
    ABX_MP_SIPI_RECEIVED,
    ABX_MP_STOPPED,   /* ARM64: powered off */
    ABX_MP_SUSPENDED, /* ARM64: waits for a wake-up event, see ABX_SYSTEM_SUSPEND */
} abx_mp_state;

/* Errors: ABX_ERR_INVALID, ABX_ERR_THREAD, ABX_ERR_NOT_SUPPORTED, ABX_ERR_SYSTEM. */
ABX_API abx_status abx_vcpu_get_mp_state(abx_vcpu *vcpu, abx_mp_state *state) ABX_MUST_CHECK;
ABX_API abx_status abx_vcpu_set_mp_state(abx_vcpu *vcpu, abx_mp_state state) ABX_MUST_CHECK;

/*
 * All of a vCPU's state as one versioned block of bytes, for snapshots: registers of every class, pending events, local
 * interrupt controller, MP state. Completes pending I/O first. `buffer` has room for `capacity` and may be NULL when
 * that is 0; `*size` gets the bytes needed. The owning thread only. Errors: ABX_ERR_INVALID, ABX_ERR_THREAD,
 * ABX_ERR_LIMIT (buffer too small; *size is set), ABX_ERR_BUSY (the instruction has another access to make: run once
 * more), ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_vcpu_save_state(abx_vcpu *vcpu, void *buffer, size_t capacity, size_t *size) ABX_MUST_CHECK;

/*
 * Puts such a block into a vCPU of the same backend and architecture. The block is checked before anything is changed.
 * The owning thread only. Errors: ABX_ERR_INVALID, ABX_ERR_THREAD, ABX_ERR_FORMAT (damaged, or of another backend,
 * version or CPU), ABX_ERR_BUSY (as above), ABX_ERR_STATE (it has run with another CPUID), ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM (the vCPU's state is then undefined: destroy it).
 */
ABX_API abx_status abx_vcpu_restore_state(abx_vcpu *vcpu, const void *buffer, size_t size) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
