/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

#include <pthread.h>
#include <string.h>

/* start: inc ax; out 0x10, al; jmp start */
static const uint8_t counting[] = { 0x40, 0xe6, 0x10, 0xeb, 0xfb };

enum { ROUNDS = 50 };

typedef struct seen {
    uint64_t exits;     /* of vCPU 0 */
    unsigned of_vm;     /* how many statistics */
    unsigned of_vcpu;   /* … */
    unsigned histogram; /* with more than one value */
} seen;

static void see(void *payload, const abx_statistic *statistic)
{
    seen *all = payload;
    assert_true(strlen(statistic->name) > 0);
    assert_true(statistic->count > 0);
    bool histogram =
        statistic->kind == ABX_STATISTIC_LINEAR_HISTOGRAM || statistic->kind == ABX_STATISTIC_LOG_HISTOGRAM;
    assert_true(histogram || statistic->count == 1);
    all->histogram += histogram;
    all->of_vm += statistic->vcpu == UINT32_MAX;
    all->of_vcpu += statistic->vcpu == 0;
    if (statistic->vcpu == 0 && strcmp(statistic->name, "exits") == 0)
        all->exits = statistic->values[0];
}

static bool offered(const kvm_guest *guest)
{
    return abx_hypervisor_has(guest->hypervisor, ABX_CAP_BINARY_STATS);
}

static void a_guests_exits_are_counted(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    seen all = { 0 };
    guest_open(&guest, &config, counting, sizeof(counting));
    if (!offered(&guest)) {
        guest_close(&guest);
        skip();
    }
    assert_status(abx_vm_get_statistics(guest.vm, NULL, &all), ABX_ERR_INVALID);
    assert_status(abx_vm_get_statistics(NULL, see, &all), ABX_ERR_INVALID);
    assert_status(abx_vcpu_share_statistics(NULL), ABX_ERR_INVALID);
    assert_ok(abx_vm_get_statistics(guest.vm, see, &all));
    assert_true(all.of_vm > 0);
    assert_int_equal(all.of_vcpu, 0);

    assert_ok(abx_vcpu_share_statistics(guest.vcpu));
    assert_ok(abx_vcpu_share_statistics(guest.vcpu));
    assert_ok(abx_vm_start(guest.vm));
    for (int i = 0; i < ROUNDS; i++)
        guest_run_to_out(&guest, 0x10);
    all = (seen){ 0 };
    assert_ok(abx_vm_get_statistics(guest.vm, see, &all));
    assert_true(all.of_vcpu > 10);
    assert_true(all.exits >= ROUNDS);
    assert_true(all.histogram > 0);
    guest_close(&guest);
}

static void *share(void *payload)
{
    abx_vcpu *vcpu = payload;
    return (void *)(intptr_t)abx_vcpu_share_statistics(vcpu);
}

static void only_its_thread_shares_a_vcpu(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, counting, sizeof(counting));
    pthread_t other;
    void *result;
    assert_int_equal(pthread_create(&other, NULL, share, guest.vcpu), 0);
    assert_int_equal(pthread_join(other, &result), 0);
    assert_int_equal((intptr_t)result, ABX_ERR_THREAD);
    guest_close(&guest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guests_exits_are_counted),
        cmocka_unit_test(only_its_thread_shares_a_vcpu),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
