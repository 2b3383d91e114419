/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What belongs to manual backends is refused by managed ones, and the other way round, with advice. */
#include "contract.h"

#include <string.h>
#include <unistd.h>

#define assert_refused(call)                                                                                           \
    do {                                                                                                               \
        assert_status(call, ABX_ERR_NOT_SUPPORTED);                                                                    \
        assert_advice(ABX_ERR_NOT_SUPPORTED);                                                                          \
    } while (0)

static void refuse_memory(abx_vm *vm)
{
    uint64_t value = 0x5a;
    size_t count = 0x5a;
    bool swapped = true;
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.length = 1u << 20;
    assert_refused(abx_memory_add(vm, &region));
    assert_refused(abx_memory_remove(vm, 0));
    assert_refused(abx_memory_list(vm, NULL, 0, &count));
    assert_refused(abx_memory_read(vm, 0, &value, sizeof(value)));
    assert_refused(abx_memory_write(vm, 0, &value, sizeof(value)));
    assert_refused(abx_memory_fill(vm, 0, 1, 8));
    assert_refused(abx_memory_load(vm, 0, 8, &value));
    assert_refused(abx_memory_store(vm, 0, 8, value));
    assert_refused(abx_memory_compare_swap(vm, 0, 8, &value, 1, &swapped));
    assert_refused(abx_memory_discard(vm, 0, 4096));
    assert_refused(abx_memory_log_dirty(vm, 0, true));
    assert_refused(abx_memory_get_dirty(vm, 0, &value, 1));
    assert_refused(abx_memory_clear_dirty(vm, 0, &value, 1));
    assert_refused(abx_memory_mark_dirty(vm, 0, 4096));
    assert_int_equal(value, 0x5a);
    assert_int_equal(count, 0x5a);
    assert_true(swapped);

    abx_memory_guard guard = abx_memory_enter(vm);
    assert_null(abx_memory_at(vm, 0, 1, false));
    assert_null(abx_memory_span(vm, 0, 1, false, &value));
    abx_memory_leave(vm, guard);
}

static void refuse_processor_and_interrupts(abx_vm *vm)
{
    abx_vcpu *vcpu = UNTOUCHED;
    uint64_t clock = 0x5a;
    const abx_msi msi = { .address = 0xfee00000 };
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.length = 4;
    doorbell.fd = STDOUT_FILENO;
    assert_refused(abx_vcpu_create(&vcpu, vm, 0));
    assert_ptr_equal(vcpu, UNTOUCHED);
    assert_refused(abx_irq_set_line(vm, 0, true));
    assert_refused(abx_irq_send_msi(vm, &msi));
    assert_refused(abx_irq_set_routes(vm, NULL, 0));
    assert_refused(abx_irqfd_attach(vm, STDOUT_FILENO, 0, -1));
    assert_refused(abx_irqfd_detach(vm, STDOUT_FILENO, 0));
    assert_refused(abx_ioeventfd_attach(vm, &doorbell));
    assert_refused(abx_ioeventfd_detach(vm, &doorbell));
    assert_refused(abx_x86_get_clock(vm, &clock));
    assert_refused(abx_x86_set_clock(vm, 0));
    assert_refused(abx_x86_trap_msrs(vm, 0x10, 1, true, true));
    assert_int_equal(clock, 0x5a);
}

static void refuse_field(const abx_hypervisor *hypervisor, const abx_vm_config *config, const char *field)
{
    abx_config_fault fault = { 0 };
    size_t count = 0;
    assert_status(abx_vm_config_validate(config, hypervisor, &fault, 1, &count), ABX_ERR_CONFIG);
    assert_int_equal(count, 1);
    assert_string_equal(fault.field, field);
    assert_true(*fault.message);
}

static void test_managed_refuses_what_is_manual(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
    refuse_memory(vm);
    refuse_processor_and_interrupts(vm);
    abx_vm_destroy(vm);

    abx_vm_config config = contract_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    refuse_field(hypervisor, &config, "irqchip");
    config = contract_config();
    config.memory_size = 0;
    config.no_memory = true;
    refuse_field(hypervisor, &config, "no_memory");
    abx_hypervisor_close(hypervisor);
}

static void test_manual_refuses_what_is_managed(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    abx_vm_config config = contract_config();
    config.boot.kernel = "/vmlinuz";
    refuse_field(hypervisor, &config, "boot.kernel");
    config = contract_config();
    config.boot.efi_variables = "/variables";
    refuse_field(hypervisor, &config, "boot.efi_variables");
    const abx_device_config serial = { ABX_DEVICE_SERIAL, .serial = { STDIN_FILENO, STDOUT_FILENO } };
    config = contract_config();
    config.devices = &serial;
    config.device_count = 1;
    refuse_field(hypervisor, &config, "devices");
    config = contract_config();
    config.machine_id = "me";
    config.machine_id_size = 2;
    refuse_field(hypervisor, &config, "machine_id");
    abx_hypervisor_close(hypervisor);
}

int run_kind_tests(void)
{
    const struct CMUnitTest managed[] = { cmocka_unit_test(test_managed_refuses_what_is_manual) };
    const struct CMUnitTest manual[] = { cmocka_unit_test(test_manual_refuses_what_is_managed) };
    abx_hypervisor *hypervisor = contract_open();
    bool is_managed = contract_managed(hypervisor);
    abx_hypervisor_close(hypervisor);
    return is_managed ? cmocka_run_group_tests_name("kinds", managed, NULL, NULL)
                      : cmocka_run_group_tests_name("kinds", manual, NULL, NULL);
}
