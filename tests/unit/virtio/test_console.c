/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A console of one port: data in both directions, and whoever waits for whom. */
#include "console_guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { CHUNK = 32 * 1024 };

static console_guest c;

static int begin(void **state)
{
    (void)state;
    console_begin(&c);
    return 0;
}

static int end(void **state)
{
    (void)state;
    console_end(&c);
    return 0;
}

static void start(uint64_t features)
{
    guest_start(&c.vm, F_VERSION_1 | features, 2, SIZE);
}

static void fill(abx_gpa gpa, size_t first, size_t length)
{
    for (size_t i = 0; i < length; i++)
        guest_at(&c.vm, gpa)[i] = pattern(first + i);
}

static void assert_pattern(const uint8_t *bytes, size_t first, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != pattern(first + i))
            fail_msg("byte %zu is %u, not %u", first + i, bytes[i], pattern(first + i));
    }
}

static void it_is_a_console(void **state)
{
    (void)state;
    console_make(&c, &(abx_console_config){ .serial = { c.input[0], c.output[1] }, .columns = 132, .rows = 43 });
    assert_int_equal(guest_get(&c.vm, MMIO_DEVICE_ID), 3);
    assert_int_equal(guest_offered(&c.vm),
                     F_SIZE | F_MULTIPORT | F_EMERGENCY | F_VERSION_1 | F_PACKED | F_TABLES | F_EVENTS);
    assert_int_equal(guest_load(&c.vm.host, WINDOW + MMIO_CONFIG, 2), 132);
    assert_int_equal(guest_load(&c.vm.host, WINDOW + MMIO_CONFIG + 2, 2), 43);
    assert_int_equal(guest_get(&c.vm, MMIO_CONFIG + 4), 1);
    guest_put(&c.vm, MMIO_QUEUE_SEL, 3);
    assert_int_equal(guest_get(&c.vm, MMIO_QUEUE_NUM_MAX), 128);
    guest_put(&c.vm, MMIO_QUEUE_SEL, 4);
    assert_int_equal(guest_get(&c.vm, MMIO_QUEUE_NUM_MAX), 0);
}

static void both_directions(void **state)
{
    (void)state;
    static const uint64_t kinds[] = { 0, F_PACKED, F_EVENTS, F_PACKED | F_EVENTS | F_TABLES };
    console_make_plain(&c);
    for (size_t i = 0; i < 4; i++) {
        char bytes[16];
        start(kinds[i]);
        for (unsigned round = 0; round < 3 * SIZE; round++) {
            memcpy(guest_at(&c.vm, DATA), "hello, world", 12);
            guest_send(&c.vm, TRANSMIT, (buffer[]){ { DATA, 5, false }, { DATA + 5, 7, false } }, 2);
            read_all(c.output[0], bytes, 12);
            assert_memory_equal(bytes, "hello, world", 12);
            assert_int_equal(console_take(&c, TRANSMIT), 0);

            guest_send(&c.vm, RECEIVE, (buffer[]){ { DATA + 64, 3, true }, { DATA + 128, 100, true } }, 2);
            write_all(c.input[1], "abcdefg", 7);
            assert_int_equal(console_take(&c, RECEIVE), 7);
            assert_memory_equal(guest_at(&c.vm, DATA + 64), "abc", 3);
            assert_memory_equal(guest_at(&c.vm, DATA + 128), "defg", 4);
        }
    }
    abx_device_counters counters = { 0 };
    c.vm.host.device.ops->count(c.vm.host.device.object, &counters);
    assert_int_equal(counters.bytes_read, UINT64_C(4) * 3 * SIZE * 7);
    assert_int_equal(counters.bytes_written, UINT64_C(4) * 3 * SIZE * 12);
}

