/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const abx_device_config vsock = { .kind = ABX_DEVICE_VSOCK };

static abx_vsock_listener *listen_on(abx_vm *vm, uint32_t port)
{
    abx_vsock_listener *listener = NULL;
    assert_int_equal(abx_vsock_listen(&listener, vm, port), ABX_OK);
    return listener;
}

/* A connection's host end, and its guest end in `*guest`. */
static int connection(int *guest)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *guest = ends[1];
    return ends[0];
}

static bool is_readable(const abx_vsock_listener *listener)
{
    struct pollfd fd = { .fd = abx_vsock_listener_fd(listener), .events = POLLIN };
    return poll(&fd, 1, 0) == 1;
}

/* The other end has been closed. */
static bool is_hung_up(int guest)
{
    char byte;
    return read(guest, &byte, 1) == 0;
}

static void connections_come_out_in_order(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 1024);
    int guests[2], fd = -1;
    uint32_t port = 0;
    assert_false(is_readable(listener));
    assert_int_equal(abx_vsock_accept(listener, 0, &fd, &port), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_vsock_accept(listener, 1, &fd, &port), ABX_ERR_TIMEOUT);
    int first = connection(&guests[0]), second = connection(&guests[1]);
    assert_int_equal(abx_backend_vsock_arrived(listener, first, 7), ABX_OK);
    assert_int_equal(abx_backend_vsock_arrived(listener, second, 8), ABX_OK);
    assert_true(is_readable(listener));
    assert_int_equal(abx_vsock_accept(listener, 0, &fd, &port), ABX_OK);
    assert_int_equal(fd, first);
    assert_int_equal(port, 7);
    assert_true(is_readable(listener));
    assert_int_equal(abx_vsock_accept(listener, -1, &fd, NULL), ABX_OK);
    assert_int_equal(fd, second);
    assert_false(is_readable(listener));
    abx_vsock_listener_close(listener);
    /* What was taken stays. */
    assert_int_equal(write(first, "x", 1), 1);
    close(first);
    close(second);
    close(guests[0]);
    close(guests[1]);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(),
                        "managed_open vm_create vsock_listen vsock_unlisten vm_stop vm_destroy managed_close");
}

static void too_many_are_refused(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 1);
    int guests[ABX_VSOCK_BACKLOG + 1], fd;
    for (uint32_t i = 0; i < ABX_VSOCK_BACKLOG; i++)
        assert_int_equal(abx_backend_vsock_arrived(listener, connection(&guests[i]), i), ABX_OK);
    assert_int_equal(abx_backend_vsock_arrived(listener, connection(&guests[ABX_VSOCK_BACKLOG]), 99), ABX_ERR_LIMIT);
    assert_true(is_hung_up(guests[ABX_VSOCK_BACKLOG]));
    /* The ring goes round. */
    for (uint32_t i = 0; i < 3; i++) {
        int guest;
        uint32_t port;
        assert_int_equal(abx_vsock_accept(listener, 0, &fd, &port), ABX_OK);
        assert_int_equal(port, i);
        close(fd);
        assert_true(is_hung_up(guests[i]));
        close(guests[i]);
        assert_int_equal(abx_backend_vsock_arrived(listener, connection(&guest), ABX_VSOCK_BACKLOG + i), ABX_OK);
        guests[i] = guest;
    }
    abx_vsock_listener_close(listener);
    for (uint32_t i = 0; i <= ABX_VSOCK_BACKLOG; i++) {
        assert_true(is_hung_up(guests[i]));
        close(guests[i]);
    }
    abx_vm_destroy(vm);
}

static void *accept_forever(void *listener)
{
    int fd = -1;
    return (void *)(intptr_t)abx_vsock_accept(listener, -1, &fd, NULL);
}

static void the_end_wakes_whoever_waits(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 1);
    abx_vsock_listener *other = listen_on(vm, 2);
    pthread_t threads[2];
    int guest, fd = -1;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, accept_forever, listener), 0);
    int waiting = connection(&guest);
    assert_int_equal(abx_backend_vsock_arrived(other, waiting, 3), ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    abx_backend_vm_ended(vm, ABX_VM_STOPPED, NULL);
    for (int i = 0; i < 2; i++) {
        void *status;
        assert_int_equal(pthread_join(threads[i], &status), 0);
        assert_int_equal((intptr_t)status, ABX_ERR_STATE);
    }
    assert_true(is_readable(listener));
    /* What came before the end can still be taken. */
    assert_int_equal(abx_vsock_accept(other, -1, &fd, NULL), ABX_OK);
    assert_int_equal(fd, waiting);
    assert_true(is_readable(other));
    assert_int_equal(abx_vsock_accept(other, -1, &fd, NULL), ABX_ERR_STATE);
    assert_int_equal(abx_backend_vsock_arrived(other, waiting, 3), ABX_ERR_LIMIT);
    assert_true(is_hung_up(guest));
    close(guest);
    abx_vsock_listener_close(listener);
    abx_vsock_listener_close(other);
    abx_vm_destroy(vm);
}

