/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "claim.h"
#include "hvf_backend.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool claimed;

abx_status abx_hvf_claim(hv_vm_config_t config)
{
    static const char operation[] = "create a VM by Hypervisor.framework";
    pthread_mutex_lock(&lock);
    abx_status status = claimed ? ABX_ERR_LIMIT : abx_hv_check(hv_vm_create(config), operation);
    claimed = claimed || status == ABX_OK;
    pthread_mutex_unlock(&lock);
    /* Somebody else in this process has one. */
    if (status == ABX_ERR_LIMIT || status == ABX_ERR_BUSY)
        return abx_fail(ABX_ERR_LIMIT, 0,
                        "macOS gives each process one such VM: destroy the other, or run each VM in a process of its "
                        "own.",
                        operation);
    return status;
}

void abx_hvf_unclaim(void)
{
    pthread_mutex_lock(&lock);
    claimed = hv_vm_destroy() != HV_SUCCESS;
    pthread_mutex_unlock(&lock);
}

abx_status abx_hvf_try_claim(void)
{
    static const char operation[] = "ask Hypervisor.framework for a VM";
    abx_status status = ABX_OK;
    pthread_mutex_lock(&lock);
    if (!claimed) {
        hv_return_t result = hv_vm_create(NULL);
        if (result == HV_SUCCESS)
            result = hv_vm_destroy();
        status = result == HV_BUSY ? ABX_OK : abx_hv_check(result, operation);
    }
    pthread_mutex_unlock(&lock);
    return status;
}
