/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_vm.h"

#include "fake_backend.h"

static abx_status open_any(const abx_hypervisor_options *options, abx_capabilities *caps, abx_cap kind, bool hotplug)
{
    const abx_cap some[] = { kind,
                             ABX_CAP_GUEST_MEMORY,
                             ABX_CAP_READ_ONLY_MEMORY,
                             ABX_CAP_DISCARD,
                             ABX_CAP_DIRTY_LOG,
                             hotplug ? ABX_CAP_MEMORY_HOTPLUG : kind };
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        caps->bits[some[i] / 64] |= UINT64_C(1) << some[i] % 64;
    }
    caps->guest_archs = 1u << options->guest_arch;
    caps->max_vcpus = 1;
    caps->max_slots = FAKE_SLOTS;
    caps->phys_bits = 40;
    caps->page_size = PAGE;
    return ABX_OK;
}

static abx_status open_manual(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    *out = NULL;
    return open_any(options, caps, ABX_CAP_MANUAL, false);
}

static abx_status open_hotplug(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    *out = NULL;
    return open_any(options, caps, ABX_CAP_MANUAL, true);
}

static abx_status open_managed(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    *out = NULL;
    return open_any(options, caps, ABX_CAP_HARDWARE, false);
}

static void close_any(void *hypervisor)
{
    (void)hypervisor;
}

static abx_status create_vm(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    (void)hypervisor;
    (void)config;
    (void)vm;
    *out = NULL;
    return ABX_OK;
}

static void destroy_vm(void *vm)
{
    (void)vm;
}

static abx_status succeed(void *vm)
{
    (void)vm;
    return ABX_OK;
}

static abx_status map_slot(void *vm, const abx_slot *slot)
{
    (void)vm;
    (void)slot;
    return ABX_OK;
}

static abx_status get_dirty(void *vm, const abx_slot *slot, uint64_t *bitmap)
{
    (void)vm;
    (void)slot;
    (void)bitmap;
    return ABX_OK;
}

static abx_status clear_dirty(void *vm, const abx_slot *slot, const uint64_t *bitmap)
{
    (void)vm;
    (void)slot;
    (void)bitmap;
    return ABX_OK;
}

static abx_status create_vcpu(void **out, void *vm, uint32_t id)
{
    (void)vm;
    (void)id;
    *out = NULL;
    return ABX_OK;
}

static void forget_vcpu(void *vcpu)
{
    (void)vcpu;
}

static abx_status run_vcpu(void *vcpu, abx_exit *exit)
{
    (void)vcpu;
    exit->kind = ABX_EXIT_INTERRUPTED;
    return ABX_OK;
}

static abx_vm *vm_of(const abx_backend *backend, bool memory)
{
    const abx_backend *const backends[] = { backend };
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.backends = backends;
    options.backend_count = 1;
    abx_hypervisor *hypervisor;
    if (abx_hypervisor_open(&hypervisor, backend->name, &options) != ABX_OK) {
        fail_msg("%s", abx_last_error()->message);
    }
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.no_memory = !memory;
    config.memory_size = memory ? (uint64_t)PAGE * 1024 : 0;
    abx_vm *vm;
    abx_status status = abx_vm_create(&vm, hypervisor, &config);
    if (status != ABX_OK) {
        fail_msg("%s", abx_last_error()->message);
    }
    abx_hypervisor_close(hypervisor);
    return vm;
}

abx_vm *fake_vm_manual(bool hotplug)
{
    static abx_backend table = {
        .size = sizeof(abx_backend),
        .name = "fake-manual",
        .description = "a backend without a guest",
        .close = close_any,
        .vm_create = create_vm,
        .vm_destroy = destroy_vm,
        .memory_map = map_slot,
        .memory_unmap = map_slot,
        .memory_set_flags = map_slot,
        .memory_get_dirty = get_dirty,
        .memory_clear_dirty = clear_dirty,
        .vcpu_create = create_vcpu,
        .vcpu_destroy = forget_vcpu,
        .vcpu_run = run_vcpu,
        .vcpu_kick = forget_vcpu,
        .vcpu_clear_kick = forget_vcpu,
    };
    table.open = hotplug ? open_hotplug : open_manual;
    return vm_of(&table, false);
}

abx_vm *fake_vm_managed(void)
{
    static const abx_backend table = {
        .size = sizeof(abx_backend),
        .name = "fake-managed",
        .description = "a backend that runs guests by itself",
        .managed = true,
        .open = open_managed,
        .close = close_any,
        .vm_create = create_vm,
        .vm_start = succeed,
        .vm_stop = succeed,
        .vm_destroy = destroy_vm,
    };
    return vm_of(&table, true);
}
