/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* QEMU dies, or we do. */
#include "qemu_rig.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void kill_qemu(int number)
{
    pid_t qemu = find_child(getpid());
    assert_true(qemu > 0);
    assert_int_equal(kill(qemu, number), 0);
}

static void expect_loss(qemu_rig *rig, const char *text)
{
    abx_event event = qemu_rig_wait_state(rig, ABX_VM_FAILED);
    assert_int_equal(event.kind, ABX_EVENT_BACKEND_LOST);
    assert_int_equal(strncmp(event.text, text, strlen(text)), 0);
    assert_int_equal(abx_vm_get_state(rig->vm), ABX_VM_FAILED);
    assert_no_children();
}

static void test_killed_while_running(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "h");
    qemu_rig_expect(&rig, "hello\n");
    kill_qemu(SIGKILL);
    expect_loss(&rig, "QEMU was killed by signal 9");
    assert_status(abx_vm_pause(rig.vm), ABX_ERR_STATE);
    assert_ok(abx_vm_stop(rig.vm));
    assert_int_equal(abx_vm_get_state(rig.vm), ABX_VM_FAILED);
    qemu_rig_close(&rig);
}

static void test_killed_before_the_start(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_create(&rig, "h");
    kill_qemu(SIGKILL);
    expect_loss(&rig, "QEMU was killed by signal 9");
    assert_status(abx_vm_start(rig.vm), ABX_ERR_STATE);
    qemu_rig_close(&rig);
}

static void test_killed_while_paused(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "h");
    assert_ok(abx_vm_pause(rig.vm));
    kill_qemu(SIGSEGV);
    expect_loss(&rig, "QEMU was killed by signal 11");
    qemu_rig_close(&rig);
}

static void test_told_to_quit_by_somebody_else(void **state)
{
    (void)state;
    qemu_rig rig;
    qemu_rig_start(&rig, "h");
    kill_qemu(SIGTERM);
    expect_loss(&rig, "QEMU was told to quit by somebody else");
    qemu_rig_close(&rig);
}

/* The call that meets the death reports it; it does not wait for an answer that will never come. */
static void test_killed_under_a_call(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        qemu_rig rig;
        qemu_rig_start(&rig, "h");
        kill_qemu(SIGKILL);
        abx_status status = abx_vm_pause(rig.vm);
        assert_true(status == ABX_ERR_LOST || status == ABX_ERR_STATE);
        expect_loss(&rig, "QEMU was killed by signal 9");
        qemu_rig_close(&rig);
    }
}

/* Starts a machine, tells QEMU's pid, and is killed without a chance to clean up. */
static void start_and_die(int report)
{
    qemu_rig rig;
    qemu_rig_start(&rig, "l");
    pid_t qemu = find_child(getpid());
    if (write(report, &qemu, sizeof(qemu)) != (ssize_t)sizeof(qemu))
        _exit(1);
    kill(getpid(), SIGKILL);
}

static void test_qemu_does_not_outlive_us(void **state)
{
    (void)state;
    int report[2];
    pid_t qemu = 0;
    assert_int_equal(pipe(report), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        start_and_die(report[1]);
    close(report[1]);
    assert_int_equal(read(report[0], &qemu, sizeof(qemu)), sizeof(qemu));
    close(report[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(qemu > 0);
    assert_true(wait_until_gone(qemu));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_while_running), cmocka_unit_test(test_killed_before_the_start),
        cmocka_unit_test(test_killed_while_paused),  cmocka_unit_test(test_told_to_quit_by_somebody_else),
        cmocka_unit_test(test_killed_under_a_call),  cmocka_unit_test(test_qemu_does_not_outlive_us),
    };
    if (!qemu_is_there(ABX_ARCH_X86_64))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
