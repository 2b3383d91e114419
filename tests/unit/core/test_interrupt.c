/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <string.h>

static const abx_ioeventfd doorbell = { .size = sizeof(abx_ioeventfd), .address = 0x1000, .length = 4, .fd = 3 };

/* A VM whose kernel has no interrupt controllers. */
static abx_vm *vm_without_irqchip(void)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.no_memory = true;
    config.irqchip = ABX_IRQCHIP_NONE;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return vm;
}

static void calls_reach_the_backend_after_one_seal(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    const abx_msi msi = { .address = 0xfee00000 };
    const abx_route routes[] = { { .gsi = 5, .irqchip = 2, .pin = 23 }, { .gsi = 6, .kind = ABX_ROUTE_MSI } };
    assert_int_equal(abx_irq_set_line(vm, 63, true), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 63 * 2 + 1);
    assert_int_equal(abx_irq_send_msi(vm, &msi), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 0xfee00000);
    assert_int_equal(abx_irq_set_routes(vm, routes, 2), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, routes);
    assert_int_equal(abx_irq_set_routes(vm, NULL, 0), ABX_OK);
    assert_int_equal(abx_irqfd_attach(vm, 3, 7, -1), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 7);
    assert_int_equal(abx_irqfd_attach(vm, 3, 8, 4), ABX_OK);
    assert_int_equal(abx_irqfd_detach(vm, 3, 9), ABX_OK);
    assert_int_equal(abx_ioeventfd_attach(vm, &doorbell), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, &doorbell);
    assert_int_equal(abx_ioeventfd_detach(vm, &doorbell), ABX_OK);
    abx_vm_destroy(vm);
    assert_string_equal(fake_log_text(),
                        "open vm_create vm_seal irq_set_line irq_send_msi irq_set_routes irq_set_routes "
                        "irqfd_attach irqfd_attach irqfd_detach ioeventfd_attach ioeventfd_detach "
                        "vm_destroy close");
}

static void lines_are_counted(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    const abx_route route = { .gsi = 64, .kind = ABX_ROUTE_MSI };
    assert_int_equal(abx_irq_set_line(vm, 64, true), ABX_ERR_LIMIT);
    assert_int_equal(abx_irqfd_attach(vm, 3, 64, -1), ABX_ERR_LIMIT);
    assert_int_equal(abx_irq_set_routes(vm, &route, 1), ABX_ERR_LIMIT);
    assert_null(strstr(fake_log_text(), "irq"));
    abx_vm_destroy(vm);
}

