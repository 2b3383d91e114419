/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    hvf_rig *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    fake_reset();
    rig_start(made, ABX_IRQCHIP_DEFAULT, 1);
    *state = made;
    return 0;
}

static void it_is_where_the_map_has_it(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_vm_get_config(rig->vm)->irqchip, ABX_IRQCHIP_KERNEL);
    assert_true(fake.gic);
    assert_int_equal(fake.objects, 0);
    assert_int_equal(fake.distributor, ABX_ARM64_GIC_DISTRIBUTOR);
    assert_int_equal(fake.redistributors, ABX_ARM64_GIC_REDISTRIBUTORS);
    assert_int_equal(fake.frame, ABX_ARM64_GIC_ITS);
    abx_arm64_gic gic;
    assert_int_equal(abx_arm64_get_gic(rig->vm, &gic), ABX_OK);
    assert_int_equal(gic.version, 3);
    assert_int_equal(gic.lines, 256);
    assert_false(gic.has_its);
    assert_int_equal(rig->hv->sysregs[ABX_ARM64_SYSREG_NUMBER(3, 0, 0, 4, 0)], 0); /* left to the framework */
    assert_int_equal(gic.msi_frame, ABX_ARM64_GIC_ITS);
    assert_int_equal(gic.first_message, 32 + 256);
    assert_int_equal(gic.messages, 256);
    assert_int_equal(fake.first_message, gic.first_message);
    assert_int_equal(fake.messages, gic.messages);
}

static void lines_are_spis(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_irq_set_line(rig->vm, 1, true), ABX_OK);
    assert_true(fake.spi[33]);
    assert_int_equal(abx_irq_set_line(rig->vm, 1, false), ABX_OK);
    assert_false(fake.spi[33]);
    assert_int_equal(abx_irq_set_line(rig->vm, 255, true), ABX_OK);
    assert_fails(abx_irq_set_line(rig->vm, 256, true), ABX_ERR_LIMIT, "256");
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_irq_set_line(rig->vm, 2, true), ABX_ERR_SYSTEM, "set interrupt line 2");
    assert_false(rig->hv->cancel); /* never a kick as well */
}

static void messages_go_to_the_frame(void **state)
{
    hvf_rig *rig = *state;
    abx_msi msi = { .address = ABX_ARM64_GIC_ITS + 0x40, .data = 300 };
    assert_int_equal(abx_irq_send_msi(rig->vm, &msi), ABX_OK);
    assert_int_equal(fake.sent_message, 300);
    assert_int_equal(fake.sent_to, ABX_ARM64_GIC_ITS + 0x40);
    msi.data = 287; /* a line */
    assert_fails(abx_irq_send_msi(rig->vm, &msi), ABX_ERR_INVALID, "Messages go to the frame");
    msi.data = 32 + 512;
    assert_fails(abx_irq_send_msi(rig->vm, &msi), ABX_ERR_INVALID, "Messages go to the frame");
    msi = (abx_msi){ .address = RIG_RAM, .data = 300 };
    assert_fails(abx_irq_send_msi(rig->vm, &msi), ABX_ERR_INVALID, "Messages go to the frame");
}

static void a_redistributor_elsewhere_is_refused(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    rig->vcpu = NULL;
    fake.redistributors_off = 1;
    assert_fails(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_ERR_NOT_SUPPORTED, "at 0x80c0000");
    fake.redistributors_off = 0;
    fake.fail_at = fake.calls + 6; /* after what sets the vCPU up */
    assert_fails(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_ERR_SYSTEM, "find the redistributor of vCPU 0");
    assert_false(fake.vcpus[0].used);
}

static void inputs_and_timer_are_the_controllers(void **state)
{
    hvf_rig *rig = *state;
    assert_fails(abx_arm64_set_irq(rig->vcpu, true, false), ABX_ERR_STATE, "");
    assert_fails(abx_arm64_unmask_timer(rig->vcpu), ABX_ERR_STATE, "");
    abx_arm64_timer timer;
    assert_int_equal(abx_arm64_get_timer(rig->vcpu, &timer), ABX_OK);
    assert_fails(abx_arm64_set_ppi(rig->vm, 0, 7, true), ABX_ERR_NOT_SUPPORTED, "");
    rig_script(rig, WFI, 0);
    rig_run(rig); /* without setting inputs, which the framework would refuse */
}

static void the_vcpus_part_is_in_its_registers(void **state)
{
    hvf_rig *rig = *state;
    const abx_reg pmr = ABX_ARM64_SYSREG(3, 0, 4, 6, 0);
    assert_int_equal(abx_vcpu_write_register(rig->vcpu, pmr, 0xf0), ABX_OK);
    assert_int_equal(rig->hv->icc[ABX_REG_NUMBER(pmr)], 0xf0);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(pmr)], 0);
    size_t size;
    uint8_t block[8192];
    assert_int_equal(abx_vcpu_save_state(rig->vcpu, block, sizeof(block), &size), ABX_OK);
    assert_int_equal(abx_arm64_reset(rig->vcpu), ABX_OK);
    assert_int_equal(rig->hv->icc[ABX_REG_NUMBER(pmr)], 0);
    assert_int_equal(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_OK);
    assert_int_equal(rig->hv->icc[ABX_REG_NUMBER(pmr)], 0xf0);
}

static void open_with(hvf_rig *rig)
{
    *rig = (hvf_rig){ .vm = NULL };
    assert_int_equal(rig_open(rig), ABX_OK);
}

static void what_does_not_fit_is_not_offered(void **state)
{
    (void)state;
    hvf_rig rig;
    static const struct {
        size_t *what;
        size_t value;
        bool gic, messages;
    } cases[] = {
        { &fake.distributor_size, 0x100000, false, false },
        { &fake.redistributor_size, 0x40000, false, false },
        { &fake.alignment, 0x100000, false, false },
        { &fake.frame_size, 0x40000, true, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_reset();
        *cases[i].what = cases[i].value;
        open_with(&rig);
        assert_int_equal(abx_hypervisor_has(rig.hypervisor, ABX_CAP_IRQCHIP), cases[i].gic);
        assert_int_equal(abx_hypervisor_has(rig.hypervisor, ABX_CAP_MSI), cases[i].messages);
        abx_hypervisor_close(rig.hypervisor);
    }
    fake_reset();
    fake.spis = 100; /* all of them are lines */
    rig_start(&rig, ABX_IRQCHIP_KERNEL, 1);
    abx_arm64_gic gic;
    assert_int_equal(abx_arm64_get_gic(rig.vm, &gic), ABX_OK);
    assert_int_equal(gic.lines, 100);
    assert_int_equal(gic.messages, 0);
    assert_int_equal(gic.msi_frame, 0);
    rig_end(&rig);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(it_is_where_the_map_has_it),
        CASE(lines_are_spis),
        CASE(messages_go_to_the_frame),
        CASE(a_redistributor_elsewhere_is_refused),
        CASE(inputs_and_timer_are_the_controllers),
        CASE(the_vcpus_part_is_in_its_registers),
        cmocka_unit_test(what_does_not_fit_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
