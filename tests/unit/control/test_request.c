/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "control/request.h"

#include <stdlib.h>
#include <string.h>

static abx_status parse(abx_control_request *request, const char *line)
{
    /* In memory of that size: a sanitizer sees an access behind its end. */
    size_t length = strlen(line);
    char *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, line, length);
    abx_status status = abx_control_request_parse(request, copy, length);
    free(copy);
    return status;
}

static void expect_verb(const char *line, abx_control_verb verb)
{
    abx_control_request request;
    assert_ok(parse(&request, line));
    assert_int_equal(request.verb, verb);
    abx_control_request_end(&request);
}

static void expect_failure(const char *line, abx_status status)
{
    abx_control_request request;
    assert_status(parse(&request, line), status);
    abx_control_request_end(&request);
}

static void every_request_is_known(void **state)
{
    (void)state;
    char line[64];
    for (abx_control_verb verb = 0; verb < ABX_CONTROL_VERBS; verb++) {
        snprintf(line, sizeof(line), "{\"do\":\"%s\"}", abx_control_verb_name(verb));
        expect_verb(line, verb);
    }
    expect_verb(" { \"id\" : 1 , \"do\" : \"status\" } \r", ABX_CONTROL_STATUS);
}

static void fields_are_taken(void **state)
{
    (void)state;
    abx_control_request request;
    assert_ok(parse(&request, "{\"do\":\"stop\",\"id\":\"a\",\"timeout\":1.5,\"force\":true}"));
    assert_string_equal(json_string_value(request.id), "a");
    assert_int_equal(request.timeout_ms, 1500);
    assert_true(request.force);
    abx_control_request_end(&request);
    assert_ok(parse(&request, "{\"do\":\"stop\"}"));
    assert_null(request.id);
    assert_int_equal(request.timeout_ms, ABX_CONTROL_STOP_TIMEOUT_MS);
    assert_false(request.force);
    assert_ok(parse(&request, "{\"do\":\"balloon\",\"size\":1048576}"));
    assert_true(request.has_size);
    assert_int_equal(request.size, 1048576);
    assert_false(request.hint);
    assert_ok(parse(&request, "{\"do\":\"balloon\",\"hint\":true}"));
    assert_true(request.hint);
    assert_false(request.has_size);
    assert_ok(parse(&request, "{\"do\":\"events\",\"backlog\":256}"));
    assert_int_equal(request.backlog, 256);
    assert_ok(parse(&request, "{\"do\":\"attach\",\"backlog\":65536,\"read_only\":true}"));
    assert_int_equal(request.backlog, 65536);
    assert_true(request.read_only);
}

static void what_is_no_request(void **state)
{
    (void)state;
    static const char *const lines[] = { "",
                                         "{",
                                         "nonsense",
                                         "[]",
                                         "1",
                                         "null",
                                         "\"status\"",
                                         "{}{}",
                                         "{\"do\":}",
                                         "\xff\xfe",
                                         "{\"do\":\"status\",\"do\":\"stop\"}",
                                         "{'do'}" };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        expect_failure(lines[i], ABX_ERR_FORMAT);
}

static void fields_are_checked(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{}",
        "{\"do\":1}",
        "{\"id\":1}",
        "{\"do\":\"status\",\"id\":1.5}",
        "{\"do\":\"status\",\"id\":{}}",
        "{\"do\":\"status\",\"id\":null}",
        "{\"do\":\"status\",\"force\":true}",
        "{\"do\":\"pause\",\"timeout\":1}",
        "{\"do\":\"stop\",\"force\":1}",
        "{\"do\":\"stop\",\"timeout\":-1}",
        "{\"do\":\"stop\",\"timeout\":86401}",
        "{\"do\":\"stop\",\"timeout\":\"soon\"}",
        "{\"do\":\"events\",\"backlog\":257}",
        "{\"do\":\"events\",\"backlog\":-1}",
        "{\"do\":\"events\",\"backlog\":1.0}",
        "{\"do\":\"attach\",\"backlog\":65537}",
        "{\"do\":\"balloon\",\"size\":-1}",
        "{\"do\":\"balloon\",\"size\":\"1G\"}",
        "{\"do\":\"balloon\",\"hint\":1}",
        "{\"do\":\"status\",\"hint\":true}",
        "{\"do\":\"balloon\",\"size\":1,\"\":2}",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        expect_failure(lines[i], ABX_ERR_INVALID);
    expect_failure("{\"do\":\"\"}", ABX_ERR_NOT_SUPPORTED);
    expect_failure("{\"do\":\"format-disk\"}", ABX_ERR_NOT_SUPPORTED);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    char line[40000];
    memset(line, '[', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    expect_failure(line, ABX_ERR_LIMIT);
    expect_failure("{\"do\":\"status\",\"x\":[[[[[[[[1]]]]]]]]}", ABX_ERR_LIMIT);
    /* Brackets in strings are none; neither is what follows an escaped quote. */
    expect_failure("{\"do\":\"status\",\"x\":\"[[[[[[[[[[[[\"}", ABX_ERR_INVALID);
    expect_failure("{\"do\":\"status\",\"x\":\"\\\"[[[[[[[[[[[[\"}", ABX_ERR_INVALID);
}

static void an_id_is_kept_with_a_fault(void **state)
{
    (void)state;
    abx_control_request request;
    assert_status(parse(&request, "{\"id\":7,\"do\":\"fly\"}"), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(json_integer_value(request.id), 7);
    abx_control_request_end(&request);
    char line[256];
    snprintf(line, sizeof(line), "{\"do\":\"status\",\"id\":\"%0129d\"}", 0);
    expect_failure(line, ABX_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_known), cmocka_unit_test(fields_are_taken),
        cmocka_unit_test(what_is_no_request),     cmocka_unit_test(fields_are_checked),
        cmocka_unit_test(nesting_is_bounded),     cmocka_unit_test(an_id_is_kept_with_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
