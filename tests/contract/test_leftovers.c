/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VM destroyed in any state leaves nothing: no descriptor, thread, mapping or child. */
#include "contract.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

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

static size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static size_t count_mappings(void)
{
    char line[512];
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps))
        count += strchr(line, '\n') != NULL;
    fclose(maps);
    return count;
}

/* A joined thread may still be on its way out of the list. */
static void assert_threads(size_t expected)
{
    for (int i = 0; i < YIELDS && count_entries("/proc/self/task") > expected; i++)
        sched_yield();
    assert_int_equal(count_entries("/proc/self/task"), expected);
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
    size_t descriptors = count_entries("/proc/self/fd");
    size_t threads = count_entries("/proc/self/task");
    size_t mappings = count_mappings();
    for (int i = 0; i < ROUNDS; i++) {
        for (int last = ABX_VM_CREATED; last <= ABX_VM_STOPPED; last++) {
            live_and_die((abx_vm_state)last);
            assert_int_equal(count_entries("/proc/self/fd"), descriptors);
            assert_threads(threads);
        }
        fail_to_create();
        assert_int_equal(count_entries("/proc/self/fd"), descriptors);
    }
    if (!SANITIZED)
        assert_int_equal(count_mappings(), mappings);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
    assert_int_equal(errno, ECHILD);
}

int run_leftover_tests(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_is_left) };
    return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
