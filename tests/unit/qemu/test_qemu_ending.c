/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/ending.h"

#include <signal.h>
#include <string.h>

static abx_ending judge(abx_shutdown shutdown, int how, int code, bool debug_exit, const char *last_words)
{
    abx_ending_facts facts = { .shutdown = shutdown, .debug_exit = debug_exit, .last_words = last_words };
    facts.process = (abx_process_end){ .code = code };
    switch (how) {
    case ABX_PROCESS_EXITED:
        facts.process.how = ABX_PROCESS_EXITED;
        break;
    case ABX_PROCESS_KILLED:
        facts.process.how = ABX_PROCESS_KILLED;
        break;
    default:
        break;
    }
    return abx_ending_judge(&facts);
}

static void test_reasons(void **state)
{
    (void)state;
    assert_int_equal(abx_shutdown_parse("guest-shutdown"), ABX_SHUTDOWN_GUEST);
    assert_int_equal(abx_shutdown_parse("guest-reset"), ABX_SHUTDOWN_RESET);
    assert_int_equal(abx_shutdown_parse("guest-panic"), ABX_SHUTDOWN_PANIC);
    assert_int_equal(abx_shutdown_parse("host-qmp-quit"), ABX_SHUTDOWN_QUIT);
    assert_int_equal(abx_shutdown_parse("host-signal"), ABX_SHUTDOWN_HOST);
    assert_int_equal(abx_shutdown_parse("something new"), ABX_SHUTDOWN_HOST);
    assert_int_equal(abx_shutdown_parse(NULL), ABX_SHUTDOWN_HOST);
}

static void test_the_guest_ends_itself(void **state)
{
    (void)state;
    static const struct {
        abx_shutdown shutdown;
        abx_event_kind event;
    } cases[] = {
        { ABX_SHUTDOWN_GUEST, ABX_EVENT_GUEST_SHUTDOWN },
        { ABX_SHUTDOWN_RESET, ABX_EVENT_GUEST_RESET },
        { ABX_SHUTDOWN_PANIC, ABX_EVENT_NONE },
        { ABX_SHUTDOWN_QUIT, ABX_EVENT_NONE },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int debug_exit = 0; debug_exit < 2; debug_exit++) {
            abx_ending ending = judge(cases[i].shutdown, ABX_PROCESS_EXITED, 0, debug_exit, "warning: slow");
            assert_int_equal(ending.state, ABX_VM_STOPPED);
            assert_int_equal(ending.event.kind, cases[i].event);
        }
    }
}

static void assert_debug_exit(abx_ending ending, uint64_t code)
{
    assert_int_equal(ending.state, ABX_VM_STOPPED);
    assert_int_equal(ending.event.kind, ABX_EVENT_GUEST_EXIT);
    assert_int_equal(ending.event.code, code);
    assert_int_equal(ending.event.vcpu, UINT32_MAX);
}

static void test_debug_exit(void **state)
{
    (void)state;
    for (int code = 1; code < 256; code += 2) {
        assert_debug_exit(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, code, true, ""), (uint64_t)code);
        assert_debug_exit(judge(ABX_SHUTDOWN_GUEST, ABX_PROCESS_EXITED, code, true, "warning"), (uint64_t)code);
    }
    assert_debug_exit(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, 3, true, "warning: slow"), 3);
}

static void assert_lost(abx_ending ending, const char *text)
{
    assert_int_equal(ending.state, ABX_VM_FAILED);
    assert_int_equal(ending.event.kind, ABX_EVENT_BACKEND_LOST);
    assert_string_equal(ending.text, text);
    assert_string_equal(ending.event.text, text);
}

static void test_qemu_is_lost(void **state)
{
    (void)state;
    assert_lost(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_KILLED, SIGKILL, true, ""), "QEMU was killed by signal 9");
    assert_lost(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, 1, true, "no memory"),
                "QEMU exited with status 1: no memory");
    assert_lost(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, 3, false, ""), "QEMU exited with status 3");
    assert_lost(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, 0, true, ""), "QEMU exited with status 0");
    assert_lost(judge(ABX_SHUTDOWN_HOST, ABX_PROCESS_EXITED, 0, true, "terminating"),
                "QEMU was told to quit by somebody else: terminating");
    assert_lost(judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_UNKNOWN, 0, true, ""), "QEMU is gone");
}

static void test_long_words_are_cut(void **state)
{
    (void)state;
    char words[1000];
    memset(words, 'w', sizeof(words) - 1);
    words[sizeof(words) - 1] = '\0';
    abx_ending ending = judge(ABX_SHUTDOWN_NONE, ABX_PROCESS_EXITED, 1, false, words);
    assert_int_equal(strlen(ending.text), sizeof(ending.text) - 1);
    assert_int_equal(strlen(ending.event.text), sizeof(ending.event.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_the_guest_ends_itself),
        cmocka_unit_test(test_debug_exit),
        cmocka_unit_test(test_qemu_is_lost),
        cmocka_unit_test(test_long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
