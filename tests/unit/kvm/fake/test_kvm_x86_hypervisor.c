/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Capabilities that only x86_64 has, or that only there follow from the kernel's extensions. */
#include "fake_kvm.h"

static int reset(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static bool has(const abx_kvm_hypervisor *hypervisor, abx_cap cap)
{
    return abx_capabilities_has(&hypervisor->caps, cap);
}

static void capabilities_of_a_full_kernel(void **state)
{
    (void)state;
    static const abx_cap expected[] = { ABX_CAP_SPLIT_IRQCHIP,  ABX_CAP_PIT,         ABX_CAP_MSR_EXITS,  ABX_CAP_NMI,
                                        ABX_CAP_SYNC_REGISTERS, ABX_CAP_GUEST_CLOCK, ABX_CAP_TSC_CONTROL };
    abx_kvm_hypervisor *hypervisor = fake_open();
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(has(hypervisor, expected[i]));
    abx_kvm_close(hypervisor);
}

static void capabilities_that_the_kernel_lacks(void **state)
{
    (void)state;
    static const struct {
        int extension;
        abx_cap cap;
    } pairs[] = {
        { KVM_CAP_SIGNAL_MSI, ABX_CAP_MSI },
        { KVM_CAP_SYNC_REGS, ABX_CAP_SYNC_REGISTERS },
        { KVM_CAP_IRQCHIP, ABX_CAP_IRQCHIP },
        { KVM_CAP_SPLIT_IRQCHIP, ABX_CAP_SPLIT_IRQCHIP },
        { KVM_CAP_PIT2, ABX_CAP_PIT },
        { KVM_CAP_X86_USER_SPACE_MSR, ABX_CAP_MSR_EXITS },
        { KVM_CAP_EXIT_HYPERCALL, ABX_CAP_HYPERCALL_EXITS },
        { KVM_CAP_TSC_CONTROL, ABX_CAP_TSC_CONTROL },
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        fake_reset();
        fake.extensions[pairs[i].extension] = 0;
        abx_kvm_hypervisor *hypervisor = fake_open();
        assert_false(has(hypervisor, pairs[i].cap));
        abx_kvm_close(hypervisor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(capabilities_of_a_full_kernel, reset),
        cmocka_unit_test_setup(capabilities_that_the_kernel_lacks, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
