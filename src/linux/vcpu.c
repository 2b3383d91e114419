/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "exit.h"
#include "kvm_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a kick needs is that KVM_RUN ends, and any handler that runs does that. */
static void ignore_kick(int signal_number)
{
    (void)signal_number;
}

/*
 * Lets kicks through to the calling thread. A handler of the program's own stays. SA_RESTART spares the program's
 * system calls from kicks that come when KVM_RUN, which never restarts, has just ended.
 */
static abx_status accept_kicks(int kick_signal)
{
    struct sigaction present;
    if (sigaction(kick_signal, NULL, &present) < 0)
        return abx_kvm_check(-errno, "look up the handler of signal %d", kick_signal);
    if (!(present.sa_flags & SA_SIGINFO) && (present.sa_handler == SIG_DFL || present.sa_handler == SIG_IGN)) {
        struct sigaction action = { .sa_handler = ignore_kick, .sa_flags = SA_RESTART };
        sigemptyset(&action.sa_mask);
        if (sigaction(kick_signal, &action, NULL) < 0)
            return abx_kvm_check(-errno, "handle signal %d", kick_signal);
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, kick_signal);
    return abx_kvm_check(-pthread_sigmask(SIG_UNBLOCK, &set, NULL), "unblock signal %d", kick_signal);
}

/* The kernel keeps a vCPU as long as its VM, also when its descriptor is closed. */
static abx_status create(abx_kvm_vcpu *vcpu)
{
    vcpu->fd = abx_kvm_arch_vcpu_open(vcpu->vm, vcpu->id);
    if (vcpu->fd == -EEXIST)
        return abx_fail(ABX_ERR_EXISTS, EEXIST, "KVM gives each vCPU's number once in the life of a VM.",
                        "create vCPU %" PRIu32, vcpu->id);
    return abx_kvm_check(vcpu->fd, "create vCPU %" PRIu32, vcpu->id);
}

abx_status abx_kvm_vcpu_create(void **out, void *object, uint32_t id)
{
    abx_kvm_vm *vm = object;
    const abx_kvm_hypervisor *hypervisor = vm->hypervisor;
    abx_kvm_vcpu *vcpu = calloc(1, sizeof(*vcpu));
    if (!vcpu)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "create vCPU %" PRIu32, id);
    vcpu->vm = vm;
    vcpu->id = id;
    vcpu->run_size = hypervisor->run_size;
    vcpu->process = getpid();
    vcpu->thread = gettid();
    abx_status status = create(vcpu);
    if (status != ABX_OK)
        goto free_vcpu;
    vcpu->run = mmap(NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
    if (vcpu->run == MAP_FAILED) {
        status = abx_kvm_check(-errno, "map vCPU %" PRIu32, id);
        goto close_vcpu;
    }
    status = abx_kvm_arch_vcpu_create(vcpu);
    if (status != ABX_OK)
        goto unmap_run;
    status = accept_kicks(hypervisor->kick_signal);
    if (status != ABX_OK)
        goto unmap_run;
    *out = vcpu;
    return ABX_OK;

unmap_run:
    munmap(vcpu->run, vcpu->run_size);
close_vcpu:
    close(vcpu->fd);
free_vcpu:
    free(vcpu);
    return status;
}

void abx_kvm_vcpu_destroy(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    abx_kvm_statistics_forget(&vcpu->vm->statistics, vcpu->id);
    munmap(vcpu->run, vcpu->run_size);
    close(vcpu->fd);
    free(vcpu);
}

/*
 * 0 or a negative errno. `inside` tells kicks whether a signal is needed. It is set in one total order with
 * immediate_exit: either the kick sees it and sends the signal, or the kernel sees immediate_exit.
 */
static inline int enter(abx_kvm_vcpu *vcpu)
{
    atomic_store(&vcpu->inside, true);
    int result = abx_kvm_arch_enter(vcpu->fd);
    atomic_store_explicit(&vcpu->inside, false, memory_order_release);
    return result;
}

