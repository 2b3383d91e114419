/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "control/shared_console.h"
#include "process_census.h"

#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

static void write_exactly(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void both_ways(void **state)
{
    (void)state;
    process_census before = process_census_take();
    int in[2], out[2];
    abx_shared_console *console;
    char said[16];
    assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
    assert_ok(abx_shared_console_open(&console, in[0], out[1]));
    abx_serial_config serial = abx_shared_console_get_serial(console);
    write_exactly(serial.output_fd, "login: ");
    client_hear(out[0], "login: ");
    write_exactly(in[1], "root\n");
    client_hear(serial.input_fd, "root\n");
    assert_int_equal(abx_shared_console_write(console, "also\n", 5), 5);
    client_hear(serial.input_fd, "also\n");
    close(in[1]); /* its end is nothing special */
    write_exactly(serial.output_fd, "bye");
    abx_shared_console_finish(console);
    client_hear(out[0], "bye");
    assert_int_equal(abx_shared_console_said(console), 10);
    assert_int_equal(abx_shared_console_read(console, 5, said, sizeof(said)), 5);
    assert_memory_equal(said, ": bye", 5);
    abx_shared_console_close(console);
    abx_shared_console_close(NULL);
    close(in[0]);
    close(out[0]);
    close(out[1]);
    process_census_await(&before);
}

static void posted(void *argument)
{
    sem_post(argument);
}

static void the_past_is_kept_for_a_while(void **state)
{
    (void)state;
    abx_shared_console *console;
    char bytes[4096], said[4096];
    sem_t news;
    sem_init(&news, 0, 0);
    assert_ok(abx_shared_console_open(&console, -1, -1));
    abx_shared_console_listen(console, posted, &news);
    abx_serial_config serial = abx_shared_console_get_serial(console);
    for (unsigned i = 0; i < 20; i++) {
        memset(bytes, 'a' + (int)i, sizeof(bytes));
        assert_int_equal(write(serial.output_fd, bytes, sizeof(bytes)), sizeof(bytes));
        while (abx_shared_console_said(console) < (i + 1) * sizeof(bytes))
            sem_wait(&news);
    }
    abx_shared_console_listen(console, NULL, NULL);
    assert_int_equal(abx_shared_console_read(console, 0, said, sizeof(said)), SIZE_MAX);
    assert_int_equal(abx_shared_console_read(console, 4 * 4096 + 100, said, sizeof(said)), sizeof(said));
    assert_int_equal(said[0], 'e');
    assert_int_equal(said[sizeof(said) - 1], 'f');
    assert_int_equal(abx_shared_console_read(console, 20 * 4096, said, sizeof(said)), 0);
    abx_shared_console_close(console);
    sem_destroy(&news);
}

/* Nobody reads the output: the end comes all the same. */
static void output_can_be_abandoned(void **state)
{
    (void)state;
    int out[2];
    abx_shared_console *console;
    char bytes[4096] = { 0 };
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_true(fcntl(out[1], F_SETPIPE_SZ, 4096) > 0);
    assert_ok(abx_shared_console_open(&console, -1, out[1]));
    abx_serial_config serial = abx_shared_console_get_serial(console);
    for (int i = 0; i < 8; i++)
        assert_int_equal(write(serial.output_fd, bytes, sizeof(bytes)), sizeof(bytes));
    abx_shared_console_abandon(console);
    abx_shared_console_close(console);
    close(out[0]);
    close(out[1]);
}

static void a_closed_output_is_noted(void **state)
{
    (void)state;
    int out[2];
    abx_shared_console *console;
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    close(out[0]);
    assert_ok(abx_shared_console_open(&console, -1, out[1]));
    assert_int_equal(abx_shared_console_fault(console), 0);
    write_exactly(abx_shared_console_get_serial(console).output_fd, "to nobody");
    abx_shared_console_finish(console);
    assert_int_equal(abx_shared_console_fault(console), EPIPE);
    assert_int_equal(abx_shared_console_said(console), 9);
    abx_shared_console_close(console);
    close(out[1]);
}

static void a_guest_that_reads_nothing(void **state)
{
    (void)state;
    abx_shared_console *console;
    char bytes[4096] = { 0 };
    ssize_t count;
    assert_ok(abx_shared_console_open(&console, -1, -1));
    do
        count = abx_shared_console_write(console, bytes, sizeof(bytes));
    while (count > 0);
    assert_int_equal(errno, EAGAIN);
    abx_shared_console_close(console);
    assert_status(abx_shared_console_open(NULL, -1, -1), ABX_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(the_past_is_kept_for_a_while),
        cmocka_unit_test(output_can_be_abandoned),
        cmocka_unit_test(a_closed_output_is_noted),
        cmocka_unit_test(a_guest_that_reads_nothing),
    };
    process_census_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
