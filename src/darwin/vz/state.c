/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vm_object.h"
#include "vz_api.h"

const char *abx_vz_state_name(int64_t state)
{
    static const char names[][12] = {
        [VZVirtualMachineStateStopped] = "stopped",   [VZVirtualMachineStateRunning] = "running",
        [VZVirtualMachineStatePaused] = "paused",     [VZVirtualMachineStateError] = "failed",
        [VZVirtualMachineStateStarting] = "starting", [VZVirtualMachineStatePausing] = "pausing",
        [VZVirtualMachineStateResuming] = "resuming", [VZVirtualMachineStateStopping] = "stopping",
        [VZVirtualMachineStateSaving] = "saving",     [VZVirtualMachineStateRestoring] = "restoring",
    };
    if (state < 0 || (size_t)state >= sizeof(names) / sizeof(names[0]))
        return "in a state unknown here";
    return names[state];
}

void abx_vz_wrong_state(const abx_vz_vm *vm, abx_vz_fault *fault)
{
    abx_vz_fault_set(fault, ABX_ERR_STATE, "The machine is %s.",
                     abx_vz_state_name(VZVirtualMachine_state(vm->machine)));
}
