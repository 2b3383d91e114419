/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "backends.h"

#include <string.h>

static const abx_capabilities *caps_of(rig *r)
{
    rig_reopen(r);
    return abx_hypervisor_capabilities(r->hypervisor);
}

static void a_new_mac(void **state)
{
    static const abx_cap there[] = { ABX_CAP_HARDWARE, ABX_CAP_PAUSE, ABX_CAP_REQUEST_STOP, ABX_CAP_SAVE,
                                     ABX_CAP_BALLOON,  ABX_CAP_VSOCK, ABX_CAP_FS_SHARE,     ABX_CAP_ROSETTA,
                                     ABX_CAP_EFI,      ABX_CAP_NESTED };
    static const abx_cap missing[] = { ABX_CAP_MANUAL,  ABX_CAP_GUEST_MEMORY, ABX_CAP_REGISTERS,     ABX_CAP_DISCARD,
                                       ABX_CAP_IRQCHIP, ABX_CAP_DIRTY_LOG,    ABX_CAP_MEMORY_HOTPLUG };
    const abx_capabilities *caps = caps_of(*state);
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
        assert_true(abx_capabilities_has(caps, there[i]));
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
        assert_false(abx_capabilities_has(caps, missing[i]));
    assert_int_equal(caps->guest_archs, 1u << ABX_ARCH_ARM64);
    assert_int_equal(caps->max_vcpus, 8);
    assert_int_equal(caps->max_slots, 0);
    assert_string_equal(caps->nested_obstacle, "");
    assert_non_null(strstr(caps->detail, "balloon"));
}

static void an_intel_mac(void **state)
{
    model.intel = true;
    const abx_capabilities *caps = caps_of(*state);
    assert_int_equal(caps->guest_archs, 1u << ABX_ARCH_X86_64);
    assert_false(abx_capabilities_has(caps, ABX_CAP_SAVE));
    assert_false(abx_capabilities_has(caps, ABX_CAP_ROSETTA));
    assert_true(abx_capabilities_has(caps, ABX_CAP_EFI));
}

static void older_systems(void **state)
{
    static const struct {
        int version;
        abx_cap first;
    } cases[] = { { 15, ABX_CAP_NESTED },
                  { 14, ABX_CAP_SAVE },
                  { 13, ABX_CAP_EFI },
                  { 13, ABX_CAP_ROSETTA },
                  { 12, ABX_CAP_FS_SHARE } };
    for (model.major = 11; model.major <= 15; model.major++) {
        const abx_capabilities *caps = caps_of(*state);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
            assert_int_equal(abx_capabilities_has(caps, cases[i].first), model.major >= cases[i].version);
        assert_true(abx_capabilities_has(caps, ABX_CAP_VSOCK));
    }
}

static void a_chip_that_cannot_nest(void **state)
{
    model.nested = false;
    const abx_capabilities *caps = caps_of(*state);
    assert_false(abx_capabilities_has(caps, ABX_CAP_NESTED));
    assert_non_null(strstr(caps->nested_obstacle, "M3"));
}

static abx_status try_to_open(void)
{
    static const abx_backend *const backends[] = { &abx_backend_vz };
    const abx_hypervisor_options options = {
        .size = sizeof(options), .guest_arch = ABX_ARCH_ARM64, .backends = backends, .backend_count = 1
    };
    abx_hypervisor *hypervisor = NULL;
    abx_status status = abx_hypervisor_open(&hypervisor, "vz", &options);
    assert_int_equal(status == ABX_OK, hypervisor != NULL);
    abx_hypervisor_close(hypervisor);
    return status;
}

static void where_there_is_no_virtualization(void **state)
{
    (void)state;
    model.supported = false;
    assert_status(try_to_open(), ABX_ERR_NOT_SUPPORTED);
    assert_message("This Mac has no virtualization for programs");
}

static void guests_are_of_the_macs_own_kind(void **state)
{
    (void)state;
    model.intel = true;
    assert_status(try_to_open(), ABX_ERR_NOT_SUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_new_mac),
        rig_test(an_intel_mac),
        rig_test(older_systems),
        rig_test(a_chip_that_cannot_nest),
        rig_test(where_there_is_no_virtualization),
        rig_test(guests_are_of_the_macs_own_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
