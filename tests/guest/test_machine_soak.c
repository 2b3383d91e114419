/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Very many machines, one after the other, each with devices and an event loop: they are created, their guest runs,
 * they are stopped. Nothing of them is left, neither descriptors nor threads, mappings or memory. ABX_SOAK=N: so many.
 */
#include "harness.h"

#include <arcbox/machine.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    USUAL = 1000,
    IN_AN_EMULATED_HOST = 50, /* where it is emulated everything takes its time */
    WARM_UP = 20,             /* until the C library's caches are full */
    OTHERS = 10,              /* after each that many, one that is never started and one that is not stopped */
    PATIENCE_MS = 60000,
};

/* Memory may vary by some pages; a leak of a page for each machine would be more. */
static const long most_growth = 1 << 20;

/* A sanitizer keeps what is freed. */
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

/* Sends a byte to the serial port, then stays in one place for ever. */
static const unsigned char program[][16] = {
    /* mov $0x3f8, %dx; mov $'!', %al; out %al, (%dx); jmp to itself */
    [ABX_ARCH_X86_64] = { 0xba, 0xf8, 0x03, 0xb0, '!', 0xee, 0xeb, 0xfe },
    /* mov x1, #0x9000000; mov w0, #'!'; str w0, [x1]; b to itself */
    [ABX_ARCH_ARM64] = { 0x01, 0x20, 0xa1, 0xd2, 0x20, 0x04, 0x80, 0x52, 0x20, 0, 0, 0xb9, 0, 0, 0, 0x14 },
};

static char kernel[] = "/tmp/abx-soak-XXXXXX";
static char image[] = "/tmp/abx-soak-XXXXXX";
static int serial[2]; /* a pipe: what the guest sends is read from its first end */

typedef struct census {
    size_t descriptors;
    size_t threads;
    size_t mappings;
    long resident; /* bytes */
} census;

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

static long measure_resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*d %ld", &pages), 1);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static census take_census(void)
{
    return (census){ count_entries("/proc/self/fd"), count_entries("/proc/self/task"), count_mappings(),
                     measure_resident() };
}

static abx_machine *build(abx_hypervisor *hypervisor)
{
    const abx_device_config devices[] = {
        { ABX_DEVICE_SERIAL, .serial = { -1, serial[1] } },
        { .kind = ABX_DEVICE_RTC },
        { ABX_DEVICE_BLOCK, .block.path = image },
        { .kind = ABX_DEVICE_ENTROPY },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.kernel_options.cache = "";
    config.vm.memory_size = 4 << 20;
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    abx_machine *machine;
    assert_ok(abx_machine_create(&machine, hypervisor, &config));
    return machine;
}

typedef enum life { NEVER_STARTED, NOT_STOPPED, WHOLE } life;

/* The guest runs: it has sent its byte. */
static void await_guest(void)
{
    char byte;
    struct pollfd pipe_end = { .fd = serial[0], .events = POLLIN };
    assert_int_equal(poll(&pipe_end, 1, PATIENCE_MS), 1);
    assert_int_equal(read(serial[0], &byte, 1), 1);
    assert_int_equal(byte, '!');
}

static void live(life kind)
{
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, backend_under_test, NULL));
    abx_machine *machine = build(hypervisor);
    abx_machine_result result;
    if (kind != NEVER_STARTED) {
        assert_ok(abx_machine_start(machine));
        await_guest();
    }
    if (kind == WHOLE) {
        assert_ok(abx_machine_stop(machine));
        assert_ok(abx_machine_wait(machine, PATIENCE_MS, &result));
        assert_int_equal(result.end, ABX_END_STOPPED);
    }
    abx_machine_destroy(machine);
    abx_hypervisor_close(hypervisor);
}

/* A joined thread may still be on its way out of the list. */
static void assert_threads(size_t expected)
{
    const struct timespec moment = { .tv_nsec = 1000000 };
    for (int tries = 0; tries < 1000 && count_entries("/proc/self/task") > expected; tries++)
        nanosleep(&moment, NULL);
    assert_int_equal(count_entries("/proc/self/task"), expected);
}

static int how_many(void)
{
    const char *asked = getenv("ABX_SOAK");
    if (asked)
        return atoi(asked);
    return getenv("ABX_TESTBED") ? IN_AN_EMULATED_HOST : USUAL;
}

/* So many that ran and were stopped, and the others in between. */
static void live_many(int count, size_t descriptors)
{
    for (int i = 1; i <= count; i++) {
        live(WHOLE);
        if (i % OTHERS == 0) {
            live(NEVER_STARTED);
            live(NOT_STOPPED);
        }
        if (descriptors)
            assert_int_equal(count_entries("/proc/self/fd"), descriptors);
    }
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    int count = how_many();
    live_many(WARM_UP, 0);
    census before = take_census();
    uint64_t began = now_ms();
    live_many(count, before.descriptors);
    uint64_t ended = now_ms();
    assert_threads(before.threads);
    census after = take_census();
    print_message("%d machines that ran and were stopped, %d others, in %llu ms: resident memory %+ld KiB, mappings "
                  "%+ld\n",
                  count, count / OTHERS * 2, (unsigned long long)(ended - began),
                  (after.resident - before.resident) / 1024, (long)after.mappings - (long)before.mappings);
    if (SANITIZED)
        return;
    assert_int_equal(after.mappings, before.mappings);
    assert_true(after.resident - before.resident < most_growth);
}

static int set_up(void **state)
{
    (void)state;
    int kernel_fd = mkstemp(kernel), image_fd = mkstemp(image);
    bool written = kernel_fd >= 0 && image_fd >= 0 && pipe(serial) == 0 &&
                   write(kernel_fd, program[abx_host_arch()], sizeof(program[0])) == sizeof(program[0]) &&
                   ftruncate(image_fd, 1 << 20) == 0;
    close(kernel_fd);
    close(image_fd);
    return written ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    close(serial[0]);
    close(serial[1]);
    unlink(image);
    return unlink(kernel);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_nothing_is_left) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
