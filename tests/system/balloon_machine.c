/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * balloon_machine BACKEND KERNEL INITRD COMMAND-LINE anonymous|memfd|huge: a machine with a stock Linux kernel gives
 * memory back. How much it did is read from what the kernel says of this process. balloon_linux.py runs it.
 */
#include <arcbox/arcbox.h>
#include <arcbox/machine.h>
#include <arcbox/machine_balloon.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

static const uint64_t MEMORY = 256 * MIB, FILE_SIZE = 96 * MIB, LESS = 160 * MIB, SLACK = 16 * MIB;
enum {
    PATIENCE_MS = 240000,
    QUIET_MS = 10000,  /* a guest that has free pages to report does so every two seconds */
    IN_TIME_MS = 2000, /* what was reported is gone by then, … */
    GONE_PERCENT = 95, /* … and this much of it */
};

/* How the guest's RAM is backed, and what the kernel counts it as. */
typedef struct kind {
    const char *name;
    abx_backing backing;
    abx_huge_pages huge_pages;
    const char *counted;
} kind;

static const kind KINDS[] = {
    { "anonymous", ABX_BACKING_ANONYMOUS, ABX_HUGE_NONE, "RssAnon:" },
    { "memfd", ABX_BACKING_MEMFD, ABX_HUGE_NONE, "RssShmem:" },
    { "huge", ABX_BACKING_MEMFD, ABX_HUGE_2M, "HugetlbPages:" },
};

static abx_machine *machine;
static const kind *memory;
static int went_back = -1; /* tells that pages did */
static int to_guest, from_guest;
static char said[65536]; /* by the guest since the last word to it */
static size_t said_length;
static uint64_t told_kept; /* by the last event */
static unsigned told_statistics;

static _Noreturn void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nlast error: %s\nthe guest said:\n%.*s\n", abx_last_error()->message, (int)said_length, said);
    exit(1);
}

static void check(abx_status status, const char *what)
{
    if (status != ABX_OK)
        give_up("%s: %s", what, abx_last_error()->message);
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* RAM of the guest that this process has, by the kernel's account. */
static uint64_t resident(void)
{
    const char *name = memory->counted;
    char line[256];
    unsigned long long kib = 0;
    bool found = false;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && !found && fgets(line, sizeof(line), status)) {
        found = strncmp(line, name, strlen(name)) == 0;
        if (found)
            kib = strtoull(line + strlen(name), NULL, 10);
    }
    if (!found)
        give_up("no %s in /proc/self/status", name);
    fclose(status);
    return kib * 1024;
}

static void hear_guest(void)
{
    ssize_t length = read(from_guest, said + said_length, sizeof(said) - 1 - said_length);
    if (length <= 0)
        give_up("the guest's console is closed");
    said_length += (size_t)length;
    said[said_length] = '\0';
}

static void take_events(void)
{
    abx_event event;
    while (abx_event_next(abx_machine_get_vm(machine), &event) == ABX_OK) {
        if (event.kind != ABX_EVENT_BALLOON)
            continue;
        told_kept = event.code;
        told_statistics += strcmp(event.text, "statistics") == 0;
    }
}

/* The library's calls come here: that pages went back to the kernel wakes the program up. */
static void tell_went_back(void)
{
    int error = errno;
    if (went_back >= 0 && eventfd_write(went_back, 1) < 0)
        give_up("write to an eventfd");
    errno = error;
}

ABX_API int madvise(void *address, size_t length, int advice)
{
    int result = (int)syscall(SYS_madvise, address, length, advice);
    if (advice == MADV_DONTNEED)
        tell_went_back();
    return result;
}

ABX_API int fallocate(int fd, int mode, off_t offset, off_t length)
{
    int result = (int)syscall(SYS_fallocate, fd, mode, offset, length);
    tell_went_back();
    return result;
}

