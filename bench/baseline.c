/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * abx-baseline: what 'abx bench' measures, by bare system calls and nothing else. It makes the calls that any monitor
 * needs for such a guest on x86_64 (no interrupt controllers): VM, TSS and identity map addresses, memory, vCPU, CPUID,
 * segment and general registers.
 *
 *   abx-baseline start GUEST     run flat real-mode GUEST; write what it sends to port 0x3f8 until it halts
 *   abx-baseline create N        N times from nothing to the first exit and back; a line of nanoseconds each
 *   abx-baseline exits N         N port exits of one vCPU; one line of nanoseconds for all
 *   abx-baseline steps N         stops itself, N exits, stops itself, 2 N exits, stops itself: for counting
 * instructions
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MEMORY = 64 << 20, LOAD_ADDRESS = 0x1000, SERIAL_PORT = 0x3f8, CPUID_ROOM = 128 };

/* out %al, $0x10; jmp to it */
static const uint8_t exit_loop[] = { 0xe6, 0x10, 0xeb, 0xfc };

typedef struct machine {
    int vm;
    int vcpu;
    uint8_t *memory;
    struct kvm_run *run;
} machine;

static int kvm;
static int run_size;
static struct kvm_cpuid2 *cpuid;

static int call(int fd, unsigned long request, unsigned long argument, const char *name)
{
    int result = ioctl(fd, request, argument);
    if (result < 0)
        err(1, "%s", name);
    return result;
}

#define CALL(fd, request, argument) call(fd, request, (unsigned long)(argument), #request)

static void open_kvm(void)
{
    kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        err(1, "/dev/kvm");
    CALL(kvm, KVM_GET_API_VERSION, 0);
    run_size = CALL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
    cpuid = calloc(1, sizeof(*cpuid) + CPUID_ROOM * sizeof(cpuid->entries[0]));
    if (!cpuid)
        err(1, "memory");
    cpuid->nent = CPUID_ROOM;
    CALL(kvm, KVM_GET_SUPPORTED_CPUID, cpuid);
}

static void *map(size_t size, int fd, int flags)
{
    void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (address == MAP_FAILED)
        err(1, "mmap");
    return address;
}

static void set_registers(machine *m)
{
    struct kvm_sregs system;
    CALL(m->vcpu, KVM_GET_SREGS, &system);
    system.cs.base = 0;
    system.cs.selector = 0;
    CALL(m->vcpu, KVM_SET_SREGS, &system);
    struct kvm_regs registers = { .rip = LOAD_ADDRESS, .rflags = 2 };
    CALL(m->vcpu, KVM_SET_REGS, &registers);
}

static machine build(const void *guest, size_t length)
{
    machine m = { .vm = CALL(kvm, KVM_CREATE_VM, 0) };
    uint64_t identity_map = 0xfeffc000;
    CALL(m.vm, KVM_SET_TSS_ADDR, 0xfeffd000);
    CALL(m.vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map);
    m.memory = map(MEMORY, -1, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
    /* As abx does for such guests: a huge page would hide everything else in the cost of zeroing it. */
    if (madvise(m.memory, MEMORY, MADV_NOHUGEPAGE) < 0)
        err(1, "madvise");
    struct kvm_userspace_memory_region region = {
        .memory_size = MEMORY,
        .userspace_addr = (uintptr_t)m.memory,
    };
    CALL(m.vm, KVM_SET_USER_MEMORY_REGION, &region);
    memcpy(m.memory + LOAD_ADDRESS, guest, length);
    m.vcpu = CALL(m.vm, KVM_CREATE_VCPU, 0);
    m.run = map((size_t)run_size, m.vcpu, MAP_SHARED);
    CALL(m.vcpu, KVM_SET_CPUID2, cpuid);
    set_registers(&m);
    return m;
}

static void tear_down(machine *m)
{
    munmap(m->run, (size_t)run_size);
    close(m->vcpu);
    close(m->vm);
    munmap(m->memory, MEMORY);
}

static void expect_port(const machine *m)
{
    if (m->run->exit_reason != KVM_EXIT_IO)
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
        if (m.run->exit_reason == KVM_EXIT_HLT)
            break;
        expect_port(&m);
        if (m.run->io.port == SERIAL_PORT && write(1, (uint8_t *)m.run + m.run->io.data_offset, 1) != 1)
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
        machine m = build(exit_loop, sizeof(exit_loop));
        CALL(m.vcpu, KVM_RUN, 0);
        uint64_t end = now();
        expect_port(&m);
        tear_down(&m);
        printf("%" PRIu64 "\n", end - begin);
    }
}

static void run_exits(const machine *m, unsigned long rounds)
{
    for (unsigned long i = 0; i < rounds; i++) {
        if (ioctl(m->vcpu, KVM_RUN, 0) < 0)
            err(1, "KVM_RUN");
        if (m->run->exit_reason != KVM_EXIT_IO || m->run->io.port != 0x10)
            errx(1, "unexpected exit %u", m->run->exit_reason);
    }
}

static void exits(unsigned long rounds)
{
    open_kvm();
    machine m = build(exit_loop, sizeof(exit_loop));
    run_exits(&m, 1);
    uint64_t begin = now();
    run_exits(&m, rounds);
    printf("%" PRIu64 "\n", now() - begin);
    tear_down(&m);
}

static void steps(unsigned long rounds)
{
    open_kvm();
    machine m = build(exit_loop, sizeof(exit_loop));
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
