/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "claim.h"
#include "gic.h"

#include <arcbox/event.h>

#include <errno.h>
#include <stdlib.h>

static hv_return_t configure(const abx_hvf_vm *vm, hv_vm_config_t config)
{
    hv_return_t result = HV_UNSUPPORTED;
    if (ABX_MACOS_AT_LEAST(13, 0))
        result = hv_vm_config_set_ipa_size(config, vm->hypervisor->ipa_bits);
    if (result == HV_SUCCESS && vm->config->nested == ABX_YES) {
        if (ABX_MACOS_AT_LEAST(15, 0))
            return hv_vm_config_set_el2_enabled(config, true);
        return HV_UNSUPPORTED;
    }
    return result;
}

/* With all the guest addresses that there are: memory may be added at any of them. */
static abx_status create(const abx_hvf_vm *vm)
{
    if (ABX_MACOS_AT_LEAST(13, 0)) {
        hv_vm_config_t config = hv_vm_config_create();
        if (!config)
            return abx_hv_check(HV_NO_RESOURCES, "configure a VM of Hypervisor.framework");
        abx_status status = abx_hv_check(configure(vm, config), "configure a VM of Hypervisor.framework");
        if (status == ABX_OK)
            status = abx_hvf_claim(config);
        os_release(config);
        return status;
    }
    return abx_hvf_claim(NULL);
}

/* vCPUs that stay in the guest have the new counter at their next entry: they are sent there. Others that wait for a
 * time outside of it hear of the sleep by the event. */
static void woke(void *object)
{
    abx_hvf_vm *vm = object;
    abx_hvf_clock_check(&vm->clock);
    uint64_t slept = atomic_load(&vm->clock.slept);
    if (slept == vm->slept)
        return;
    const abx_event event = {
        .kind = ABX_EVENT_HOST_WOKE,
        .vcpu = UINT32_MAX,
        .code = abx_clock_nanoseconds(slept - vm->slept, vm->hypervisor->frequency),
    };
    vm->slept = slept;
    abx_hvf_vcpus_turn(vm, NULL);
    abx_event_post(vm->core, &event);
}

abx_status abx_hvf_vm_create(void **out, void *object, const abx_vm_config *config, abx_vm *core)
{
    abx_hvf_vm *vm = calloc(1, sizeof(*vm));
    if (!vm)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create a VM by Hypervisor.framework");
    vm->hypervisor = object;
    vm->config = config;
    vm->core = core;
    abx_status status = create(vm);
    if (status != ABX_OK) {
        free(vm);
        return status;
    }
    abx_hvf_memory_init(&vm->memory);
    abx_hvf_clock_init(&vm->clock, vm->hypervisor->frequency);
    pthread_mutex_init(&vm->lock, NULL);
    vm->slept = atomic_load(&vm->clock.slept);
    abx_wake_watch_start(&vm->wake_watch, woke, vm);
    *out = vm;
    return ABX_OK;
}

abx_status abx_hvf_vm_seal(void *object)
{
    abx_hvf_vm *vm = object;
    if (vm->config->irqchip != ABX_IRQCHIP_KERNEL)
        return ABX_OK;
    abx_status status = abx_hvf_gic_create(vm);
    vm->gic = status == ABX_OK;
    return status;
}

void abx_hvf_vm_destroy(void *object)
{
    abx_hvf_vm *vm = object;
    abx_wake_watch_end(&vm->wake_watch);
    abx_hvf_unclaim();
    pthread_mutex_destroy(&vm->lock);
    abx_hvf_clock_end(&vm->clock);
    abx_hvf_memory_end(&vm->memory);
    free(vm);
}
