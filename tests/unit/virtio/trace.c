/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * trace [--update] FILE: plays what a driver does to a virtio device, and compares what the device does with what it
 * did when the file was written. Everything counts: values of registers, each word of the guest's memory that changed,
 * the interrupt line, events, what came out on the host's side.
 *
 * A line that begins with ">" is a step, the lines with "<" after it are what came of it, anything else is for the
 * reader. Numbers are hexadecimal but for sizes. Steps:
 *
 *   device block|entropy|console|balloon    makes the device; the first step
 *   load OFFSET, store OFFSET VALUE         registers of 4 bytes
 *   load1 OFFSET                            a byte, of the configuration space
 *   negotiate FEATURES                      the whole of it, from a reset to FEATURES_OK
 *   queue INDEX SIZE                        sets up a queue of the kind negotiated; run: DRIVER_OK
 *   memory GPA BYTES...                     the driver writes to the guest's memory
 *   descriptor QUEUE INDEX GPA LENGTH FLAGS NEXT    one that no driver would write
 *   chain QUEUE r|w:GPA:LENGTH...           makes buffers available; indirect: the same in a table at DATA + 0xf000
 *   notify QUEUE, await, turn               rings the bell; lets the device work until the line is high, or has nothing
 * to do used QUEUE                              what the driver finds in the used ring acknowledge the interrupt's
 * cause, which ends host BYTES..., target BYTES             the host types on the console, wants the balloon to leave
 * so much
 *   hint, cancel                            the host asks the balloon for hints, or does so no longer
 */
#include "guest.h"

#include "machine_virtio.h"
#include "virtio/balloon.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { IMAGE_SIZE = 64 * 1024, TABLE = DATA + 0xf000, PATIENCE_MS = 60000, MOST_BUFFERS = 16 };

static guest vm;
static uint64_t features;
static bool level, random_data;
static unsigned told;
static uint8_t before[RAM_SIZE];
static int to_console[2], from_console[2], image;

static FILE *outcome; /* what the file ought to be */
static char *words[MOST_BUFFERS + 4];
static unsigned word_count;
static const char *where; /* for messages: the step */

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "%s: %s\n", where, why);
    exit(2);
}

static uint64_t number(unsigned index, int base)
{
    char *end;
    if (index >= word_count)
        give_up("a word is missing");
    uint64_t value = strtoull(words[index], &end, base);
    if (*end || end == words[index])
        give_up("not a number");
    return value;
}

static void print_bytes(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(outcome, " %02x", bytes[i]);
    fputc('\n', outcome);
}

/* What the driver itself has written is nothing to tell of. */
static void settle(void)
{
    memcpy(before, guest_at(&vm, RAM), RAM_SIZE);
}

static bool has_changed(size_t word)
{
    return memcmp(guest_at(&vm, RAM) + word, before + word, 4) != 0;
}

/* From here on, how much is as it was, in large steps: most of it is. */
static size_t same(size_t from)
{
    enum { STEP = 4096 };
    size_t length = 0;
    while (from + length + STEP <= RAM_SIZE &&
           memcmp(guest_at(&vm, RAM) + from + length, before + from + length, STEP) == 0)
        length += STEP;
    return length;
}

/* Words of 4 bytes, of which at least one has changed. */
static void tell_memory(void)
{
    for (size_t at = same(0); at < RAM_SIZE; at += 4 + same(at + 4)) {
        size_t length = 0;
        while (at + length < RAM_SIZE && has_changed(at + length))
            length += 4;
        if (length == 0)
            continue;
        fprintf(outcome, "< memory %zx:", RAM + at);
        if (random_data && RAM + at >= DATA)
            fprintf(outcome, " %zu bytes at random\n", length);
        else
            print_bytes(guest_at(&vm, RAM) + at, length);
        at += length;
    }
    settle();
}

/* Everything that a step may have led to, but for values that it asked for. */
static void tell(void)
{
    uint8_t bytes[256];
    tell_memory();
    if (vm.host.told != told)
        fprintf(outcome, "< event %s %" PRIu64 " %s\n", abx_event_kind_name(vm.host.event), vm.host.event_code,
                vm.host.text);
    told = vm.host.told;
    ssize_t length = from_console[0] > 0 ? read(from_console[0], bytes, sizeof(bytes)) : 0;
    if (length > 0) {
        fputs("< host", outcome);
        print_bytes(bytes, (size_t)length);
    }
    if (vm.host.level[LINE] != level)
        fprintf(outcome, "< line %s\n", level ? "low" : "high");
    level = vm.host.level[LINE];
}

