/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"
#include "backends.h"

static const abx_backend_arm64 arm64 = {
    .get_gic = abx_hvf_get_gic,
    .save_gic = abx_hvf_save_gic,
    .restore_gic = abx_hvf_restore_gic,
    .get_events = abx_hvf_get_events,
    .set_events = abx_hvf_set_events,
    .sysreg_list = abx_hvf_sysreg_list,
    .reset = abx_hvf_reset,
    .set_irq = abx_hvf_set_irq,
    .get_timer = abx_hvf_get_timer,
    .unmask_timer = abx_hvf_unmask_timer,
};

const abx_backend abx_backend_hvf = {
    .size = sizeof(abx_backend),
    .name = "hvf",
    .description = "Hypervisor.framework of macOS on Apple silicon",
    .open = abx_hvf_open,
    .close = abx_hvf_close,
    .vm_create = abx_hvf_vm_create,
    .vm_seal = abx_hvf_vm_seal,
    .vm_destroy = abx_hvf_vm_destroy,
    .memory_map = abx_hvf_memory_map,
    .memory_unmap = abx_hvf_memory_unmap,
    .memory_set_flags = abx_hvf_memory_set_flags,
    .memory_get_dirty = abx_hvf_memory_get_dirty,
    .memory_clear_dirty = abx_hvf_memory_clear_dirty,
    .memory_discard = abx_hvf_memory_discard,
    .irq_set_line = abx_hvf_irq_set_line,
    .irq_send_msi = abx_hvf_irq_send_msi,
    .vcpu_create = abx_hvf_vcpu_create,
    .vcpu_destroy = abx_hvf_vcpu_destroy,
    .vcpu_run = abx_hvf_vcpu_run,
    .vcpu_kick = abx_hvf_vcpu_kick,
    .vcpu_clear_kick = abx_hvf_vcpu_clear_kick,
    .vcpu_complete_io = abx_hvf_vcpu_complete_io,
    .vcpu_read_registers = abx_hvf_vcpu_read_registers,
    .vcpu_write_registers = abx_hvf_vcpu_write_registers,
    .vcpu_get_mp_state = abx_hvf_vcpu_get_mp_state,
    .vcpu_set_mp_state = abx_hvf_vcpu_set_mp_state,
    .vcpu_save_state = abx_hvf_vcpu_save_state,
    .vcpu_restore_state = abx_hvf_vcpu_restore_state,
    .vcpu_set_debug = abx_hvf_vcpu_set_debug,
    .arm64 = &arm64,
};
