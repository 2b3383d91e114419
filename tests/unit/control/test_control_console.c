/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, PIECE = 4096 };

static abx_serial_config guest_of(const subject *it)
{
    return abx_shared_console_get_serial(it->console);
}

static void say(const subject *it, const char *text)
{
    assert_int_equal(write(guest_of(it).output_fd, text, strlen(text)), strlen(text));
}

static int attach(const subject *it, const char *request)
{
    int fd = client_open(it);
    json_decref(client_ask(fd, request));
    return fd;
}

static void a_client_takes_part(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int fd = attach(&it, "{\"do\":\"attach\"}");
    say(&it, "login: ");
    client_hear(fd, "login: ");
    client_send(fd, "root\n{\"do\":\"stop\"}\n"); /* bytes like others */
    client_hear(guest_of(&it).input_fd, "root\n{\"do\":\"stop\"}\n");
    close(fd);
    subject_end(&it);
}

/* What follows the request in the same piece is the console's already. */
static void typed_ahead(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int fd = client_open(&it);
    client_send(fd, "{\"do\":\"attach\"}\nls\n");
    client_hear(guest_of(&it).input_fd, "ls\n");
    json_decref(client_line(fd));
    close(fd);
    subject_end(&it);
}

static void one_writes_and_others_watch(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int writer = attach(&it, "{\"do\":\"attach\"}");
    int other = client_open(&it);
    client_expect_error(other, "{\"do\":\"attach\"}", "busy");
    json_decref(client_ask(other, "{\"do\":\"attach\",\"read_only\":true}"));
    say(&it, "to all");
    client_hear(writer, "to all");
    client_hear(other, "to all");
    client_send(other, "ignored");
    client_send(writer, "taken");
    client_hear(guest_of(&it).input_fd, "taken");
    close(writer);
    int next = client_open(&it);
    /* It has gone when the event says so. */
    int watcher = client_open(&it);
    json_decref(client_ask(watcher, "{\"do\":\"events\",\"backlog\":256}"));
    json_decref(client_event(watcher, "control-disconnected"));
    json_decref(client_ask(next, "{\"do\":\"attach\"}"));
    client_send(next, "again");
    client_hear(guest_of(&it).input_fd, "again");
    close(other);
    close(next);
    close(watcher);
    subject_end(&it);
}

static void what_was_said_before(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int first = attach(&it, "{\"do\":\"attach\"}");
    say(&it, "one two");
    client_hear(first, "one two");
    int second = attach(&it, "{\"do\":\"attach\",\"read_only\":true,\"backlog\":3}");
    int third = attach(&it, "{\"do\":\"attach\",\"read_only\":true,\"backlog\":1000}");
    say(&it, " three");
    client_hear(second, "two three");
    client_hear(third, "one two three");
    close(first);
    close(second);
    close(third);
    subject_end(&it);
}

/* The guest reads nothing, then all: nothing of what the client sent is missing. */
static void a_full_console_loses_nothing(void **state)
{
    (void)state;
    enum { TOTAL = 512 * 1024 };
    subject it;
    subject_begin(&it, true);
    int fd = attach(&it, "{\"do\":\"attach\"}");
    unsigned char piece[PIECE];
    size_t sent = 0, got = 0;
    while (got < TOTAL) {
        struct pollfd polled[] = {
            { .fd = sent < TOTAL ? fd : -1, .events = POLLOUT },
            { .fd = guest_of(&it).input_fd, .events = POLLIN },
        };
        assert_true(poll(polled, 2, PATIENCE_MS) > 0);
        if (polled[0].revents) {
            for (size_t i = 0; i < PIECE; i++)
                piece[i] = (unsigned char)((sent + i) * 7 % 251);
            ssize_t count = send(fd, piece, PIECE, MSG_NOSIGNAL | MSG_DONTWAIT);
            sent += count > 0 ? (size_t)count : 0;
        } else if (polled[1].revents) {
            ssize_t count = read(guest_of(&it).input_fd, piece, PIECE);
            assert_true(count > 0);
            for (ssize_t i = 0; i < count; i++, got++)
                assert_int_equal(piece[i], got * 7 % 251);
        }
    }
    assert_int_equal(got, sent);
    close(fd);
    subject_end(&it);
}

/* The guest is never held up by a client that does not read: it goes on, and the client is let go. */
static void a_client_that_does_not_read(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int slow = attach(&it, "{\"do\":\"attach\"}"), good = client_open(&it);
    json_decref(client_ask(good, "{\"do\":\"events\"}"));
    char piece[PIECE];
    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < 1024; i++)
        assert_int_equal(write(guest_of(&it).output_fd, piece, sizeof(piece)), sizeof(piece));
    json_decref(client_event(good, "control-disconnected"));
    close(slow);
    close(good);
    subject_end(&it);
}

/* All that was said comes before the connection ends. */
static void the_last_words_are_heard(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int fd = attach(&it, "{\"do\":\"attach\"}");
    say(&it, "Power down.");
    abx_shared_console_finish(it.console);
    subject_end(&it);
    client_hear(fd, "Power down.");
    char byte;
    assert_int_equal(read(fd, &byte, 1), 0);
    close(fd);
}

static void an_attached_client_is_no_other(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, true);
    int fd = client_open(&it);
    json_decref(client_ask(fd, "{\"do\":\"events\"}"));
    client_expect_error(fd, "{\"do\":\"attach\"}", "state");
    close(fd);
    subject_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_takes_part),          cmocka_unit_test(typed_ahead),
        cmocka_unit_test(one_writes_and_others_watch),  cmocka_unit_test(what_was_said_before),
        cmocka_unit_test(a_full_console_loses_nothing), cmocka_unit_test(a_client_that_does_not_read),
        cmocka_unit_test(the_last_words_are_heard),     cmocka_unit_test(an_attached_client_is_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
