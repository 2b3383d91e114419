/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_list.h"
#include "register_map.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>

/* The kernel says how many there are before it gives them. */
abx_status abx_register_list(const abx_kvm_vcpu *vcpu, struct kvm_reg_list **out)
{
    struct kvm_reg_list number = { .n = 0 };
    int result = abx_kvm_ioctl(vcpu->fd, KVM_GET_REG_LIST, &number);
    if (result < 0 && result != -E2BIG)
        return abx_kvm_check(result, "list the registers of vCPU %u", vcpu->id);
    struct kvm_reg_list *list = calloc(1, sizeof(*list) + number.n * sizeof(list->reg[0]));
    if (!list)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "list the registers of vCPU %u", vcpu->id);
    list->n = number.n;
    abx_status status =
        abx_kvm_check(abx_kvm_ioctl(vcpu->fd, KVM_GET_REG_LIST, list), "list the registers of vCPU %u", vcpu->id);
    if (status == ABX_OK)
        *out = list;
    else
        free(list);
    return status;
}

/* The name of KVM's register `id`, if that is a system register. */
static bool system_register_name(uint64_t id, abx_reg *name)
{
    const uint64_t encoding = KVM_REG_ARM64_SYSREG_OP0_MASK | KVM_REG_ARM64_SYSREG_OP1_MASK |
                              KVM_REG_ARM64_SYSREG_CRN_MASK | KVM_REG_ARM64_SYSREG_CRM_MASK |
                              KVM_REG_ARM64_SYSREG_OP2_MASK;
    if ((id & KVM_REG_ARM_COPROC_MASK) != KVM_REG_ARM64_SYSREG)
        return false;
    if (id == KVM_REG_ARM_TIMER_CVAL)
        *name = ABX_ARM64_CNTV_CVAL_EL0;
    else if (id == KVM_REG_ARM_TIMER_CNT)
        *name = ABX_ARM64_CNTVCT_EL0;
    else
        *name = ABX_ARM64_REG(ABX_ARM64_CLASS_SYSREG, id & encoding);
    return true;
}

abx_status abx_kvm_sysreg_list(void *object, abx_reg *names, size_t capacity, size_t *count)
{
    struct kvm_reg_list *list = NULL;
    abx_status status = abx_register_list(object, &list);
    if (!list)
        return status;
    size_t found = 0;
    for (size_t i = 0; i < list->n; i++) {
        abx_reg name;
        if (!system_register_name(list->reg[i], &name))
            continue;
        if (found < capacity)
            names[found] = name;
        found++;
    }
    free(list);
    *count = found;
    return ABX_OK;
}
