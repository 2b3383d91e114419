/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_GUESS = 512, MOST_MSRS = 65536 };

abx_status abx_kvm_msr_list_load(abx_kvm_hypervisor *hypervisor)
{
    for (uint32_t room = FIRST_GUESS; room <= MOST_MSRS; room *= 2) {
        struct kvm_msr_list *list = malloc(sizeof(*list) + room * sizeof(list->indices[0]));
        if (!list)
            return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "get the list of MSRs");
        list->nmsrs = room;
        int result = abx_kvm_ioctl(hypervisor->fd, KVM_GET_MSR_INDEX_LIST, list);
        if (result >= 0 && list->nmsrs <= room) {
            hypervisor->arch.msrs = list;
            return ABX_OK;
        }
        free(list);
        if (result != -E2BIG)
            return abx_kvm_check(result < 0 ? result : -EPROTO, "get the list of MSRs");
    }
    return abx_kvm_check(-E2BIG, "get the list of MSRs");
}

abx_status abx_kvm_msr_list(const void *object, uint32_t *indices, size_t capacity, size_t *count)
{
    const abx_kvm_hypervisor *hypervisor = object;
    const struct kvm_msr_list *list = hypervisor->arch.msrs;
    size_t given = list->nmsrs < capacity ? list->nmsrs : capacity;
    if (given > 0)
        memcpy(indices, list->indices, given * sizeof(*indices));
    *count = list->nmsrs;
    return ABX_OK;
}
