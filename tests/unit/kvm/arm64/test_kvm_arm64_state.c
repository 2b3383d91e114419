/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU's state as a block: it goes on in another VM, and blocks that do not fit are refused. */
#include "arm64_guest.h"

#include <stdlib.h>
#include <string.h>

static arm64_guest guest;

/* Counts, keeps a square in a vector register, and tells both. */
GUEST(counter, "mov x0, #3 << 20\n msr cpacr_el1, x0\n isb\n mov x4, #0\n"
               "1: add x4, x4, #1\n mul x5, x4, x4\n fmov d3, x5\n str x4, [x1]\n fmov x6, d3\n str x6, [x1]\n b 1b");

typedef struct block {
    void *bytes;
    size_t size;
} block;

static block save(abx_vcpu *vcpu)
{
    block saved = { 0 };
    assert_ok(abx_vcpu_save_state(vcpu, NULL, 0, &saved.size));
    saved.bytes = malloc(saved.size);
    assert_non_null(saved.bytes);
    size_t size = 0;
    assert_status(abx_vcpu_save_state(vcpu, saved.bytes, saved.size - 1, &size), ABX_ERR_LIMIT);
    assert_int_equal(size, saved.size);
    assert_ok(abx_vcpu_save_state(vcpu, saved.bytes, saved.size, &size));
    return saved;
}

static void a_guest_goes_on_elsewhere(void **state)
{
    (void)state;
    guest_open(&guest, NULL, counter);
    guest_start(&guest);
    for (uint64_t i = 1; i < 4; i++) {
        guest_expect(&guest, i);
        guest_expect(&guest, i * i);
    }
    guest_expect(&guest, 4);
    block saved = save(guest.vcpu);
    guest_close(&guest);

    guest_open(&guest, NULL, counter);
    assert_ok(abx_vcpu_restore_state(guest.vcpu, saved.bytes, saved.size));
    guest_start(&guest);
    guest_expect(&guest, 16);
    guest_expect(&guest, 5);
    guest_expect(&guest, 25);
    /* And back to an earlier time in the same vCPU, whose access is not finished. */
    assert_ok(abx_vcpu_restore_state(guest.vcpu, saved.bytes, saved.size));
    guest_expect(&guest, 16);
    guest_close(&guest);
    free(saved.bytes);
}

/* Nothing of a block that is refused may have been taken. */
static void refuse(const block *bad, const char *what)
{
    guest_set(&guest, ABX_ARM64_X(7), 0x7777);
    abx_status status = abx_vcpu_restore_state(guest.vcpu, bad->bytes, bad->size);
    if (status != ABX_ERR_FORMAT)
        fail_msg("%s: %s", what, abx_status_name(status));
    assert_int_equal(guest_get(&guest, ABX_ARM64_X(7)), 0x7777);
}

static void damaged_blocks_are_refused(void **state)
{
    (void)state;
    guest_open(&guest, NULL, counter);
    block saved = save(guest.vcpu);
    uint8_t *bytes = saved.bytes;
    refuse(&(block){ bytes, saved.size - 8 }, "cut off");
    refuse(&(block){ bytes, 7 }, "nearly nothing");
    for (size_t at = 0; at < saved.size; at += 97) {
        bytes[at] ^= 0x10;
        refuse(&saved, "a bit is wrong");
        bytes[at] ^= 0x10;
    }
    assert_ok(abx_vcpu_restore_state(guest.vcpu, saved.bytes, saved.size));
    guest_close(&guest);
    free(saved.bytes);
}

static void another_vcpu_is_another_one(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    config.cpus = 2;
    guest_open(&guest, &config, counter);
    abx_vcpu *second;
    assert_ok(abx_vcpu_create(&second, guest.vm, 1));
    block saved = save(second);
    refuse(&saved, "of vCPU 1");
    assert_ok(abx_vcpu_restore_state(second, saved.bytes, saved.size));
    assert_ok(abx_vcpu_destroy(second));
    guest_close(&guest);
    free(saved.bytes);
}

