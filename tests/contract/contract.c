/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "contract.h"

#include <string.h>

const char *contract_backend;

void assert_status_(abx_status status, abx_status expected, const char *call, const char *file, int line)
{
    if (status == expected)
        return;
    print_error("%s: %s instead of %s (%s)\n", call, abx_status_name(status), abx_status_name(expected),
                abx_last_error()->message);
    _fail(file, line);
}

void assert_record_(abx_status status, bool advised, const char *file, int line)
{
    const abx_error *error = abx_last_error();
    bool complete = error->status == status && *error->operation && (*error->advice || !advised) &&
                    strstr(error->message, error->operation) && strstr(error->message, error->advice);
    if (complete)
        return;
    print_error("status %s, operation '%s', advice '%s', message '%s'\n", abx_status_name(error->status),
                error->operation, error->advice, error->message);
    _fail(file, line);
}

abx_hypervisor *contract_open(void)
{
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, contract_backend, NULL));
    return hypervisor;
}

bool contract_managed(const abx_hypervisor *hypervisor)
{
    return !abx_hypervisor_has(hypervisor, ABX_CAP_MANUAL);
}

abx_vm_config contract_config(void)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 16u << 20;
    return config;
}

abx_vm *contract_vm(abx_hypervisor *hypervisor, abx_vm_state state)
{
    abx_vm_config config = contract_config();
    abx_vm *vm;
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
    if (state == ABX_VM_RUNNING || state == ABX_VM_PAUSED)
        assert_ok(abx_vm_start(vm));
    if (state == ABX_VM_PAUSED)
        assert_ok(abx_vm_pause(vm));
    if (state == ABX_VM_STOPPED)
        assert_ok(abx_vm_stop(vm));
    assert_int_equal(abx_vm_get_state(vm), state);
    return vm;
}
