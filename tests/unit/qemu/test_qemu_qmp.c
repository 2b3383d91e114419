/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The client against a scripted peer at the other end of a socket. */
#include "qemu_test.h"

#include "qemu/descriptors.h"
#include "qemu/qmp.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING                                                                                                       \
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 3, \"minor\": 2, \"major\": 7}, \"package\": \"\"}, "              \
    "\"capabilities\": [\"oob\"]}}\r\n"

typedef struct bench {
    abx_qmp *qmp;
    int ends[2]; /* the client's, the peer's */
    FILE *commands;
    pthread_t reader;
    pthread_t peer;
    void (*script)(struct bench *);
    abx_status end; /* what ended the reader */
    char events[256];
} bench;

static void on_event(void *context, const char *name, const json_t *data)
{
    bench *b = context;
    const char *reason = json_string_value(json_object_get(data, "reason"));
    size_t length = strlen(b->events);
    snprintf(b->events + length, sizeof(b->events) - length, "%s(%s) ", name, reason ? reason : "");
}

static void *read_all(void *context)
{
    bench *b = context;
    do {
        assert_true(wait_until_readable(abx_qmp_fd(b->qmp)));
        b->end = abx_qmp_receive(b->qmp);
    } while (b->end == ABX_OK || b->end == ABX_ERR_EMPTY);
    return NULL;
}

static void *play(void *context)
{
    bench *b = context;
    b->script(b);
    shutdown(b->ends[1], SHUT_RDWR);
    return NULL;
}

static void set_up_with(bench *b, void (*script)(bench *), abx_qmp_handler handler)
{
    *b = (bench){ .script = script };
    assert_int_equal(abx_open_sockets(b->ends), 0);
    b->commands = fdopen(dup(b->ends[1]), "r");
    assert_non_null(b->commands);
    assert_ok(abx_qmp_new(&b->qmp, b->ends[0], handler, b));
    assert_int_equal(pthread_create(&b->reader, NULL, read_all, b), 0);
    assert_int_equal(pthread_create(&b->peer, NULL, play, b), 0);
}

static void set_up(bench *b, void (*script)(bench *))
{
    set_up_with(b, script, on_event);
}

/* Waits for both sides' end. */
static void tear_down(bench *b)
{
    pthread_join(b->peer, NULL);
    pthread_join(b->reader, NULL);
    abx_qmp_free(b->qmp);
    fclose(b->commands);
    abx_close_pair(b->ends);
}

static void say(const bench *b, const char *text)
{
    /* The client may have hung up on us. */
    (void)!send(b->ends[1], text, strlen(text), MSG_NOSIGNAL);
}

/* The id of the next command, which must be `name`. */
static json_int_t hear(const bench *b, const char *name)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length = getline(&line, &size, b->commands);
    if (length < 0) {
        free(line);
        return -1;
    }
    json_t *command = json_loads(line, 0, NULL);
    assert_non_null(command);
    assert_string_equal(json_string_value(json_object_get(command, "execute")), name);
    json_int_t id = json_integer_value(json_object_get(command, "id"));
    json_decref(command);
    free(line);
    return id;
}

static void answer(const bench *b, json_int_t id)
{
    char text[128];
    snprintf(text, sizeof(text), "{\"return\": {\"number\": %d}, \"id\": %d}\n", (int)id, (int)id);
    say(b, text);
}

static void greet(const bench *b)
{
    say(b, GREETING);
    answer(b, hear(b, "qmp_capabilities"));
}

static void expect_greeting(const bench *b)
{
    abx_qemu_version version;
    assert_ok(abx_qmp_greet(b->qmp, PATIENCE_MS, &version));
    assert_int_equal(version.major, 7);
    assert_int_equal(version.minor, 2);
    assert_int_equal(version.micro, 3);
}

static void script_interleaved(bench *b)
{
    greet(b);
    json_int_t id = hear(b, "stop");
    say(b, "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"STOP\"}\r\n{\"event\": \"SHUT");
    say(b, "DOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\n");
    answer(b, id);
    say(b, "{\"event\": \"AFTER\"}\n");
}

static void test_events_and_answers_interleave(void **state)
{
    (void)state;
    bench b;
    json_t *result;
    set_up(&b, script_interleaved);
    expect_greeting(&b);
    assert_ok(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, &result));
    assert_int_equal(json_integer_value(json_object_get(result, "number")), 2);
    json_decref(result);
    tear_down(&b);
    assert_string_equal(b.events, "STOP() SHUTDOWN(guest-reset) AFTER() ");
    assert_int_equal(b.end, ABX_ERR_LOST);
}

/* The reader's own question, asked again before the answer is there, and its refusal. */
static void on_event_ask(void *context, const char *name, const json_t *data)
{
    const bench *b = context;
    on_event(context, name, data);
    if (strcmp(name, "STOP") == 0)
        assert_ok(abx_qmp_ask(b->qmp, "query-status"));
}

