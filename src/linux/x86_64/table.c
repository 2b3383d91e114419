/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/kvm_backend.h"

const abx_backend_x86_64 abx_kvm_x86_64 = {
    .trap_msrs = abx_kvm_trap_msrs,
};
