/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/console.h"
#include "qemu/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static abx_console console;
static int guest;     /* the guest's end */
static int input[2];  /* the caller writes to [1] */
static int output[2]; /* the caller reads from [0] */

/* `name` of a port, NULL: a console. */
static void begin(const char *name, abx_serial_config ends, int fd)
{
    const abx_device_config device = { .kind = ABX_DEVICE_CONSOLE };
    abx_console_init(&console, &(abx_part){ &device, &ends, name, 0 }, fd);
}

static int set_up(void **state)
{
    (void)state;
    int sockets[2];
    if (abx_open_sockets(sockets) != 0 || abx_open_pipe(input) != 0 || abx_open_pipe(output) != 0)
        return -1;
    guest = sockets[1];
    const abx_serial_config ends = { .input_fd = input[0], .output_fd = output[1] };
    begin(NULL, ends, sockets[0]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    abx_console_end(&console);
    if (guest >= 0)
        close(guest);
    abx_close_pair(input);
    abx_close_pair(output);
    return 0;
}

/* Serves until nothing more happens. False if it did not come to rest. */
static bool serve(void)
{
    for (int i = 0; i < 10000; i++) {
        struct pollfd fds[ABX_CONSOLE_FDS];
        abx_console_prepare(&console, fds);
        int count = poll(fds, ABX_CONSOLE_FDS, 0);
        assert_true(count >= 0);
        if (count == 0)
            return true;
        abx_console_serve(&console, fds);
    }
    return false;
}

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void expect(int fd, const char *text)
{
    char bytes[256];
    assert_true(wait_until_readable(fd));
    assert_int_equal(read(fd, bytes, sizeof(bytes)), strlen(text));
    assert_memory_equal(bytes, text, strlen(text));
}

static void test_both_ways(void **state)
{
    (void)state;
    put(guest, "login: ");
    assert_true(serve());
    expect(output[0], "login: ");
    put(input[1], "root\n");
    put(guest, "more");
    assert_true(serve());
    expect(guest, "root\n");
    expect(output[0], "more");
}

static void test_the_end_of_input_is_no_end_of_output(void **state)
{
    (void)state;
    put(input[1], "last");
    close(input[1]);
    assert_true(serve());
    expect(guest, "last");
    put(guest, "still here");
    assert_true(serve());
    expect(output[0], "still here");
    input[1] = dup(input[0]);
}

static void test_a_closed_input_is_the_end_of_it(void **state)
{
    (void)state;
    int closed = console.input_fd = fcntl(input[0], F_DUPFD_CLOEXEC, 100);
    close(closed);
    assert_true(serve());
    put(guest, "still here");
    assert_true(serve());
    expect(output[0], "still here");
}

static void test_without_descriptors(void **state)
{
    (void)state;
    console.input_fd = -1;
    console.output_fd = -1;
    put(guest, "to nobody");
    assert_true(serve());
    struct pollfd none;
    assert_false(abx_console_drain(&console, &none));
}

/* Starts anew, as a named port. */
static void become_port(int input_fd, int output_fd)
{
    int fd = console.guest_fd;
    begin("org.example", (abx_serial_config){ input_fd, output_fd }, fd);
}

static bool is_closed_to_guest(void)
{
    char byte;
    return recv(guest, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void test_a_port_ends_with_its_input(void **state)
{
    (void)state;
    become_port(input[0], -1);
    put(input[1], "all of it");
    assert_true(serve());
    close(input[1]);
    assert_true(serve());
    expect(guest, "all of it");
    assert_true(is_closed_to_guest());
    /* QEMU answers by closing its end; what comes until then is thrown away. */
    put(guest, "to nobody");
    assert_true(serve());
    assert_true(console.guest_fd >= 0);
    close(guest);
    guest = -1;
    assert_true(serve());
    assert_int_equal(console.guest_fd, -1);
    input[1] = dup(input[0]);
}

static void test_a_port_ends_with_both_directions(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    become_port(input[0], output[1]);
    close(input[1]);
    assert_true(serve());
    assert_false(is_closed_to_guest());
    put(guest, "still here");
    assert_true(serve());
    expect(output[0], "still here");
    close(output[0]);
    put(guest, "to nobody");
    assert_true(serve());
    assert_int_equal(console.output_error, EPIPE);
    assert_true(is_closed_to_guest());
    output[0] = dup(output[1]);
    input[1] = dup(input[0]);
    signal(SIGPIPE, SIG_DFL);
}

/* It need not write to notice. */
static void test_a_port_whose_socket_is_closed(void **state)
{
    (void)state;
    int sockets[2];
    assert_int_equal(abx_open_sockets(sockets), 0);
    become_port(sockets[0], sockets[0]);
    assert_int_equal(shutdown(sockets[1], SHUT_WR), 0);
    assert_true(serve());
    assert_false(is_closed_to_guest());
    become_port(sockets[0], sockets[0]);
    close(sockets[1]);
    assert_true(serve());
    assert_int_equal(console.output_error, EPIPE);
    assert_true(is_closed_to_guest());
    close(sockets[0]);
}

/* There is nobody to wait for: what the guest says is thrown away. */
static void test_a_port_without_ends_stays(void **state)
{
    (void)state;
    become_port(-1, -1);
    put(guest, "to nobody");
    assert_true(serve());
    assert_false(is_closed_to_guest());
}

/* Makes the output's pipe full, as a reader does who takes nothing. */
static size_t clog_output(void)
{
    char page[4096];
    size_t total = 0;
    memset(page, 'x', sizeof(page));
    int flags = fcntl(output[1], F_GETFL);
    assert_int_equal(fcntl(output[1], F_SETFL, flags | O_NONBLOCK), 0);
    for (ssize_t more = 0; more >= 0; more = write(output[1], page, sizeof(page)))
        total += (size_t)more;
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(fcntl(output[1], F_SETFL, flags), 0);
    return total;
}

static void unclog_output(size_t count)
{
    char page[4096];
    while (count > 0) {
        ssize_t less = read(output[0], page, count < sizeof(page) ? count : sizeof(page));
        assert_true(less > 0);
        count -= (size_t)less;
    }
}

static void test_output_that_nobody_takes_blocks_only_itself(void **state)
{
    (void)state;
    size_t stuck = clog_output();
    put(guest, "waits");
    assert_true(serve());
    put(input[1], "goes on");
    assert_true(serve());
    expect(guest, "goes on");
    unclog_output(stuck);
    assert_true(serve());
    expect(output[0], "waits");
}

static void test_descriptors_stay_as_they_were(void **state)
{
    (void)state;
    int before = fcntl(output[1], F_GETFL);
    put(guest, "x");
    put(input[1], "y");
    assert_true(serve());
    assert_int_equal(fcntl(output[1], F_GETFL), before);
    assert_int_equal(fcntl(output[1], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(input[0], F_GETFL) & O_NONBLOCK, 0);
}

static void test_a_reader_that_went_away(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    close(output[0]);
    put(guest, "to nobody");
    assert_true(serve());
    assert_int_equal(console.output_error, EPIPE);
    put(guest, "the guest goes on");
    assert_true(serve());
    put(input[1], "and hears");
    assert_true(serve());
    expect(guest, "and hears");
    output[0] = dup(output[1]);
    signal(SIGPIPE, SIG_DFL);
}

static void test_what_the_guest_said_last_is_drained(void **state)
{
    (void)state;
    struct pollfd wait;
    size_t stuck = clog_output();
    put(guest, "before");
    assert_true(serve());
    put(guest, " and after");
    close(guest);
    guest = -1;
    assert_true(abx_console_drain(&console, &wait));
    assert_int_equal(wait.fd, output[1]);
    unclog_output(stuck);
    assert_false(abx_console_drain(&console, &wait));
    expect(output[0], "before and after");
}

static void test_a_guest_that_ends_with_input_pending(void **state)
{
    (void)state;
    struct pollfd none;
    char *much = calloc(1, 1 << 20);
    assert_non_null(much);
    /* Fill its socket, so that the relay still holds something for it. */
    while (send(console.guest_fd, much, 1 << 16, MSG_DONTWAIT) > 0) {
    }
    free(much);
    put(input[1], "never read");
    assert_true(serve());
    put(guest, "last words");
    close(guest);
    guest = -1;
    assert_true(serve());
    assert_false(abx_console_drain(&console, &none));
    expect(output[0], "last words");
}

static void test_sockets_and_files_as_output(void **state)
{
    (void)state;
    int sockets[2];
    char bytes[8] = "";
    assert_int_equal(abx_open_sockets(sockets), 0);
    console.output_fd = sockets[0];
    put(guest, "socket");
    assert_true(serve());
    expect(sockets[1], "socket");
    abx_close_pair(sockets);

    FILE *file = tmpfile();
    assert_non_null(file);
    console.output_fd = fileno(file);
    put(guest, "file");
    assert_true(serve());
    assert_int_equal(pread(fileno(file), bytes, sizeof(bytes), 0), 4);
    assert_string_equal(bytes, "file");
    fclose(file);
    console.output_fd = -1;
}

static void test_much_in_both_directions(void **state)
{
    (void)state;
    enum { TOTAL = 300000 };
    size_t sent = 0;
    size_t received = 0;
    unsigned char bytes[1000];
    while (received < TOTAL) {
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (unsigned char)((sent + i) % 251);
        if (sent < TOTAL) {
            ssize_t more = send(guest, bytes, sizeof(bytes), MSG_DONTWAIT);
            sent += more > 0 ? (size_t)more : 0;
        }
        assert_true(serve());
        struct pollfd ready = { .fd = output[0], .events = POLLIN };
        if (poll(&ready, 1, 0) != 1)
            continue;
        ssize_t less = read(output[0], bytes, sizeof(bytes));
        assert_true(less > 0);
        for (ssize_t i = 0; i < less; i++)
            assert_int_equal(bytes[i], (received + (size_t)i) % 251);
        received += (size_t)less;
    }
    assert_int_equal(received, sent);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_both_ways),
        TEST(test_the_end_of_input_is_no_end_of_output),
        TEST(test_a_closed_input_is_the_end_of_it),
        TEST(test_without_descriptors),
        TEST(test_a_port_ends_with_its_input),
        TEST(test_a_port_ends_with_both_directions),
        TEST(test_a_port_whose_socket_is_closed),
        TEST(test_a_port_without_ends_stays),
        TEST(test_output_that_nobody_takes_blocks_only_itself),
        TEST(test_descriptors_stay_as_they_were),
        TEST(test_a_reader_that_went_away),
        TEST(test_what_the_guest_said_last_is_drained),
        TEST(test_a_guest_that_ends_with_input_pending),
        TEST(test_sockets_and_files_as_output),
        TEST(test_much_in_both_directions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
