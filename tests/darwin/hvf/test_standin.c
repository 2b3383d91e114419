/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The stand-in itself: that it is as strict as the framework, and strict where that would end the process. */
#include "standin.h"

#include <arcbox/arcbox.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 16384, RAM = 0x40000000, ALL = HV_MEMORY_READ | HV_MEMORY_WRITE | HV_MEMORY_EXEC };

#define assert_hv(call, status) assert_int_equal((uint32_t)(call), (uint32_t)(status))

/* What must end the program does so, in a child of its own. */
static void assert_broken(void (*action)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        fclose(stderr);
        action();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_one_vm(void **state)
{
    (void)state;
    assert_hv(hv_vm_destroy(), HV_NO_DEVICE);
    assert_hv(hv_vm_create(NULL), HV_SUCCESS);
    assert_hv(hv_vm_create(NULL), HV_BUSY);
    assert_int_equal(standin_leftovers(), 1);
    assert_hv(hv_vm_destroy(), HV_SUCCESS);
    standin_set_entitled(false);
    assert_hv(hv_vm_create(NULL), HV_DENIED);
    standin_set_entitled(true);
    assert_int_equal(standin_leftovers(), 0);
}

static void test_mappings(void **state)
{
    (void)state;
    char *memory = aligned_alloc(PAGE, 4 * PAGE);
    assert_non_null(memory);
    assert_hv(hv_vm_map(memory, RAM, PAGE, ALL), HV_NO_DEVICE);
    assert_hv(hv_vm_create(NULL), HV_SUCCESS);
    assert_hv(hv_vm_map(memory, RAM, 4096, ALL), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory, RAM + 4096, PAGE, ALL), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory + 4096, RAM, PAGE, ALL), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory, RAM, 0, ALL), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory, RAM, PAGE, 8), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory, (UINT64_C(1) << 36) - PAGE, 2 * PAGE, ALL), HV_BAD_ARGUMENT);
    assert_hv(hv_vm_map(memory, RAM, 4 * PAGE, ALL), HV_SUCCESS);
    assert_hv(hv_vm_map(memory, RAM + 2 * PAGE, PAGE, ALL), HV_ERROR);
    /* A part of it, and what is around it stays. */
    assert_hv(hv_vm_unmap(RAM + PAGE, PAGE), HV_SUCCESS);
    assert_hv(hv_vm_unmap(RAM + PAGE, PAGE), HV_ERROR);
    assert_hv(hv_vm_protect(RAM, 2 * PAGE, HV_MEMORY_READ), HV_ERROR);
    assert_hv(hv_vm_protect(RAM, PAGE, HV_MEMORY_READ), HV_SUCCESS);
    assert_hv(hv_vm_unmap(RAM + 2 * PAGE, 2 * PAGE), HV_SUCCESS);
    assert_hv(hv_vm_unmap(RAM, PAGE), HV_SUCCESS);
    assert_hv(hv_vm_destroy(), HV_SUCCESS);
    assert_int_equal(standin_leftovers(), 0);
    free(memory);
}

static void *read_register(void *argument)
{
    uint64_t value;
    (void)hv_vcpu_get_reg(*(hv_vcpu_t *)argument, HV_REG_PC, &value);
    return NULL;
}

static void use_from_elsewhere(void)
{
    hv_vcpu_t vcpu;
    hv_vcpu_exit_t *exit;
    pthread_t thread;
    if (hv_vm_create(NULL) == HV_SUCCESS && hv_vcpu_create(&vcpu, &exit, NULL) == HV_SUCCESS &&
        pthread_create(&thread, NULL, read_register, &vcpu) == 0)
        pthread_join(thread, NULL);
}

static void use_one_that_is_not(void)
{
    uint64_t value;
    (void)hv_vcpu_get_reg(3, HV_REG_PC, &value);
}