static void step_device(void)
{
    static char path[32];
    const char *kind = word_count > 1 ? words[1] : "";
    abx_device_config config = { 0 };
    if (strcmp(kind, "block") == 0) {
        image = memfd_create("image", MFD_CLOEXEC);
        if (image < 0 || ftruncate(image, IMAGE_SIZE) < 0)
            give_up("no image");
        snprintf(path, sizeof(path), "/proc/self/fd/%d", image);
        config = (abx_device_config){ ABX_DEVICE_BLOCK, .block = { .path = path, .serial = "golden" } };
    } else if (strcmp(kind, "entropy") == 0) {
        config.kind = ABX_DEVICE_ENTROPY;
        random_data = true;
    } else if (strcmp(kind, "console") == 0) {
        if (pipe2(to_console, O_CLOEXEC | O_NONBLOCK) < 0 || pipe2(from_console, O_CLOEXEC | O_NONBLOCK) < 0)
            give_up("no pipe");
        config = (abx_device_config){ ABX_DEVICE_CONSOLE, .console = { .serial = { to_console[0], from_console[1] } } };
    } else if (strcmp(kind, "balloon") == 0) {
        config.kind = ABX_DEVICE_BALLOON;
    } else {
        give_up("no such device");
    }
    guest_begin(&vm);
    vm.host.turns = true;
    const abx_device_host host = guest_interface(&vm);
    if (abx_machine_build_virtio(&vm.host.device, &host, (abx_virtio_place){ WINDOW, LINE }, &config) != ABX_OK)
        give_up(abx_last_error()->message);
    vm.host.device.ops->resume(vm.host.device.object);
    settle();
}

static void step_load(void)
{
    fprintf(outcome, "< %" PRIx32 "\n", guest_get(&vm, number(1, 16)));
}

static void step_load1(void)
{
    fprintf(outcome, "< %" PRIx64 "\n", guest_load(&vm.host, WINDOW + number(1, 16), 1));
}

static void step_store(void)
{
    guest_put(&vm, number(1, 16), (uint32_t)number(2, 16));
}

static void step_negotiate(void)
{
    features = number(1, 16);
    fprintf(outcome, "< %s\n", guest_negotiate(&vm, features) ? "accepted" : "refused");
}

static uint32_t queue_of(unsigned index)
{
    uint64_t queue = number(index, 16);
    if (queue >= sizeof(vm.queues) / sizeof(vm.queues[0]))
        give_up("no such queue");
    return (uint32_t)queue;
}

static void step_queue(void)
{
    uint32_t queue = queue_of(1);
    guest_set_queue(&vm, queue, (uint32_t)number(2, 10), features);
    driver_all_interrupts(&vm.queues[queue]);
    settle();
}

static void step_run(void)
{
    guest_put(&vm, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}

static uint8_t *memory(uint64_t gpa, uint64_t length)
{
    if (gpa < RAM || gpa - RAM > RAM_SIZE - length)
        give_up("outside of the memory");
    return guest_at(&vm, gpa);
}

static void step_memory(void)
{
    uint8_t *at = memory(number(1, 16), word_count);
    for (unsigned i = 2; i < word_count; i++)
        at[i - 2] = (uint8_t)number(i, 16);
    settle();
}

static void step_descriptor(void)
{
    driver *queue = &vm.queues[queue_of(1)];
    driver_put(queue, queue->layout.descriptors, (uint32_t)number(2, 16) % queue->layout.size, number(3, 16),
               (uint32_t)number(4, 10), (uint16_t)number(5, 16), (uint16_t)number(6, 16));
    settle();
}

static void make_available(abx_gpa table)
{
    buffer buffers[MOST_BUFFERS];
    uint32_t count = 0;
    driver *queue = &vm.queues[queue_of(1)];
    for (unsigned i = 2; i < word_count; i++, count++) {
        char direction;
        int end = 0;
        sscanf(words[i], "%c:%" SCNx64 ":%" SCNu32 "%n", &direction, &buffers[count].gpa, &buffers[count].length, &end);
        if (end == 0 || words[i][end])
            give_up("a buffer is r:GPA:LENGTH or w:GPA:LENGTH");
        buffers[count].writable = direction == 'w';
    }
    if (driver_add(queue, buffers, count, table) < 0)
        give_up("no room in the queue");
    settle();
}

static void step_chain(void)
{
    make_available(0);
}

static void step_indirect(void)
{
    make_available(TABLE);
}

static void step_notify(void)
{
    guest_put(&vm, ABX_VIRTIO_MMIO_NOTIFY, queue_of(1));
}

static void step_turn(void)
{
    struct pollfd loop = { .fd = abx_loop_fd(vm.host.loop), .events = POLLIN };
    do
        abx_loop_dispatch(vm.host.loop);
    while (poll(&loop, 1, 0) > 0);
}

static void step_await(void)
{
    struct pollfd loop = { .fd = abx_loop_fd(vm.host.loop), .events = POLLIN };
    abx_loop_dispatch(vm.host.loop);
    while (!vm.host.level[LINE]) {
        if (poll(&loop, 1, PATIENCE_MS) <= 0)
            give_up("the device does nothing");
        abx_loop_dispatch(vm.host.loop);
    }
}

static void step_used(void)
{
    uint32_t id, length;
    while (driver_take(&vm.queues[queue_of(1)], &id, &length))
        fprintf(outcome, "< used %" PRIu32 " length %" PRIu32 "\n", id, length);
    driver_all_interrupts(&vm.queues[queue_of(1)]);
    settle();
}

static void step_acknowledge(void)
{
    uint32_t cause = guest_get(&vm, MMIO_INTERRUPT_STATUS);
    fprintf(outcome, "< cause %" PRIx32 "\n", cause);
    guest_put(&vm, MMIO_INTERRUPT_ACK, cause);
}

static void step_host(void)
{
    for (unsigned i = 1; i < word_count; i++) {
        uint8_t byte = (uint8_t)number(i, 16);
        if (write(to_console[1], &byte, 1) != 1)
            give_up("the console does not take it");
    }
}

static void step_target(void)
{
    if (abx_virtio_balloon_set_target(vm.host.device.object, number(1, 10)) != ABX_OK)
        give_up(abx_last_error()->message);
}

/* What the guest named as free. */
static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    (void)payload;
    fprintf(outcome, "< hints %s\n", abx_status_name(status));
    for (size_t i = 0; i < count; i++)
        fprintf(outcome, "< free %" PRIx64 " length %" PRIx64 "\n", ranges[i].gpa, ranges[i].length);
}