/* The reader takes its time: chains stay where they are, no byte is lost, and the loop stands still for nobody. */
static void output_waits_for_its_reader(void **state)
{
    (void)state;
    enum { CHAINS = 16 };
    static uint8_t bytes[CHAINS * CHUNK];
    console_make_plain(&c);
    assert_true(fcntl(c.output[1], F_SETPIPE_SZ, 4096) >= 4096);
    for (uint64_t kind = 0; kind < 2; kind++) {
        start(kind ? F_PACKED | F_EVENTS : 0);
        fill(DATA, 0, CHAINS * CHUNK);
        for (size_t i = 0; i < CHAINS; i++)
            console_send(&c, TRANSMIT, DATA + i * CHUNK, CHUNK);
        assert_true(console_is_quiet(&c, TRANSMIT));
        read_all(c.output[0], bytes, sizeof(bytes));
        assert_pattern(bytes, 0, sizeof(bytes));
        for (size_t i = 0; i < CHAINS; i++)
            assert_int_equal(console_take(&c, TRANSMIT), 0);
    }
    assert_false(fcntl(c.output[1], F_GETFL) & O_NONBLOCK);
}

static int waiting(int fd)
{
    int count = -1;
    assert_int_equal(ioctl(fd, FIONREAD, &count), 0);
    return count;
}

/* Without buffers of the guest's, input is not read. */
static void input_waits_for_buffers(void **state)
{
    (void)state;
    enum { INPUT = 60000 };
    static uint8_t bytes[INPUT];
    console_make_plain(&c);
    start(F_EVENTS);
    for (size_t i = 0; i < INPUT; i++)
        bytes[i] = pattern(i);
    write_all(c.input[1], bytes, INPUT);
    console_settle(&c);
    assert_int_equal(waiting(c.input[0]), INPUT);
    for (size_t done = 0; done < INPUT;) {
        console_offer(&c, RECEIVE, DATA, 1000);
        uint32_t length = console_take(&c, RECEIVE);
        assert_in_range(length, 1, 1000);
        assert_pattern(guest_at(&c.vm, DATA), done, length);
        done += length;
        assert_int_equal(waiting(c.input[0]), INPUT - (int)done);
    }
    assert_false(fcntl(c.input[0], F_GETFL) & O_NONBLOCK);
}

static void large_transfers_through(const abx_serial_config *ends, int to_guest, int from_guest)
{
    enum { TOTAL = 1 << 20, PART = 8192 };
    static uint8_t bytes[PART];
    console_make(&c, &(abx_console_config){ .serial = *ends });
    start(F_PACKED | F_EVENTS);
    for (size_t done = 0; done < TOTAL; done += PART) {
        fill(DATA, done, PART);
        console_send(&c, TRANSMIT, DATA, PART);
        read_all(from_guest, bytes, PART);
        assert_pattern(bytes, done, PART);
        assert_int_equal(console_take(&c, TRANSMIT), 0);
        write_all(to_guest, bytes, PART);
        for (size_t got = 0; got < PART;) {
            console_offer(&c, RECEIVE, DATA + 0x10000, PART);
            uint32_t length = console_take(&c, RECEIVE);
            assert_pattern(guest_at(&c.vm, DATA + 0x10000), done + got, length);
            got += length;
        }
    }
}

