/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_managed.h"
#include "cmocka_all.h"

void (*fake_managed_at_start)(abx_vm *vm);

static abx_status managed_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    (void)options;
    abx_status status = fake_log_enter("managed_open");
    if (status != ABX_OK)
        return status;
    caps->bits[0] = UINT64_MAX & ~(UINT64_C(1) << ABX_CAP_HARDWARE);
    caps->guest_archs = (1u << ABX_ARCH_X86_64) | (1u << ABX_ARCH_ARM64);
    caps->max_vcpus = 8;
    caps->page_size = 4096;
    *out = NULL;
    return ABX_OK;
}

static void managed_close(void *hypervisor)
{
    (void)hypervisor;
    fake_log_enter("managed_close");
}

static abx_status managed_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    (void)hypervisor;
    (void)config;
    abx_status status = fake_log_enter("vm_create");
    if (status == ABX_OK)
        *out = vm;
    return status;
}

static abx_status managed_vm_start(void *object)
{
    if (fake_managed_at_start)
        fake_managed_at_start(object);
    return fake_log_enter("vm_start");
}

static abx_status managed_vm_pause(void *object)
{
    (void)object;
    return fake_log_enter("vm_pause");
}

static abx_status managed_vm_resume(void *object)
{
    (void)object;
    return fake_log_enter("vm_resume");
}

static abx_status managed_vm_stop(void *object)
{
    (void)object;
    return fake_log_enter("vm_stop");
}

static void managed_vm_destroy(void *object)
{
    (void)object;
    fake_log_enter("vm_destroy");
}

const abx_backend fake_managed = {
    .size = sizeof(abx_backend),
    .name = "qemu",
    .description = "a managed backend without a guest",
    .managed = true,
    .open = managed_open,
    .close = managed_close,
    .vm_create = managed_vm_create,
    .vm_start = managed_vm_start,
    .vm_pause = managed_vm_pause,
    .vm_resume = managed_vm_resume,
    .vm_stop = managed_vm_stop,
    .vm_destroy = managed_vm_destroy,
};

static const abx_backend *const list[] = { &fake_managed };

const abx_hypervisor_options fake_managed_options = {
    .size = sizeof(abx_hypervisor_options),
    .backends = list,
    .backend_count = 1,
};

abx_vm *fake_managed_vm(void)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    fake_log_reset();
    fake_managed_at_start = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, NULL), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return vm;
}