static void step_hint(void)
{
    fprintf(outcome, "< %s\n", abx_status_name(abx_virtio_balloon_hint(vm.host.device.object, hinted, NULL)));
}

static void step_cancel(void)
{
    fprintf(outcome, "< %s\n", abx_status_name(abx_virtio_balloon_cancel_hint(vm.host.device.object)));
}

static void play(void)
{
    static const struct {
        const char *name;
        void (*take)(void);
    } steps[] = {
        { "device", step_device }, { "load", step_load },           { "load1", step_load1 },
        { "store", step_store },   { "negotiate", step_negotiate }, { "queue", step_queue },
        { "run", step_run },       { "memory", step_memory },       { "descriptor", step_descriptor },
        { "chain", step_chain },   { "indirect", step_indirect },   { "notify", step_notify },
        { "turn", step_turn },     { "await", step_await },         { "used", step_used },
        { "host", step_host },     { "target", step_target },       { "acknowledge", step_acknowledge },
        { "hint", step_hint },     { "cancel", step_cancel },
    };
    for (size_t i = 0; word_count > 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strcmp(words[0], steps[i].name) != 0)
            continue;
        if ((steps[i].take == step_device) != !vm.vm)
            give_up("a device first, and only one");
        steps[i].take();
        tell();
        return;
    }
    give_up("no such step");
}

static void play_line(const char *line, unsigned number_of_line, const char *file)
{
    static char at[4200];
    char *copy = strdup(line + 1), *rest = NULL;
    snprintf(at, sizeof(at), "%s:%u", file, number_of_line);
    where = at;
    word_count = 0;
    for (char *word = copy ? strtok_r(copy, " \n", &rest) : NULL; word; word = strtok_r(NULL, " \n", &rest)) {
        if (word_count == sizeof(words) / sizeof(words[0]))
            give_up("too many words");
        words[word_count++] = word;
    }
    play();
    free(copy);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file || getdelim(&text, &size, '\0', file) <= 0) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    return text;
}

/* Whether both are the same; shows the first line that is not. */
static bool compare(const char *file, const char *expected, const char *played)
{
    for (unsigned line = 1; *expected || *played; line++) {
        size_t length = strcspn(expected, "\n"), other = strcspn(played, "\n");
        if (length != other || memcmp(expected, played, length) != 0) {
            fprintf(stderr, "%s:%u: what the device did is another thing\n  expected: %.*s\n  but it is: %.*s\n", file,
                    line, (int)length, expected, (int)other, played);
            return false;
        }
        expected += length + (expected[length] == '\n');
        played += other + (played[other] == '\n');
    }
    return true;
}

int main(int argc, char **argv)
{
    bool update = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 + update) {
        fprintf(stderr, "usage: %s [--update] FILE\n", argv[0]);
        return 2;
    }
    const char *path = argv[argc - 1];
    char *expected = read_file(path), *played = NULL;
    size_t size = 0;
    unsigned count = 0, line_number = 0;
    outcome = open_memstream(&played, &size);
    for (char *line = expected; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        char *one = strndup(line, length);
        line_number++;
        if (one && one[0] != '<') {
            fputs(one, outcome);
            if (one[0] == '>')
                play_line(one, line_number, path);
            count += one[0] == '>';
        }
        line += line[length - 1] ? length : length - 1;
        free(one);
    }
    fclose(outcome);
    if (count == 0) {
        fprintf(stderr, "%s: nothing to play\n", path);
        return 2;
    }
    guest_end(&vm);
    bool same = compare(path, expected, played);
    FILE *file = update ? fopen(path, "w") : NULL;
    if (update && (!file || fputs(played, file) < 0 || fclose(file) != 0))
        return 2;
    printf("%s: %u steps\n", path, count);
    free(expected);
    free(played);
    return same || update ? 0 : 1;
}
