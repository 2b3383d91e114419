/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "fake_managed.h"
#include "process_census.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *text(const json_t *object, const char *field)
{
    return json_string_value(json_object_get(object, field));
}

static json_int_t number(const json_t *object, const char *field)
{
    return json_integer_value(json_object_get(object, field));
}

static void expect_state(int fd, const char *request, const char *state)
{
    json_t *result = client_ask(fd, request);
    assert_string_equal(text(result, "state"), state);
    json_decref(result);
}

static void a_machine_tells_how_it_is(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    json_t *status = client_ask(fd, "{\"do\":\"status\"}");
    assert_string_equal(text(status, "name"), "subject");
    assert_string_equal(text(status, "state"), "running");
    assert_string_equal(text(status, "backend"), "qemu");
    assert_string_equal(text(status, "arch"), "x86_64");
    assert_int_equal(number(status, "pid"), getpid());
    assert_int_equal(number(status, "cpus"), 1);
    assert_int_equal(number(status, "memory"), 64 << 20);
    assert_int_equal(number(status, "clients"), 1);
    assert_true(json_is_false(json_object_get(status, "console")));
    assert_null(json_object_get(status, "end"));
    assert_string_equal(json_string_value(json_array_get(json_object_get(status, "devices"), 0)), "balloon");
    json_decref(status);
    close(fd);
    subject_end(&it);
}

static void ids_come_back(void **state)
{
    (void)state;
    static const char *const ids[] = { "0", "-5", "9007199254740993", "\"\"", "\"a b\"", "\"\xc3\xa4\"" };
    subject it;
    char request[128];
    subject_begin(&it, false);
    int fd = client_open(&it);
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (int known = 0; known < 2; known++) {
            snprintf(request, sizeof(request), "{\"id\":%s,\"do\":\"%s\"}\n", ids[i], known ? "status" : "fly");
            client_send(fd, request);
            json_t *answer = client_line(fd);
            json_t *id = json_loads(ids[i], JSON_DECODE_ANY, NULL);
            assert_true(json_equal(json_object_get(answer, "id"), id));
            assert_non_null(json_object_get(answer, known ? "result" : "error"));
            json_decref(id);
            json_decref(answer);
        }
    }
    close(fd);
    subject_end(&it);
}

static void pause_and_resume(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    expect_state(fd, "{\"do\":\"pause\"}", "paused");
    assert_int_equal(abx_vm_get_state(abx_machine_get_vm(it.machine)), ABX_VM_PAUSED);
    client_expect_error(fd, "{\"do\":\"pause\"}", "state");
    expect_state(fd, "{\"do\":\"resume\"}", "running");
    client_expect_error(fd, "{\"do\":\"resume\"}", "state");
    close(fd);
    subject_end(&it);
}

static void several_requests_at_once(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    client_send(fd, "{\"id\":1,\"do\":\"pause\"}\n{\"id\":2,\"do\":\"resume\"}\n{\"id\":3,\"do\":");
    for (int id = 1; id <= 2; id++) {
        json_t *answer = client_line(fd);
        assert_int_equal(number(answer, "id"), id);
        assert_non_null(json_object_get(answer, "result"));
        json_decref(answer);
    }
    client_send(fd, "\"status\"}\n");
    json_t *answer = client_line(fd);
    assert_int_equal(number(answer, "id"), 3);
    json_decref(answer);
    close(fd);
    subject_end(&it);
}

/* Answers come although the client says nothing more, and then the connection ends. */
static void a_client_that_only_asks(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    client_send(fd, "{\"do\":\"status\"}\n{\"do\":\"metrics\"}\nhalf a");
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < 2; i++) {
        json_t *answer = client_line(fd);
        assert_non_null(json_object_get(answer, "result"));
        json_decref(answer);
    }
    assert_null(client_line(fd));
    close(fd);
    subject_end(&it);
}

static void the_balloon_is_set(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    json_t *result = client_ask(fd, "{\"do\":\"balloon\",\"size\":33554432}");
    assert_int_equal(number(result, "target"), 33554432);
    assert_int_equal(fake_managed_balloon, 33554432);
    json_decref(result);
    fake_managed_balloon = 4096;
    result = client_ask(fd, "{\"do\":\"balloon\"}");
    assert_int_equal(number(result, "target"), 4096);
    json_decref(result);
    client_expect_error(fd, "{\"do\":\"balloon\",\"size\":0}", "limit");
    client_expect_error(fd, "{\"do\":\"balloon\",\"hint\":true}", "not-supported");
    client_expect_error(fd, "{\"do\":\"balloon\",\"hint\":true,\"size\":4096}", "invalid");
    close(fd);
    subject_end(&it);
}

