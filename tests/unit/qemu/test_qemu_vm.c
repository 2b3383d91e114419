/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The life of a machine on real QEMU. */
#include "qemu_rig.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long enough for something that must not happen to happen. */
#define A_WHILE_MS 300

static bool is_quiet(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    return poll(&ready, 1, A_WHILE_MS) == 0;
}

static void read_rest(int fd)
{
    char bytes[4096];
    while (!is_quiet(fd))
        assert_true(read(fd, bytes, sizeof(bytes)) > 0);
}

static void test_built_is_not_started(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_create(&rig, "h");
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_CREATED);
    assert_true(is_quiet(rig.output[0]));
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "hello\n");
    qemu_rig_close(&rig);
}

static void test_cpu_time(void **state)
{
    (void)state;
    qemu_rig rig;
    uint64_t built = 0, later = 0;
    qemu_rig_create(&rig, "dots for ever: l");
    assert_ok(abx_vm_get_cpu_time(rig.vm, &built));
    assert_true(built > 0);
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "....");
    assert_ok(abx_vm_get_cpu_time(rig.vm, &later));
    assert_true(later > built);
    assert_ok(abx_vm_stop(rig.vm));
    assert_status(abx_vm_get_cpu_time(rig.vm, &built), ABX_ERR_STATE);
    qemu_rig_close(&rig);
}

static void test_pause_and_resume(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "dots for ever: l");
    for (int i = 0; i < 3; i++) {
        qemu_rig_expect(&rig, "....");
        assert_ok(abx_vm_pause(rig.vm));
        assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_PAUSED);
        read_rest(rig.output[0]);
        assert_ok(abx_vm_resume(rig.vm));
        assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_RUNNING);
    }
    qemu_rig_expect(&rig, "....");
    assert_ok(abx_vm_stop(rig.vm));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    qemu_rig_close(&rig);
}

static void test_calls_in_the_wrong_state(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_create(&rig, "h");
    assert_status(abx_vm_pause(rig.vm), ABX_ERR_STATE);
    assert_status(abx_vm_resume(rig.vm), ABX_ERR_STATE);
    assert_ok(abx_vm_start(rig.vm));
    assert_status(abx_vm_start(rig.vm), ABX_ERR_STATE);
    assert_status(abx_vm_resume(rig.vm), ABX_ERR_STATE);
    assert_ok(abx_vm_stop(rig.vm));
    assert_ok(abx_vm_stop(rig.vm));
    assert_status(abx_vm_start(rig.vm), ABX_ERR_STATE);
    assert_status(abx_vm_pause(rig.vm), ABX_ERR_STATE);
    qemu_rig_close(&rig);
}

enum { CREATED, STARTED, PAUSED, STAGES };

static void bring_to(qemu_rig *rig, int stage)
{
    qemu_rig_create(rig, "h");
    if (stage >= STARTED)
        assert_ok(abx_vm_start(rig->vm));
    if (stage >= PAUSED)
        assert_ok(abx_vm_pause(rig->vm));
}

static void test_stop_in_every_state(void **state)
{
    (void)state;
    for (int stage = 0; stage < STAGES; stage++) {
        qemu_rig rig;
        bring_to(&rig, stage);
        assert_ok(abx_vm_stop(rig.vm));
        assert_no_children();
        assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
        abx_event last = qemu_rig_wait_state(&rig, ABX_VM_STOPPED);
        assert_int_equal(last.kind, ABX_EVENT_NONE);
        qemu_rig_close(&rig);
    }
}

static void test_destroy_in_every_state(void **state)
{
    (void)state;
    for (int stage = 0; stage < STAGES; stage++) {
        qemu_rig rig;
        bring_to(&rig, stage);
        qemu_rig_close(&rig);
    }
}

static void test_what_managed_machines_do_not_have(void **state)
{
    (void)state;
    qemu_rig rig;
    uint32_t value;
    abx_vcpu *vcpu = NULL;
    qemu_rig_create(&rig, "h");
    assert_status(abx_vcpu_create(&vcpu, rig.vm, 0), ABX_ERR_NOT_SUPPORTED);
    assert_status(abx_memory_read(rig.vm, 0, &value, sizeof(value)), ABX_ERR_NOT_SUPPORTED);
    assert_status(abx_irq_set_line(rig.vm, 4, true), ABX_ERR_NOT_SUPPORTED);
    assert_null(vcpu);
    qemu_rig_close(&rig);
}

static void test_the_console_goes_both_ways(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "e");
    qemu_rig_expect(&rig, "hello\n");
    for (int i = 0; i < 20; i++) {
        assert_int_equal(write(rig.input[1], "marco ", 6), 6);
        qemu_rig_expect(&rig, "marco ");
    }
    assert_int_equal(write(rig.input[1], "q", 1), 1);
    assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_GUEST_SHUTDOWN);
    qemu_rig_close(&rig);
}

static void test_input_before_the_start_is_kept(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_create(&rig, "e");
    assert_int_equal(write(rig.input[1], "polo", 4), 4);
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "polo");
    qemu_rig_close(&rig);
}

/* When the end is reported, all output is there. */
static void test_no_output_is_lost(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        qemu_rig rig;
        qemu_rig_open(&rig, ABX_ARCH_X86_64);
        FILE *file = tmpfile();
        assert_non_null(file);
        abx_vm_config config = qemu_rig_config(&rig, "m");
        rig.devices[0].serial = (abx_serial_config){ -1, fileno(file) };
        assert_ok(abx_vm_create(&rig.vm, rig.hypervisor, &config));
        assert_ok(abx_vm_start(rig.vm));
        assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_GUEST_SHUTDOWN);
        assert_int_equal(lseek(fileno(file), 0, SEEK_END), 50000);
        fclose(file);
        qemu_rig_close(&rig);
    }
}

