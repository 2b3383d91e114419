/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "fake_managed.h"

#include <arcbox/backend.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void obey(abx_vm *vm)
{
    const abx_event event = { .kind = ABX_EVENT_GUEST_SHUTDOWN, .vcpu = UINT32_MAX };
    abx_event_post(vm, &event);
    abx_backend_vm_ended(vm, ABX_VM_STOPPED, "powered off");
}

static unsigned asked;

static void ignore(abx_vm *vm)
{
    (void)vm;
    asked++;
}

static void expect_end(json_t *result, const char *end, bool was_asked, bool was_forced)
{
    assert_string_equal(json_string_value(json_object_get(result, "end")), end);
    assert_int_equal(json_is_true(json_object_get(result, "asked")), was_asked);
    assert_int_equal(json_is_true(json_object_get(result, "forced")), was_forced);
    json_decref(result);
}

static void a_guest_ends_when_it_is_asked(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    fake_managed_at_request = obey;
    int fd = client_open(&it);
    expect_end(client_ask(fd, "{\"do\":\"stop\"}"), "shutdown", true, false);
    /* It has ended: there is nothing to wait for. */
    expect_end(client_ask(fd, "{\"do\":\"stop\",\"force\":true}"), "shutdown", true, false);
    json_t *status = client_ask(fd, "{\"do\":\"status\"}");
    assert_string_equal(json_string_value(json_object_get(status, "end")), "shutdown");
    json_decref(status);
    client_expect_error(fd, "{\"do\":\"pause\"}", "state");
    close(fd);
    subject_end(&it);
}

/* A guest that does not end when it is asked. */
static void begin_deaf(subject *it)
{
    subject_begin(it, false);
    fake_managed_at_request = ignore;
    asked = 0;
}

static void a_deaf_guest_is_stopped(void **state)
{
    (void)state;
    subject it;
    begin_deaf(&it);
    int fd = client_open(&it);
    expect_end(client_ask(fd, "{\"do\":\"stop\",\"timeout\":0.05}"), "stopped", true, true);
    assert_int_equal(asked, 1);
    close(fd);
    subject_end(&it);
}

static void force_asks_nobody(void **state)
{
    (void)state;
    subject it;
    begin_deaf(&it);
    int fd = client_open(&it);
    expect_end(client_ask(fd, "{\"do\":\"stop\",\"force\":true}"), "stopped", false, true);
    assert_int_equal(asked, 0);
    close(fd);
    subject_end(&it);
}

/* While one waits, others are served, and one of them is in a hurry. */
static void a_wait_holds_up_nobody(void **state)
{
    (void)state;
    subject it;
    begin_deaf(&it);
    int patient = client_open(&it), hasty = client_open(&it), half = client_open(&it);
    client_send(patient, "{\"id\":\"patient\",\"do\":\"stop\",\"timeout\":3600}\n");
    client_send(half, "{\"do\":\"stop\"}\n");
    /* Those that have sent their last wait all the same. */
    shutdown(half, SHUT_WR);
    for (int i = 0; i < 3; i++)
        json_decref(client_ask(hasty, "{\"do\":\"status\"}"));
    client_expect_error(patient, "{\"do\":\"stop\"}", "state");
    expect_end(client_ask(hasty, "{\"do\":\"stop\",\"force\":true}"), "stopped", true, true);
    json_t *answer = client_line(patient);
    assert_string_equal(json_string_value(json_object_get(answer, "id")), "patient");
    expect_end(json_incref(json_object_get(answer, "result")), "stopped", true, true);
    json_decref(answer);
    answer = client_line(half);
    expect_end(json_incref(json_object_get(answer, "result")), "stopped", true, true);
    json_decref(answer);
    assert_null(client_line(half));
    assert_int_equal(asked, 1);
    close(patient);
    close(hasty);
    close(half);
    subject_end(&it);
}

static void a_paused_guest_hears_nothing(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    json_decref(client_ask(fd, "{\"do\":\"pause\"}"));
    client_expect_error(fd, "{\"do\":\"stop\"}", "state");
    expect_end(client_ask(fd, "{\"do\":\"stop\",\"force\":true}"), "stopped", false, true);
    close(fd);
    subject_end(&it);
}

static void one_that_cannot_be_asked_is_stopped(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    fake_log_fail("vm_request_stop", ABX_ERR_NOT_SUPPORTED);
    int fd = client_open(&it);
    expect_end(client_ask(fd, "{\"do\":\"stop\"}"), "stopped", false, true);
    close(fd);
    subject_end(&it);
}

/* The client that waits goes: the machine is stopped all the same. */
static void nobody_waits_any_more(void **state)
{
    (void)state;
    subject it;
    abx_machine_result result;
    subject_begin(&it, false);
    fake_managed_at_request = ignore;
    int fd = client_open(&it);
    client_send(fd, "{\"do\":\"stop\",\"timeout\":0.05}\n");
    close(fd);
    assert_ok(abx_machine_wait(it.machine, 30000, &result));
    assert_int_equal(result.end, ABX_END_STOPPED);
    subject_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_ends_when_it_is_asked),
        cmocka_unit_test(a_deaf_guest_is_stopped),
        cmocka_unit_test(force_asks_nobody),
        cmocka_unit_test(a_wait_holds_up_nobody),
        cmocka_unit_test(a_paused_guest_hears_nothing),
        cmocka_unit_test(nobody_waits_any_more),
        cmocka_unit_test(one_that_cannot_be_asked_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
