/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <arcbox/event.h>

#include <dirent.h>
#include <string.h>

static abx_hypervisor *open_fake(void)
{
    abx_hypervisor *hypervisor;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    return hypervisor;
}

static void expect_state(abx_vm *vm, abx_vm_state state)
{
    abx_event event;
    assert_int_equal(abx_vm_get_state(vm), state);
    assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    assert_int_equal(event.kind, ABX_EVENT_STATE);
    assert_int_equal(event.state, state);
}

static void expect_no_event(abx_vm *vm)
{
    abx_event event;
    assert_int_equal(abx_event_next(vm, &event), ABX_ERR_EMPTY);
}

static void one_life(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    expect_no_event(vm);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    expect_state(vm, ABX_VM_RUNNING);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    expect_state(vm, ABX_VM_PAUSED);
    assert_int_equal(abx_vm_resume(vm), ABX_OK);
    expect_state(vm, ABX_VM_RUNNING);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    expect_state(vm, ABX_VM_STOPPED);
    expect_no_event(vm);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(), "open vm_create vm_seal vm_destroy close");
}

static void wrong_states_are_refused(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_non_null(strstr(abx_last_error()->operation, "created"));
    assert_int_equal(abx_vm_resume(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_resume(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_pause(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_resume(vm), ABX_ERR_STATE);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
    abx_vm_destroy(vm);
    assert_int_equal(abx_vm_start(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_stop(NULL), ABX_ERR_INVALID);
    abx_vm_destroy(NULL);
}

static void stop_works_in_every_state_and_twice(void **state)
{
    (void)state;
    for (int from = ABX_VM_CREATED; from <= ABX_VM_STOPPED; from++) {
        abx_vm *vm = fake_manual_vm(1);
        if (from != ABX_VM_CREATED)
            assert_int_equal(abx_vm_start(vm), ABX_OK);
        if (from == ABX_VM_PAUSED)
            assert_int_equal(abx_vm_pause(vm), ABX_OK);
        assert_int_equal(abx_vm_stop(vm), ABX_OK);
        assert_int_equal(abx_vm_stop(vm), ABX_OK);
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_STOPPED);
        abx_vm_destroy(vm);
    }
}

static void destroy_works_in_every_state(void **state)
{
    (void)state;
    for (int from = ABX_VM_CREATED; from <= ABX_VM_PAUSED; from++) {
        abx_vm *vm = fake_manual_vm(1);
        if (from != ABX_VM_CREATED)
            assert_int_equal(abx_vm_start(vm), ABX_OK);
        if (from == ABX_VM_PAUSED)
            assert_int_equal(abx_vm_pause(vm), ABX_OK);
        abx_vm_destroy(vm);
        assert_non_null(strstr(fake_log_text(), "vm_destroy close"));
    }
}

static void it_keeps_its_hypervisor_and_configuration(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = open_fake();
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_vm *vm;
    config.name = "kept";
    config.no_memory = true;
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    config.name = "changed";
    abx_hypervisor_close(hypervisor);
    assert_ptr_equal(abx_vm_get_hypervisor(vm), hypervisor);
    assert_string_equal(abx_vm_get_config(vm)->name, "kept");
    assert_int_equal(abx_vm_get_config(vm)->cpus, 1);
    assert_null(strstr(fake_log_text(), "close"));
    abx_vm_destroy(vm);
    assert_non_null(strstr(fake_log_text(), "vm_destroy close"));
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void failures_give_everything_back(void **state)
{
    (void)state;
    static const struct {
        const char *function;
        const char *log;
    } steps[] = {
        { "vm_create", "open vm_create close" },
        { "memory_map", "open vm_create memory_map vm_destroy close" },
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        abx_hypervisor *hypervisor = open_fake();
        abx_vm_config config = ABX_VM_CONFIG_INIT;
        abx_vm *vm = (abx_vm *)&vm;
        int before = open_descriptors();
        config.memory_size = 1 << 20;
        fake_log_fail(steps[i].function, ABX_ERR_LIMIT);
        assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_LIMIT);
        assert_ptr_equal(vm, &vm);
        assert_int_equal(open_descriptors(), before);
        abx_hypervisor_close(hypervisor);
        assert_string_equal(fake_log_text(), steps[i].log);
    }
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = open_fake();
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_vm *vm = NULL;
    assert_int_equal(abx_vm_create(NULL, hypervisor, &config), ABX_ERR_INVALID);
    assert_int_equal(abx_vm_create(&vm, NULL, &config), ABX_ERR_INVALID);
    config.cpus = 10000;
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_CONFIG);
    config.size = 0;
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_ERR_INVALID);
    assert_null(vm);
    abx_hypervisor_close(hypervisor);
    assert_string_equal(fake_log_text(), "open close");
}

/* A failed seal is tried again at the next use. */
static void a_start_that_fails_can_be_tried_again(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    fake_log_fail("vm_seal", ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_vm_start(vm), ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_CREATED);
    fake_log_fail(NULL, ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(), "open vm_create vm_seal vm_seal vm_destroy close");
}

static void states_have_names(void **state)
{
    (void)state;
    assert_string_equal(abx_vm_state_name(ABX_VM_CREATED), "created");
    assert_string_equal(abx_vm_state_name(ABX_VM_RUNNING), "running");
    assert_string_equal(abx_vm_state_name(ABX_VM_PAUSED), "paused");
    assert_string_equal(abx_vm_state_name(ABX_VM_STOPPED), "stopped");
    assert_string_equal(abx_vm_state_name(ABX_VM_FAILED), "failed");
    assert_string_equal(abx_vm_state_name((abx_vm_state)50), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_life),
        cmocka_unit_test(wrong_states_are_refused),
        cmocka_unit_test(stop_works_in_every_state_and_twice),
        cmocka_unit_test(destroy_works_in_every_state),
        cmocka_unit_test(it_keeps_its_hypervisor_and_configuration),
        cmocka_unit_test(failures_give_everything_back),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(a_start_that_fails_can_be_tried_again),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
