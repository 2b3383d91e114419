/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A console of several ports, and what it and its driver tell each other about them. */
#include "console_guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PLACE = DATA + 0x80000, /* of control messages: room for each buffer */
    ROOM = 128,
    PIPES = 2, /* port 1 has the pipes, and port 2 one end of `pair` */
    QUEUES = 8,
};

static console_guest c;
static int pair[2];
static unsigned offered;

typedef struct message {
    uint32_t id;
    uint16_t event, value;
} message;

static int begin_with(bool ports_only)
{
    console_begin(&c);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const abx_console_port ports[] = {
        { "org.example.pipes", { c.input[0], c.output[1] } },
        { "org.example.socket", { pair[0], pair[0] } },
    };
    console_make(&c, &(abx_console_config){ .serial = { -1, -1 },
                                            .ports_only = ports_only,
                                            .columns = 80,
                                            .rows = 25,
                                            .ports = ports,
                                            .port_count = 2 });
    offered = 0;
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(false);
}

static int begin_ports_only(void **state)
{
    (void)state;
    return begin_with(true);
}

static void hang_up(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int end(void **state)
{
    (void)state;
    console_end(&c);
    hang_up(&pair[0]);
    hang_up(&pair[1]);
    return 0;
}

static void start(void)
{
    guest_start(&c.vm, F_VERSION_1 | F_MULTIPORT | F_SIZE, QUEUES, SIZE);
}

/* One more buffer for a message of the device's. */
static void offer_message(void)
{
    console_offer(&c, MESSAGES, PLACE + (abx_gpa)(offered++ % SIZE) * ROOM, ROOM);
}

/* The oldest buffer has a message: its length beyond the message itself. Buffers are used in their order. */
static uint32_t take_message(message *out, char *rest)
{
    static unsigned taken;
    if (offered <= 1)
        taken = 0;
    uint32_t length = console_take(&c, MESSAGES);
    const uint8_t *at = guest_at(&c.vm, PLACE + (abx_gpa)(taken++ % SIZE) * ROOM);
    assert_in_range(length, sizeof(*out), ROOM);
    memcpy(out, at, sizeof(*out));
    memcpy(rest, at + sizeof(*out), length - sizeof(*out));
    rest[length - sizeof(*out)] = 0;
    return length - (uint32_t)sizeof(*out);
}

static void expect_message(uint32_t id, uint16_t event, uint16_t value, const char *rest)
{
    message got;
    char text[ROOM];
    offer_message();
    uint32_t length = take_message(&got, text);
    assert_int_equal(got.id, id);
    assert_int_equal(got.event, event);
    assert_int_equal(got.value, value);
    assert_int_equal(length, strlen(rest));
    assert_string_equal(text, rest);
}

static void reply_with(const void *bytes, uint32_t length)
{
    memcpy(guest_at(&c.vm, PLACE + SIZE * ROOM), bytes, length);
    console_send(&c, REPLIES, PLACE + SIZE * ROOM, length);
    assert_int_equal(console_take(&c, REPLIES), 0);
}

static void reply(uint32_t id, uint16_t event, uint16_t value)
{
    reply_with(&(message){ id, event, value }, sizeof(message));
}

/* Nothing is told: the buffer stays, for the next message. */
static void expect_silence(void)
{
    assert_true(console_is_quiet(&c, MESSAGES));
}

static void introduce(uint32_t port, const char *name)
{
    reply(port, PORT_READY, 1);
    expect_message(port, PORT_OPEN, 1, "");
    expect_message(port, PORT_NAME, 1, name);
    expect_silence();
}

static void introduce_all(void)
{
    start();
    reply(UINT32_MAX, DEVICE_READY, 1); /* the identifier does not matter */
    for (uint32_t port = 0; port < 3; port++)
        expect_message(port, DEVICE_ADD, 1, "");
    introduce(1, "org.example.pipes");
    introduce(2, "org.example.socket");
}

static int waiting(int fd)
{
    int count = -1;
    assert_int_equal(ioctl(fd, FIONREAD, &count), 0);
    return count;
}

static void what_it_offers(void **state)
{
    (void)state;
    assert_int_equal(guest_offered(&c.vm) & 7, F_SIZE | F_MULTIPORT | F_EMERGENCY);
    assert_int_equal(guest_get(&c.vm, MMIO_CONFIG + 4), 3);
    guest_put(&c.vm, MMIO_QUEUE_SEL, 7);
    assert_int_equal(guest_get(&c.vm, MMIO_QUEUE_NUM_MAX), 128);
    guest_put(&c.vm, MMIO_QUEUE_SEL, 8);
    assert_int_equal(guest_get(&c.vm, MMIO_QUEUE_NUM_MAX), 0);
}

static void ports_introduce_themselves(void **state)
{
    (void)state;
    introduce_all();
    reply(0, PORT_READY, 1);
    expect_message(0, CONSOLE_PORT, 1, "");
    message got;
    char size[ROOM];
    offer_message();
    assert_int_equal(take_message(&got, size), 4);
    assert_int_equal(got.event, RESIZE);
    assert_memory_equal(size, "\x50\0\x19\0", 4);
    expect_message(0, PORT_OPEN, 1, "");
    /* And again after a reset. */
    introduce_all();
}

static void ports_without_a_console(void **state)
{
    (void)state;
    assert_int_equal(guest_offered(&c.vm) & 7, F_MULTIPORT);
    guest_start(&c.vm, F_VERSION_1 | F_MULTIPORT, QUEUES, SIZE);
    reply(0, DEVICE_READY, 1);
    expect_message(1, DEVICE_ADD, 1, "");
    expect_message(2, DEVICE_ADD, 1, "");
    reply(0, PORT_READY, 1);
    expect_silence();
    assert_false(abx_virtio_console_resize(&c.vm.host.device, 0, 80, 25));
    assert_false(abx_virtio_console_resize(&c.vm.host.device, 1, 80, 25));
}

static void each_port_has_its_queues(void **state)
{
    (void)state;
    char bytes[8] = "";
    introduce_all();
    reply(1, PORT_OPEN, 1);
    reply(2, PORT_OPEN, 1);
    memcpy(guest_at(&c.vm, DATA), "onetwo", 6);
    console_send(&c, TRANSMIT_1, DATA, 3);
    console_send(&c, TRANSMIT_1 + 2, DATA + 3, 3);
    console_take(&c, TRANSMIT_1);
    console_take(&c, TRANSMIT_1 + 2);
    read_all(c.output[0], bytes, 3);
    assert_string_equal(bytes, "one");
    read_all(pair[1], bytes, 3);
    assert_string_equal(bytes, "two");
    console_offer(&c, RECEIVE_1, DATA, 16);
    console_offer(&c, RECEIVE_1 + 2, DATA + 16, 16);
    write_all(c.input[1], "three", 5);
    write_all(pair[1], "four", 4);
    assert_int_equal(console_take(&c, RECEIVE_1), 5);
    assert_int_equal(console_take(&c, RECEIVE_1 + 2), 4);
    assert_memory_equal(guest_at(&c.vm, DATA), "three", 5);
    assert_memory_equal(guest_at(&c.vm, DATA + 16), "four", 4);
}

/* A driver throws away what comes to a port that nobody has opened. */
static void input_waits_until_the_guest_opens_the_port(void **state)
{
    (void)state;
    introduce_all();
    console_offer(&c, RECEIVE_1, DATA, 16);
    write_all(c.input[1], "early", 5);
    assert_true(console_is_quiet(&c, RECEIVE_1));
    reply(1, PORT_OPEN, 1);
    assert_int_equal(console_take(&c, RECEIVE_1), 5);
    reply(1, PORT_OPEN, 0);
    console_offer(&c, RECEIVE_1, DATA, 16);
    write_all(c.input[1], "later", 5);
    assert_true(console_is_quiet(&c, RECEIVE_1));
    assert_int_equal(waiting(c.input[0]), 5);
    reply(1, PORT_OPEN, 7); /* anything but 0 */
    assert_int_equal(console_take(&c, RECEIVE_1), 5);
}

static void the_end_of_a_socket_closes_its_port(void **state)
{
    (void)state;
    introduce_all();
    reply(2, PORT_OPEN, 1);
    console_offer(&c, RECEIVE_1 + 2, DATA, 16);
    console_offer(&c, RECEIVE_1 + 2, DATA, 16);
    write_all(pair[1], "last", 4);
    hang_up(&pair[1]);
    assert_int_equal(console_take(&c, RECEIVE_1 + 2), 4);
    expect_message(2, PORT_OPEN, 0, "");
    assert_true(console_is_quiet(&c, RECEIVE_1 + 2));
    assert_int_equal(c.vm.host.told, 1);
    assert_int_equal(c.vm.host.event, ABX_EVENT_CONSOLE_CLOSED);
    assert_int_equal(c.vm.host.event_code, 2);
    console_send(&c, TRANSMIT_1 + 2, DATA, 16); /* thrown away */
    console_take(&c, TRANSMIT_1 + 2);
    assert_int_equal(c.vm.host.told, 1);
}

/* Virtio has no word for a port that is closed in one direction: it stays open as long as one is of use. */
static void the_end_of_the_input_alone(void **state)
{
    (void)state;
    introduce_all();
    reply(1, PORT_OPEN, 1);
    console_offer(&c, RECEIVE_1, DATA, 16);
    hang_up(&c.input[1]);
    offer_message();
    expect_silence();
    console_send(&c, TRANSMIT_1, DATA, 16);
    console_take(&c, TRANSMIT_1);
    assert_int_equal(waiting(c.output[0]), 16);
    hang_up(&c.output[0]);
    console_send(&c, TRANSMIT_1, DATA, 16);
    console_take(&c, TRANSMIT_1);
    message got;
    char rest[ROOM];
    assert_int_equal(take_message(&got, rest), 0);
    assert_int_equal(got.event, PORT_OPEN);
    assert_int_equal(got.value, 0);
}

static void a_new_size_is_a_message(void **state)
{
    (void)state;
    message got;
    char size[ROOM];
    introduce_all();
    assert_true(abx_virtio_console_resize(&c.vm.host.device, 0, 90, 30));
    expect_silence(); /* the driver does not have that port yet */
    reply(0, PORT_READY, 1);
    expect_message(0, CONSOLE_PORT, 1, "");
    offer_message();
    take_message(&got, size);
    assert_memory_equal(size, "\x5a\0\x1e\0", 4);
    expect_message(0, PORT_OPEN, 1, "");
    /* Without room the last one counts. */
    for (uint16_t i = 1; i <= 1000; i++)
        assert_true(abx_virtio_console_resize(&c.vm.host.device, 0, i, i));
    offer_message();
    take_message(&got, size);
    assert_int_equal(got.event, RESIZE);
    assert_memory_equal(size, "\xe8\x03\xe8\x03", 4);
    offer_message();
    expect_silence();
    assert_false(abx_virtio_console_resize(&c.vm.host.device, 1, 1, 1));
    assert_false(abx_virtio_console_resize(&c.vm.host.device, 3, 1, 1));
}

static void messages_that_make_no_sense(void **state)
{
    (void)state;
    introduce_all();
    reply_with("\1\0\0\0\6\0\1", 7); /* too short */
    reply(3, PORT_READY, 1);
    reply(7, PORT_READY, 1);
    reply(UINT32_MAX, PORT_OPEN, 1);
    reply(0, PORT_OPEN, 1); /* is not ready */
    for (uint16_t event = DEVICE_ADD; event < 20; event++) {
        if (event != PORT_READY && event != PORT_OPEN)
            reply(1, event, 1);
    }
    reply(1, UINT16_MAX, UINT16_MAX);
    reply(0, DEVICE_READY, 0);
    console_offer(&c, REPLIES, DATA, 8); /* says nothing */
    console_take(&c, REPLIES);
    offer_message();
    expect_silence();
    assert_int_equal(c.vm.host.told, 0);
}

/* What a driver does not take is noted once. */
static void a_driver_that_does_not_listen(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0; i < 1000; i++) {
        reply(0, DEVICE_READY, 1);
        reply(1, PORT_READY, 1);
    }
    for (uint32_t port = 0; port < 2; port++)
        expect_message(port, DEVICE_ADD, 1, "");
    expect_message(1, PORT_OPEN, 1, "");
    expect_message(1, PORT_NAME, 1, "org.example.pipes");
    expect_message(2, DEVICE_ADD, 1, "");
    offer_message();
    expect_silence();
}