static int enter_with_copies(abx_kvm_vcpu *vcpu)
{
    int result = abx_kvm_arch_prepare_entry(vcpu);
    if (result < 0)
        return result;
    vcpu->run->kvm_valid_regs &= ~vcpu->unread;
    result = enter(vcpu);
    vcpu->synced = vcpu->unread = vcpu->run->kvm_valid_regs;
    vcpu->careful = vcpu->synced != 0;
    return result;
}

/* Besides real failures these are kicks and signals (EINTR), a vCPU that another one has just started (EAGAIN on x86)
 * and memory that the host cannot give: that exit comes with EFAULT or EHWPOISON. */
__attribute__((cold, noinline)) static abx_status run_failed(abx_kvm_vcpu *vcpu, int result, abx_exit *exit)
{
    if (result == -EINTR || result == -EAGAIN) {
        exit->kind = ABX_EXIT_INTERRUPTED;
        exit->reason = KVM_EXIT_INTR;
        return ABX_OK;
    }
    if ((result == -EFAULT || result == -EHWPOISON) && vcpu->run->exit_reason == KVM_EXIT_MEMORY_FAULT) {
        abx_status status = abx_kvm_decode(vcpu, exit);
        vcpu->run->exit_reason = KVM_EXIT_UNKNOWN; /* another EFAULT would not write it anew */
        return status;
    }
    return abx_kvm_check(result, "run vCPU %" PRIu32, vcpu->id);
}

__attribute__((noinline)) static abx_status run_carefully(abx_kvm_vcpu *vcpu, abx_exit *exit)
{
    if (vcpu->exit_waits) {
        vcpu->exit_waits = false;
        vcpu->careful = vcpu->run->kvm_valid_regs != 0;
    } else {
        int result = enter_with_copies(vcpu);
        if (result < 0)
            return run_failed(vcpu, result, exit);
    }
    return abx_kvm_decode(vcpu, exit);
}

abx_status abx_kvm_vcpu_run(void *object, abx_exit *exit)
{
    abx_kvm_vcpu *vcpu = object;
    if (__builtin_expect(vcpu->careful, false))
        return run_carefully(vcpu, exit);
    int result = enter(vcpu);
    if (__builtin_expect(result < 0, false))
        return run_failed(vcpu, result, exit);
    return abx_kvm_decode(vcpu, exit);
}

/* The kernel reads immediate_exit once per entry; we write it from other threads and signal handlers. */
static void set_immediate_exit(abx_kvm_vcpu *vcpu, uint8_t value)
{
    __atomic_store_n(&vcpu->run->immediate_exit, value, __ATOMIC_SEQ_CST);
}

void abx_kvm_vcpu_kick(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, true);
    set_immediate_exit(vcpu, 1);
    if (!atomic_load(&vcpu->inside))
        return;
    int saved = errno;
    tgkill(vcpu->process, vcpu->thread, vcpu->vm->hypervisor->kick_signal);
    errno = saved;
}

/* In the order opposite to the kick's: a kick in between leaves immediate_exit set. */
void abx_kvm_vcpu_clear_kick(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    set_immediate_exit(vcpu, 0);
    atomic_store(&vcpu->kicked, false);
}

/*
 * KVM_RUN finishes the I/O of the last exit before it looks at immediate_exit. An instruction with several accesses (a
 * page-crossing one, a long string) comes out again instead, for the next access: that exit waits for the next run. A
 * kick that comes meanwhile must not be taken back with our own flag, hence `kicked`.
 */
abx_status abx_kvm_vcpu_complete_io(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    if (!vcpu->exit_waits) {
        bool was_set = __atomic_exchange_n(&vcpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
        int result = enter_with_copies(vcpu);
        if (!was_set) {
            set_immediate_exit(vcpu, 0);
            if (atomic_load(&vcpu->kicked))
                set_immediate_exit(vcpu, 1);
        }
        if (result == -EINTR || result == -EAGAIN)
            return ABX_OK;
        if (result < 0)
            return abx_kvm_check(result, "complete the I/O of vCPU %" PRIu32, vcpu->id);
        vcpu->exit_waits = vcpu->careful = true;
    }
    return abx_fail(ABX_ERR_BUSY, 0, "The instruction has another access to make: run the vCPU once more.",
                    "complete the I/O of vCPU %" PRIu32, vcpu->id);
}
