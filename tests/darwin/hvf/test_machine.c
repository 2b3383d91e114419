/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Whole machines on hvf: with the machine's own interrupt controller before macOS 15, with the framework's from then
 * on. */
#include "standin.h"

#include <arcbox/arcbox.h>
#include <arcbox/machine.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIME_LIMIT = 30000 };

static int output[2];

static abx_machine *make(const char *program)
{
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { .input_fd = -1, .output_fd = output[1] } },
    };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = program;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.kernel_options.cache = "";
    config.vm.memory_size = 16 << 20;
    config.vm.cpus = 2;
    config.devices = devices;
    config.device_count = 1;
    abx_hypervisor *hypervisor;
    abx_machine *machine = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "hvf", NULL), ABX_OK);
    if (abx_machine_create(&machine, hypervisor, &config) != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    abx_hypervisor_close(hypervisor);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    return machine;
}

static void expect_end(abx_machine *machine, abx_machine_end end)
{
    abx_machine_result result = { 0 };
    assert_int_equal(abx_machine_wait(machine, TIME_LIMIT, &result), ABX_OK);
    if (result.end != end)
        fail_msg("it ended by %s: %s", abx_machine_end_name(result.end), result.text);
}

static int open_output(void **state)
{
    (void)state;
    return pipe(output);
}

static int close_output(void **state)
{
    (void)state;
    /* Everything was given back to the framework. */
    assert_int_equal(standin_leftovers(), 0);
    return close(output[0]) | close(output[1]);
}

static void test_interrupts_timer_and_power(void **state)
{
    static const char story[] = "hello\ntimer\nmessage to itself\nsecond processor\n";
    char text[sizeof(story)] = "";
    (void)state;
    abx_machine *machine = make(GUEST_PROGRAMS "/arm64-machine.bin");
    expect_end(machine, ABX_END_SHUTDOWN);
    abx_machine_destroy(machine);
    assert_int_equal(read(output[0], text, sizeof(text)), sizeof(story) - 1);
    assert_string_equal(text, story);
}

/* One that never leaves by itself. */
static void test_stop_of_a_loop(void **state)
{
    (void)state;
    abx_machine *machine = make(GUEST_PROGRAMS "/arm64-debug.bin");
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    expect_end(machine, ABX_END_STOPPED);
    abx_machine_destroy(machine);
}

/* One that waits for an interrupt which does not come. */
static void test_stop_of_a_sleeper(void **state)
{
    (void)state;
    abx_machine *machine = make(GUEST_PROGRAMS "/arm64-registers.bin");
    assert_int_equal(abx_machine_pause(machine), ABX_OK);
    assert_int_equal(abx_machine_resume(machine), ABX_OK);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    expect_end(machine, ABX_END_STOPPED);
    abx_machine_destroy(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interrupts_timer_and_power, open_output, close_output),
        cmocka_unit_test_setup_teardown(test_stop_of_a_loop, open_output, close_output),
        cmocka_unit_test_setup_teardown(test_stop_of_a_sleeper, open_output, close_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
