/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines, messages, routes and eventfds, as the kernel is asked for them, and what its refusals mean. */
#include "fake_kvm.h"

#include <errno.h>
#include <string.h>

static abx_kvm_hypervisor *hypervisor;
static abx_kvm_vm *vm;
static abx_vm_config config;

static int make_vm(void **state)
{
    (void)state;
    config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    fake_reset();
    hypervisor = fake_open();
    hypervisor->msi_flags = 0; /* also where the architecture wants numbers of devices */
    vm = fake_vm(hypervisor, &config);
    fake.count = 0;
    return 0;
}

static int end_vm(void **state)
{
    (void)state;
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
    return 0;
}

static void refuse(unsigned long request, int error)
{
    fake.fail_request = request;
    fake.fail_error = error;
    fake.fail_after = 0;
}

static void nothing_without_controllers(void **state)
{
    (void)state;
    const abx_msi msi = { .address = 0xfee00000 };
    config.irqchip = ABX_IRQCHIP_NONE;
    assert_int_equal(abx_kvm_irq_set_line(vm, 5, true), ABX_ERR_STATE);
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_ERR_STATE);
    assert_int_equal(abx_kvm_irq_set_routes(vm, NULL, 0), ABX_ERR_STATE);
    assert_int_equal(abx_kvm_irqfd_attach(vm, 3, 5, -1), ABX_ERR_STATE);
    assert_int_equal(fake.count, 0);
}

static void lines(void **state)
{
    (void)state;
    struct kvm_irq_level level;
    assert_int_equal(abx_kvm_irq_set_line(vm, 9, true), ABX_OK);
    memcpy(&level, fake_last(KVM_IRQ_LINE)->copy, sizeof(level));
    assert_int_equal(level.irq, abx_kvm_arch_line(9));
    assert_int_equal(level.level, 1);
    assert_int_equal(abx_kvm_irq_set_line(vm, 9, false), ABX_OK);
    memcpy(&level, fake_last(KVM_IRQ_LINE)->copy, sizeof(level));
    assert_int_equal(level.level, 0);
    refuse(KVM_IRQ_LINE, EINVAL);
    assert_int_equal(abx_kvm_irq_set_line(vm, 9, true), ABX_ERR_LIMIT);
}

static void messages(void **state)
{
    (void)state;
    const abx_msi msi = { .address = UINT64_C(0x100fee01000), .data = 0x41, .device_id = 9 };
    struct kvm_msi message;
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_OK);
    memcpy(&message, fake_last(KVM_SIGNAL_MSI)->copy, sizeof(message));
    assert_int_equal(message.address_lo, 0xfee01000u);
    assert_int_equal(message.address_hi, 0x100);
    assert_int_equal(message.data, 0x41);
    assert_int_equal(message.flags, 0);
    assert_int_equal(message.devid, 0);

    hypervisor->msi_flags = KVM_MSI_VALID_DEVID;
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_OK);
    memcpy(&message, fake_last(KVM_SIGNAL_MSI)->copy, sizeof(message));
    assert_int_equal(message.flags, KVM_MSI_VALID_DEVID);
    assert_int_equal(message.devid, 9);

    fake.taken = 0;
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_ERR_NOT_FOUND);
    refuse(KVM_SIGNAL_MSI, EPERM); /* the kernel's bare -1: nobody is there */
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_ERR_NOT_FOUND);
    refuse(KVM_SIGNAL_MSI, EBUSY); /* an ITS is off */
    assert_int_equal(abx_kvm_irq_send_msi(vm, &msi), ABX_ERR_NOT_FOUND);
}

static void routes(void **state)
{
    (void)state;
    const abx_route table[] = {
        { .gsi = 4, .kind = ABX_ROUTE_IRQCHIP, .irqchip = 2, .pin = 4 },
        { .gsi = 24, .kind = ABX_ROUTE_MSI, .msi = { .address = 0xfee00000, .data = 0x55, .device_id = 7 } },
    };
    assert_int_equal(abx_kvm_irq_set_routes(vm, table, 2), ABX_OK);
    assert_int_equal(fake_count(KVM_SET_GSI_ROUTING), 1);
    struct kvm_irq_routing head;
    struct kvm_irq_routing_entry entries[2];
    memcpy(&head, fake_last(KVM_SET_GSI_ROUTING)->copy, sizeof(head));
    memcpy(entries, fake_last(KVM_SET_GSI_ROUTING)->copy + sizeof(head), sizeof(entries));
    assert_int_equal(head.nr, 2);
    assert_int_equal(head.flags, 0);
    assert_int_equal(entries[0].gsi, 4);
    assert_int_equal(entries[0].type, KVM_IRQ_ROUTING_IRQCHIP);
    assert_int_equal(entries[0].u.irqchip.irqchip, 2);
    assert_int_equal(entries[0].u.irqchip.pin, 4);
    assert_int_equal(entries[1].gsi, 24);
    assert_int_equal(entries[1].type, KVM_IRQ_ROUTING_MSI);
    assert_int_equal(entries[1].flags, 0);
    assert_int_equal(entries[1].u.msi.address_lo, 0xfee00000u);
    assert_int_equal(entries[1].u.msi.data, 0x55);
    hypervisor->msi_flags = KVM_MSI_VALID_DEVID;
    assert_int_equal(abx_kvm_irq_set_routes(vm, table, 2), ABX_OK);
    memcpy(entries, fake_last(KVM_SET_GSI_ROUTING)->copy + sizeof(head), sizeof(entries));
    assert_int_equal(entries[0].flags, 0);
    assert_int_equal(entries[1].flags, KVM_MSI_VALID_DEVID);
    assert_int_equal(entries[1].u.msi.devid, 7);
    assert_int_equal(abx_kvm_irq_set_routes(vm, NULL, 0), ABX_OK);
    assert_int_equal(abx_kvm_irq_set_routes(vm, table, 4097), ABX_ERR_LIMIT);
    refuse(KVM_SET_GSI_ROUTING, EINVAL);
    assert_int_equal(abx_kvm_irq_set_routes(vm, table, 2), ABX_ERR_INVALID);
}

