/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "fake_manual.h"
#include "hypervisor_internal.h"

#include <string.h>

static void every_capability_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int cap = 0; cap < ABX_CAP_COUNT; cap++) {
        const char *name = abx_cap_name((abx_cap)cap);
        assert_non_null(name);
        assert_non_null(abx_cap_text((abx_cap)cap));
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (int other = 0; other < cap; other++)
            assert_string_not_equal(name, abx_cap_name((abx_cap)other));
    }
    assert_null(abx_cap_name(ABX_CAP_COUNT));
    assert_null(abx_cap_text((abx_cap)-1));
    assert_string_equal(abx_cap_name(ABX_CAP_IRQFD_RESAMPLE), "irqfd-resample");
}

static void nothing_is_there_out_of_range(void **state)
{
    (void)state;
    abx_capabilities caps = { .bits = { UINT64_MAX, UINT64_MAX } };
    assert_true(abx_capabilities_has(&caps, ABX_CAP_SYSTEM_EVENT));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_COUNT));
    assert_false(abx_capabilities_has(&caps, (abx_cap)-1));
    assert_false(abx_capabilities_has(NULL, ABX_CAP_MANUAL));
}

/* The fake's table lacks the dirty log, and its capabilities claim everything. */
static void absent_functions_take_their_bits_along(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_capabilities caps = fake_manual_capabilities;
    abx_capabilities_settle(&caps, &fake_manual);
    assert_int_equal(caps.size, sizeof(caps));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_DIRTY_LOG));
    /* Its guests are x86_64. */
    assert_int_equal(abx_capabilities_has(&caps, ABX_CAP_FOREIGN_ARCH), abx_host_arch() != ABX_ARCH_X86_64);
    assert_true(abx_capabilities_has(&caps, ABX_CAP_IRQFD));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_GUEST_CLOCK));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_MANUAL));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_PAUSE));
    assert_int_equal(caps.breakpoints, 4);

    abx_backend backend = fake_manual;
    backend.irqfd_detach = NULL;
    backend.vcpu_set_debug = NULL;
    backend.memory_unmap = NULL;
    backend.x86_64 = NULL;
    caps = fake_manual_capabilities;
    abx_capabilities_settle(&caps, &backend);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_IRQFD));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_SINGLE_STEP));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_HW_BREAKPOINTS));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_GUEST_MEMORY));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_GUEST_CLOCK));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_TSC_CONTROL));
    assert_int_equal(caps.breakpoints, 0);
    assert_int_equal(caps.max_slots, 0);
}

/* What the backend's probing did not find stays absent, whatever the table has. */
static void probing_is_believed(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_capabilities caps = { .guest_archs = 1u << ABX_ARCH_ARM64 };
    abx_capabilities_settle(&caps, &fake_manual);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_IRQFD));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_HARDWARE));
    assert_int_equal(abx_capabilities_has(&caps, ABX_CAP_FOREIGN_ARCH), abx_host_arch() != ABX_ARCH_ARM64);
    assert_int_not_equal(caps.page_size, 0);
}

/* It takes the functions, and guests that have such inputs. */
static void interrupt_inputs_follow_from_the_table(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_capabilities caps = { .guest_archs = 1u << ABX_ARCH_ARM64 };
    abx_capabilities_settle(&caps, &fake_manual);
    assert_true(abx_capabilities_has(&caps, ABX_CAP_IRQ_INPUTS));

    abx_backend_arm64 poor = fake_manual_arm64;
    abx_backend backend = fake_manual;
    backend.arm64 = &poor;
    poor.unmask_timer = NULL;
    abx_capabilities_settle(&caps, &backend);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_IRQ_INPUTS));

    caps = fake_manual_capabilities;
    abx_capabilities_settle(&caps, &fake_manual);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_IRQ_INPUTS));
}

static void managed_backends_have_no_vcpus_and_no_memory(void **state)
{
    (void)state;
    abx_capabilities caps = { .bits = { UINT64_MAX, 0 }, .max_slots = 8 };
    abx_capabilities_settle(&caps, &fake_managed);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_MANUAL));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_GUEST_MEMORY));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_REGISTERS));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_MSR_EXITS));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_PAUSE));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_NESTED));
    for (int cap = ABX_CAP_REQUEST_STOP; cap <= ABX_CAP_EFI; cap++)
        assert_true(abx_capabilities_has(&caps, (abx_cap)cap));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_PSCI));

    abx_backend backend = fake_managed;
    backend.vm_resume = NULL;
    backend.vm_restore = NULL;
    backend.vm_request_stop = NULL;
    abx_capabilities_settle(&caps, &backend);
    assert_false(abx_capabilities_has(&caps, ABX_CAP_PAUSE));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_SAVE));
    assert_false(abx_capabilities_has(&caps, ABX_CAP_REQUEST_STOP));
    assert_true(abx_capabilities_has(&caps, ABX_CAP_BALLOON));
}

/* They are a managed platform's to give. */
static void manual_backends_have_no_devices(void **state)
{
    (void)state;
    fake_manual_reset();
    abx_capabilities caps = { .bits = { UINT64_MAX, UINT64_MAX } };
    abx_capabilities_settle(&caps, &fake_manual);
    for (int cap = ABX_CAP_REQUEST_STOP; cap <= ABX_CAP_EFI; cap++)
        assert_false(abx_capabilities_has(&caps, (abx_cap)cap));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_capability_has_a_name_of_its_own),
        cmocka_unit_test(nothing_is_there_out_of_range),
        cmocka_unit_test(absent_functions_take_their_bits_along),
        cmocka_unit_test(probing_is_believed),
        cmocka_unit_test(managed_backends_have_no_vcpus_and_no_memory),
        cmocka_unit_test(interrupt_inputs_follow_from_the_table),
        cmocka_unit_test(manual_backends_have_no_devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
