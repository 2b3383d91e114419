/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* vCPUs: creation, runs and kicks against a kernel whose answers the test chooses. */
#include "fake_kvm.h"
#include "linux/exit.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

static abx_kvm_hypervisor *hypervisor;
static abx_kvm_vm *vm;
static abx_kvm_vcpu *vcpu;
static abx_vm_config config;

static int make_vcpu(void **state)
{
    (void)state;
    config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    config.cpus = 4;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    fake_reset();
    signal(SIGRTMAX, SIG_DFL);
    hypervisor = fake_open();
    vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    vcpu = fake_vcpu(vm);
    fake.count = 0;
    return 0;
}

static int end_vcpu(void **state)
{
    (void)state;
    abx_kvm_vcpu_destroy(vcpu);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
    return 0;
}

static abx_exit_kind run(void)
{
    abx_exit exit;
    assert_int_equal(abx_kvm_vcpu_run(vcpu, &exit), ABX_OK);
    return exit.kind;
}

static int halts(struct kvm_run *page)
{
    page->exit_reason = KVM_EXIT_HLT;
    return 0;
}

/* As the kernel does: it ends at once with immediate_exit. */
static int halts_unless_told(struct kvm_run *page)
{
    return page->immediate_exit ? EINTR : halts(page);
}

static void runs_until_an_exit(void **state)
{
    (void)state;
    fake.run = halts;
    assert_int_equal(run(), ABX_EXIT_HALT);
    assert_int_equal(fake_count(KVM_RUN), 1);
    assert_int_equal(fake_last(KVM_RUN)->fd, vcpu->fd);
}

static int interrupted(struct kvm_run *page)
{
    page->exit_reason = KVM_EXIT_IO; /* of the exit before: not to be replayed */
    return EINTR;
}

static int started(struct kvm_run *page)
{
    (void)page;
    return EAGAIN;
}

static void interruptions_are_not_the_last_exit(void **state)
{
    (void)state;
    fake.run = interrupted;
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);
    fake.run = started;
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);
}

static int faults(struct kvm_run *page)
{
    const uint64_t words[] = { 0, 0x5000, 0x1000 };
    page->exit_reason = KVM_EXIT_MEMORY_FAULT;
    memcpy(&page->hw, words, sizeof(words));
    return EFAULT;
}

static int refuses(struct kvm_run *page)
{
    (void)page;
    return EFAULT;
}

static void memory_faults_come_with_an_error(void **state)
{
    (void)state;
    abx_exit exit;
    fake.run = faults;
    assert_int_equal(abx_kvm_vcpu_run(vcpu, &exit), ABX_OK);
    assert_int_equal(exit.kind, ABX_EXIT_MEMORY_FAULT);
    assert_int_equal(exit.memory_fault.address, 0x5000);
    /* The next error without a new exit is an error. */
    fake.run = refuses;
    memset(&exit, 0xee, sizeof(exit));
    abx_exit before = exit;
    assert_int_equal(abx_kvm_vcpu_run(vcpu, &exit), ABX_ERR_SYSTEM);
    assert_int_equal(abx_last_error()->os_error, EFAULT);
    assert_memory_equal(&exit, &before, sizeof(exit));
}

static void copies_of_registers_are_valid_after_an_entry(void **state)
{
    (void)state;
    fake.run = halts;
    abx_kvm_ask_for_copies(vcpu, 5);
    assert_int_equal(vcpu->synced, 0);
    run();
    assert_int_equal(vcpu->synced, 5);
    vcpu->unread &= ~UINT64_C(1); /* somebody reads one of the two classes */
    run();
    assert_int_equal(vcpu->synced, 1);
    assert_int_equal(vcpu->run->kvm_valid_regs, 1);
    run();
    assert_int_equal(vcpu->synced, 0);
    assert_int_equal(vcpu->run->kvm_valid_regs, 0);
    assert_false(vcpu->careful);
}

static void kick_before_a_run(void **state)
{
    (void)state;
    fake.run = halts_unless_told;
    errno = 4711;
    abx_kvm_vcpu_kick(vcpu);
    abx_kvm_vcpu_kick(vcpu);
    assert_int_equal(errno, 4711);
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);
    abx_kvm_vcpu_clear_kick(vcpu);
    assert_int_equal(run(), ABX_EXIT_HALT);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static int kicks_during_the_run(struct kvm_run *page)
{
    int before = signals;
    abx_kvm_vcpu_kick(vcpu);
    /* This thread is the owner: the signal comes at once. The thread sanitizer's runtime keeps it until a call that may
     * wait. */
    poll(NULL, 0, 0);
    assert_int_equal(signals, before + 1);
    assert_int_equal(page->immediate_exit, 1);
    return EINTR;
}

