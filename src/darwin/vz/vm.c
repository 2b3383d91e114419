/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "delegate.h"
#include "machine_delegate.h"
#include "vm_object.h"
#include "vz_api.h"

#include <stdlib.h>
#include <string.h>

static void set_delegate(void *context)
{
    abx_vz_vm *vm = context;
    VZVirtualMachine_setDelegate_(vm->machine, vm->delegate);
}

static abx_status keep_identifier(abx_vz_vm *vm, id data)
{
    size_t size = data ? NSData_length(data) : 0;
    if (!size)
        return ABX_OK;
    vm->machine_id = malloc(size);
    if (!vm->machine_id)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "keep a machine identifier");
    memcpy(vm->machine_id, NSData_bytes(data), size);
    vm->machine_id_size = size;
    return ABX_OK;
}

static size_t count_outputs(const abx_vm_config *config)
{
    size_t count = 0;
    for (size_t i = 0; i < config->device_count; i++)
        count += abx_vz_console_outputs(&config->devices[i]);
    return count;
}

/* Within a pool. What it made belongs to `vm` even when it fails. */
static abx_status build(abx_vz_vm *vm)
{
    id configuration, identifier = NULL;
    abx_status status = ABX_OK;
    size_t outputs = count_outputs(vm->config);
    if (outputs > 0)
        status = abx_vz_drain_new(&vm->drain, outputs);
    if (status == ABX_OK)
        status = abx_vz_configuration_new(&configuration, &identifier, vm->config, vm->drain);
    if (status != ABX_OK)
        return status;
    vm->configuration = objc_retain(configuration);
    status = keep_identifier(vm, identifier);
    if (status == ABX_OK && vm->drain)
        status = abx_vz_drain_start(vm->drain);
    if (status == ABX_OK)
        status = abx_vz_queue_new(&vm->queue);
    if (status == ABX_OK)
        status = abx_vz_machine_delegate_new(&vm->delegate, vm);
    if (status != ABX_OK)
        return status;
    vm->machine = objc_retain(VZVirtualMachine_initWithConfiguration_queue_(configuration, (id)vm->queue));
    if (!vm->machine)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a VZVirtualMachine");
    abx_vz_queue_call(vm->queue, set_delegate, vm);
    return ABX_OK;
}

abx_status abx_vz_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *handle)
{
    (void)hypervisor;
    abx_vz_vm *vm = calloc(1, sizeof(*vm));
    if (!vm)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "create a VM with Virtualization.framework");
    vm->handle = handle;
    vm->config = config;
    void *pool = objc_autoreleasePoolPush();
    abx_status status = build(vm);
    objc_autoreleasePoolPop(pool);
    if (status != ABX_OK)
        abx_vz_vm_destroy(vm);
    else
        *out = vm;
    return status;
}

/* Nothing comes from the framework after this. */
static void let_go(void *context)
{
    abx_vz_vm *vm = context;
    if (vm->machine)
        VZVirtualMachine_setDelegate_(vm->machine, NULL);
    objc_release(vm->machine);
    abx_delegate_forget(vm->delegate);
}

void abx_vz_vm_destroy(void *object)
{
    abx_vz_vm *vm = object;
    void *pool = objc_autoreleasePoolPush();
    if (vm->delegate)
        abx_vz_queue_call(vm->queue, let_go, vm);
    objc_release(vm->delegate);
    objc_release(vm->configuration);
    objc_autoreleasePoolPop(pool);
    if (vm->queue)
        dispatch_release(vm->queue);
    abx_vz_drain_free(vm->drain);
    free(vm->machine_id);
    free(vm);
}
