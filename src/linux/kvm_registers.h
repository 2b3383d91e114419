/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A KVM vCPU's registers and the rest of its state: the entries of the backend's table that each architecture's
 * directory provides. Arguments are the table's: `vcpu` is an abx_kvm_vcpu. See <arcbox/backend.h>.
 */
#ifndef ABX_SRC_LINUX_KVM_REGISTERS_H
#define ABX_SRC_LINUX_KVM_REGISTERS_H

#include "kvm_backend.h"

/* <architecture>/registers.c */
abx_status abx_kvm_vcpu_read_registers(void *vcpu, const abx_reg *names, uint64_t *values, size_t count);
abx_status abx_kvm_vcpu_write_registers(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count);

/* mp_state.c */
abx_status abx_kvm_vcpu_get_mp_state(void *vcpu, abx_mp_state *state);
abx_status abx_kvm_vcpu_set_mp_state(void *vcpu, abx_mp_state state);

/* state.c. Pending I/O is completed first. */
abx_status abx_kvm_vcpu_save_state(void *vcpu, void *buffer, size_t capacity, size_t *size);
abx_status abx_kvm_vcpu_restore_state(void *vcpu, const void *buffer, size_t size);

/* <architecture>/debug.c */
abx_status abx_kvm_vcpu_set_debug(void *vcpu, const abx_debug_config *config);

/*
 * Gives the kernel the registers that wait in vcpu->run for the next entry, and lets go of the copies there: before any
 * call on the vCPU that reads or changes registers behind their back, such as setting its MP state or events.
 */
abx_status abx_kvm_settle_registers(abx_kvm_vcpu *vcpu);

#endif
