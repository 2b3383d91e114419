/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fake_manual.h"
#include "vcpu_wait.h"

#include <semaphore.h>

static abx_vcpu_wait wait;
static atomic_bool ready;
static sem_t looked; /* the waiter has looked once */
static bool answer;

static bool is_ready(void *payload)
{
    sem_post(&looked);
    return atomic_load((atomic_bool *)payload);
}

static int begin(void **state)
{
    (void)state;
    abx_vcpu_wait_init(&wait);
    atomic_store(&ready, false);
    return sem_init(&looked, 0, 0);
}

static int end(void **state)
{
    (void)state;
    abx_vcpu_wait_end(&wait);
    return sem_destroy(&looked);
}

static struct timespec after(long milliseconds)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_nsec += milliseconds * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static bool has_passed(const struct timespec *time)
{
    const struct timespec now = after(0);
    return now.tv_sec > time->tv_sec || (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static void who_is_ready_does_not_wait(void **state)
{
    (void)state;
    atomic_store(&ready, true);
    assert_true(abx_vcpu_wait_for(&wait, is_ready, &ready, NULL));
}

static void a_deadline_ends_it(void **state)
{
    (void)state;
    const struct timespec past = { 0 }, soon = after(5);
    assert_false(abx_vcpu_wait_for(&wait, is_ready, &ready, &past));
    assert_false(abx_vcpu_wait_for(&wait, is_ready, &ready, &soon));
    assert_true(has_passed(&soon));
}

static void a_deadline_that_expired_ends_one_wait(void **state)
{
    (void)state;
    const struct timespec late = after(3600000), soon = after(5);
    abx_vcpu_wait_expire(&wait);
    assert_false(abx_vcpu_wait_for(&wait, is_ready, &ready, &late));
    assert_false(abx_vcpu_wait_for(&wait, is_ready, &ready, &soon));
    assert_true(has_passed(&soon));
}

static void *waiter(void *deadline)
{
    answer = abx_vcpu_wait_for(&wait, is_ready, &ready, deadline);
    return NULL;
}

static pthread_t start_waiter(const struct timespec *deadline)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, waiter, (void *)deadline), 0);
    sem_wait(&looked);
    return thread;
}

static void a_change_ends_it(void **state)
{
    (void)state;
    const struct timespec far = after(1000000);
    const struct timespec *const deadlines[] = { NULL, &far };
    for (size_t i = 0; i < 2; i++) {
        atomic_store(&ready, false);
        while (sem_trywait(&looked) == 0)
            ;
        pthread_t thread = start_waiter(deadlines[i]);
        abx_vcpu_wait_wake(&wait); /* for nothing: it waits on */
        atomic_store(&ready, true);
        abx_vcpu_wait_wake(&wait);
        pthread_join(thread, NULL);
        assert_true(answer);
    }
}

static void finishing_ends_it_for_good(void **state)
{
    (void)state;
    pthread_t thread = start_waiter(NULL);
    abx_vcpu_wait_finish(&wait);
    pthread_join(thread, NULL);
    assert_false(answer);
    assert_false(abx_vcpu_wait_for(&wait, is_ready, &ready, NULL));
    atomic_store(&ready, true);
    assert_true(abx_vcpu_wait_for(&wait, is_ready, &ready, NULL));
}

/* Only a vCPU that is in the guest, or on its way in, is kicked. */
static void who_runs_is_kicked(void **state)
{
    (void)state;
    abx_vcpu *vcpu;
    abx_vm *vm = fake_manual_vm(1);
    assert_int_equal(abx_vcpu_create(&vcpu, vm, 0), ABX_OK);
    const atomic_bool *kicked = &fake_manual_vcpu(0)->kicked;
    abx_vcpu_wait_enter(&wait);
    abx_vcpu_wait_wake(&wait); /* nobody is bound */
    abx_vcpu_wait_leave(&wait);
    abx_vcpu_wait_bind(&wait, vcpu);
    abx_vcpu_wait_wake(&wait);
    assert_false(atomic_load(kicked));
    abx_vcpu_wait_enter(&wait);
    abx_vcpu_wait_wake(&wait);
    assert_true(atomic_load(kicked));
    abx_vcpu_wait_leave(&wait);
    abx_vcpu_wait_bind(&wait, NULL);
    assert_int_equal(abx_vcpu_destroy(vcpu), ABX_OK);
    abx_vcpu_wait_enter(&wait);
    abx_vcpu_wait_wake(&wait);
    abx_vcpu_wait_leave(&wait);
    fake_manual_end(vm);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_ready_does_not_wait), TEST(a_deadline_ends_it),         TEST(a_deadline_that_expired_ends_one_wait),
        TEST(a_change_ends_it),           TEST(finishing_ends_it_for_good), TEST(who_runs_is_kicked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