static void metrics_come_as_text(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    json_t *result = client_ask(fd, "{\"do\":\"metrics\"}");
    const char *all = text(result, "text");
    assert_non_null(strstr(all, "arcbox_machine_info{name=\"subject\""));
    assert_string_equal(all + strlen(all) - 6, "# EOF\n");
    assert_non_null(strstr(text(result, "type"), "openmetrics"));
    json_decref(result);
    close(fd);
    subject_end(&it);
}

static void subscribers_hear_of_all(void **state)
{
    (void)state;
    subject it;
    subject_begin(&it, false);
    int fd = client_open(&it);
    json_t *result = client_ask(fd, "{\"do\":\"events\",\"backlog\":256}");
    assert_true(number(result, "backlog") >= 2);
    json_decref(result);
    json_t *event = client_event(fd, "state");
    assert_string_equal(text(event, "state"), "running");
    json_decref(event);
    event = client_event(fd, "control-connected");
    assert_int_equal(number(event, "code"), 1);
    json_decref(event);
    client_expect_error(fd, "{\"do\":\"events\"}", "state");
    int other = client_open(&it);
    json_decref(client_event(fd, "control-connected"));
    json_decref(client_ask(other, "{\"do\":\"pause\"}"));
    event = client_event(fd, "state");
    assert_string_equal(text(event, "state"), "paused");
    json_decref(event);
    close(other);
    event = client_event(fd, "control-disconnected");
    assert_int_equal(number(event, "code"), 2);
    json_decref(event);
    const abx_event own = { .kind = ABX_EVENT_USER, .vcpu = 3, .code = 7, .text = "mine \xff" };
    assert_ok(abx_event_post(abx_machine_get_vm(it.machine), &own));
    event = client_event(fd, "user");
    assert_string_equal(text(event, "text"), "mine ?");
    assert_int_equal(number(event, "vcpu"), 3);
    assert_int_equal(number(event, "code"), 7);
    json_decref(event);
    /* The end comes before the socket goes. */
    assert_ok(abx_machine_stop(it.machine));
    event = client_event(fd, "state");
    assert_string_equal(text(event, "state"), "stopped");
    json_decref(event);
    subject_end(&it);
    client_expect_end(fd);
    close(fd);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    abx_control *control = NULL;
    abx_control_options options = ABX_CONTROL_OPTIONS_INIT;
    subject it;
    subject_begin(&it, false);
    assert_status(abx_control_open(&control, it.machine, &options), ABX_ERR_INVALID);
    options.path = it.path;
    assert_status(abx_control_open(&control, it.machine, &options), ABX_ERR_EXISTS);
    assert_status(abx_control_open(NULL, it.machine, &options), ABX_ERR_INVALID);
    assert_status(abx_control_open(&control, NULL, &options), ABX_ERR_INVALID);
    assert_null(control);
    abx_control_close(NULL);
    int fd = client_open(&it);
    client_expect_error(fd, "{\"do\":\"attach\"}", "not-supported");
    client_expect_error(fd, "{\"do\":\"fly\"}", "not-supported");
    client_expect_error(fd, "{\"do\":\"status\",\"now\":true}", "invalid");
    client_expect_error(fd, "status", "format");
    close(fd);
    subject_end(&it);
}

/* Two sockets for one machine, opened and closed while it runs. */
static void sockets_come_and_go(void **state)
{
    (void)state;
    subject it, other;
    subject_begin(&it, false);
    other = it;
    abx_control_options options = ABX_CONTROL_OPTIONS_INIT;
    snprintf(other.path, sizeof(other.path), "%s/other.sock", it.folder);
    options.path = other.path;
    for (int i = 0; i < 20; i++) {
        assert_ok(abx_control_open(&other.control, it.machine, &options));
        int fd = client_open(&other);
        expect_state(fd, "{\"do\":\"status\"}", "running");
        abx_control_close(other.control);
        client_expect_end(fd);
        close(fd);
    }
    int fd = client_open(&it);
    expect_state(fd, "{\"do\":\"status\"}", "running");
    close(fd);
    subject_end(&it);
}

static void nothing_stays_behind(void **state)
{
    (void)state;
    process_census before = process_census_take();
    for (int i = 0; i < 5; i++) {
        subject it;
        subject_begin(&it, i % 2);
        int fd = client_open(&it), silent = client_connect(&it);
        json_decref(client_ask(fd, "{\"do\":\"events\"}"));
        subject_end(&it);
        client_expect_end(fd);
        close(fd);
        close(silent);
    }
    process_census_await(&before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_tells_how_it_is), cmocka_unit_test(ids_come_back),
        cmocka_unit_test(pause_and_resume),          cmocka_unit_test(several_requests_at_once),
        cmocka_unit_test(a_client_that_only_asks),   cmocka_unit_test(the_balloon_is_set),
        cmocka_unit_test(metrics_come_as_text),      cmocka_unit_test(subscribers_hear_of_all),
        cmocka_unit_test(what_is_wrong_is_told),     cmocka_unit_test(sockets_come_and_go),
        cmocka_unit_test(nothing_stays_behind),
    };
    process_census_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