/* A caller that does not take the output holds up the guest, and nobody else. */
static void test_output_that_nobody_takes(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "l");
    qemu_rig_expect(&rig, "....");
    struct pollfd full = { .fd = rig.output[1], .events = POLLOUT };
    while (poll(&full, 1, 10) == 1) {
    }
    assert_ok(abx_vm_pause(rig.vm));
    assert_ok(abx_vm_resume(rig.vm));
    assert_ok(abx_vm_stop(rig.vm));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    qemu_rig_close(&rig);
}

static void test_no_console(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    abx_vm_config config = qemu_rig_config(&rig, "s");
    rig.devices[0].serial = (abx_serial_config){ -1, -1 };
    assert_ok(abx_vm_create(&rig.vm, rig.hypervisor, &config));
    assert_ok(abx_vm_start(rig.vm));
    assert_int_equal(qemu_rig_wait_state(&rig, ABX_VM_STOPPED).kind, ABX_EVENT_GUEST_SHUTDOWN);
    qemu_rig_close(&rig);
}

static void test_nothing_but_defaults(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_open(&rig, ABX_ARCH_X86_64);
    assert_ok(abx_vm_create(&rig.vm, rig.hypervisor, NULL));
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_close(&rig);
}

/* A QEMU that does not even listen any more. */
static void test_stop_of_a_frozen_qemu(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "l");
    assert_int_equal(kill(find_child(getpid()), SIGSTOP), 0);
    assert_ok(abx_vm_stop(rig.vm));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    qemu_rig_close(&rig);
}

static void test_several_machines(void **state)
{
    (void)state;
    qemu_rig rigs[3];
    for (size_t i = 0; i < 3; i++)
        qemu_rig_start(&rigs[i], "e");
    for (size_t i = 0; i < 3; i++) {
        char byte = (char)('A' + i);
        assert_int_equal(write(rigs[i].input[1], &byte, 1), 1);
    }
    for (size_t i = 0; i < 3; i++)
        qemu_rig_expect(&rigs[i], (char[]){ (char)('A' + i), '\0' });
    for (size_t i = 1; i < 3; i++)
        qemu_rig_release(&rigs[i]);
    qemu_rig_close(&rigs[0]);
}

/* How often the backend's threads have gone to sleep: they do so each time they have been woken. */
static unsigned long count_sleeps(void)
{
    char command[200];
    char line[256];
    unsigned long total = 0;
    snprintf(command, sizeof(command), "cat $(grep -l abx-qemu /proc/%d/task/*/status)", (int)getpid());
    FILE *statuses = popen(command, "r");
    assert_non_null(statuses);
    while (fgets(line, sizeof(line), statuses)) {
        const char *count = strstr(line, "ctxt_switches:");
        if (count)
            total += strtoul(count + strlen("ctxt_switches:"), NULL, 10);
    }
    assert_int_equal(pclose(statuses), 0);
    return total;
}

static void test_nobody_wakes_while_nothing_happens(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "h");
    qemu_rig_expect(&rig, "hello\n");
    read_rest(rig.output[0]);
    unsigned long before = count_sleeps();
    assert_true(before > 0);
    assert_true(is_quiet(rig.output[0]));
    assert_int_equal(count_sleeps(), before);
    qemu_rig_close(&rig);
}

static void *pester(void *context)
{
    abx_vm *vm = context;
    abx_status status = ABX_OK;
    for (int i = 0; i < 50 && abx_vm_get_state(vm) != ABX_VM_STOPPED; i++) {
        status = i % 2 ? abx_vm_resume(vm) : abx_vm_pause(vm);
        assert_true(status == ABX_OK || status == ABX_ERR_STATE);
    }
    return NULL;
}

static void test_many_threads_at_once(void **state)
{
    (void)state;
    qemu_rig rig;
    pthread_t threads[4];
    qemu_rig_start(&rig, "h");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, pester, rig.vm), 0);
    qemu_rig_expect(&rig, "hello\n");
    assert_ok(abx_vm_stop(rig.vm));
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_STOPPED);
    qemu_rig_close(&rig);
}

static void *create_in_a_thread(void *context)
{
    qemu_rig_create(context, "e");
    return NULL;
}

static void test_it_outlives_the_thread_that_created_it(void **state)
{
    (void)state;
    qemu_rig rig;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, create_in_a_thread, &rig), 0);
    pthread_join(thread, NULL);
    rig.threads--;
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "hello\n");
    qemu_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_is_not_started),
        cmocka_unit_test(test_cpu_time),
        cmocka_unit_test(test_pause_and_resume),
        cmocka_unit_test(test_calls_in_the_wrong_state),
        cmocka_unit_test(test_stop_in_every_state),
        cmocka_unit_test(test_destroy_in_every_state),
        cmocka_unit_test(test_what_managed_machines_do_not_have),
        cmocka_unit_test(test_the_console_goes_both_ways),
        cmocka_unit_test(test_input_before_the_start_is_kept),
        cmocka_unit_test(test_no_output_is_lost),
        cmocka_unit_test(test_output_that_nobody_takes),
        cmocka_unit_test(test_no_console),
        cmocka_unit_test(test_nothing_but_defaults),
        cmocka_unit_test(test_stop_of_a_frozen_qemu),
        cmocka_unit_test(test_several_machines),
        cmocka_unit_test(test_nobody_wakes_while_nothing_happens),
        cmocka_unit_test(test_many_threads_at_once),
        cmocka_unit_test(test_it_outlives_the_thread_that_created_it),
    };
    if (!qemu_is_there(ABX_ARCH_X86_64))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