static void sockets_as_ends(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    large_transfers_through(&(abx_serial_config){ pair[0], pair[0] }, pair[1], pair[1]);
    assert_false(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
    close(pair[0]);
    close(pair[1]);
}

static void terminals_as_ends(void **state)
{
    (void)state;
    int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
    int theirs = open(ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(theirs >= 0);
    struct termios settings;
    assert_int_equal(tcgetattr(theirs, &settings), 0);
    cfmakeraw(&settings);
    assert_int_equal(tcsetattr(theirs, TCSANOW, &settings), 0);
    console_make(&c, &(abx_console_config){ .serial = { theirs, theirs } });
    start(0);
    static uint8_t bytes[3 * CHUNK];
    fill(DATA, 0, sizeof(bytes));
    for (size_t i = 0; i < 3; i++)
        console_send(&c, TRANSMIT, DATA + i * CHUNK, CHUNK);
    read_all(ours, bytes, sizeof(bytes));
    assert_pattern(bytes, 0, sizeof(bytes));
    console_offer(&c, RECEIVE, DATA, 100);
    write_all(ours, "typed", 5);
    assert_int_equal(console_take(&c, RECEIVE), 5);
    assert_memory_equal(guest_at(&c.vm, DATA), "typed", 5);
    assert_false(fcntl(theirs, F_GETFL) & O_NONBLOCK);
    close(theirs);
    close(ours);
}

/* Files are always ready, and a console is told nothing of an input's end. */
static void files_as_ends(void **state)
{
    (void)state;
    char in_path[] = "/tmp/abx-console-XXXXXX", out_path[] = "/tmp/abx-console-XXXXXX";
    int in = mkstemp(in_path), out = mkstemp(out_path);
    uint8_t bytes[5000];
    assert_true(in >= 0 && out >= 0);
    unlink(in_path);
    unlink(out_path);
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = pattern(i);
    write_all(in, bytes, sizeof(bytes));
    assert_int_equal(lseek(in, 0, SEEK_SET), 0);
    console_make(&c, &(abx_console_config){ .serial = { in, out } });
    start(0);
    console_offer(&c, RECEIVE, DATA, 4096);
    console_offer(&c, RECEIVE, DATA + 4096, 4096);
    assert_int_equal(console_take(&c, RECEIVE), 4096);
    assert_int_equal(console_take(&c, RECEIVE), 5000 - 4096);
    console_offer(&c, RECEIVE, DATA + 0x8000, 4096);
    assert_true(console_is_quiet(&c, RECEIVE));
    console_send(&c, TRANSMIT, DATA, 5000);
    console_take(&c, TRANSMIT);
    assert_int_equal(pread(out, bytes, sizeof(bytes), 0), 5000);
    assert_pattern(bytes, 0, 5000);
    assert_int_equal(c.vm.host.told, 0);
    close(in);
    close(out);
}

static void nobody_at_the_ends(void **state)
{
    (void)state;
    console_make(&c, &(abx_console_config){ .serial = { -1, -1 } });
    start(0);
    console_offer(&c, RECEIVE, DATA, 100);
    console_send(&c, TRANSMIT, DATA, 100);
    console_take(&c, TRANSMIT);
    assert_true(console_is_quiet(&c, RECEIVE));
    assert_int_equal(c.vm.host.told, 0);
}

/* The program is not killed, is told once, and the guest goes on. */
static void output_without_a_reader(void **state)
{
    (void)state;
    console_make_plain(&c);
    start(0);
    close(c.output[0]);
    c.output[0] = -1;
    for (unsigned i = 0; i < 3 * SIZE; i++) {
        console_send(&c, TRANSMIT, DATA, 100);
        console_take(&c, TRANSMIT);
    }
    console_settle(&c);
    assert_int_equal(c.vm.host.told, 1);
    assert_int_equal(c.vm.host.event, ABX_EVENT_CONSOLE_CLOSED);
    assert_int_equal(c.vm.host.event_code, 0);
    assert_string_equal(c.vm.host.text, "console port 0: output: Broken pipe");
    console_offer(&c, RECEIVE, DATA, 100);
    write_all(c.input[1], "x", 1);
    assert_int_equal(console_take(&c, RECEIVE), 1);
}

static void a_reader_that_leaves_while_output_waits(void **state)
{
    (void)state;
    console_make_plain(&c);
    start(0);
    for (unsigned i = 0; i < 8; i++)
        console_send(&c, TRANSMIT, DATA, CHUNK);
    console_settle(&c);
    close(c.output[0]);
    c.output[0] = -1;
    for (unsigned i = 0; i < 8; i++)
        console_take(&c, TRANSMIT);
    console_settle(&c);
    assert_int_equal(c.vm.host.told, 1);
    assert_int_equal(c.vm.host.event, ABX_EVENT_CONSOLE_CLOSED);
}

static void a_full_disk_is_a_failure(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    console_make(&c, &(abx_console_config){ .serial = { -1, full } });
    start(0);
    console_send(&c, TRANSMIT, DATA, 100);
    console_take(&c, TRANSMIT);
    console_settle(&c); /* the program hears of it after the guest */
    assert_int_equal(c.vm.host.told, 1);
    assert_int_equal(c.vm.host.event, ABX_EVENT_DEVICE_FAILED);
    close(full);
}

static void buffers_of_the_wrong_kind(void **state)
{
    (void)state;
    console_make_plain(&c);
    start(0);
    console_offer(&c, TRANSMIT, DATA, 100); /* nothing to send */
    assert_int_equal(console_take(&c, TRANSMIT), 0);
    write_all(c.input[1], "x", 1);
    console_send(&c, RECEIVE, DATA, 100); /* no room for anything */
    assert_int_equal(console_take(&c, RECEIVE), 0);
    console_offer(&c, RECEIVE, DATA, 100);
    assert_int_equal(console_take(&c, RECEIVE), 1);
}

static void nothing_moves_while_it_is_paused(void **state)
{
    (void)state;
    char byte;
    console_make_plain(&c);
    start(0);
    console_offer(&c, RECEIVE, DATA, 100);
    c.vm.host.device.ops->pause(c.vm.host.device.object);
    console_send(&c, TRANSMIT, DATA, 1);
    write_all(c.input[1], "x", 1);
    assert_true(console_is_quiet(&c, RECEIVE) && console_is_quiet(&c, TRANSMIT));
    assert_int_equal(waiting(c.output[0]), 0);
    c.vm.host.device.ops->resume(c.vm.host.device.object);
    console_take(&c, TRANSMIT);
    read_all(c.output[0], &byte, 1);
    assert_int_equal(console_take(&c, RECEIVE), 1);
}

static void *read_slowly(void *argument)
{
    static uint8_t bytes[8 * CHUNK];
    (void)argument;
    read_all(c.output[0], bytes, sizeof(bytes));
    assert_pattern(bytes, 0, sizeof(bytes));
    return NULL;
}

/* What was sent before the guest switched itself off comes out. */
static void output_is_drained(void **state)
{
    (void)state;
    pthread_t reader;
    console_make_plain(&c);
    start(0);
    fill(DATA, 0, 8 * CHUNK);
    for (size_t i = 0; i < 8; i++)
        console_send(&c, TRANSMIT, DATA + i * CHUNK, CHUNK);
    c.vm.host.device.ops->pause(c.vm.host.device.object); /* as a stopped machine's is */
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, NULL), 0);
    c.vm.host.device.ops->drain(c.vm.host.device.object);
    pthread_join(reader, NULL);
    uint32_t id, length;
    for (size_t i = 0; i < 8; i++)
        assert_true(driver_take(&c.vm.queues[TRANSMIT], &id, &length));
}

