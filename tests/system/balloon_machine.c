/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * balloon_machine BACKEND KERNEL INITRD COMMAND-LINE anonymous|memfd: a machine with a stock Linux kernel gives memory
 * back. How much it did is read from what the kernel says of this process. balloon_linux.py runs it.
 */
#include <arcbox/arcbox.h>
#include <arcbox/machine.h>
#include <arcbox/machine_balloon.h>

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MIB UINT64_C(0x100000)

static const uint64_t MEMORY = 256 * MIB, FILE_SIZE = 96 * MIB, LESS = 160 * MIB, SLACK = 16 * MIB;
enum { PATIENCE_MS = 240000 };

static abx_machine *machine;
static bool memfd;
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
    const char *name = memfd ? "RssShmem:" : "RssAnon:";
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

/* Waits for something to happen, at most `most_ms`. */
static void wait_a_while(int most_ms)
{
    struct pollfd fds[2] = { { .fd = from_guest, .events = POLLIN },
                             { .fd = abx_event_fd(abx_machine_get_vm(machine)), .events = POLLIN } };
    if (poll(fds, 2, most_ms) < 0)
        give_up("poll");
    if (fds[0].revents)
        hear_guest();
    take_events();
}

static void await(bool (*done)(const void *), const void *argument, const char *what)
{
    uint64_t deadline = now_ms() + PATIENCE_MS;
    while (!done(argument)) {
        if (now_ms() > deadline)
            give_up("in vain waited for: %s", what);
        wait_a_while(200);
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
    if (pipe(in) < 0 || pipe(out) < 0)
        give_up("pipe");
    to_guest = in[1];
    from_guest = out[0];
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { in[0], out[1] } },
        { .kind = ABX_DEVICE_BALLOON },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.vm.memory_size = MEMORY;
    config.vm.memory_backing = memfd ? ABX_BACKING_MEMFD : ABX_BACKING_ANONYMOUS;
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

static bool has_discarded(const void *bytes)
{
    return look().discarded >= *(const uint64_t *)bytes;
}

/* The guest has reported what it never used: that was not here, and would count as given back all the same. */
static void await_quiet(void)
{
    enum { QUIET_MS = 10000 };
    uint64_t last = look().discarded, since = now_ms();
    while (now_ms() - since < QUIET_MS) {
        wait_a_while(200);
        if (look().discarded != last)
            since = now_ms();
        last = look().discarded;
    }
}

/* Without anybody asking: what the guest frees is gone as soon as it is reported. */
static void free_pages_come_back(void)
{
    await_quiet();
    say("fill\n", "FILLED");
    uint64_t full = resident(), before = look().discarded, began = now_ms();
    if (full < FILE_SIZE)
        give_up("a guest with a file of %llu MiB has only %llu MiB", (unsigned long long)(FILE_SIZE / MIB),
                (unsigned long long)(full / MIB));
    say("free\n", "FREED");
    uint64_t goal = before + FILE_SIZE / 2; /* it reports whole blocks, some of them every two seconds */
    await(has_discarded, &goal, "free pages");
    uint64_t reported = look().discarded - before, gone = full - resident();
    printf("%s: of %llu MiB reported %llu MiB are gone, %llu ms after the file was removed\n",
           memfd ? "memfd" : "anonymous", (unsigned long long)(reported / MIB), (unsigned long long)(gone / MIB),
           (unsigned long long)(now_ms() - began));
    if (gone < reported / 100 * 95)
        give_up("too little is gone");
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
           memfd ? "memfd" : "anonymous", (unsigned long long)(bytes / MIB), (unsigned long long)(now_ms() - began),
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
        fprintf(stderr, "usage: %s BACKEND KERNEL INITRD COMMAND-LINE anonymous|memfd\n", argv[0]);
        return 2;
    }
    memfd = strcmp(argv[5], "memfd") == 0;
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
