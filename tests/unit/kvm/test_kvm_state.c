/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

#include <stdlib.h>
#include <string.h>

/* start: inc ax; out 0x10, al; jmp start */
static const uint8_t counting[] = { 0x40, 0xe6, 0x10, 0xeb, 0xfb };

static void *save(kvm_guest *guest, size_t *size)
{
    size_t needed = 0;
    assert_ok(abx_vcpu_save_state(guest->vcpu, NULL, 0, &needed));
    assert_in_range(needed, 4096, 1 << 20);
    uint8_t *block = malloc(needed);
    assert_non_null(block);
    assert_status(abx_vcpu_save_state(guest->vcpu, block, needed - 1, size), ABX_ERR_LIMIT);
    assert_int_equal(*size, needed);
    assert_ok(abx_vcpu_save_state(guest->vcpu, block, needed, size));
    assert_int_equal(*size, needed);
    return block;
}

static void a_guest_goes_on_elsewhere(void **state)
{
    const abx_irqchip irqchip = *(const abx_irqchip *)*state;
    const abx_vm_config config = small_config(irqchip);
    kvm_guest first, second;
    guest_open(&first, &config, counting, sizeof(counting));
    guest_set(&first, ABX_X86_RAX, 0);
    guest_set(&first, ABX_X86_MSR(0xc0000081), 0x0023001000000000);
    guest_set(&first, ABX_X86_DR(2), 0x4444);
    guest_set(&first, ABX_X86_CR8, 9);
    abx_x86_fpu fpu;
    assert_ok(abx_x86_get_fpu(first.vcpu, &fpu));
    fpu.xmm[1][2] = 0x77;
    assert_ok(abx_x86_set_fpu(first.vcpu, &fpu));
    assert_ok(abx_vm_start(first.vm));
    assert_int_equal(guest_run_to_out(&first, 0x10), 1);
    assert_int_equal(guest_run_to_out(&first, 0x10), 2);
    abx_x86_events events;
    assert_ok(abx_x86_get_events(first.vcpu, &events));
    events.nmi_masked = true;
    assert_ok(abx_x86_set_events(first.vcpu, &events));
    guest_set(&first, ABX_X86_RBX, 0xbbb); /* may wait in the shared page */
    size_t size;
    void *block = save(&first, &size);
    assert_int_equal(guest_get(&first, ABX_X86_RIP), CODE + 3); /* the OUT is complete */

    guest_open(&second, &config, counting, sizeof(counting));
    assert_ok(abx_vcpu_restore_state(second.vcpu, block, size));
    assert_int_equal(guest_get(&second, ABX_X86_RBX), 0xbbb);
    assert_int_equal(guest_get(&second, ABX_X86_RIP), CODE + 3);
    assert_int_equal(guest_get(&second, ABX_X86_MSR(0xc0000081)), 0x0023001000000000);
    assert_int_equal(guest_get(&second, ABX_X86_DR(2)), 0x4444);
    assert_int_equal(guest_get(&second, ABX_X86_CR8), 9);
    assert_ok(abx_x86_get_fpu(second.vcpu, &fpu));
    assert_int_equal(fpu.xmm[1][2], 0x77);
    assert_ok(abx_x86_get_events(second.vcpu, &events));
    assert_true(events.nmi_masked);
    assert_ok(abx_vm_start(second.vm));
    assert_int_equal(guest_run_to_out(&second, 0x10), 3);
    assert_int_equal(guest_get(&second, ABX_X86_CR8), 9);
    guest_close(&second);

    /* And the first one as well; then back, over an OUT that is not complete. */
    assert_int_equal(guest_run_to_out(&first, 0x10), 3);
    assert_int_equal(guest_run_to_out(&first, 0x10), 4);
    assert_ok(abx_vcpu_restore_state(first.vcpu, block, size));
    assert_int_equal(guest_run_to_out(&first, 0x10), 3);
    guest_close(&first);
    free(block);
}