static void *drain(void *argument)
{
    (void)argument;
    c.vm.host.device.ops->drain(c.vm.host.device.object);
    return NULL;
}

static void draining_can_be_given_up(void **state)
{
    (void)state;
    pthread_t drainer;
    console_make_plain(&c);
    start(0);
    for (size_t i = 0; i < 8; i++)
        console_send(&c, TRANSMIT, DATA, CHUNK);
    assert_int_equal(pthread_create(&drainer, NULL, drain, NULL), 0);
    console_settle(&c);
    c.vm.host.device.ops->abandon(c.vm.host.device.object);
    pthread_join(drainer, NULL);
}

/* A chain of which a part has gone out is forgotten as a whole; what comes after the reset is not missing anything. */
static void a_reset_at_any_moment(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    console_make_plain(&c);
    srand(7);
    for (unsigned round = 0; round < 200; round++) {
        start(rand() % 2 ? F_PACKED : F_EVENTS);
        for (int i = rand() % 8; i > 0; i--)
            console_send(&c, TRANSMIT, DATA, (uint32_t)(1 + rand() % CHUNK));
        for (int i = rand() % 4; i > 0; i--)
            console_offer(&c, RECEIVE, DATA + 0x40000, (uint32_t)(1 + rand() % 5000));
        if (rand() % 2)
            write_all(c.input[1], bytes, 1 + (size_t)rand() % 100);
        guest_put(&c.vm, MMIO_STATUS, 0);
        memset(guest_at(&c.vm, DATA), round & 0xff, 0x50000);
        if (waiting(c.output[0]) > 0)
            assert_true(read(c.output[0], bytes, sizeof(bytes)) > 0);
    }
    console_settle(&c);
    while (waiting(c.output[0]) > 0)
        assert_true(read(c.output[0], bytes, sizeof(bytes)) > 0);
    start(0);
    fill(DATA, 0, 1000);
    console_send(&c, TRANSMIT, DATA, 1000);
    read_all(c.output[0], bytes, 1000);
    assert_pattern(bytes, 0, 1000);
    assert_int_equal(c.vm.host.told, 0);
}

