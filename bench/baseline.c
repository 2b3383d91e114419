/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * abx-baseline: what 'abx bench' measures, by bare system calls and nothing else. It makes the calls that any monitor
 * needs for such a guest without interrupt controllers; baseline_arch.h has those of the architecture.
 *
 *   abx-baseline start GUEST     run flat GUEST; write what it sends to the serial port until it ends
 *   abx-baseline create N        N times from nothing to the first exit and back; a line of nanoseconds each
 *   abx-baseline exits N         N exits of one vCPU; one line of nanoseconds for all
 *   abx-baseline steps N         stops itself, N exits, stops itself, 2 N exits, stops itself: for counting
 * instructions
 */
#include "baseline_arch.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY = 64 << 20 };

typedef struct machine {
    int vm;
    int vcpu;
    uint8_t *memory;
    struct kvm_run *run;
} machine;

static int kvm;
static int run_size;

static void open_kvm(void)
{
    kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        err(1, "/dev/kvm");
    CALL(kvm, KVM_GET_API_VERSION, 0);
    run_size = CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    baseline_ask(kvm);
}

static void *map(size_t size, int fd, int flags)
{
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (address == MAP_FAILED)
        err(1, "mmap");
    return address;
}

static machine build(const void *guest, size_t length)
{
    machine m = { .vm = CALL(kvm, KVM_CREATE_VM, 0) };
    baseline_prepare_vm(m.vm);
    m.memory = map(MEMORY, -1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    /* As abx does for such guests: a huge page would hide everything else in the cost of zeroing it. */
    if (madvise(m.memory, MEMORY, MADV_NOHUGEPAGE) < 0)
        err(1, "madvise");
    struct kvm_userspace_memory_region region = {
        .guest_phys_addr = BASELINE_RAM,
        .memory_size = MEMORY,
        .userspace_addr = (uintptr_t)m.memory,
    };
    CALL(m.vm, KVM_SET_USER_MEMORY_REGION, &region);
    memcpy(m.memory + (BASELINE_ENTRY - BASELINE_RAM), guest, length);
    m.vcpu = CALL(m.vm, KVM_CREATE_VCPU, 0);
    m.run = map((size_t)run_size, m.vcpu, MAP_SHARED);
    baseline_prepare_vcpu(m.vm, m.vcpu);
    return m;
}

static void tear_down(machine *m)
{
    munmap(m->run, (size_t)run_size);
    close(m->vcpu);
    close(m->vm);
    munmap(m->memory, MEMORY);
}

static void expect_exit(const machine *m)
{
    if (!baseline_is_exit(m->run))
        errx(1, "unexpected exit %u", m->run->exit_reason);
}

static void start(const char *path)
{
    uint8_t guest[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, guest, sizeof(guest));
    if (length < 0)
        err(1, "%s", path);
    open_kvm();
    machine m = build(guest, (size_t)length);
    for (;;) {
        CALL(m.vcpu, KVM_RUN, 0);
        if (baseline_is_end(m.run))
            break;
        const void *byte = baseline_serial(m.run);
        if (!byte)
            errx(1, "unexpected exit %u", m.run->exit_reason);
        if (write(1, byte, 1) != 1)
            err(1, "standard output");
    }
    tear_down(&m);
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void create(unsigned long rounds)
{
    open_kvm();
    for (unsigned long i = 0; i < rounds; i++) {
        uint64_t begin = now();
        machine m = build(baseline_loop, sizeof(baseline_loop));
        CALL(m.vcpu, KVM_RUN, 0);
        uint64_t end = now();
        expect_exit(&m);
        tear_down(&m);
        printf("%" PRIu64 "\n", end - begin);
    }
}

static void run_exits(const machine *m, unsigned long rounds)
{
    for (unsigned long i = 0; i < rounds; i++) {
        if (ioctl(m->vcpu, KVM_RUN, 0) < 0)
            err(1, "KVM_RUN");
        if (!baseline_is_exit(m->run))
            errx(1, "unexpected exit %u", m->run->exit_reason);
    }
}

static void exits(unsigned long rounds)
{
    open_kvm();
    machine m = build(baseline_loop, sizeof(baseline_loop));
    run_exits(&m, 1);
    uint64_t begin = now();
    run_exits(&m, rounds);
    printf("%" PRIu64 "\n", now() - begin);
    tear_down(&m);
}

static void steps(unsigned long rounds)
{
    open_kvm();
    machine m = build(baseline_loop, sizeof(baseline_loop));
    run_exits(&m, 1);
    raise(SIGSTOP);
    run_exits(&m, rounds);
    raise(SIGSTOP);
    run_exits(&m, 2 * rounds);
    raise(SIGSTOP);
    tear_down(&m);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(2, "usage: abx-baseline start GUEST | create N | exits N | steps N");
    if (strcmp(argv[1], "start") == 0)
        start(argv[2]);
    else if (strcmp(argv[1], "create") == 0)
        create(strtoul(argv[2], NULL, 10));
    else if (strcmp(argv[1], "exits") == 0)
        exits(strtoul(argv[2], NULL, 10));
    else if (strcmp(argv[1], "steps") == 0)
        steps(strtoul(argv[2], NULL, 10));
    else
        errx(2, "unknown work '%s'", argv[1]);
    return 0;
}