static void a_hostile_block_changes_nothing(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    kvm_guest guest;
    guest_open(&guest, &config, counting, sizeof(counting));
    size_t size, after;
    uint8_t *block = save(&guest, &size);
    for (size_t i = 0; i < size; i += 97) {
        block[i] ^= 0x10;
        assert_status(abx_vcpu_restore_state(guest.vcpu, block, size), ABX_ERR_FORMAT);
        block[i] ^= 0x10;
    }
    for (size_t length = 0; length < size; length += 89)
        assert_status(abx_vcpu_restore_state(guest.vcpu, block, length), ABX_ERR_FORMAT);
    assert_int_equal(guest_get(&guest, ABX_X86_RIP), CODE);
    assert_ok(abx_vcpu_restore_state(guest.vcpu, block, size));
    assert_ok(abx_vcpu_save_state(guest.vcpu, block, size, &after));
    assert_int_equal(after, size);
    free(block);
    guest_close(&guest);
}

static void another_kind_of_vm_is_refused(void **state)
{
    (void)state;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    size_t size;
    void *block = save(&guest, &size);
    guest_close(&guest);
    config = small_config(ABX_IRQCHIP_NONE);
    guest_open(&guest, &config, NULL, 0);
    assert_status(abx_vcpu_restore_state(guest.vcpu, block, size), ABX_ERR_FORMAT);
    guest_close(&guest);
    free(block);
}

static void a_guest_with_hardware_virtualization(void **state)
{
    (void)state;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
    bool able = abx_hypervisor_has(hypervisor, ABX_CAP_NESTED);
    abx_hypervisor_close(hypervisor);
    if (!able) {
        print_message("this host's KVM gives guests no hardware virtualization\n");
        skip();
    }
    config.nested = ABX_YES;
    kvm_guest guest;
    guest_open(&guest, &config, counting, sizeof(counting));
    size_t size;
    void *block = save(&guest, &size);
    guest_close(&guest);
    guest_open(&guest, &config, counting, sizeof(counting));
    assert_ok(abx_vcpu_restore_state(guest.vcpu, block, size));
    guest_close(&guest);
    config.nested = ABX_NO;
    guest_open(&guest, &config, counting, sizeof(counting));
    assert_status(abx_vcpu_restore_state(guest.vcpu, block, size), ABX_ERR_FORMAT);
    guest_close(&guest);
    free(block);
}

static void an_unstarted_processor_stays_so(void **state)
{
    (void)state;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    config.cpus = 2;
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_vcpu *other, *again;
    assert_ok(abx_vcpu_create(&other, guest.vm, 1));
    size_t size;
    static uint8_t block[64 << 10];
    assert_ok(abx_vcpu_save_state(other, block, sizeof(block), &size));
    assert_ok(abx_vcpu_destroy(other));
    guest_close(&guest);

    guest_open(&guest, &config, NULL, 0);
    assert_ok(abx_vcpu_create(&again, guest.vm, 1));
    assert_ok(abx_vcpu_set_mp_state(again, ABX_MP_RUNNABLE));
    assert_ok(abx_vcpu_restore_state(again, block, size));
    abx_mp_state mp;
    assert_ok(abx_vcpu_get_mp_state(again, &mp));
    assert_int_equal(mp, ABX_MP_UNINITIALIZED);
    assert_ok(abx_vcpu_destroy(again));
    guest_close(&guest);
}

int main(void)
{
    require_backend();
    abx_irqchip none = ABX_IRQCHIP_NONE, split = ABX_IRQCHIP_SPLIT, kernel = ABX_IRQCHIP_KERNEL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(a_guest_goes_on_elsewhere, &none),
        cmocka_unit_test_prestate(a_guest_goes_on_elsewhere, &split),
        cmocka_unit_test_prestate(a_guest_goes_on_elsewhere, &kernel),
        cmocka_unit_test(a_hostile_block_changes_nothing),
        cmocka_unit_test(another_kind_of_vm_is_refused),
        cmocka_unit_test(a_guest_with_hardware_virtualization),
        cmocka_unit_test(an_unstarted_processor_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
