/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads and writes that never wait, of descriptors that block, in a thread that does not expect SIGPIPE. */
#include "cmocka_all.h"

#include "virtio/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGE = 1 << 20 };

static char large[LARGE];
static int ends[2];

static int make_pipe(void **state)
{
    (void)state;
    return pipe2(ends, O_CLOEXEC);
}

static int make_socket(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

static int close_ends(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
    }
    return 0;
}

static abx_stream opened(int fd)
{
    abx_stream stream;
    assert_int_equal(abx_stream_open(&stream, fd), ABX_OK);
    return stream;
}

/* As where the system cannot be asked not to wait. */
static void poll_only(abx_stream *stream)
{
    stream->kind = ABX_STREAM_POLLED;
}

/* Fills it as far as it goes, in pieces of which one is empty; all that fits is less than LARGE. */
static size_t fill(abx_stream *stream)
{
    const struct iovec pieces[] = { { large, 0 }, { large, LARGE / 2 }, { large, LARGE / 2 } };
    size_t sum = 0;
    ssize_t moved;
    while ((moved = abx_stream_write(stream, pieces, 3)) > 0)
        sum += (size_t)moved;
    assert_int_equal(moved, -EAGAIN);
    return sum;
}

static size_t empty(abx_stream *stream)
{
    const struct iovec pieces[] = { { large, 1000 }, { large, LARGE / 2 } };
    size_t sum = 0;
    ssize_t moved;
    while ((moved = abx_stream_read(stream, pieces, 2)) > 0)
        sum += (size_t)moved;
    assert_int_equal(moved, -EAGAIN);
    return sum;
}

static void fill_and_empty(bool polled)
{
    abx_stream in = opened(ends[0]), out = opened(ends[1]);
    if (polled) {
        poll_only(&in);
        poll_only(&out);
    }
    assert_int_equal(empty(&in), 0);
    for (int round = 0; round < 3; round++) {
        size_t filled = fill(&out);
        assert_in_range(filled, 4096, LARGE);
        assert_int_equal(empty(&in), filled);
    }
    assert_false(abx_stream_is_hung_up(&out));
    assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    abx_stream_close(&in);
    abx_stream_close(&out);
    assert_true(fcntl(ends[0], F_GETFL) >= 0);
}

static void nothing_waits(void **state)
{
    (void)state;
    fill_and_empty(false);
}

static void nothing_waits_with_poll_alone(void **state)
{
    (void)state;
    fill_and_empty(true);
}

static void the_end_of_the_input(void **state)
{
    (void)state;
    abx_stream in = opened(ends[0]);
    close(ends[1]);
    ends[1] = -1;
    assert_int_equal(abx_stream_read(&in, &(struct iovec){ large, 10 }, 1), 0);
    abx_stream_close(&in);
}

/* By default the signal kills: it must not come, now or later, and the mask stays as it is. */
static void nobody_reads(void **state)
{
    (void)state;
    abx_stream out = opened(ends[1]);
    close(ends[0]);
    ends[0] = -1;
    assert_true(abx_stream_is_hung_up(&out));
    sigset_t mask, pending;
    for (int polled = 0; polled < 2; polled++) {
        if (polled)
            poll_only(&out);
        assert_int_equal(abx_stream_write(&out, &(struct iovec){ large, 10 }, 1), -EPIPE);
        pthread_sigmask(SIG_SETMASK, NULL, &mask);
        sigpending(&pending);
        assert_false(sigismember(&mask, SIGPIPE));
        assert_false(sigismember(&pending, SIGPIPE));
    }
    abx_stream_close(&out);
}

