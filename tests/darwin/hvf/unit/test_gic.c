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

static void its_state_comes_back(void **state)
{
    hvf_rig *rig = *state;
    memset(fake.gic_state, 7, sizeof(fake.gic_state));
    size_t size = 0;
    uint8_t block[512], small[16];
    assert_fails(abx_arm64_save_gic(rig->vm, small, sizeof(small), &size), ABX_ERR_LIMIT, "into 16");
    assert_int_equal(abx_arm64_save_gic(rig->vm, NULL, 0, &size), ABX_OK);
    assert_in_range(size, FAKE_GIC_STATE, sizeof(block));
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    assert_int_equal(fake.objects, 0);
    memset(fake.gic_state, 0, sizeof(fake.gic_state));
    block[size - 1] ^= 1;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_FORMAT, "damaged");
    block[size - 1] ^= 1;
    assert_int_equal(fake.gic_state[0], 0);
    assert_int_equal(abx_arm64_restore_gic(rig->vm, block, size), ABX_OK);
    assert_int_equal(fake.gic_state[39], 7);
}

static void its_state_has_its_time(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t block[512];
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    rig->vcpu = NULL;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_STATE, "Create all vCPUs");
    assert_int_equal(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_OK);
    rig->hv = &fake.vcpus[0];
    fake.run = NULL;
    fake_exception(100, WFI, 0, 0);
    rig_run(rig);
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_STATE, "before a vCPU has run");
}

static void another_systems_state_is_refused(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t block[512];
    assert_int_equal(abx_arm64_save_gic(rig->vm, block, sizeof(block), &size), ABX_OK);
    fake.fail_at = fake.calls + 1;
    fake.fail_with = HV_BAD_ARGUMENT;
    assert_fails(abx_arm64_restore_gic(rig->vm, block, size), ABX_ERR_FORMAT, "another version of macOS");
    for (uint32_t at = 1; at <= 3; at++) {
        fake.fail_at = fake.calls + at;
        fake.fail_with = HV_NO_RESOURCES;
        assert_fails(abx_arm64_save_gic(rig->vm, NULL, 0, &size), ABX_ERR_NO_MEMORY, "save the state");
        assert_int_equal(fake.objects, 0);
    }
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
        CASE(inputs_and_timer_are_the_controllers),
        CASE(the_vcpus_part_is_in_its_registers),
        CASE(its_state_comes_back),
        CASE(its_state_has_its_time),
        CASE(another_systems_state_is_refused),
        cmocka_unit_test(what_does_not_fit_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
