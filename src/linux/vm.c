/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

abx_status abx_kvm_vm_create(void **out, void *object, const abx_vm_config *config, abx_vm *core)
{
    abx_kvm_hypervisor *hypervisor = object;
    abx_kvm_vm *vm = calloc(1, sizeof(*vm));
    if (!vm)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create a KVM VM");
    vm->hypervisor = hypervisor;
    vm->config = config;
    abx_kvm_statistics_init(&vm->statistics);
    (void)core; /* this backend has nothing to tell by itself */
    vm->fd = abx_kvm_ioctl_value(hypervisor->fd, KVM_CREATE_VM, abx_kvm_arch_vm_type(hypervisor));
    abx_status status = abx_kvm_check(vm->fd, "create a KVM VM");
    if (status != ABX_OK)
        goto free_vm;
    /* Without "initially set": a log that has just been started is to be clean. */
    if (hypervisor->manual_clear) {
        status = abx_kvm_check(
            abx_kvm_enable(vm->fd, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE),
            "let the dirty log be cleared by hand");
        if (status != ABX_OK)
            goto close_vm;
    }
    status = abx_kvm_arch_vm_create(vm);
    if (status != ABX_OK)
        goto close_vm;
    *out = vm;
    return ABX_OK;

close_vm:
    close(vm->fd);
free_vm:
    abx_kvm_statistics_end(&vm->statistics);
    free(vm);
    return status;
}

abx_status abx_kvm_vm_seal(void *object)
{
    return abx_kvm_arch_vm_seal(object);
}

void abx_kvm_vm_destroy(void *object)
{
    abx_kvm_vm *vm = object;
    abx_kvm_arch_vm_destroy(vm);
    close(vm->fd);
    abx_kvm_statistics_end(&vm->statistics);
    free(vm);
}
