/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <string.h>

static int setup(void **state)
{
    static hvf_rig rig;
    rig = (hvf_rig){ .hypervisor = NULL };
    fake_reset();
    *state = &rig;
    return 0;
}

static int teardown(void **state)
{
    hvf_rig *rig = *state;
    abx_hypervisor_close(rig->hypervisor);
    fake_end();
    return 0;
}

static const abx_capabilities *open_it(hvf_rig *rig)
{
    assert_int_equal(rig_open(rig), ABX_OK);
    return abx_hypervisor_capabilities(rig->hypervisor);
}

static void a_new_mac_has_everything(void **state)
{
    const abx_capabilities *caps = open_it(*state);
    static const abx_cap all[] = {
        ABX_CAP_HARDWARE,         ABX_CAP_MANUAL,         ABX_CAP_GUEST_MEMORY,
        ABX_CAP_READ_ONLY_MEMORY, ABX_CAP_DISCARD,        ABX_CAP_MEMORY_HOTPLUG,
        ABX_CAP_DIRTY_LOG,        ABX_CAP_REGISTERS,      ABX_CAP_VCPU_STATE,
        ABX_CAP_SINGLE_STEP,      ABX_CAP_HW_BREAKPOINTS, ABX_CAP_IMMEDIATE_EXIT,
        ABX_CAP_IRQCHIP,          ABX_CAP_IRQ_LINES,      ABX_CAP_MSI,
        ABX_CAP_NESTED,           ABX_CAP_PAUSE,          ABX_CAP_POINTER_AUTH,
        ABX_CAP_HYPERCALL_EXITS,
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_true(abx_capabilities_has(caps, all[i]));
    static const abx_cap none[] = { ABX_CAP_IRQ_ROUTING, ABX_CAP_IRQFD,        ABX_CAP_IOEVENTFD, ABX_CAP_PSCI,
                                    ABX_CAP_PMU,         ABX_CAP_SVE,          ABX_CAP_NMI,       ABX_CAP_PIT,
                                    ABX_CAP_MSR_EXITS,   ABX_CAP_SPLIT_IRQCHIP };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_false(abx_capabilities_has(caps, none[i]));
    assert_int_equal(caps->guest_archs, 1u << ABX_ARCH_ARM64);
    assert_int_equal(caps->max_vcpus, 64);
    assert_int_equal(caps->max_vms, 1);
    assert_int_equal(caps->page_size, 16384);
    assert_int_equal(caps->phys_bits, 40);
    assert_int_equal(caps->breakpoints, 4); /* of 6 and 4 */
    assert_int_equal(caps->nesting, ABX_NESTING_BARE_METAL);
    assert_string_equal(caps->nested_obstacle, "");
    assert_string_equal(caps->detail, "Hypervisor.framework");
}

static void macos_11_has_less(void **state)
{
    fake.macos_major = 11;
    const abx_capabilities *caps = open_it(*state);
    assert_int_equal(caps->phys_bits, 36);
    assert_false(abx_capabilities_has(caps, ABX_CAP_IRQCHIP));
    assert_false(abx_capabilities_has(caps, ABX_CAP_IRQ_LINES));
    assert_false(abx_capabilities_has(caps, ABX_CAP_MSI));
    assert_false(abx_capabilities_has(caps, ABX_CAP_NESTED));
    assert_string_equal(caps->nested_obstacle, "macOS 15 or newer is needed");
}

static void an_older_mac_has_no_nesting(void **state)
{
    fake.el2 = false;
    fake.inside_vm = true;
    const abx_capabilities *caps = open_it(*state);
    assert_false(abx_capabilities_has(caps, ABX_CAP_NESTED));
    assert_non_null(strstr(caps->nested_obstacle, "M3"));
    assert_int_equal(caps->nesting, ABX_NESTING_GUEST);
}

static void vcpus_are_as_many_as_redistributors_have_room(void **state)
{
    fake.max_vcpus = 1000;
    assert_int_equal(open_it(*state)->max_vcpus, 123);
}

static void without_virtualization_it_is_not_opened(void **state)
{
    fake.supported = false;
    assert_fails(rig_open(*state), ABX_ERR_NOT_SUPPORTED, "offers no virtualization");
}

static void without_the_entitlement_codesign_is_advised(void **state)
{
    fake.create_result = HV_DENIED;
    assert_fails(rig_open(*state), ABX_ERR_PERMISSION, "com.apple.security.hypervisor: codesign");
    assert_non_null(strstr(abx_last_error()->message, "HV_DENIED"));
}

/* The probe makes a VM and ends it. Where somebody else has one, that shows as well that there can be one. */
static void opening_leaves_no_vm(void **state)
{
    open_it(*state);
    assert_false(fake.vm);
    hvf_rig second = { .hypervisor = NULL };
    fake.create_result = HV_BUSY;
    assert_int_equal(rig_open(&second), ABX_OK);
    abx_hypervisor_close(second.hypervisor);
}

static void every_failing_call_gives_all_back(void **state)
{
    hvf_rig *rig = *state;
    uint32_t failures = 0;
    for (uint32_t at = 1;; at++) {
        fake_reset();
        fake.fail_at = at;
        abx_status status = rig_open(rig);
        bool reached = fake.calls >= at;
        fake.fail_at = 0;
        assert_false(fake.vm);
        assert_int_equal(fake.objects, 0);
        if (status == ABX_OK) { /* what only makes a capability absent */
            abx_hypervisor_close(rig->hypervisor);
            rig->hypervisor = NULL;
        } else {
            failures++;
        }
        if (!reached)
            break;
    }
    assert_in_range(failures, 6, 20);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_new_mac_has_everything),
        CASE(macos_11_has_less),
        CASE(an_older_mac_has_no_nesting),
        CASE(vcpus_are_as_many_as_redistributors_have_room),
        CASE(without_virtualization_it_is_not_opened),
        CASE(without_the_entitlement_codesign_is_advised),
        CASE(opening_leaves_no_vm),
        CASE(every_failing_call_gives_all_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
