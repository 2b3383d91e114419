/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Clients that do what they like: they are refused, and nobody else notices. */
#include "control_test.h"

#include "process_census.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 64 * 1024, CLIENTS = 32, OUTPUT = 256 * 1024 };

/* The machine is well and answers. */
static void expect_well(const subject *it)
{
    int fd = client_open(it);
    json_t *status = client_ask(fd, "{\"do\":\"status\"}");
    assert_string_equal(json_string_value(json_object_get(status, "state")), "running");
    json_decref(status);
    close(fd);
}

/* Sends what it can of so many bytes. */
static void pour(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void lines_without_end(void **state)
{
    (void)state;
    static char bytes[2 * LINE];
    subject it;
    subject_begin(&it, false);
    memset(bytes, 'x', sizeof(bytes));
    int fd = client_open(&it);
    pour(fd, bytes, sizeof(bytes));
    client_expect_dismissal(fd, "limit");
    close(fd);
    /* The longest that is one: it is no JSON, but it is a line. */
    fd = client_open(&it);
    bytes[LINE - 1] = '\0';
    client_expect_error(fd, bytes, "format");
    json_decref(client_ask(fd, "{\"do\":\"status\"}"));
    bytes[LINE - 1] = 'x';
    pour(fd, bytes, LINE);
    client_expect_dismissal(fd, "limit");
    close(fd);
    expect_well(&it);
    subject_end(&it);
}

static void rubbish(void **state)
{
    (void)state;
    subject it;
    unsigned char bytes[8192];
    subject_begin(&it, false);
    srandom(1);
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (unsigned char)random();
        int fd = client_open(&it);
        pour(fd, (const char *)bytes, sizeof(bytes));
        shutdown(fd, SHUT_WR);
        client_expect_end(fd);
        close(fd);
    }
    expect_well(&it);
    subject_end(&it);
}

static void nested(void **state)
{
    (void)state;
    static char bytes[60000];
    subject it;
    subject_begin(&it, false);
    memset(bytes, '[', sizeof(bytes) - 1);
    int fd = client_open(&it);
    client_expect_error(fd, bytes, "limit");
    for (size_t i = 0; i + 6 < sizeof(bytes) - 1; i += 5)
        memcpy(bytes + i, "{\"a\":", 5);
    client_expect_error(fd, bytes, "limit");
    close(fd);
    subject_end(&it);
}

/* Gone at every moment: before the greeting, within a line, before an answer, while it waits. */
static void closed_midway(void **state)
{
    (void)state;
    static const char *const beginnings[] = {
        "",
        "{",
        "{\"do\":\"stat",
        "{\"do\":\"status\"}\n",
        "{\"do\":\"metrics\"}\n{\"do\":\"metrics\"}\n{",
        "{\"do\":\"events\",\"backlog\":256}\n",
        "{\"do\":\"attach\"}\nxyz",
    };
    process_census before = process_census_take();
    subject it;
    subject_begin(&it, true);
    for (int round = 0; round < 30; round++) {
        for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
            int fd = client_connect(&it);
            pour(fd, beginnings[i], strlen(beginnings[i]));
            close(fd);
        }
    }
    expect_well(&it);
    subject_end(&it);
    process_census_await(&before);
}

static void too_many_clients(void **state)
{
    (void)state;
    subject it;
    int fds[CLIENTS];
    subject_begin(&it, false);
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = client_open(&it);
    int fd = client_connect(&it);
    client_expect_dismissal(fd, "busy");
    close(fd);
    json_t *status = client_ask(fds[0], "{\"do\":\"status\"}");
    assert_int_equal(json_integer_value(json_object_get(status, "clients")), CLIENTS);
    json_decref(status);
    json_decref(client_ask(fds[0], "{\"do\":\"events\"}"));
    close(fds[CLIENTS - 1]);
    json_decref(client_event(fds[0], "control-disconnected"));
    expect_well(&it);
    for (int i = 0; i < CLIENTS - 1; i++)
        close(fds[i]);
    subject_end(&it);
}

