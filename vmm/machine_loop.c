/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_internal.h"

#include "machine_virtio.h"

abx_status abx_machine_build_loop(abx_machine *machine, const abx_machine_config *config, bool manual)
{
    machine->loop_is_callers = config->loop == ABX_LOOP_CALLER;
    if (!machine->loop_is_callers && (!manual || abx_machine_count_virtio(config) == 0))
        return ABX_OK;
    return abx_loop_new(&machine->loop);
}

abx_status abx_machine_start_loop(abx_machine *machine)
{
    return machine->loop && !machine->loop_is_callers ? abx_loop_start(machine->loop) : ABX_OK;
}

abx_status abx_machine_need_loop(abx_machine *machine, abx_loop **loop)
{
    abx_status status = ABX_OK;
    pthread_mutex_lock(&machine->control);
    if (!machine->loop) {
        abx_loop *made = NULL;
        status = abx_loop_new(&made);
        if (status == ABX_OK)
            status = abx_loop_start(made);
        if (status == ABX_OK)
            machine->loop = made;
        else
            abx_loop_free(made);
    }
    if (status == ABX_OK)
        *loop = machine->loop;
    pthread_mutex_unlock(&machine->control);
    return status;
}

int abx_machine_loop_fd(const abx_machine *machine)
{
    return machine->loop_is_callers ? abx_loop_fd(machine->loop) : -1;
}

int abx_machine_loop_timeout(const abx_machine *machine)
{
    return machine->loop_is_callers ? abx_loop_timeout(machine->loop) : -1;
}

abx_status abx_machine_dispatch(abx_machine *machine)
{
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "dispatch a machine's event loop");
    if (!machine->loop_is_callers)
        return abx_fail(ABX_ERR_STATE, 0, "Create the machine with loop CALLER.", "dispatch a machine's event loop");
    abx_loop_dispatch(machine->loop);
    return ABX_OK;
}