static void script_questions(bench *b)
{
    json_int_t ids[2];
    greet(b);
    say(b, "{\"event\": \"STOP\"}\n{\"event\": \"STOP\"}\n");
    for (int i = 0; i < 2; i++)
        ids[i] = hear(b, "query-status");
    for (int i = 0; i < 2; i++) {
        char text[96];
        snprintf(text, sizeof(text), "{\"return\": {\"reason\": \"%d\"}, \"id\": %d}\n", i, (int)ids[i]);
        say(b, text);
    }
    say(b, "{\"event\": \"STOP\"}\n");
    char text[96];
    snprintf(text, sizeof(text), "{\"error\": {}, \"id\": %d}\n", (int)hear(b, "query-status"));
    say(b, text);
}

static void test_the_reader_asks(void **state)
{
    (void)state;
    bench b;
    set_up_with(&b, script_questions, on_event_ask);
    expect_greeting(&b);
    tear_down(&b);
    assert_string_equal(b.events, "STOP() STOP() query-status(1) STOP() query-status() ");
    assert_int_equal(b.end, ABX_ERR_LOST);
}

/* Takes all commands, then answers them in the opposite order. */
enum { CROWD = 8 };

static void script_backwards(bench *b)
{
    json_int_t ids[CROWD];
    greet(b);
    for (int i = 0; i < CROWD; i++)
        ids[i] = hear(b, "query");
    for (int i = CROWD - 1; i >= 0; i--)
        answer(b, ids[i]);
}

static void *ask(void *context)
{
    const bench *b = context;
    json_t *result = NULL;
    json_t *arguments = json_pack("{s:s}", "some", "argument");
    assert_ok(abx_qmp_execute(b->qmp, "query", arguments, PATIENCE_MS, &result));
    json_int_t number = json_integer_value(json_object_get(result, "number"));
    json_decref(result);
    return (void *)(intptr_t)number;
}

static void test_each_thread_gets_its_own_answer(void **state)
{
    (void)state;
    bench b;
    pthread_t threads[CROWD];
    unsigned seen = 0;
    set_up(&b, script_backwards);
    expect_greeting(&b);
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &b), 0);
    for (int i = 0; i < CROWD; i++) {
        void *number;
        pthread_join(threads[i], &number);
        seen |= 1u << (intptr_t)number;
    }
    tear_down(&b);
    assert_int_equal(seen, ((1u << CROWD) - 1) << 2);
}

static void script_refuse(bench *b)
{
    char text[160];
    greet(b);
    for (int i = 0; i < 2; i++) {
        const char *kind = i == 0 ? "GenericError" : "CommandNotFound";
        json_int_t id = hear(b, "cont");
        snprintf(text, sizeof(text), "{\"id\": %d, \"error\": {\"class\": \"%s\", \"desc\": \"Not now.\"}}\n", (int)id,
                 kind);
        say(b, text);
    }
}

static void test_refusals_say_why(void **state)
{
    (void)state;
    bench b;
    json_t *result = NULL;
    set_up(&b, script_refuse);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "cont", NULL, PATIENCE_MS, &result), ABX_ERR_SYSTEM);
    assert_string_equal(abx_last_error()->advice, "Not now.");
    assert_status(abx_qmp_execute(b.qmp, "cont", NULL, PATIENCE_MS, &result), ABX_ERR_NOT_SUPPORTED);
    assert_null(result);
    tear_down(&b);
}

static void script_late(bench *b)
{
    greet(b);
    json_int_t first = hear(b, "stop");
    json_int_t second = hear(b, "cont");
    answer(b, first);
    answer(b, second);
}

static void test_no_answer_in_time(void **state)
{
    (void)state;
    bench b;
    json_t *result;
    set_up(&b, script_late);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, 20, NULL), ABX_ERR_TIMEOUT);
    /* The late answer is nobody's, above all not this one's. */
    assert_ok(abx_qmp_execute(b.qmp, "cont", NULL, PATIENCE_MS, &result));
    assert_int_equal(json_integer_value(json_object_get(result, "number")), 3);
    json_decref(result);
    tear_down(&b);
}

static void script_close_in_answer(bench *b)
{
    greet(b);
    hear(b, "stop");
    say(b, "{\"return\": {}, \"id\"");
}

static void test_closed_amid_an_answer(void **state)
{
    (void)state;
    bench b;
    set_up(&b, script_close_in_answer);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_LOST);
    tear_down(&b);
    assert_int_equal(b.end, ABX_ERR_LOST);
}

static void script_vanish(bench *b)
{
    (void)b;
}

static void test_closed_before_the_greeting(void **state)
{
    (void)state;
    bench b;
    abx_qemu_version version = { 0 };
    set_up(&b, script_vanish);
    assert_status(abx_qmp_greet(b.qmp, PATIENCE_MS, &version), ABX_ERR_LOST);
    assert_status(abx_qmp_execute(b.qmp, "cont", json_object(), PATIENCE_MS, NULL), ABX_ERR_LOST);
    assert_false(abx_qmp_tell(b.qmp, "quit"));
    tear_down(&b);
}

static void script_wait(bench *b)
{
    greet(b);
    hear(b, "stop");
}

