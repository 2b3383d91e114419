/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The functions of abx_backend_arm64, file by file. Meanings: <arcbox/arm64.h>. */
#ifndef ABX_SRC_LINUX_ARM64_TABLE_H
#define ABX_SRC_LINUX_ARM64_TABLE_H

#include "linux/kvm_backend.h"

/* gic.c */
abx_status abx_kvm_get_gic(const void *vm, abx_arm64_gic *gic);
abx_status abx_kvm_set_ppi(void *vm, uint32_t id, uint32_t ppi, bool level);

/* gic_state.c */
abx_status abx_kvm_save_gic(void *vm, void *buffer, size_t capacity, size_t *size);
abx_status abx_kvm_restore_gic(void *vm, const void *buffer, size_t size);

/* events.c */
abx_status abx_kvm_get_events(void *vcpu, abx_arm64_events *events);
abx_status abx_kvm_set_events(void *vcpu, const abx_arm64_events *events);

/* register_list.c */
abx_status abx_kvm_sysreg_list(void *vcpu, abx_reg *names, size_t capacity, size_t *count);

/* vcpu.c */
abx_status abx_kvm_reset(void *vcpu);

#endif