/* Waits for something to happen until `deadline`; false: nothing did. */
static bool wait_until(uint64_t deadline)
{
    struct pollfd fds[] = { { .fd = from_guest, .events = POLLIN },
                            { .fd = abx_event_fd(abx_machine_get_vm(machine)), .events = POLLIN },
                            { .fd = went_back, .events = POLLIN } };
    uint64_t now = now_ms();
    int ready = poll(fds, 3, now < deadline ? (int)(deadline - now) : 0);
    if (ready < 0)
        give_up("poll");
    if (fds[0].revents)
        hear_guest();
    take_events();
    eventfd_t times;
    if (fds[2].revents && eventfd_read(went_back, &times) < 0)
        give_up("read from an eventfd");
    return ready > 0;
}

static void await(bool (*done)(const void *), const void *argument, const char *what)
{
    uint64_t deadline = now_ms() + PATIENCE_MS;
    while (!done(argument)) {
        if (!wait_until(deadline))
            give_up("in vain waited for: %s", what);
    }
}

static bool has_said(const void *word)
{
    return strstr(said, word) != NULL;
}

/* Says a word to the guest and waits for its answer. */
static void say(const char *word, const char *answer)
{
    said_length = 0;
    said[0] = '\0';
    if (write(to_guest, word, strlen(word)) != (ssize_t)strlen(word))
        give_up("write to the guest");
    await(has_said, answer, answer);
}

static abx_balloon_info look(void)
{
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    check(abx_machine_balloon_get_info(machine, &info), "look at the balloon");
    return info;
}

static void start(char **argv)
{
    static abx_hypervisor *hypervisor;
    int in[2], out[2];
    went_back = eventfd(0, EFD_CLOEXEC);
    if (went_back < 0 || pipe(in) < 0 || pipe(out) < 0)
        give_up("eventfd and pipe");
    to_guest = in[1];
    from_guest = out[0];
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { in[0], out[1] } },
        { .kind = ABX_DEVICE_BALLOON },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.vm.memory_size = MEMORY;
    config.vm.memory_backing = memory->backing;
    config.vm.huge_pages = memory->huge_pages;
    config.kernel = argv[2];
    config.initrd = argv[3];
    config.cmdline = argv[4];
    config.devices = devices;
    config.device_count = 2;
    check(abx_hypervisor_open(&hypervisor, argv[1], NULL), "open the backend");
    check(abx_machine_launch(&machine, hypervisor, &config), "launch the machine");
    await(has_said, "READY", "the guest's start");
}

static bool knows_statistics(const void *before)
{
    return told_statistics > *(const unsigned *)before;
}

static uint64_t statistic(abx_balloon_statistic which)
{
    unsigned before = told_statistics;
    check(abx_machine_balloon_ask(machine), "ask for statistics");
    await(knows_statistics, &before, "statistics");
    abx_balloon_info info = look();
    if (!(info.known & 1u << which))
        give_up("the guest did not tell %s", abx_balloon_statistic_name(which));
    return info.statistics[which];
}

static bool has_reported(const void *bytes)
{
    return look().reported >= *(const uint64_t *)bytes;
}

/* Whether the guest reports something before it has been quiet for long. */
static bool reports_more(uint64_t than)
{
    uint64_t deadline = now_ms() + QUIET_MS;
    while (look().reported == than && wait_until(deadline)) {
    }
    return look().reported != than;
}

/* What was reported since it was `before` is gone from what was resident, which is `full`: not later than its time
 * after the device took the last report. How many milliseconds that took. */
static uint64_t await_gone(uint64_t full, uint64_t before)
{
    for (;;) {
        abx_balloon_info info = look();
        uint64_t reported = info.reported - before, now = resident(), gone = full > now ? full - now : 0;
        uint64_t since = info.reported_ns / 1000000, at = now_ms();
        if (at <= since + IN_TIME_MS && gone >= reported / 100 * GONE_PERCENT)
            return at - since;
        if (at > since + IN_TIME_MS)
            give_up("of %llu MiB reported only %llu MiB are gone after %llu ms", (unsigned long long)(reported / MIB),
                    (unsigned long long)(gone / MIB), (unsigned long long)(at - since));
        wait_until(since + IN_TIME_MS + 1);
    }
}

