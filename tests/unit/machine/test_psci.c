/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "psci.h"

enum { CPUS = 18, NOT_SUPPORTED = -1, INVALID = -2, ALREADY_ON = -4, ON_PENDING = -5, LARGE = 0x40000000 };

/* Function numbers of DEN 0022 and DEN 0028. */
#define SMCCC_VERSION       0x80000000u
#define SMCCC_ARCH_FEATURES 0x80000001u
#define VERSION             0x84000000u
#define CPU_SUSPEND         0x84000001u
#define CPU_OFF             0x84000002u
#define CPU_ON              0x84000003u
#define AFFINITY_INFO       0x84000004u
#define MIGRATE             0x84000005u
#define MIGRATE_INFO_TYPE   0x84000006u
#define SYSTEM_OFF          0x84000008u
#define SYSTEM_RESET        0x84000009u
#define FEATURES            0x8400000au
#define SYSTEM_SUSPEND      0x8400000eu
#define SYSTEM_RESET2       0x84000012u

static abx_psci *psci;
static uint32_t woken; /* the last one, and how many of them */
static unsigned wakes;
static abx_psci_action action;

static void wake(void *machine, uint32_t cpu)
{
    assert_ptr_equal(machine, &woken);
    assert_true(abx_psci_is_called(psci, cpu));
    woken = cpu;
    wakes++;
}

static int begin(void **state)
{
    (void)state;
    wakes = 0;
    return abx_psci_new(&psci, CPUS, wake, &woken);
}

static int end(void **state)
{
    (void)state;
    abx_psci_free(psci);
    return 0;
}

static const int64_t untouched = 0x1234;

static int64_t call_by(uint32_t cpu, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t result = (uint64_t)untouched;
    const abx_exit_hypercall hypercall = { .number = function, .arguments = { a, b, c }, .result = &result };
    action = abx_psci_call(psci, cpu, &hypercall);
    return (int64_t)result;
}

static int64_t call(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    return call_by(0, function, a, b, c);
}

static void it_says_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(call(VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(call(SMCCC_VERSION, 0, 0, 0), 0x10001);
    assert_int_equal(call(MIGRATE_INFO_TYPE, 0, 0, 0), 2);
    assert_int_equal(action, ABX_PSCI_GO_ON);
    /* The number is of 32 bits, whatever the register's other half holds. */
    assert_int_equal(call(UINT64_C(0xffffffff00000000) | VERSION, 0, 0, 0), 0x10001);
}

static void features_are_those_that_there_are(void **state)
{
    (void)state;
    static const uint32_t there[] = {
        VERSION,       CPU_SUSPEND,           CPU_SUSPEND | LARGE, CPU_OFF,      CPU_ON,   CPU_ON | LARGE,
        AFFINITY_INFO, AFFINITY_INFO | LARGE, SYSTEM_OFF,          SYSTEM_RESET, FEATURES, MIGRATE_INFO_TYPE,
        SYSTEM_RESET2, SYSTEM_RESET2 | LARGE, SMCCC_VERSION
    };
    static const uint32_t absent[] = {
        MIGRATE, SYSTEM_SUSPEND, VERSION | LARGE,    CPU_OFF | LARGE, SYSTEM_OFF | LARGE, SMCCC_ARCH_FEATURES,
        0,       UINT32_MAX,     CPU_ON & 0x7fffffff
    };
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        assert_int_equal(call(FEATURES, there[i], 0, 0), 0);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_int_equal(call(FEATURES, absent[i], 0, 0), NOT_SUPPORTED);
    assert_int_equal(call(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), 0);
    assert_int_equal(call(SMCCC_ARCH_FEATURES, SMCCC_ARCH_FEATURES, 0, 0), 0);
    assert_int_equal(call(SMCCC_ARCH_FEATURES, 0x80008000u, 0, 0), NOT_SUPPORTED); /* a workaround */
    assert_int_equal(call(SMCCC_ARCH_FEATURES, VERSION, 0, 0), NOT_SUPPORTED);
}

static void others_are_not_supported(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {
        0,          1,          MIGRATE,         SYSTEM_SUSPEND,     0x86000001,     0xc6000001,
        0x84000050, 0xffffffff, VERSION | LARGE, SYSTEM_OFF | LARGE, CPU_OFF | LARGE
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        assert_int_equal(call(numbers[i], 0, 0, 0), NOT_SUPPORTED);
        assert_int_equal(action, ABX_PSCI_GO_ON);
    }
}

static void a_vcpu_goes_on_and_off(void **state)
{
    (void)state;
    assert_false(abx_psci_is_called(psci, 2));
    assert_int_equal(call(AFFINITY_INFO | LARGE, 2, 0, 0), 1);
    assert_int_equal(call(CPU_ON | LARGE, 2, UINT64_C(0x4000001234), UINT64_C(0xfedcba9876543210)), 0);
    assert_int_equal(woken, 2);
    assert_true(abx_psci_is_called(psci, 2));
    assert_int_equal(call(AFFINITY_INFO, 2, 0, 0), 2);
    assert_int_equal(call(CPU_ON, 2, 0, 0), ON_PENDING);
    abx_psci_start start = abx_psci_answer(psci, 2);
    assert_true(start.entry == 0x4000001234);
    assert_true(start.context == 0xfedcba9876543210);
    assert_false(abx_psci_is_called(psci, 2));
    assert_int_equal(call(AFFINITY_INFO, 2, 0, 0), 0);
    assert_int_equal(call(CPU_ON, 2, 0, 0), ALREADY_ON);
    assert_int_equal(call(CPU_ON, 0, 0, 0), ALREADY_ON);
    assert_int_equal(call_by(2, CPU_OFF, 0, 0, 0), untouched);
    assert_int_equal(action, ABX_PSCI_OFF);
    assert_int_equal(call(AFFINITY_INFO, 2, 0, 0), 1);
    assert_int_equal(call(CPU_ON, 2, 0, 0), 0);
    assert_int_equal(wakes, 2);
}

/* The form of 32 bits has arguments of 32 bits. */
static void short_calls_have_short_arguments(void **state)
{
    (void)state;
    assert_int_equal(call(CPU_ON, UINT64_C(0x7700000001), UINT64_C(0x9940001000), UINT64_C(0x55aa55aa12345678)), 0);
    abx_psci_start start = abx_psci_answer(psci, 1);
    assert_true(start.entry == 0x40001000);
    assert_true(start.context == 0x12345678);
    assert_int_equal(call(CPU_ON | LARGE, UINT64_C(0x7700000003), 0, 0), INVALID);
}

static void targets_are_affinities(void **state)
{
    (void)state;
    static const uint64_t nobody[] = { 16, 18, 0x102, 0x200, 0x10000, UINT64_C(0x100000000), 0x80000001, UINT64_MAX };
    assert_int_equal(call(CPU_ON | LARGE, 0x101, 0, 0), 0);
    assert_int_equal(woken, 17);
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        assert_int_equal(call(CPU_ON | LARGE, nobody[i], 0, 0), INVALID);
        assert_int_equal(call(AFFINITY_INFO | LARGE, nobody[i], 0, 0), INVALID);
    }
    assert_int_equal(wakes, 1);
}