static void routes_lead_somewhere(void **state)
{
    (void)state;
    static const abx_route wrong[] = {
        { .kind = (abx_route_kind)2 }, { .irqchip = 0, .pin = 8 }, { .irqchip = 1, .pin = 8 },
        { .irqchip = 2, .pin = 24 },   { .irqchip = 3, .pin = 0 },
    };
    abx_vm *vm = fake_manual_vm(1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(abx_irq_set_routes(vm, &wrong[i], 1), ABX_ERR_INVALID);
    assert_int_equal(abx_irq_set_routes(vm, NULL, 1), ABX_ERR_INVALID);
    abx_vm_destroy(vm);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    assert_int_equal(abx_irq_set_line(NULL, 0, true), ABX_ERR_INVALID);
    assert_int_equal(abx_irq_send_msi(vm, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_irqfd_attach(vm, -1, 0, -1), ABX_ERR_INVALID);
    assert_int_equal(abx_irqfd_attach(vm, 3, 0, -2), ABX_ERR_INVALID);
    assert_int_equal(abx_irqfd_detach(vm, -1, 0), ABX_ERR_INVALID);
    assert_int_equal(abx_ioeventfd_attach(vm, NULL), ABX_ERR_INVALID);
    abx_vm_destroy(vm);
}

static void doorbells_are_plausible(void **state)
{
    (void)state;
    static const struct {
        uint64_t address;
        uint32_t length;
        bool port_io;
        bool match;
        uint64_t value;
        abx_status status;
    } table[] = {
        { 0x1000, 8, false, true, UINT64_MAX, ABX_OK },
        { 0x1000, 4, false, true, UINT32_MAX, ABX_OK },
        { 0x1000, 4, false, true, UINT64_C(1) << 32, ABX_ERR_INVALID },
        { 0x1000, 1, false, true, 256, ABX_ERR_INVALID },
        { 0x1000, 1, false, false, 256, ABX_OK },
        { 0x1000, 3, false, false, 0, ABX_ERR_INVALID },
        { 0x1000, 16, false, false, 0, ABX_ERR_INVALID },
        { 0x1000, 0, false, false, 0, ABX_OK },
        { 0x1000, 0, false, true, 0, ABX_ERR_INVALID },
        { UINT64_MAX - 2, 4, false, false, 0, ABX_ERR_INVALID },
        { UINT64_MAX - 3, 4, false, false, 0, ABX_OK },
        { 0xfffc, 4, true, false, 0, ABX_OK },
        { 0xfffd, 4, true, false, 0, ABX_ERR_INVALID },
        { 0x10000, 0, true, false, 0, ABX_ERR_INVALID },
    };
    abx_vm *vm = fake_manual_vm(1);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        abx_ioeventfd bell = doorbell;
        bell.address = table[i].address;
        bell.length = table[i].length;
        bell.port_io = table[i].port_io;
        bell.match = table[i].match;
        bell.value = table[i].value;
        assert_int_equal(abx_ioeventfd_attach(vm, &bell), table[i].status);
        assert_int_equal(abx_ioeventfd_detach(vm, &bell), table[i].status);
    }
    abx_ioeventfd bell = doorbell;
    bell.fd = -1;
    assert_int_equal(abx_ioeventfd_attach(vm, &bell), ABX_ERR_INVALID);
    bell = doorbell;
    bell.size = 0;
    assert_int_equal(abx_ioeventfd_attach(vm, &bell), ABX_ERR_INVALID);
    abx_vm_destroy(vm);
}

static void without_controllers_there_are_no_lines(void **state)
{
    (void)state;
    abx_vm *vm = vm_without_irqchip();
    const abx_msi msi = { .address = 0xfee00000 };
    assert_int_equal(abx_irq_set_line(vm, 0, true), ABX_ERR_STATE);
    assert_int_equal(abx_irq_send_msi(vm, &msi), ABX_ERR_STATE);
    assert_int_equal(abx_irqfd_attach(vm, 3, 0, -1), ABX_ERR_STATE);
    /* Doorbells need none. */
    assert_int_equal(abx_ioeventfd_attach(vm, &doorbell), ABX_OK);
    abx_vm_destroy(vm);
}

static void capabilities_are_asked(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.no_memory = true;
    fake_manual_reset();
    fake_manual_capabilities.bits[0] &= ~((UINT64_C(1) << ABX_CAP_IRQFD_RESAMPLE) |
                                          (UINT64_C(1) << ABX_CAP_IOEVENTFD_ANY_LENGTH) | (UINT64_C(1) << ABX_CAP_MSI));
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    const abx_msi msi = { .address = 0xfee00000 };
    abx_ioeventfd bell = doorbell;
    bell.length = 0;
    assert_int_equal(abx_irqfd_attach(vm, 3, 0, 4), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_irqfd_attach(vm, 3, 0, -1), ABX_OK);
    assert_int_equal(abx_ioeventfd_attach(vm, &bell), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_irq_send_msi(vm, &msi), ABX_ERR_NOT_SUPPORTED);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
}

static void a_failed_seal_is_the_callers_failure(void **state)
{
    (void)state;
    abx_vm *vm = fake_manual_vm(1);
    fake_log_fail("vm_seal", ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_irq_set_line(vm, 1, true), ABX_ERR_NO_MEMORY);
    assert_int_equal(abx_ioeventfd_attach(vm, &doorbell), ABX_ERR_NO_MEMORY);
    fake_log_fail("irq_set_line", ABX_ERR_SYSTEM);
    assert_int_equal(abx_irq_set_line(vm, 1, true), ABX_ERR_SYSTEM);
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_reach_the_backend_after_one_seal),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(routes_lead_somewhere),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(doorbells_are_plausible),
        cmocka_unit_test(without_controllers_there_are_no_lines),
        cmocka_unit_test(capabilities_are_asked),
        cmocka_unit_test(a_failed_seal_is_the_callers_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