/* Asks and asks and reads nothing: its requests wait, in the socket at last. Then it reads, and all are answered. */
static void answers_that_nobody_reads(void **state)
{
    (void)state;
    static const char request[] = "{\"do\":\"metrics\"}\n";
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    size_t asked = 0, part = 0;
    for (unsigned patience = 0; patience < 3;) {
        ssize_t sent = send(fd, request + part, sizeof(request) - 1 - part, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) {
            struct pollfd polled = { .fd = fd, .events = POLLOUT };
            patience += poll(&polled, 1, 100) == 0;
            continue;
        }
        part = (part + (size_t)sent) % (sizeof(request) - 1);
        asked += part == 0;
    }
    assert_true(asked > 100);
    expect_well(&it);
    for (size_t i = 0; i < asked; i++) {
        json_t *answer = client_line(fd);
        assert_non_null(json_object_get(answer, "result"));
        json_decref(answer);
    }
    close(fd);
    expect_well(&it);
    subject_end(&it);
}

/* A subscriber that does not read is told that, and let go. The machine never waits for it. */
static void events_that_nobody_reads(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int slow = client_open(&it), good = client_open(&it);
    json_decref(client_ask(slow, "{\"do\":\"events\"}"));
    json_decref(client_ask(good, "{\"do\":\"events\"}"));
    abx_event event = { .kind = ABX_EVENT_USER, .vcpu = UINT32_MAX };
    memset(event.text, 'x', sizeof(event.text) - 1);
    int room;
    assert_int_equal(getsockopt(slow, SOL_SOCKET, SO_SNDBUF, &room, &(socklen_t){ sizeof(room) }), 0);
    /* As much as the socket and the machine keep for it, and not much more: it has seconds to read its dismissal. In
     * step with one that reads, so that none is lost before it is sent. */
    uint64_t posted = 0;
    for (size_t bytes = 0; bytes < (size_t)room + OUTPUT; posted++) {
        event.code = posted + 1;
        assert_ok(abx_event_post(abx_machine_get_vm(it.machine), &event));
        json_t *told = client_event(good, "user");
        bytes += json_dumpb(told, NULL, 0, JSON_COMPACT);
        json_decref(told);
    }
    uint64_t before = 0;
    json_t *line = client_line(slow);
    for (; json_object_get(line, "event"); line = client_line(slow)) {
        uint64_t code = (uint64_t)json_integer_value(json_object_get(json_object_get(line, "event"), "code"));
        if (strcmp(json_string_value(json_object_get(json_object_get(line, "event"), "kind")), "user") == 0)
            assert_int_equal(code, ++before);
        json_decref(line);
    }
    assert_non_null(line);
    assert_true(before > 100 && before < posted);
    assert_string_equal(json_string_value(json_object_get(json_object_get(line, "error"), "code")), "limit");
    json_decref(line);
    assert_null(client_line(slow));
    json_decref(client_event(good, "control-disconnected"));
    close(slow);
    close(good);
    expect_well(&it);
    subject_end(&it);
}

/* One byte at a time. */
static void slow_senders(void **state)
{
    (void)state;
    static const char request[] = "{\"do\":\"status\"}\n";
    subject it;
    subject_begin(&it, false);
    int fds[8];
    for (int i = 0; i < 8; i++)
        fds[i] = client_open(&it);
    for (size_t at = 0; at < sizeof(request) - 1; at++)
        for (int i = 0; i < 8; i++)
            assert_int_equal(send(fds[i], &request[at], 1, MSG_NOSIGNAL), 1);
    for (int i = 0; i < 8; i++) {
        json_t *answer = client_line(fds[i]);
        assert_non_null(json_object_get(answer, "result"));
        json_decref(answer);
        close(fds[i]);
    }
    subject_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_without_end),
        cmocka_unit_test(rubbish),
        cmocka_unit_test(nested),
        cmocka_unit_test(closed_midway),
        cmocka_unit_test(too_many_clients),
        cmocka_unit_test(slow_senders),
        cmocka_unit_test(answers_that_nobody_reads),
        cmocka_unit_test(events_that_nobody_reads),
    };
    process_census_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
