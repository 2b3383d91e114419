/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts into the guest by each way: line, route, MSI, eventfd with and without resample, vector, NMI; and out of a
 * split controller. */
#include "eventfds.h"
#include "harness.h"
#include "interrupts.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { PIN = 5, VECTOR = 0x50, MSI_ADDRESS = 0xfee00000 };

static void open_controllers(guest *g, abx_irqchip irqchip)
{
    abx_vm_config config = guest_config();
    config.irqchip = irqchip;
    guest_open(g, "interrupts", &config);
    guest_answer(g, irqchip == ABX_IRQCHIP_KERNEL ? CONTROLLERS_ON : LAPIC_ON);
}

static void route(guest *g, uint32_t how, uint32_t pin, uint32_t vector)
{
    guest_answer(g, how);
    guest_answer(g, pin);
    guest_answer(g, vector);
}

static void test_line(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    route(&g, ROUTE_EDGE, PIN, VECTOR);
    guest_answer(&g, WAIT);
    assert_ok(abx_irq_set_line(g.vm, PIN, true));
    assert_ok(abx_irq_set_line(g.vm, PIN, false));
    guest_expect_sync(&g, VECTOR);
    assert_status(abx_irq_set_line(g.vm, 1u << 20, true), ABX_ERR_LIMIT);
    guest_close(&g);
}

static void test_msi(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    guest_answer(&g, WAIT);
    const abx_msi msi = { .address = MSI_ADDRESS, .data = 0x61 };
    assert_ok(abx_irq_send_msi(g.vm, &msi));
    guest_expect_sync(&g, 0x61);
    guest_close(&g);
}

static void test_routes(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    const abx_route routes[] = {
        { .gsi = 3, .kind = ABX_ROUTE_IRQCHIP, .irqchip = 2, .pin = 9 },
        { .gsi = 40, .kind = ABX_ROUTE_MSI, .msi = { .address = MSI_ADDRESS, .data = 0x71 } },
    };
    assert_ok(abx_irq_set_routes(g.vm, routes, 2));
    route(&g, ROUTE_EDGE, 9, 0x59);
    guest_answer(&g, WAIT);
    assert_ok(abx_irq_set_line(g.vm, 3, true));
    guest_expect_sync(&g, 0x59);
    guest_answer(&g, WAIT);
    assert_ok(abx_irq_set_line(g.vm, 40, true));
    guest_expect_sync(&g, 0x71);
    guest_close(&g);
}

static void test_irqfd(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    route(&g, ROUTE_EDGE, PIN, VECTOR);
    int fd = new_eventfd();
    assert_ok(abx_irqfd_attach(g.vm, fd, PIN, -1));
    for (int i = 0; i < 10; i++) {
        guest_answer(&g, WAIT);
        signal_eventfd(fd);
        guest_expect_sync(&g, VECTOR);
    }
    assert_ok(abx_irqfd_detach(g.vm, fd, PIN));
    guest_answer(&g, WAIT);
    signal_eventfd(fd);
    const abx_msi msi = { .address = MSI_ADDRESS, .data = 0x61 };
    assert_ok(abx_irq_send_msi(g.vm, &msi));
    guest_expect_sync(&g, 0x61);
    close(fd);
    guest_close(&g);
}

/* A level line: raised by the eventfd, lowered when the guest ends the interrupt, which signals the other one. */
static void test_irqfd_with_resample(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    route(&g, ROUTE_LEVEL, PIN, VECTOR);
    int fd = new_eventfd();
    int resample = new_eventfd();
    assert_ok(abx_irqfd_attach(g.vm, fd, PIN, resample));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(drain_eventfd(resample), 0);
        guest_answer(&g, WAIT);
        signal_eventfd(fd);
        guest_expect_sync(&g, VECTOR);
        assert_int_equal(drain_eventfd(resample), 1);
    }
    assert_ok(abx_irqfd_detach(g.vm, fd, PIN));
    close(fd);
    close(resample);
    guest_close(&g);
}

static void test_pic(void **state)
{
    (void)state;
    abx_vm_config config = guest_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest g;
    guest_open(&g, "interrupts", &config);
    guest_answer(&g, INIT_PICS);
    guest_answer(&g, WAIT);
    assert_ok(abx_irq_set_line(g.vm, PIN, true));
    guest_expect_sync(&g, 0x40 + PIN);
    guest_close(&g);
}

/* The I/O controller is ours: messages go in, and the end of a level interrupt comes out. */
static void test_split(void **state)
{
    (void)state;
    require_hardware("may run on before it tells of the end of an interrupt");
    guest g;
    open_controllers(&g, ABX_IRQCHIP_SPLIT);
    /* Bit 15 of the data: level triggered (SDM vol. 3, 10.11.2). The line must be routed for its end to be told. */
    const abx_msi level = { .address = MSI_ADDRESS, .data = 0xc000 | VECTOR };
    const abx_route table = { .gsi = PIN, .kind = ABX_ROUTE_MSI, .msi = level };
    assert_ok(abx_irq_set_routes(g.vm, &table, 1));
    guest_answer(&g, WAIT);
    assert_ok(abx_irq_send_msi(g.vm, &level));
    guest_run_to(&g, ABX_EXIT_IOAPIC_EOI);
    assert_int_equal(g.exit.eoi_vector, VECTOR);
    guest_expect_sync(&g, VECTOR);
    guest_close(&g);
}

static void test_vector_without_controllers(void **state)
{
    (void)state;
    guest g;
    guest_open(&g, "interrupts", NULL);
    guest_answer(&g, WAIT);
    guest_run_to(&g, ABX_EXIT_HALT);
    assert_true(abx_vcpu_interrupt_ready(g.vcpu));
    assert_ok(abx_vcpu_inject_vector(g.vcpu, 0x33));
    guest_expect_sync(&g, 0x33);
    assert_status(abx_vcpu_inject_vector(g.vcpu, 256), ABX_ERR_INVALID);
    assert_status(abx_irq_set_line(g.vm, PIN, true), ABX_ERR_STATE);
    guest_close(&g);
}

static void test_window(void **state)
{
    (void)state;
    require_hardware("may run on before it tells of the window");
    guest g;
    guest_open(&g, "interrupts", NULL);
    guest_answer(&g, WAIT_SHUT);
    guest_expect_sync(&g, 0);
    assert_false(abx_vcpu_interrupt_ready(g.vcpu));
    assert_ok(abx_vcpu_request_irq_window(g.vcpu, true));
    guest_run_to(&g, ABX_EXIT_IRQ_WINDOW);
    assert_ok(abx_vcpu_request_irq_window(g.vcpu, false));
    assert_true(abx_vcpu_interrupt_ready(g.vcpu));
    assert_ok(abx_vcpu_inject_vector(g.vcpu, 0x34));
    guest_expect_sync(&g, 0x34);
    guest_close(&g);
}

static void test_nmi(void **state)
{
    (void)state;
    guest g;
    open_controllers(&g, ABX_IRQCHIP_KERNEL);
    guest_answer(&g, WAIT);
    assert_ok(abx_vcpu_inject_nmi(g.vcpu));
    guest_expect_sync(&g, 2);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_msi),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_irqfd),
        cmocka_unit_test(test_irqfd_with_resample),
        cmocka_unit_test(test_pic),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_vector_without_controllers),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_nmi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