static void kick_during_a_run_sends_the_signal(void **state)
{
    (void)state;
    struct sigaction action = { .sa_handler = count_signal };
    sigaction(SIGRTMAX, &action, NULL);
    signals = 0;
    abx_kvm_vcpu_kick(vcpu);
    assert_int_equal(signals, 0); /* outside there is nothing to interrupt */
    fake.run = kicks_during_the_run;
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);
    assert_int_equal(signals, 1);
    abx_kvm_vcpu_kick(vcpu);
    assert_int_equal(signals, 1);
}

static void *create_on_a_thread(void *argument)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    abx_kvm_vcpu *other = fake_vcpu(vm);
    pthread_sigmask(SIG_BLOCK, NULL, &all);
    bool *open = argument;
    *open = !sigismember(&all, SIGRTMAX) && sigismember(&all, SIGUSR1);
    abx_kvm_vcpu_destroy(other);
    return NULL;
}

static void only_the_kick_signal_is_touched(void **state)
{
    (void)state;
    struct sigaction action;
    pthread_t thread;
    bool open = false;
    sigaction(SIGRTMAX, NULL, &action);
    assert_ptr_not_equal(action.sa_handler, SIG_DFL);
    assert_int_equal(pthread_create(&thread, NULL, create_on_a_thread, &open), 0);
    pthread_join(thread, NULL);
    assert_true(open);

    action = (struct sigaction){ .sa_handler = count_signal };
    sigaction(SIGRTMAX, &action, NULL);
    abx_kvm_vcpu_destroy(fake_vcpu(vm));
    sigaction(SIGRTMAX, NULL, &action);
    assert_ptr_equal(action.sa_handler, count_signal);
}

static void completing_does_not_run_the_guest(void **state)
{
    (void)state;
    fake.run = halts_unless_told;
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_OK);
    assert_int_equal(fake_count(KVM_RUN), 1);
    assert_int_equal(vcpu->run->immediate_exit, 0);
    assert_int_equal(run(), ABX_EXIT_HALT);
}

static int kicked_meanwhile(struct kvm_run *page)
{
    (void)page;
    abx_kvm_vcpu_kick(vcpu);
    return EINTR;
}

static void completing_loses_no_kick(void **state)
{
    (void)state;
    fake.run = kicked_meanwhile;
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_OK);
    fake.run = halts_unless_told;
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);

    /* A kick from before stays as well. */
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_OK);
    assert_int_equal(run(), ABX_EXIT_INTERRUPTED);
}

static void the_next_access_of_an_instruction_waits(void **state)
{
    (void)state;
    fake.run = halts; /* stands for the second half of an access */
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_ERR_BUSY);
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_ERR_BUSY);
    assert_int_equal(fake_count(KVM_RUN), 1);
    assert_int_equal(run(), ABX_EXIT_HALT);
    assert_int_equal(fake_count(KVM_RUN), 1);
    fake.run = halts_unless_told;
    assert_int_equal(abx_kvm_vcpu_complete_io(vcpu), ABX_OK);
    assert_int_equal(fake_count(KVM_RUN), 2);
}

/* A vCPU, in a VM of its own: its number can be used once. `calls`: that were made for it. */
static abx_status make_another(size_t fail_call, size_t *calls)
{
    void *other = NULL;
    abx_kvm_vm *room = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(room), ABX_OK);
    fake.count = 0;
    fake.fail_call = fail_call;
    abx_status status = abx_kvm_vcpu_create(&other, room, 0);
    fake.fail_call = 0;
    *calls = fake.count;
    if (status == ABX_OK)
        abx_kvm_vcpu_destroy(other);
    else
        assert_null(other);
    abx_kvm_vm_destroy(room);
    return status;
}

static void failures_leave_nothing_behind(void **state)
{
    (void)state;
    size_t before = open_descriptors(), calls, failures = 0, made;
    config.pmu = ABX_YES; /* on ARM64 calls of its own */
    assert_int_equal(make_another(0, &calls), ABX_OK);
    for (size_t n = 1; n <= calls; n++) {
        failures += make_another(n, &made) != ABX_OK;
        assert_int_equal(open_descriptors(), before);
    }
    assert_true(failures >= 2);
    /* A descriptor that cannot be mapped. */
    hypervisor->run_size = 0;
    assert_int_equal(make_another(0, &made), ABX_ERR_SYSTEM);
    assert_int_equal(open_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(runs_until_an_exit, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(interruptions_are_not_the_last_exit, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(memory_faults_come_with_an_error, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(copies_of_registers_are_valid_after_an_entry, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(kick_before_a_run, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(kick_during_a_run_sends_the_signal, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(only_the_kick_signal_is_touched, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(completing_does_not_run_the_guest, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(completing_loses_no_kick, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(the_next_access_of_an_instruction_waits, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(failures_leave_nothing_behind, make_vcpu, end_vcpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