static void eventfds_on_lines(void **state)
{
    (void)state;
    struct kvm_irqfd binding;
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, -1), ABX_OK);
    memcpy(&binding, fake_last(KVM_IRQFD)->copy, sizeof(binding));
    assert_int_equal(binding.fd, 30);
    assert_int_equal(binding.gsi, 5);
    assert_int_equal(binding.flags, 0);
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, 31), ABX_OK);
    memcpy(&binding, fake_last(KVM_IRQFD)->copy, sizeof(binding));
    assert_int_equal(binding.flags, KVM_IRQFD_FLAG_RESAMPLE);
    assert_int_equal(binding.resamplefd, 31);
    assert_int_equal(abx_kvm_irqfd_detach(vm, 30, 5), ABX_OK);
    memcpy(&binding, fake_last(KVM_IRQFD)->copy, sizeof(binding));
    assert_int_equal(binding.flags, KVM_IRQFD_FLAG_DEASSIGN);

    config.irqchip = ABX_IRQCHIP_SPLIT;
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, -1), ABX_OK);
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, 31), ABX_ERR_STATE);
    refuse(KVM_IRQFD, EBUSY);
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, -1), ABX_ERR_EXISTS);
    refuse(KVM_IRQFD, EBADF);
    assert_int_equal(abx_kvm_irqfd_attach(vm, 30, 5, -1), ABX_ERR_INVALID);
    refuse(KVM_IRQFD, EINVAL);
    assert_int_equal(abx_kvm_irqfd_detach(vm, 30, 5), ABX_ERR_INVALID);
}

static struct kvm_ioeventfd last_doorbell(void)
{
    struct kvm_ioeventfd request;
    memcpy(&request, fake_last(KVM_IOEVENTFD)->copy, sizeof(request));
    return request;
}

static void doorbells(void **state)
{
    (void)state;
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = UINT64_C(0x200000000);
    doorbell.length = 4;
    doorbell.fd = 12;
    doorbell.value = 99; /* not asked for */
    assert_int_equal(abx_kvm_ioeventfd_attach(vm, &doorbell), ABX_OK);
    assert_int_equal(last_doorbell().addr, UINT64_C(0x200000000));
    assert_int_equal(last_doorbell().len, 4);
    assert_int_equal(last_doorbell().fd, 12);
    assert_int_equal(last_doorbell().flags, 0);
    assert_int_equal(last_doorbell().datamatch, 0);

    doorbell.match = true;
    doorbell.port_io = true;
    doorbell.address = 0x500;
    assert_int_equal(abx_kvm_ioeventfd_attach(vm, &doorbell), ABX_OK);
    assert_int_equal(last_doorbell().flags, KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO);
    assert_int_equal(last_doorbell().datamatch, 99);
    assert_int_equal(abx_kvm_ioeventfd_detach(vm, &doorbell), ABX_OK);
    assert_int_equal(last_doorbell().flags,
                     KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN);
}

static void doorbells_refused(void **state)
{
    (void)state;
    static const struct {
        int error;
        abx_status status;
    } cases[] = {
        { EEXIST, ABX_ERR_EXISTS }, { EBADF, ABX_ERR_INVALID }, { EINVAL, ABX_ERR_INVALID },
        { ENOSPC, ABX_ERR_LIMIT },  { EFAULT, ABX_ERR_SYSTEM }, { ENOENT, ABX_ERR_NOT_FOUND },
    };
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        refuse(KVM_IOEVENTFD, cases[i].error);
        assert_int_equal(abx_kvm_ioeventfd_attach(vm, &doorbell), cases[i].status);
        refuse(KVM_IOEVENTFD, cases[i].error);
        assert_int_equal(abx_kvm_ioeventfd_detach(vm, &doorbell), cases[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_without_controllers, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(lines, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(messages, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(routes, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(eventfds_on_lines, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(doorbells, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(doorbells_refused, make_vm, end_vm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