static void ports_have_one_listener(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 5), *other = listen_on(vm, 6), *third = NULL;
    assert_int_equal(abx_vsock_listen(&third, vm, 5), ABX_ERR_EXISTS);
    assert_null(third);
    abx_vsock_listener_close(listener);
    fake_log_fail("vsock_listen", ABX_ERR_LOST);
    assert_int_equal(abx_vsock_listen(&third, vm, 5), ABX_ERR_LOST);
    fake_log_fail(NULL, ABX_OK);
    third = listen_on(vm, 5);
    abx_vsock_listener_close(other);
    abx_vsock_listener_close(third);
    abx_vsock_listener_close(NULL);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_vsock_listen(&third, vm, 5), ABX_ERR_STATE);
    abx_vm_destroy(vm);
}

static void a_listener_keeps_what_it_needs(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 5);
    int fd = -1;
    abx_vm_destroy(vm);
    assert_null(strstr(fake_log_text(), "vm_destroy"));
    assert_int_equal(abx_vsock_accept(listener, -1, &fd, NULL), ABX_ERR_STATE);
    abx_vsock_listener_close(listener);
    assert_non_null(strstr(fake_log_text(), "vm_stop vsock_unlisten vm_destroy managed_close"));
}

static void only_running_guests_are_called(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    int fd = -1;
    fake_managed_socket = 77;
    assert_int_equal(abx_vsock_connect(vm, 22, 1000, &fd), ABX_ERR_STATE);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    assert_int_equal(abx_vsock_connect(vm, 22, 1000, &fd), ABX_OK);
    assert_int_equal(fd, 77);
    fake_log_fail("vsock_connect", ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_vsock_connect(vm, 22, -1, &fd), ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_vm_pause(vm), ABX_OK);
    assert_int_equal(abx_vsock_connect(vm, 22, 1000, &fd), ABX_ERR_STATE);
    abx_vm_destroy(vm);
}

static void wrong_calls_are_refused(void **state)
{
    (void)state;
    abx_vsock_listener *listener = NULL;
    int fd = -1;
    abx_vm *vm = fake_managed_vm();
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    /* There is no such device. */
    assert_int_equal(abx_vsock_connect(vm, 22, 0, &fd), ABX_ERR_STATE);
    assert_int_equal(abx_vsock_listen(&listener, vm, 22), ABX_ERR_STATE);
    assert_int_equal(abx_vsock_connect(NULL, 22, 0, &fd), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_connect(vm, UINT32_MAX, 0, &fd), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_connect(vm, 22, -2, &fd), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_connect(vm, 22, 0, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_listen(NULL, vm, 22), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_listen(&listener, NULL, 22), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_listen(&listener, vm, UINT32_MAX), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_listener_fd(NULL), -1);
    abx_vm_destroy(vm);

    vm = fake_managed_vm_with(&vsock, 1);
    listener = listen_on(vm, 1);
    assert_int_equal(abx_vsock_accept(NULL, 0, &fd, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_accept(listener, 0, NULL, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vsock_accept(listener, -2, &fd, NULL), ABX_ERR_INVALID);
    abx_vsock_listener_close(listener);
    abx_vm_destroy(vm);

    vm = fake_manual_vm(1);
    assert_int_equal(abx_vsock_connect(vm, 22, 0, &fd), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "fake is manual"));
    assert_int_equal(abx_vsock_listen(&listener, vm, 22), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(vm);
    assert_int_equal(fd, -1);
}

/* Guests connect while threads accept; all of them fit into the backlog. */
enum { CROWD = 4, CALLS = ABX_VSOCK_BACKLOG / CROWD };

static void *call(void *listener)
{
    for (uint32_t i = 0; i < CALLS; i++) {
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0 || abx_backend_vsock_arrived(listener, fd, i) != ABX_OK)
            return listener;
    }
    return NULL;
}

static void *answer(void *listener)
{
    uintptr_t sum = 0;
    for (int i = 0; i < CALLS; i++) {
        int fd;
        uint32_t port;
        if (abx_vsock_accept(listener, -1, &fd, &port) == ABX_OK)
            close(fd);
        else
            port = 1000;
        sum += port;
    }
    return (void *)sum;
}

static void crowds_lose_nobody(void **state)
{
    (void)state;
    abx_vm *vm = fake_managed_vm_with(&vsock, 1);
    abx_vsock_listener *listener = listen_on(vm, 1);
    pthread_t callers[CROWD], answerers[CROWD];
    uintptr_t sum = 0;
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_create(&callers[i], NULL, call, listener), 0);
        assert_int_equal(pthread_create(&answerers[i], NULL, answer, listener), 0);
    }
    for (int i = 0; i < CROWD; i++) {
        void *part, *failed;
        assert_int_equal(pthread_join(callers[i], &failed), 0);
        assert_null(failed);
        assert_int_equal(pthread_join(answerers[i], &part), 0);
        sum += (uintptr_t)part;
    }
    assert_int_equal(sum, CROWD * (CALLS * (CALLS - 1) / 2));
    assert_false(is_readable(listener));
    abx_vsock_listener_close(listener);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_come_out_in_order),  cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(the_end_wakes_whoever_waits),    cmocka_unit_test(ports_have_one_listener),
        cmocka_unit_test(a_listener_keeps_what_it_needs), cmocka_unit_test(only_running_guests_are_called),
        cmocka_unit_test(wrong_calls_are_refused),        cmocka_unit_test(crowds_lose_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
