/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Several threads at one VM, whose guest comes and goes: every call ends, with a status that its header names. */
#include "vz_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { VMS = 12, THREADS = 4, ROUNDS = 60, PORT = 77 };

typedef struct worker {
    pthread_t thread;
    rig *rig;
    unsigned seed;
    atomic_long *successes;
    char unexpected[512]; /* the first one's text */
} worker;

static abx_status connect_shortly(abx_vm *vm)
{
    int fd = -1;
    abx_status status = abx_vsock_connect(vm, PORT, 1, &fd);
    if (status == ABX_OK)
        close(fd);
    return status;
}

static abx_status listen_shortly(abx_vm *vm)
{
    abx_vsock_listener *listener = NULL;
    abx_status status = abx_vsock_listen(&listener, vm, PORT);
    int fd;
    if (status == ABX_OK && abx_vsock_accept(listener, 0, &fd, NULL) == ABX_OK)
        close(fd);
    abx_vsock_listener_close(listener);
    return status;
}

static abx_status balloon(abx_vm *vm)
{
    uint64_t bytes;
    abx_status status = abx_balloon_set_target(vm, UINT64_C(64) << 20);
    return status == ABX_OK ? abx_balloon_get_target(vm, &bytes) : status;
}

static abx_status guest_goes(abx_vm *vm)
{
    (void)vm;
    model_guest_power_off(NULL);
    return ABX_OK;
}

static abx_status guest_connects(abx_vm *vm)
{
    (void)vm;
    int fd = model_guest_connect(NULL, PORT, 1);
    if (fd >= 0)
        close(fd);
    return ABX_OK;
}

/* How often each is chosen: the end shall come late. */
static const struct choice {
    abx_status (*act)(abx_vm *vm);
    unsigned weight;
} choices[] = {
    { abx_vm_start, 2 },    { abx_vm_pause, 20 }, { abx_vm_resume, 20 },  { connect_shortly, 20 },
    { listen_shortly, 20 }, { balloon, 20 },      { guest_connects, 20 }, { abx_vm_request_stop, 1 },
    { guest_goes, 1 },      { abx_vm_stop, 1 },
};

static const struct choice *choose(unsigned *seed)
{
    enum { SUM = 125 };
    unsigned at = (unsigned)rand_r(seed) % SUM;
    const struct choice *it = choices;
    while (at >= it->weight)
        at -= (it++)->weight;
    return it;
}

static bool is_expected(abx_status status)
{
    return status == ABX_OK || status == ABX_ERR_STATE || status == ABX_ERR_TIMEOUT || status == ABX_ERR_NOT_FOUND ||
           status == ABX_ERR_EXISTS || status == ABX_ERR_LOST;
}

static void *work(void *object)
{
    worker *it = object;
    for (int i = 0; i < ROUNDS; i++) {
        abx_status status = choose(&it->seed)->act(it->rig->vm);
        if (!is_expected(status) && !it->unexpected[0])
            snprintf(it->unexpected, sizeof it->unexpected, "%s: %s", abx_status_name(status),
                     abx_last_error()->message);
        if (status == ABX_OK)
            atomic_fetch_add_explicit(it->successes, 1, memory_order_relaxed);
    }
    return NULL;
}

static void one_vm(rig *r, unsigned number, atomic_long *successes)
{
    worker workers[THREADS];
    rig_start(r);
    model_guest_listen(model_machine(), PORT, number % 3 ? MODEL_ECHOES : MODEL_IS_SILENT);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (worker){ .rig = r, .seed = number * THREADS + i + 1, .successes = successes };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_string_equal(workers[i].unexpected, "");
    }
    abx_vm_destroy(r->vm);
    r->vm = NULL;
    assert_string_equal(model_alive(), "");
}

static void threads_at_one_vm(void **state)
{
    rig *r = *state;
    atomic_long successes = 0;
    size_t descriptors = count_descriptors();
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_add(r, ABX_DEVICE_CONSOLE);
    for (unsigned i = 0; i < VMS; i++)
        one_vm(r, i, &successes);
    assert_int_equal(count_descriptors(), descriptors);
    print_message("%ld of %d calls succeeded\n", successes, VMS * THREADS * ROUNDS);
    assert_true(successes > VMS * THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = { rig_test(threads_at_one_vm) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
