/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/outlet.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct line {
    abx_vz_outlet outlet;
    int guest;
    int ends[2]; /* the caller's pipe */
} line;

static line *open_line(void)
{
    line *l = malloc(sizeof(*l));
    assert_non_null(l);
    assert_int_equal(pipe2(l->ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_ok(abx_vz_outlet_open(&l->outlet, l->ends[1], &l->guest));
    assert_int_equal(fcntl(l->guest, F_SETFL, O_NONBLOCK), 0);
    return l;
}

static void close_line(line *l)
{
    abx_vz_outlet_close(&l->outlet);
    close(l->guest);
    close(l->ends[0]);
    close(l->ends[1]);
    free(l);
}

/* Writes numbers until there is no room; returns how many bytes. */
static size_t fill(int fd, uint32_t *next)
{
    size_t total = 0;
    while (write(fd, next, sizeof(*next)) == sizeof(*next)) {
        ++*next;
        total += sizeof(*next);
    }
    return total;
}

/* Reads all that is there, which continues from `*next`. */
static size_t check(int fd, uint32_t *next)
{
    size_t total = 0;
    uint32_t got;
    while (read(fd, &got, sizeof(got)) == sizeof(got)) {
        assert_int_equal(got, *next);
        ++*next;
        total += sizeof(got);
    }
    return total;
}

static void what_is_said_comes_out(void **state)
{
    (void)state;
    line *l = open_line();
    uint32_t said = 0, heard = 0;
    for (int round = 0; round < 10; round++) {
        size_t count = fill(l->guest, &said);
        abx_vz_outlet_move(&l->outlet);
        assert_int_equal(check(l->ends[0], &heard), count);
    }
    assert_int_equal(l->outlet.lost, 0);
    close_line(l);
}

static void a_reader_who_is_late_loses_only_what_has_no_room(void **state)
{
    (void)state;
    line *l = open_line();
    uint32_t said = 0, heard = 0;
    size_t total = 0, got = 0;
    for (int round = 0; round < 10; round++) {
        size_t count = fill(l->guest, &said);
        assert_true(count > 0);
        total += count;
        abx_vz_outlet_move(&l->outlet);
    }
    /* The pipe is empty, however little was read. */
    for (size_t count = 1; count > 0; got += count) {
        count = check(l->ends[0], &heard);
        abx_vz_outlet_move(&l->outlet);
    }
    assert_true(got >= ABX_VZ_OUTLET_ROOM);
    assert_int_equal(got + l->outlet.lost, total);
    close_line(l);
}

static void a_reader_who_has_gone_is_forgotten(void **state)
{
    (void)state;
    line *l = open_line();
    uint32_t said = 0;
    signal(SIGPIPE, SIG_IGN);
    close(l->ends[0]);
    size_t total = fill(l->guest, &said);
    abx_vz_outlet_move(&l->outlet);
    assert_int_equal(l->outlet.sink, -1);
    total += fill(l->guest, &said);
    abx_vz_outlet_move(&l->outlet);
    assert_int_equal(l->outlet.lost, total);
    l->ends[0] = dup(l->ends[1]);
    close_line(l);
    signal(SIGPIPE, SIG_DFL);
}

static void the_end_of_the_guest(void **state)
{
    (void)state;
    line *l = open_line();
    char byte = 0;
    assert_int_equal(write(l->guest, "x", 1), 1);
    close(l->guest);
    abx_vz_outlet_move(&l->outlet);
    assert_int_equal(read(l->ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(l->outlet.source, -1);
    l->guest = dup(l->ends[0]);
    close_line(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(what_is_said_comes_out),
        rig_test(a_reader_who_is_late_loses_only_what_has_no_room),
        rig_test(a_reader_who_has_gone_is_forgotten),
        rig_test(the_end_of_the_guest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
