/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/drain.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void what_is_said_is_out_after_a_flush(void **state)
{
    (void)state;
    abx_vz_drain *drain;
    int pair[2][2], guest[2];
    assert_ok(abx_vz_drain_new(&drain, 2));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pipe2(pair[i], O_CLOEXEC | O_NONBLOCK), 0);
        assert_ok(abx_vz_drain_add(drain, pair[i][1], &guest[i]));
        assert_int_equal(fcntl(guest[i], F_GETFD), FD_CLOEXEC);
    }
    assert_ok(abx_vz_drain_start(drain));
    for (int round = 0; round < 1000; round++) {
        for (size_t i = 0; i < 2; i++) {
            char byte = 0;
            assert_int_equal(write(guest[i], i ? "b" : "a", 1), 1);
            abx_vz_drain_flush(drain);
            assert_int_equal(read(pair[i][0], &byte, 1), 1);
            assert_int_equal(byte, i ? 'b' : 'a');
        }
    }
    abx_vz_drain_free(drain);
    for (size_t i = 0; i < 2; i++) {
        close(guest[i]);
        close(pair[i][0]);
        close(pair[i][1]);
    }
}

static void it_comes_out_without_a_flush(void **state)
{
    (void)state;
    abx_vz_drain *drain;
    int pair[2], guest;
    char byte = 0;
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_ok(abx_vz_drain_new(&drain, 1));
    assert_ok(abx_vz_drain_add(drain, pair[1], &guest));
    assert_ok(abx_vz_drain_start(drain));
    assert_int_equal(write(guest, "x", 1), 1);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    abx_vz_drain_free(drain);
    close(guest);
    close(pair[0]);
    close(pair[1]);
}

/* Whoever writes more than pipes and outlets hold is never made to wait. */
static void nobody_reads(void **state)
{
    (void)state;
    static const char text[4096];
    abx_vz_drain *drain;
    int pair[2], guest;
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_ok(abx_vz_drain_new(&drain, 1));
    assert_ok(abx_vz_drain_add(drain, pair[1], &guest));
    assert_ok(abx_vz_drain_start(drain));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(write(guest, text, sizeof(text)), sizeof(text));
    abx_vz_drain_flush(drain);
    abx_vz_drain_free(drain);
    close(guest);
    close(pair[0]);
    close(pair[1]);
}

/* A reader who has gone is no signal for the program. */
static void the_reader_has_gone(void **state)
{
    (void)state;
    abx_vz_drain *drain;
    int pair[2], guest;
    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    assert_ok(abx_vz_drain_new(&drain, 1));
    assert_ok(abx_vz_drain_add(drain, pair[1], &guest));
    assert_ok(abx_vz_drain_start(drain));
    close(pair[0]);
    assert_int_equal(write(guest, "x", 1), 1);
    abx_vz_drain_flush(drain);
    assert_int_equal(write(guest, "x", 1), 1);
    abx_vz_drain_free(drain);
    close(guest);
    close(pair[1]);
}

typedef struct asker {
    pthread_t thread;
    abx_vz_drain *drain;
} asker;

static void *ask(void *context)
{
    const asker *a = context;
    for (int i = 0; i < 1000; i++)
        abx_vz_drain_flush(a->drain);
    return NULL;
}

static void many_flush_at_once(void **state)
{
    (void)state;
    asker askers[4];
    abx_vz_drain *drain;
    assert_ok(abx_vz_drain_new(&drain, 1));
    assert_ok(abx_vz_drain_start(drain));
    for (size_t i = 0; i < 4; i++) {
        askers[i].drain = drain;
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(askers[i].thread, NULL);
    abx_vz_drain_free(drain);
}

static void one_that_was_never_started(void **state)
{
    (void)state;
    abx_vz_drain *drain;
    int guest;
    size_t before = count_descriptors();
    assert_ok(abx_vz_drain_new(&drain, 1));
    assert_ok(abx_vz_drain_add(drain, STDOUT_FILENO, &guest));
    abx_vz_drain_flush(drain);
    abx_vz_drain_free(drain);
    abx_vz_drain_flush(NULL);
    abx_vz_drain_free(NULL);
    close(guest);
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(what_is_said_is_out_after_a_flush),
        rig_test(it_comes_out_without_a_flush),
        rig_test(nobody_reads),
        rig_test(the_reader_has_gone),
        rig_test(many_flush_at_once),
        rig_test(one_that_was_never_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
