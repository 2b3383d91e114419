/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A whole life of a VM in which every allocation and mapping fails in turn: all is given back. */
#include "rig.h"
#include "unit/core/fault_seam.h"

#include <stdlib.h>

enum { BATCH = 100 };

static abx_status use_vcpu(abx_vcpu *vcpu)
{
    static uint8_t block[16384];
    abx_reg names[BATCH];
    uint64_t values[BATCH];
    size_t size = 0;
    for (size_t i = 0; i < BATCH; i++)
        names[i] = ABX_ARM64_X(i % 31);
    abx_status status = abx_vcpu_read_registers(vcpu, names, values, BATCH);
    if (status == ABX_OK)
        status = abx_vcpu_write_registers(vcpu, names, values, BATCH);
    if (status == ABX_OK)
        status = abx_vcpu_save_state(vcpu, block, sizeof(block), &size);
    return status == ABX_OK ? abx_vcpu_restore_state(vcpu, block, size) : status;
}

static abx_status use_vm(abx_vm *vm)
{
    uint8_t block[512];
    size_t size;
    abx_vcpu *vcpu = NULL;
    abx_status status = abx_memory_log_dirty(vm, RIG_RAM, true);
    if (status == ABX_OK)
        status = abx_memory_discard(vm, RIG_RAM, 2 * FAKE_PAGE);
    if (status == ABX_OK)
        status = abx_vcpu_create(&vcpu, vm, 0);
    if (status == ABX_OK)
        status = use_vcpu(vcpu);
    if (status == ABX_OK)
        status = abx_arm64_save_gic(vm, block, sizeof(block), &size);
    if (status == ABX_OK)
        status = abx_arm64_restore_gic(vm, block, size);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    return status;
}

static abx_status live(void)
{
    hvf_rig rig = { .hypervisor = NULL };
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = RIG_RAM_SIZE;
    abx_status status = rig_open(&rig);
    if (status == ABX_OK)
        status = abx_vm_create(&rig.vm, rig.hypervisor, &config);
    if (status == ABX_OK)
        status = use_vm(rig.vm);
    abx_vm_destroy(rig.vm);
    abx_hypervisor_close(rig.hypervisor);
    return status;
}

static void all_is_given_back(void **state)
{
    (void)state;
    fake_reset();
    assert_int_equal(live(), ABX_OK);
    long held = fault_seam_held();
    unsigned int n = 1;
    for (bool failed = true; failed; n++) {
        fake_reset();
        fault_seam_fail(n);
        abx_status status = live();
        failed = fault_seam_has_failed();
        fault_seam_fail(0);
        assert_int_equal(status != ABX_OK, failed);
        assert_int_equal(fault_seam_held(), held);
        fake_end();
    }
    assert_in_range(n, 15, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(all_is_given_back) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