static void levels_gather_vcpus(void **state)
{
    (void)state;
    assert_int_equal(call(AFFINITY_INFO, 0x100, 1, 0), 1);
    assert_int_equal(call(CPU_ON, 0x101, 0, 0), 0);
    assert_int_equal(call(AFFINITY_INFO, 0x100, 1, 0), 2);
    abx_psci_answer(psci, 17);
    assert_int_equal(call(AFFINITY_INFO, 0x100, 1, 0), 0);
    assert_int_equal(call(AFFINITY_INFO, 0x1ff, 1, 0), 0); /* what is below the level does not count */
    assert_int_equal(call(AFFINITY_INFO, 0x200, 1, 0), INVALID);
    assert_int_equal(call(AFFINITY_INFO, 0x200, 2, 0), 0);
    assert_int_equal(call(AFFINITY_INFO, 0x10000, 3, 0), 0);
    assert_int_equal(call(AFFINITY_INFO, 0, 4, 0), INVALID);
    assert_int_equal(call(AFFINITY_INFO | LARGE, 0, UINT64_MAX, 0), INVALID);
}

static void the_last_one_says_so(void **state)
{
    (void)state;
    call(CPU_ON, 1, 0, 0);
    call(CPU_OFF, 0, 0, 0);
    assert_int_equal(action, ABX_PSCI_OFF); /* one is still on its way */
    abx_psci_answer(psci, 1);
    call_by(1, CPU_OFF, 0, 0, 0);
    assert_int_equal(action, ABX_PSCI_LAST_OFF);
}

static void waits_and_ends_are_the_machines(void **state)
{
    (void)state;
    assert_int_equal(call(CPU_SUSPEND, 0x10000, 0, 0), 0);
    assert_int_equal(action, ABX_PSCI_SUSPEND);
    assert_int_equal(call(CPU_SUSPEND | LARGE, 0, 0, 0), 0);
    assert_int_equal(action, ABX_PSCI_SUSPEND);
    call(SYSTEM_OFF, 0, 0, 0);
    assert_int_equal(action, ABX_PSCI_SHUTDOWN);
    call(SYSTEM_RESET, 0, 0, 0);
    assert_int_equal(action, ABX_PSCI_RESET);
    call(SYSTEM_RESET2, 0, 0, 0);
    assert_int_equal(action, ABX_PSCI_RESET);
    call(SYSTEM_RESET2 | LARGE, 0x80000000u, 0, 0);
    assert_int_equal(action, ABX_PSCI_RESET);
    assert_int_equal(call(SYSTEM_RESET2, 1, 0, 0), INVALID);
    assert_int_equal(action, ABX_PSCI_GO_ON);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_says_what_it_is),
        TEST(features_are_those_that_there_are),
        TEST(others_are_not_supported),
        TEST(a_vcpu_goes_on_and_off),
        TEST(short_calls_have_short_arguments),
        TEST(targets_are_affinities),
        TEST(levels_gather_vcpus),
        TEST(the_last_one_says_so),
        TEST(waits_and_ends_are_the_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