/* The peer's end is open still, but nobody is behind it. */
static void test_hung_up(void **state)
{
    (void)state;
    bench b;
    set_up(&b, script_wait);
    expect_greeting(&b);
    abx_qmp_hang_up(b.qmp);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_LOST);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

static const char *hostile;

static void script_hostile(bench *b)
{
    greet(b);
    hear(b, "stop");
    say(b, hostile);
    /* Waits until the client has had enough. */
    hear(b, "stop");
}

static void test_whatever_is_not_the_protocol(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "\n",
        "nonsense\n",
        "[]\n",
        "{}\n",
        "42\n",
        "{\"event\": 5}\n",
        "{\"return\": {}}\n",
        "{\"return\": {}, \"id\": \"2\"}\n",
        "{\"return\": {}, \"id\": 99}\n",
        "{\"return\": {}, \"id\": 0}\n",
        "{\"return\": {}, \"id\": -9223372036854775808}\n",
        "{\"return\": {}, \"id\": 99999999999999999999999}\n",
        "{\"error\": \"text\", \"id\": 2}\n",
        "{\"return\": {}, \"return\": {}, \"id\": 2}\n",
        "{\"return\": \"\xff\xfe\", \"id\": 2}\n",
        GREETING,
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        bench b;
        hostile = lines[i];
        set_up(&b, script_hostile);
        expect_greeting(&b);
        assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_FORMAT);
        shutdown(b.ends[0], SHUT_RDWR);
        tear_down(&b);
        assert_int_equal(b.end, ABX_ERR_FORMAT);
    }
}

static void test_errors_without_words(void **state)
{
    (void)state;
    bench b;
    hostile = "{\"error\": {\"class\": 1, \"desc\": null}, \"id\": 2}\n";
    set_up(&b, script_hostile);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_SYSTEM);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

static void script_deep(bench *b)
{
    greet(b);
    hear(b, "stop");
    for (int i = 0; i < 1000; i++)
        say(b, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
    say(b, "\n");
    hear(b, "stop");
}

static void test_deep_nesting(void **state)
{
    (void)state;
    bench b;
    set_up(&b, script_deep);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_FORMAT);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

static void script_endless(bench *b)
{
    static const char part[] =
        "{\"event\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    greet(b);
    hear(b, "stop");
    while (send(b->ends[1], part, sizeof(part) - 1, MSG_NOSIGNAL) > 0) {
    }
}

static void test_a_line_without_end(void **state)
{
    (void)state;
    bench b;
    set_up(&b, script_endless);
    expect_greeting(&b);
    assert_status(abx_qmp_execute(b.qmp, "stop", NULL, PATIENCE_MS, NULL), ABX_ERR_FORMAT);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
    assert_int_equal(b.end, ABX_ERR_FORMAT);
}

static void script_silent(bench *b)
{
    hear(b, "nothing");
}

static void test_no_greeting_in_time(void **state)
{
    (void)state;
    bench b;
    abx_qemu_version version = { 9, 9, 9 };
    set_up(&b, script_silent);
    assert_status(abx_qmp_greet(b.qmp, 20, &version), ABX_ERR_TIMEOUT);
    assert_int_equal(version.major, 9);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

static void script_bad_greeting(bench *b)
{
    say(b, "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": -3, \"minor\": 2, \"major\": 7}}}}\n");
    hear(b, "nothing");
}

static void test_a_greeting_without_version(void **state)
{
    (void)state;
    bench b;
    abx_qemu_version version;
    set_up(&b, script_bad_greeting);
    assert_status(abx_qmp_greet(b.qmp, PATIENCE_MS, &version), ABX_ERR_FORMAT);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

static void script_deaf(bench *b)
{
    struct pollfd hang_up = { .fd = b->ends[1] };
    poll(&hang_up, 1, PATIENCE_MS);
}

/* A peer that takes nothing any more must not block whoever asks it. */
static void test_a_full_socket(void **state)
{
    (void)state;
    bench b;
    set_up(&b, script_deaf);
    for (int i = 0; i < 20000; i++)
        (void)abx_qmp_tell(b.qmp, "nothing");
    assert_status(abx_qmp_execute(b.qmp, "nothing", NULL, PATIENCE_MS, NULL), ABX_ERR_TIMEOUT);
    shutdown(b.ends[0], SHUT_RDWR);
    tear_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_and_answers_interleave),
        cmocka_unit_test(test_the_reader_asks),
        cmocka_unit_test(test_each_thread_gets_its_own_answer),
        cmocka_unit_test(test_refusals_say_why),
        cmocka_unit_test(test_no_answer_in_time),
        cmocka_unit_test(test_closed_amid_an_answer),
        cmocka_unit_test(test_closed_before_the_greeting),
        cmocka_unit_test(test_hung_up),
        cmocka_unit_test(test_whatever_is_not_the_protocol),
        cmocka_unit_test(test_errors_without_words),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_a_line_without_end),
        cmocka_unit_test(test_no_greeting_in_time),
        cmocka_unit_test(test_a_greeting_without_version),
        cmocka_unit_test(test_a_full_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
