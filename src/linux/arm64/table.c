/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "table.h"

const abx_backend_arm64 abx_kvm_arm64 = {
    .get_gic = abx_kvm_get_gic,
    .set_ppi = abx_kvm_set_ppi,
    .save_gic = abx_kvm_save_gic,
    .restore_gic = abx_kvm_restore_gic,
    .get_events = abx_kvm_get_events,
    .set_events = abx_kvm_set_events,
    .sysreg_list = abx_kvm_sysreg_list,
    .reset = abx_kvm_reset,
};