static void a_port_that_the_driver_gives_up(void **state)
{
    (void)state;
    introduce_all();
    reply(1, PORT_OPEN, 1);
    reply(1, PORT_READY, 0);
    console_offer(&c, RECEIVE_1, DATA, 16);
    write_all(c.input[1], "x", 1);
    assert_true(console_is_quiet(&c, RECEIVE_1));
}

static void no_room_for_a_message(void **state)
{
    (void)state;
    introduce_all();
    console_offer(&c, MESSAGES, DATA, 7);
    reply(0, PORT_READY, 1);
    console_settle(&c);
    assert_int_equal(guest_get(&c.vm, MMIO_STATUS), 15 | STATUS_NEEDS_RESET);
    assert_int_equal(c.vm.host.event, ABX_EVENT_DEVICE_NEEDS_RESET);
    assert_int_equal(c.vm.host.event_code, ABX_VIRTQUEUE_REFUSED);
    introduce_all();
}

/* A long name in a short buffer is cut: the length says so. */
static void little_room_for_a_name(void **state)
{
    (void)state;
    start();
    console_offer(&c, MESSAGES, DATA, 8);
    console_offer(&c, MESSAGES, DATA + 16, 12);
    reply(1, PORT_READY, 1);
    assert_int_equal(console_take(&c, MESSAGES), 8);
    assert_int_equal(console_take(&c, MESSAGES), 12);
    assert_memory_equal(guest_at(&c.vm, DATA + 16 + 8), "org.", 4);
}