/* Guests report blocks anew that have grown, and blocks of which they used a part: all of it shall be here, to go. */
static void populate(void)
{
    abx_memory_info infos[8];
    size_t count;
    check(abx_memory_list(abx_machine_get_vm(machine), infos, 8, &count), "list the memory");
    for (size_t i = 0; i < count && i < 8; i++) {
        bool ram = !(infos[i].flags & ABX_MEMORY_READ_ONLY) && infos[i].backing == memory->backing;
        if (ram && madvise(infos[i].host, infos[i].length, MADV_POPULATE_WRITE) < 0)
            give_up("populate the guest's memory: %s", strerror(errno));
    }
    if (resident() < MEMORY)
        give_up("of %llu MiB only %llu are here", (unsigned long long)(MEMORY / MIB),
                (unsigned long long)(resident() / MIB));
}

/* Without anybody asking: what the guest frees is gone as soon as it is reported. */
static void free_pages_come_back(void)
{
    /* It has reported what it never used: that was not here, and would count as reported all the same. */
    while (reports_more(look().reported)) {
    }
    say("fill\n", "FILLED");
    uint64_t before = look().reported;
    populate();
    uint64_t full = resident(), began = now_ms();
    say("free\n", "FREED");
    uint64_t goal = before + FILE_SIZE / 2; /* it reports whole blocks, some of them every two seconds */
    await(has_reported, &goal, "free pages");
    uint64_t late, seen;
    do {
        seen = look().reported;
        late = await_gone(full, before);
    } while (reports_more(seen));
    abx_balloon_info info = look();
    printf("%s: of %llu MiB reported %llu MiB are gone, %llu ms after the last report, which came %llu ms after the "
           "file was removed\n",
           memory->name, (unsigned long long)((info.reported - before) / MIB),
           (unsigned long long)((full - resident()) / MIB), (unsigned long long)late,
           (unsigned long long)(info.reported_ns / 1000000 - began));
    if (info.discard_failures)
        give_up("%llu times the host did not take pages", (unsigned long long)info.discard_failures);
}

static bool keeps(const void *bytes)
{
    return told_kept == *(const uint64_t *)bytes;
}

static void aim(uint64_t bytes)
{
    uint64_t began = now_ms();
    check(abx_machine_balloon_set_target(machine, bytes), "set the target");
    await(keeps, &bytes, "the target");
    abx_balloon_info info = look();
    printf("%s: the guest keeps %llu MiB after %llu ms, of which %llu MiB are in use; %llu MiB were discarded so far\n",
           memory->name, (unsigned long long)(bytes / MIB), (unsigned long long)(now_ms() - began),
           (unsigned long long)(resident() / MIB), (unsigned long long)(info.discarded / MIB));
    if (info.target != bytes || info.actual != bytes || !info.actual_known)
        give_up("the balloon says that the guest keeps %llu", (unsigned long long)info.actual);
}

static void the_balloon_goes_to_a_target_and_back(void)
{
    uint64_t total = statistic(ABX_BALLOON_TOTAL);
    aim(LESS);
    if (resident() > LESS + SLACK)
        give_up("the process has %llu MiB of a guest that keeps %llu", (unsigned long long)(resident() / MIB),
                (unsigned long long)(LESS / MIB));
    uint64_t free_then = statistic(ABX_BALLOON_FREE);
    if (free_then + (MEMORY - LESS) > total)
        give_up("the guest has %llu free of %llu", (unsigned long long)free_then, (unsigned long long)total);
    aim(MEMORY);
    if (statistic(ABX_BALLOON_FREE) < free_then + (MEMORY - LESS) / 2)
        give_up("the guest's free memory did not grow again");
    say("fill\n", "FILLED");
    say("free\n", "FREED");
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: %s BACKEND KERNEL INITRD COMMAND-LINE anonymous|memfd|huge\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        if (strcmp(argv[5], KINDS[i].name) == 0)
            memory = &KINDS[i];
    }
    if (!memory)
        give_up("there is no such kind of memory: %s", argv[5]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    start(argv);
    free_pages_come_back();
    the_balloon_goes_to_a_target_and_back();
    if (write(to_guest, "end\n", 4) != 4)
        give_up("write to the guest");
    abx_machine_result result;
    check(abx_machine_wait(machine, PATIENCE_MS, &result), "wait for the end");
    if (result.end != ABX_END_SHUTDOWN)
        give_up("it ended with %s: %s", abx_machine_end_name(result.end), result.text);
    abx_machine_destroy(machine);
    return 0;
}
