/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VM destroyed in any state leaves nothing: no descriptor, thread, mapping or child. */
#include "contract.h"
#include "contract_os.h"

#include <sched.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

enum { ROUNDS = 3, YIELDS = 100000 };

/* A joined thread may still be on its way out of the list. */
static void assert_threads(size_t expected)
{
    for (int i = 0; i < YIELDS && contract_os_threads() > expected; i++)
        sched_yield();
    assert_int_equal(contract_os_threads(), expected);
}

static void live_and_die(abx_vm_state last)
{
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, last);
    if (!contract_managed(hypervisor) && last != ABX_VM_STOPPED) {
        abx_vcpu *vcpu;
        assert_ok(abx_vcpu_create(&vcpu, vm, 0));
        assert_ok(abx_vcpu_destroy(vcpu));
    }
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void fail_to_create(void)
{
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_config config = contract_config();
    abx_vm *vm = UNTOUCHED;
    config.cpus = UINT32_MAX;
    assert_status(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_CONFIG);
    abx_hypervisor_close(hypervisor);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    /* What the C library keeps after its first use is not ours. */
    for (int last = ABX_VM_CREATED; last <= ABX_VM_STOPPED; last++)
        live_and_die((abx_vm_state)last);
    fail_to_create();
    size_t descriptors = contract_os_descriptors();
    size_t threads = contract_os_threads();
    size_t mappings = contract_os_mappings();
    for (int i = 0; i < ROUNDS; i++) {
        for (int last = ABX_VM_CREATED; last <= ABX_VM_STOPPED; last++) {
            live_and_die((abx_vm_state)last);
            assert_int_equal(contract_os_descriptors(), descriptors);
            assert_threads(threads);
        }
        fail_to_create();
        assert_int_equal(contract_os_descriptors(), descriptors);
    }
    if (!SANITIZED)
        assert_int_equal(contract_os_mappings(), mappings);
    assert_false(contract_os_has_child());
}

int run_leftover_tests(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_is_left) };
    return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
