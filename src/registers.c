/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/registers.h>

#include "vcpu_internal.h"

abx_status abx_vcpu_read_registers(abx_vcpu *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    abx_status status = abx_vcpu_check(vcpu, (names && values) || !count, ABX_CAP_REGISTERS,
                                       offsetof(abx_backend, vcpu_read_registers), "read registers");
    return status != ABX_OK ? status : vcpu->backend->vcpu_read_registers(vcpu->object, names, values, count);
}

abx_status abx_vcpu_write_registers(abx_vcpu *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    abx_status status = abx_vcpu_check(vcpu, (names && values) || !count, ABX_CAP_REGISTERS,
                                       offsetof(abx_backend, vcpu_write_registers), "write registers");
    return status != ABX_OK ? status : vcpu->backend->vcpu_write_registers(vcpu->object, names, values, count);
}

abx_status abx_vcpu_read_register(abx_vcpu *vcpu, abx_reg name, uint64_t *value)
{
    return abx_vcpu_read_registers(vcpu, &name, value, 1);
}

abx_status abx_vcpu_write_register(abx_vcpu *vcpu, abx_reg name, uint64_t value)
{
    return abx_vcpu_write_registers(vcpu, &name, &value, 1);
}

abx_status abx_vcpu_get_mp_state(abx_vcpu *vcpu, abx_mp_state *state)
{
    abx_status status =
        abx_vcpu_check(vcpu, state, ABX_CAP_COUNT, offsetof(abx_backend, vcpu_get_mp_state), "get the MP state");
    return status != ABX_OK ? status : vcpu->backend->vcpu_get_mp_state(vcpu->object, state);
}

abx_status abx_vcpu_set_mp_state(abx_vcpu *vcpu, abx_mp_state state)
{
    abx_status status = abx_vcpu_check(vcpu, state <= ABX_MP_SUSPENDED, ABX_CAP_COUNT,
                                       offsetof(abx_backend, vcpu_set_mp_state), "set the MP state");
    return status != ABX_OK ? status : vcpu->backend->vcpu_set_mp_state(vcpu->object, state);
}

abx_status abx_vcpu_save_state(abx_vcpu *vcpu, void *buffer, size_t capacity, size_t *size)
{
    abx_status status = abx_vcpu_check(vcpu, (buffer || !capacity) && size, ABX_CAP_VCPU_STATE,
                                       offsetof(abx_backend, vcpu_save_state), "save the state");
    if (status != ABX_OK)
        return status;
    status = vcpu->backend->vcpu_save_state(vcpu->object, buffer, capacity, size);
    abx_vcpu_rekick(vcpu);
    return status;
}

abx_status abx_vcpu_restore_state(abx_vcpu *vcpu, const void *buffer, size_t size)
{
    abx_status status = abx_vcpu_check(vcpu, buffer, ABX_CAP_VCPU_STATE, offsetof(abx_backend, vcpu_restore_state),
                                       "restore the state");
    return status != ABX_OK ? status : vcpu->backend->vcpu_restore_state(vcpu->object, buffer, size);
}
