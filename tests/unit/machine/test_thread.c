/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "thread.h"

#include <signal.h>
#include <string.h>

static void *look_around(void *argument)
{
    char name[16] = "";
    sigset_t blocked;
    abx_thread_set_name("fifteen-letters");
    assert_int_equal(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
    assert_string_equal(name, "fifteen-letters");
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGTERM), 1);
    assert_int_equal(sigismember(&blocked, SIGPIPE), 1);
    assert_int_equal(sigismember(&blocked, SIGRTMAX), 1);
    return argument;
}

static void signals_are_none_of_its_business(void **state)
{
    (void)state;
    sigset_t before, after;
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &before), 0);
    assert_int_equal(abx_thread_start(&thread, look_around, &before, "a thread"), ABX_OK);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &before);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &after), 0);
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(signals_are_none_of_its_business) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