/* A driver that knows of no ports has port 0, which has nobody here, and nothing else. */
static void a_driver_of_one_port(void **state)
{
    (void)state;
    guest_start(&c.vm, F_VERSION_1, QUEUES, SIZE);
    console_send(&c, TRANSMIT, DATA, 100);
    console_take(&c, TRANSMIT);
    console_send(&c, TRANSMIT_1, DATA, 100);
    memcpy(guest_at(&c.vm, PLACE), &(message){ 0, DEVICE_READY, 1 }, sizeof(message));
    console_send(&c, REPLIES, PLACE, sizeof(message));
    assert_true(console_is_quiet(&c, TRANSMIT_1) && console_is_quiet(&c, REPLIES));
    assert_int_equal(waiting(c.output[0]), 0);
}

/* Whatever a driver says and whenever it stops, the next one finds everything in order. */
static void random_conversations(void **state)
{
    (void)state;
    srand(11);
    for (unsigned round = 0; round < 100; round++) {
        start();
        for (int i = rand() % 30; i > 0; i--) {
            uint32_t id, length;
            uint32_t queue = (uint32_t)rand() % QUEUES;
            message said = { (uint32_t)rand() % 4, (uint16_t)(rand() % 9), (uint16_t)(rand() % 2) };
            abx_gpa place = PLACE + (abx_gpa)i * ROOM;
            memcpy(guest_at(&c.vm, place), &said, sizeof(said));
            const buffer one = { queue == REPLIES ? place : DATA, 8 + (uint32_t)rand() % 100, queue % 2 == 0 };
            if (driver_add(&c.vm.queues[queue], &one, 1, 0) >= 0)
                guest_put(&c.vm, ABX_VIRTIO_MMIO_NOTIFY, queue);
            driver_take(&c.vm.queues[queue], &id, &length);
            if (rand() % 4 == 0)
                write_all(c.input[1], "x", 1);
        }
        char bytes[4096];
        while (waiting(c.output[0]) > 0)
            assert_true(read(c.output[0], bytes, sizeof(bytes)) > 0);
        while (waiting(pair[1]) > 0)
            assert_true(read(pair[1], bytes, sizeof(bytes)) > 0);
    }
    introduce_all();
    assert_int_equal(c.vm.host.told, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_offers),
        TEST(ports_introduce_themselves),
        cmocka_unit_test_setup_teardown(ports_without_a_console, begin_ports_only, end),
        TEST(each_port_has_its_queues),
        TEST(input_waits_until_the_guest_opens_the_port),
        TEST(the_end_of_a_socket_closes_its_port),
        TEST(the_end_of_the_input_alone),
        TEST(a_new_size_is_a_message),
        TEST(messages_that_make_no_sense),
        TEST(a_driver_that_does_not_listen),
        TEST(a_port_that_the_driver_gives_up),
        TEST(no_room_for_a_message),
        TEST(little_room_for_a_name),
        TEST(a_driver_of_one_port),
        TEST(random_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