static void a_size_in_the_configuration(void **state)
{
    (void)state;
    console_make_plain(&c);
    const abx_device *device = &c.vm.host.device;
    assert_true(abx_virtio_console_resize(device, 0, 80, 24)); /* nobody is there to hear of it */
    assert_false(c.vm.host.level[LINE]);
    start(F_SIZE);
    assert_int_equal(guest_get(&c.vm, MMIO_CONFIG), 24 << 16 | 80);
    uint32_t generation = guest_get(&c.vm, MMIO_CONFIG_GENERATION);
    assert_true(abx_virtio_console_resize(device, 0, 100, 50));
    await_level(&c.vm.host, LINE, true);
    assert_int_equal(guest_get(&c.vm, MMIO_INTERRUPT_STATUS), INTERRUPT_CONFIG);
    assert_int_not_equal(guest_get(&c.vm, MMIO_CONFIG_GENERATION), generation);
    assert_int_equal(guest_get(&c.vm, MMIO_CONFIG), 50 << 16 | 100);
    assert_false(abx_virtio_console_resize(device, 1, 1, 1));
    start(0);
    assert_true(abx_virtio_console_resize(device, 0, 1, 1));
    assert_false(c.vm.host.level[LINE]);
}

/* 5.3.4: a driver may write at any time, without a queue. */
static void emergency_writes(void **state)
{
    (void)state;
    char bytes[8] = "";
    console_make_plain(&c);
    guest_put(&c.vm, MMIO_CONFIG + 8, 'a');
    start(F_EMERGENCY);
    guest_put(&c.vm, MMIO_CONFIG + 8, 'b' | 0xffffff00);
    guest_store(&c.vm.host, WINDOW + MMIO_CONFIG + 8, 1, 'c');
    guest_store(&c.vm.host, WINDOW + MMIO_CONFIG + 9, 1, 'd'); /* not there */
    memcpy(guest_at(&c.vm, DATA), "e", 1);
    console_send(&c, TRANSMIT, DATA, 1);
    read_all(c.output[0], bytes, 4);
    assert_string_equal(bytes, "abce");
    assert_int_equal(guest_get(&c.vm, MMIO_CONFIG + 8), 0);
    /* No vCPU waits, however many there are. */
    for (unsigned i = 0; i < 100000; i++)
        guest_put(&c.vm, MMIO_CONFIG + 8, 'x');
    assert_true(waiting(c.output[0]) >= 4096);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_a_console),
        TEST(both_directions),
        TEST(output_waits_for_its_reader),
        TEST(input_waits_for_buffers),
        TEST(sockets_as_ends),
        TEST(terminals_as_ends),
        TEST(files_as_ends),
        TEST(nobody_at_the_ends),
        TEST(output_without_a_reader),
        TEST(a_reader_that_leaves_while_output_waits),
        TEST(a_full_disk_is_a_failure),
        TEST(buffers_of_the_wrong_kind),
        TEST(nothing_moves_while_it_is_paused),
        TEST(output_is_drained),
        TEST(draining_can_be_given_up),
        TEST(a_reset_at_any_moment),
        TEST(a_size_in_the_configuration),
        TEST(emergency_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