/* With each feature that the host offers: its state goes on in a vCPU that has it, and in no other. */
static void other_features_are_another_vcpu(void **state)
{
    (void)state;
    static const char *const features[] = { "performance monitors", "SVE", "pointer authentication" };
    abx_vm_config configs[3] = { small_config(), small_config(), small_config() };
    configs[0].pmu = configs[1].sve = configs[2].pointer_auth = ABX_YES;
    for (size_t i = 0; i < 3; i++) {
        abx_hypervisor *hypervisor;
        assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
        bool offered = abx_vm_config_validate(&configs[i], hypervisor, NULL, 0, NULL) == ABX_OK;
        abx_hypervisor_close(hypervisor);
        if (!offered) {
            print_message("this host has no %s for guests\n", features[i]);
            continue;
        }
        guest_open(&guest, &configs[i], counter);
        guest_start(&guest);
        guest_expect(&guest, 1);
        block saved = save(guest.vcpu);
        guest_close(&guest);
        guest_open(&guest, NULL, counter);
        refuse(&saved, "with another feature");
        guest_close(&guest);
        guest_open(&guest, &configs[i], counter);
        assert_ok(abx_vcpu_restore_state(guest.vcpu, saved.bytes, saved.size));
        guest_start(&guest);
        guest_expect(&guest, 1);
        guest_expect(&guest, 2);
        guest_close(&guest);
        free(saved.bytes);
    }
}

static void vcpus_but_the_first_are_off(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    config.cpus = 2;
    guest_open(&guest, &config, counter);
    abx_vcpu *second;
    abx_mp_state mp;
    assert_ok(abx_vcpu_get_mp_state(guest.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_RUNNABLE);
    guest_start(&guest);
    /* The VM runs already: the second one comes late. */
    guest_expect(&guest, 1);
    assert_ok(abx_vcpu_create(&second, guest.vm, 1));
    assert_ok(abx_vcpu_get_mp_state(second, &mp));
    assert_int_equal(mp, ABX_MP_STOPPED);
    uint64_t mpidr;
    assert_ok(abx_vcpu_read_register(second, ABX_ARM64_MPIDR_EL1, &mpidr));
    assert_int_equal(mpidr & 0xffffff, ABX_ARM64_AFFINITY(1));
    assert_ok(abx_vcpu_set_mp_state(second, ABX_MP_RUNNABLE));
    assert_ok(abx_vcpu_get_mp_state(second, &mp));
    assert_int_equal(mp, ABX_MP_RUNNABLE);
    assert_status(abx_vcpu_set_mp_state(second, ABX_MP_HALTED), ABX_ERR_NOT_SUPPORTED);
    assert_ok(abx_vcpu_destroy(second));
    assert_status(abx_vcpu_create(&second, guest.vm, 1), ABX_ERR_EXISTS);
    guest_close(&guest);
}

static void an_serror_waits_for_the_guest(void **state)
{
    (void)state;
    guest_open(&guest, NULL, counter);
    abx_arm64_events events = { 0 };
    assert_ok(abx_arm64_get_events(guest.vcpu, &events));
    assert_false(events.serror_pending);
    events.serror_pending = true;
    assert_ok(abx_arm64_set_events(guest.vcpu, &events));
    events.serror_pending = false;
    assert_ok(abx_arm64_get_events(guest.vcpu, &events));
    assert_true(events.serror_pending);
    block saved = save(guest.vcpu);
    guest_close(&guest);
    guest_open(&guest, NULL, counter);
    assert_ok(abx_vcpu_restore_state(guest.vcpu, saved.bytes, saved.size));
    assert_ok(abx_arm64_get_events(guest.vcpu, &events));
    assert_true(events.serror_pending);
    events.serror_syndrome = UINT64_C(1) << 40;
    events.serror_has_syndrome = true;
    assert_int_not_equal(abx_arm64_set_events(guest.vcpu, &events), ABX_OK);
    guest_close(&guest);
    free(saved.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_goes_on_elsewhere),   cmocka_unit_test(damaged_blocks_are_refused),
        cmocka_unit_test(another_vcpu_is_another_one), cmocka_unit_test(other_features_are_another_vcpu),
        cmocka_unit_test(vcpus_but_the_first_are_off), cmocka_unit_test(an_serror_waits_for_the_guest),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