static void test_vcpus_have_owners(void **state)
{
    (void)state;
    hv_vcpu_t vcpu, second;
    hv_vcpu_exit_t *exit;
    assert_hv(hv_vcpu_create(&vcpu, &exit, NULL), HV_NO_DEVICE);
    assert_hv(hv_vm_create(NULL), HV_SUCCESS);
    assert_hv(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
    assert_hv(hv_vcpu_create(&second, &exit, NULL), HV_BUSY);
    assert_hv(hv_vm_destroy(), HV_BUSY);
    assert_hv(hv_vcpu_destroy(vcpu), HV_SUCCESS);
    assert_hv(hv_vm_destroy(), HV_SUCCESS);
    assert_broken(use_from_elsewhere);
    assert_broken(use_one_that_is_not);
}

static void call_what_is_newer(void)
{
    (void)hv_vm_config_create();
}

static void call_the_gic(void)
{
    standin_set_macos(14, 6);
    (void)hv_gic_config_create();
}

static void release_twice(void)
{
    hv_vcpu_config_t config = hv_vcpu_config_create();
    os_release(config);
    os_release(config);
}

static void test_versions_and_objects(void **state)
{
    (void)state;
    standin_set_macos(11, 0);
    assert_broken(call_what_is_newer);
    assert_broken(call_the_gic);
    assert_broken(release_twice);
    standin_set_macos(13, 0);
    assert_true(abx_model_macos_at_least(12, 4));
    assert_true(abx_model_macos_at_least(13, 0));
    assert_false(abx_model_macos_at_least(13, 1));
    hv_vm_config_t config = hv_vm_config_create();
    assert_int_equal(standin_leftovers(), 1);
    os_release(config);
    assert_int_equal(standin_leftovers(), 0);
    standin_set_macos(11, 0);
}

static void test_exits_that_are_asked_for(void **state)
{
    (void)state;
    static const uint32_t loop = 0x14000000;
    char *memory = aligned_alloc(PAGE, PAGE);
    assert_non_null(memory);
    memcpy(memory, &loop, sizeof(loop));
    hv_vcpu_t vcpu, other = 7;
    hv_vcpu_exit_t *exit;
    assert_hv(hv_vm_create(NULL), HV_SUCCESS);
    assert_hv(hv_vm_map(memory, RAM, PAGE, ALL), HV_SUCCESS);
    assert_hv(hv_vcpu_create(&vcpu, &exit, NULL), HV_SUCCESS);
    assert_hv(hv_vcpu_set_reg(vcpu, HV_REG_PC, RAM), HV_SUCCESS);
    assert_hv(hv_vcpus_exit(&other, 1), HV_BAD_ARGUMENT);
    /* Twice before a run: ends one. The second is ended by the timer. */
    assert_hv(hv_vcpus_exit(&vcpu, 1), HV_SUCCESS);
    assert_hv(hv_vcpus_exit(&vcpu, 1), HV_SUCCESS);
    assert_hv(hv_vcpu_run(vcpu), HV_SUCCESS);
    assert_int_equal(exit->reason, HV_EXIT_REASON_CANCELED);
    assert_hv(hv_vcpu_set_sys_reg(vcpu, 0xdf1a, mach_absolute_time() + 1000), HV_SUCCESS); /* CNTV_CVAL_EL0 */
    assert_hv(hv_vcpu_set_sys_reg(vcpu, 0xdf19, 1), HV_SUCCESS);                           /* CNTV_CTL_EL0 */
    assert_hv(hv_vcpu_set_vtimer_mask(vcpu, false), HV_SUCCESS);
    assert_hv(hv_vcpu_run(vcpu), HV_SUCCESS);
    assert_int_equal(exit->reason, HV_EXIT_REASON_VTIMER_ACTIVATED);
    bool masked;
    assert_hv(hv_vcpu_get_vtimer_mask(vcpu, &masked), HV_SUCCESS);
    assert_true(masked);
    assert_hv(hv_vcpu_destroy(vcpu), HV_SUCCESS);
    assert_hv(hv_vm_unmap(RAM, PAGE), HV_SUCCESS);
    assert_hv(hv_vm_destroy(), HV_SUCCESS);
    free(memory);
}

/* Hosts on which the backend does not open. */
static void test_hosts_that_refuse(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = NULL;
    standin_set_supported(false);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "hvf", NULL), ABX_ERR_NOT_SUPPORTED);
    standin_set_supported(true);
    standin_set_entitled(false);
    assert_int_not_equal(abx_hypervisor_open(&hypervisor, "hvf", NULL), ABX_OK);
    assert_non_null(strstr(abx_last_error()->message, "com.apple.security.hypervisor"));
    standin_set_entitled(true);
    assert_null(hypervisor);
    assert_int_equal(standin_leftovers(), 0);
}

/* The guest's counter goes on while the host sleeps, by the backend. */
static void test_time_while_the_host_slept(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    abx_arm64_timer before, after;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 16 << 20;
    config.irqchip = ABX_IRQCHIP_NONE;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "hvf", NULL), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_OK);
    assert_int_equal(abx_arm64_get_timer(vcpu, &before), ABX_OK);
    assert_int_equal(before.frequency, 24000000);
    standin_sleep(UINT64_C(3600) * 1000000000);
    assert_int_equal(abx_arm64_get_timer(vcpu, &after), ABX_OK);
    uint64_t hour = UINT64_C(3600) * 24000000;
    assert_in_range(after.count - before.count, hour, hour + 60 * UINT64_C(24000000));
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    assert_int_equal(standin_leftovers(), 0);
}

/* Every call that there is on the way to a VM and a vCPU fails once: nothing stays behind. */
static void test_failures(void **state)
{
    (void)state;
    static const char *const functions[] = { "hv_vm_create",        "hv_vm_map",       "hv_vcpu_create",
                                             "hv_vcpu_set_sys_reg", "hv_vcpu_set_reg", "hv_vcpu_set_vtimer_offset",
                                             "hv_vcpu_get_sys_reg" };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_hypervisor *hypervisor;
        abx_vm *vm = NULL;
        abx_vcpu *vcpu = NULL;
        abx_vm_config config = ABX_VM_CONFIG_INIT;
        config.memory_size = 16 << 20;
        config.irqchip = ABX_IRQCHIP_NONE;
        assert_int_equal(abx_hypervisor_open(&hypervisor, "hvf", NULL), ABX_OK);
        standin_fail(functions[i], 1, HV_NO_RESOURCES);
        abx_status status = abx_vm_create(&vm, hypervisor, &config);
        if (status == ABX_OK)
            status = abx_vcpu_create(&vcpu, vm, 0);
        assert_int_not_equal(status, ABX_OK);
        assert_null(vcpu);
        standin_fail(NULL, 0, HV_SUCCESS);
        abx_vm_destroy(vm);
        abx_hypervisor_close(hypervisor);
        assert_int_equal(standin_leftovers(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_vm),
        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_vcpus_have_owners),
        cmocka_unit_test(test_versions_and_objects),
        cmocka_unit_test(test_exits_that_are_asked_for),
        cmocka_unit_test(test_hosts_that_refuse),
        cmocka_unit_test(test_time_while_the_host_slept),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
