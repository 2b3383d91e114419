/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include <arcbox/error.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

static void nothing_before_the_first_failure(void **state)
{
    (void)state;
    const abx_error *error = abx_last_error();
    assert_int_equal(error->status, ABX_OK);
    assert_int_equal(error->os_error, 0);
    assert_string_equal(error->operation, "");
    assert_string_equal(error->advice, "");
    assert_string_equal(error->message, "");
}

static void a_failure_is_recorded_whole(void **state)
{
    (void)state;
    errno = EXDEV;
    abx_status status = abx_fail(ABX_ERR_PERMISSION, EACCES, "Add the user to group kvm.", "open %s", "/dev/kvm");
    assert_int_equal(errno, EXDEV);
    assert_int_equal(status, ABX_ERR_PERMISSION);
    const abx_error *error = abx_last_error();
    assert_int_equal(error->status, ABX_ERR_PERMISSION);
    assert_int_equal(error->os_error, EACCES);
    assert_string_equal(error->operation, "open /dev/kvm");
    assert_string_equal(error->advice, "Add the user to group kvm.");
    assert_string_equal(error->message, "open /dev/kvm: Permission denied; Add the user to group kvm.");
}

static void without_errno_the_status_is_the_cause(void **state)
{
    (void)state;
    abx_fail(ABX_ERR_RANGE, 0, "", "read %d bytes", 4);
    assert_string_equal(abx_last_error()->message, "read 4 bytes: address range not backed by guest memory");
    assert_int_equal(abx_last_error()->os_error, 0);
}

static void usual_advice_fits_the_cause(void **state)
{
    (void)state;
    abx_fail(ABX_ERR_LIMIT, EMFILE, NULL, "open");
    assert_non_null(strstr(abx_last_error()->advice, "ulimit -n"));
    abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "map");
    assert_non_null(strstr(abx_last_error()->advice, "less memory"));
    abx_fail(ABX_ERR_THREAD, 0, NULL, "run");
    assert_non_null(strstr(abx_last_error()->advice, "thread that created it"));
    abx_fail(ABX_ERR_INVALID, 0, NULL, "run");
    assert_string_equal(abx_last_error()->advice, "");
}

static void the_record_may_feed_the_next_one(void **state)
{
    (void)state;
    abx_fail(ABX_ERR_SYSTEM, EIO, "Look at the disk.", "read");
    abx_fail(ABX_ERR_LOST, 0, abx_last_error()->advice, "boot (%s)", abx_last_error()->operation);
    assert_string_equal(abx_last_error()->message, "boot (read): the backend is gone; Look at the disk.");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    abx_fail(ABX_ERR_FORMAT, 0, text, "%s", text);
    assert_in_range(strlen(abx_last_error()->operation), 100, 4999);
    assert_in_range(strlen(abx_last_error()->advice), 500, 4999);
    assert_in_range(strlen(abx_last_error()->message), 500, 4999);
}

static void *fail_elsewhere(void *argument)
{
    (void)argument;
    assert_int_equal(abx_last_error()->status, ABX_OK);
    abx_fail(ABX_ERR_BUSY, 0, NULL, "work elsewhere");
    return NULL;
}

static void threads_have_records_of_their_own(void **state)
{
    (void)state;
    pthread_t thread;
    abx_fail(ABX_ERR_EXISTS, 0, NULL, "work here");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(abx_last_error()->status, ABX_ERR_EXISTS);
    assert_string_equal(abx_last_error()->operation, "work here");
}

static void every_status_has_a_name_and_a_text(void **state)
{
    (void)state;
    for (int status = ABX_ERR_EMPTY; status <= ABX_OK; status++) {
        assert_memory_equal(abx_status_name((abx_status)status), "ABX_", 4);
        assert_string_not_equal(abx_status_text((abx_status)status), "unknown status");
    }
    assert_string_equal(abx_status_name(ABX_ERR_RANGE), "ABX_ERR_RANGE");
    assert_string_equal(abx_status_name((abx_status)1), "unknown status");
    assert_string_equal(abx_status_text((abx_status)-999), "unknown status");
}

static void errno_becomes_a_status(void **state)
{
    (void)state;
    static const struct {
        int os_error;
        abx_status status;
    } table[] = {
        { EACCES, ABX_ERR_PERMISSION }, { EPERM, ABX_ERR_PERMISSION }, { ENOMEM, ABX_ERR_NO_MEMORY },
        { ENOENT, ABX_ERR_NOT_FOUND },  { ENODEV, ABX_ERR_NOT_FOUND }, { ENXIO, ABX_ERR_NOT_FOUND },
        { EMFILE, ABX_ERR_LIMIT },      { ENFILE, ABX_ERR_LIMIT },     { ENOSPC, ABX_ERR_LIMIT },
        { EBUSY, ABX_ERR_BUSY },        { EAGAIN, ABX_ERR_BUSY },      { EEXIST, ABX_ERR_EXISTS },
        { EIO, ABX_ERR_SYSTEM },        { 0, ABX_ERR_SYSTEM },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_int_equal(abx_status_of_errno(table[i].os_error), table[i].status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_the_first_failure),
        cmocka_unit_test(a_failure_is_recorded_whole),
        cmocka_unit_test(without_errno_the_status_is_the_cause),
        cmocka_unit_test(usual_advice_fits_the_cause),
        cmocka_unit_test(the_record_may_feed_the_next_one),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(threads_have_records_of_their_own),
        cmocka_unit_test(every_status_has_a_name_and_a_text),
        cmocka_unit_test(errno_becomes_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