/* A signal of the program's own that waits stays. */
static void a_signal_of_somebody_elses(void **state)
{
    (void)state;
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_kill(pthread_self(), SIGPIPE);
    abx_stream out = opened(ends[1]);
    close(ends[0]);
    ends[0] = -1;
    assert_int_equal(abx_stream_write(&out, &(struct iovec){ large, 10 }, 1), -EPIPE);
    sigpending(&pending);
    assert_true(sigismember(&pending, SIGPIPE));
    int signal;
    sigwait(&set, &signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    abx_stream_close(&out);
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/abx-stream-XXXXXX";
    int fd = mkstemp(path);
    unlink(path);
    abx_stream file = opened(fd);
    assert_int_equal(file.kind, ABX_STREAM_FILE);
    assert_int_equal(abx_stream_write(&file, &(struct iovec){ large, LARGE }, 1), LARGE);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(abx_stream_read(&file, &(struct iovec){ large, LARGE }, 1), LARGE);
    assert_int_equal(abx_stream_read(&file, &(struct iovec){ large, LARGE }, 1), 0);
    abx_stream_close(&file);
    close(fd);
}

static void devices(void **state)
{
    (void)state;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    abx_stream stream = opened(null);
    assert_int_equal(abx_stream_write(&stream, &(struct iovec){ large, LARGE }, 1), LARGE);
    assert_int_equal(abx_stream_read(&stream, &(struct iovec){ large, LARGE }, 1), 0);
    abx_stream_close(&stream);
    close(null);
}

/* The master of a pseudoterminal cannot be opened again, its other side can. */
static void terminals(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    ends[0] = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ends[1] = master;
    abx_stream in = opened(ends[0]), out = opened(ends[1]);
    assert_int_equal(in.kind, ABX_STREAM_NONBLOCKING);
    assert_int_equal(out.kind, ABX_STREAM_NOWAIT);
    assert_int_equal(abx_stream_read(&in, &(struct iovec){ large, 10 }, 1), -EAGAIN);
    assert_int_equal(abx_stream_write(&out, &(struct iovec){ "ab\n", 3 }, 1), 1);
    assert_int_equal(out.kind, ABX_STREAM_POLLED);
    assert_int_equal(abx_stream_write(&out, &(struct iovec){ "b\n", 2 }, 1), 1);
    assert_int_equal(abx_stream_write(&out, &(struct iovec){ "\n", 1 }, 1), 1);
    ssize_t got;
    do
        got = abx_stream_read(&in, &(struct iovec){ large, 10 }, 1);
    while (got == -EAGAIN);
    assert_int_equal(got, 3);
    assert_memory_equal(large, "ab\n", 3);
    abx_stream_close(&in);
    abx_stream_close(&out);
}

static void none(void **state)
{
    (void)state;
    abx_stream stream = opened(-1);
    assert_int_equal(stream.kind, ABX_STREAM_NONE);
    assert_int_equal(abx_stream_write(&stream, &(struct iovec){ large, 10 }, 1), 10);
    assert_int_equal(abx_stream_read(&stream, &(struct iovec){ large, 10 }, 1), 0);
    assert_true(abx_stream_is_hung_up(&stream));
    abx_stream_close(&stream);
    assert_int_not_equal(abx_stream_open(&stream, 12345), ABX_OK);
    assert_int_equal(stream.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_waits, make_pipe, close_ends),
        cmocka_unit_test_setup_teardown(nothing_waits, make_socket, close_ends),
        cmocka_unit_test_setup_teardown(nothing_waits_with_poll_alone, make_pipe, close_ends),
        cmocka_unit_test_setup_teardown(the_end_of_the_input, make_pipe, close_ends),
        cmocka_unit_test_setup_teardown(the_end_of_the_input, make_socket, close_ends),
        cmocka_unit_test_setup_teardown(nobody_reads, make_pipe, close_ends),
        cmocka_unit_test_setup_teardown(nobody_reads, make_socket, close_ends),
        cmocka_unit_test_setup_teardown(a_signal_of_somebody_elses, make_pipe, close_ends),
        cmocka_unit_test(files),
        cmocka_unit_test(devices),
        cmocka_unit_test_teardown(terminals, close_ends),
        cmocka_unit_test(none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
