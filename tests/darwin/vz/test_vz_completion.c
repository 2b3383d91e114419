/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/completion.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void an_answer_that_is_there_already(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_vz_fault fault = { .status = ABX_ERR_STATE, .text = "so it is" }, got;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), answered = -1;
    assert_ok(abx_completion_new(&completion));
    abx_completion_answer(completion, &fault, fd);
    abx_completion_wait(completion, PATIENCE_MS, &got, &answered);
    assert_status(got.status, ABX_ERR_STATE);
    assert_string_equal(got.text, "so it is");
    assert_int_equal(answered, fd);
    abx_completion_release(completion);
    assert_int_equal(close(fd), 0);
}

static void *answer_later(void *completion)
{
    const abx_vz_fault none = { .status = ABX_OK };
    abx_completion_answer(completion, &none, -1);
    abx_completion_drop_handler(completion);
    return NULL;
}

static void an_answer_from_another_thread(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_vz_fault got;
    pthread_t thread;
    assert_ok(abx_completion_new(&completion));
    abx_completion_add_handler(completion);
    assert_int_equal(pthread_create(&thread, NULL, answer_later, completion), 0);
    abx_completion_wait(completion, -1, &got, NULL);
    assert_status(got.status, ABX_OK);
    abx_completion_release(completion);
    pthread_join(thread, NULL);
}

static void the_first_answer_counts(void **state)
{
    (void)state;
    const abx_vz_fault first = { .status = ABX_OK }, second = { .status = ABX_ERR_LOST };
    abx_completion *completion;
    abx_vz_fault got;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), answered = 0;
    assert_ok(abx_completion_new(&completion));
    abx_completion_answer(completion, &first, -1);
    abx_completion_answer(completion, &second, fd);
    abx_completion_wait(completion, PATIENCE_MS, &got, &answered);
    assert_status(got.status, ABX_OK);
    assert_int_equal(answered, -1);
    abx_completion_release(completion);
    assert_int_equal(close(fd), -1);
}

static void a_late_answer_is_thrown_away(void **state)
{
    (void)state;
    const abx_vz_fault none = { .status = ABX_OK };
    abx_completion *completion;
    abx_vz_fault got;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), answered = 7;
    assert_ok(abx_completion_new(&completion));
    abx_completion_add_handler(completion);
    abx_completion_wait(completion, 1, &got, &answered);
    assert_status(got.status, ABX_ERR_TIMEOUT);
    assert_int_equal(answered, 7);
    abx_completion_release(completion);
    abx_completion_answer(completion, &none, fd);
    assert_int_equal(close(fd), -1);
    abx_completion_drop_handler(completion);
}

static void a_descriptor_that_nobody_wants_is_closed(void **state)
{
    (void)state;
    const abx_vz_fault none = { .status = ABX_OK };
    abx_completion *completion;
    abx_vz_fault got;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_ok(abx_completion_new(&completion));
    abx_completion_answer(completion, &none, fd);
    abx_completion_wait(completion, PATIENCE_MS, &got, NULL);
    abx_completion_release(completion);
    assert_int_equal(close(fd), -1);
}

static void the_last_handler_that_goes_silently_is_an_answer(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_vz_fault got;
    assert_ok(abx_completion_new(&completion));
    abx_completion_add_handler(completion);
    abx_completion_add_handler(completion);
    abx_completion_drop_handler(completion);
    abx_completion_drop_handler(completion);
    abx_completion_wait(completion, -1, &got, NULL);
    assert_status(got.status, ABX_ERR_LOST);
    abx_completion_release(completion);
}

static void no_semaphore_no_completion(void **state)
{
    (void)state;
    abx_completion *completion = NULL;
    model_fail(1);
    abx_status status = abx_completion_new(&completion);
    if (!model_failed())
        assert_ok(status);
    else
        assert_status(status, ABX_ERR_NO_MEMORY);
    if (completion)
        abx_completion_release(completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(an_answer_that_is_there_already),
        rig_test(an_answer_from_another_thread),
        rig_test(the_first_answer_counts),
        rig_test(a_late_answer_is_thrown_away),
        rig_test(a_descriptor_that_nobody_wants_is_closed),
        rig_test(the_last_handler_that_goes_silently_is_an_answer),
        rig_test(no_semaphore_no_completion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
