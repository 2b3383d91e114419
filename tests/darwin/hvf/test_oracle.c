/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The stand-in next to the oracle: the same guest code, exit by exit. */
#include "oracle_run.h"
#include "trace_standin.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Where the two differ, and may: bits of the syndrome of one exception class. */
typedef struct deviation {
    uint32_t class;
    uint64_t bits;
    const char *reason;
} deviation;

static const deviation deviations[] = {
    { EC_DATA_ABORT, 3, "the level of the host's table that ended the translation: the stand-in has no tables" },
    { EC_INSTRUCTION_ABORT, 3, "likewise" },
};

static char *trace_here(void)
{
    size_t size;
    char *payload = oracle_payload(&size);
    char *text = trace_standin(payload, size);
    free(payload);
    return text;
}

/* Whether two lines are the same but for the bits that may differ. */
static bool same(const char *one, const char *other)
{
    uint64_t esr, other_esr;
    int length = 0, other_length = 0;
    if (sscanf(one, "esr=0x%" SCNx64 "%n", &esr, &length) != 1 ||
        sscanf(other, "esr=0x%" SCNx64 "%n", &other_esr, &other_length) != 1)
        return strcmp(one, other) == 0;
    uint64_t allowed = 0;
    for (size_t i = 0; i < sizeof(deviations) / sizeof(deviations[0]); i++) {
        if (deviations[i].class == ORACLE_CLASS(esr))
            allowed |= deviations[i].bits;
    }
    return !((esr ^ other_esr) & ~allowed) && strcmp(one + length, other + other_length) == 0;
}

static bool is_class(const char *line, uint32_t class)
{
    uint64_t esr;
    return sscanf(line, "esr=0x%" SCNx64 "", &esr) == 1 && ORACLE_CLASS(esr) == class;
}

/* That the guest code has made all the exits that it is there for. */
static void test_every_kind_is_there(void **state)
{
    static const uint32_t classes[] = { EC_WFX,        EC_HVC,  EC_SMC,        EC_SYSREG, EC_INSTRUCTION_ABORT,
                                        EC_DATA_ABORT, EC_STEP, EC_BREAKPOINT, EC_BRK,    EC_WATCHPOINT };
    bool seen[sizeof(classes) / sizeof(classes[0])] = { 0 };
    char line[ORACLE_LINE], *text = oracle_run(), *rest = text;
    (void)state;
    while (oracle_next_line(&rest, line)) {
        for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
            seen[i] = seen[i] || is_class(line, classes[i]);
    }
    assert_string_equal(line, "end");
    free(text);
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (!seen[i])
            fail_msg("no exit of class 0x%x", classes[i]);
    }
}

static void test_same_exits(void **state)
{
    char *oracle = oracle_run(), *here = trace_here();
    char *oracle_rest = oracle, *here_rest = here;
    char expected[ORACLE_LINE], line[ORACLE_LINE];
    unsigned number = 0;
    (void)state;
    while (oracle_next_line(&oracle_rest, expected)) {
        number++;
        if (!oracle_next_line(&here_rest, line))
            fail_msg("the stand-in ends before exit %u: %s", number, expected);
        if (!same(expected, line))
            fail_msg("exit %u\noracle:   %s\nstand-in: %s", number, expected, line);
    }
    assert_string_equal(here_rest, "");
    assert_string_equal(expected, "end");
    print_message("%u exits are the same\n", number - 1);
    free(oracle);
    free(here);
}

int main(int argc, char **argv)
{
    oracle_options(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_is_there),
        cmocka_unit_test(test_same_exits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
