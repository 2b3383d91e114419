/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A doorbell at a port. */
#include "harness.h"
#include "interrupts.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { PORT = 0x500 };

static void ring(guest *g)
{
    guest_answer(g, RING_PORT);
    guest_answer(g, PORT);
    guest_answer(g, 1);
}

static void test_port(void **state)
{
    (void)state;
    guest g;
    abx_vm_config config = guest_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest_open(&g, "interrupts", &config);
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = PORT;
    doorbell.port_io = true;
    doorbell.length = 4;
    doorbell.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(doorbell.fd >= 0);
    assert_ok(abx_ioeventfd_attach(g.vm, &doorbell));
    assert_status(abx_ioeventfd_attach(g.vm, &doorbell), ABX_ERR_EXISTS);
    ring(&g);
    /* The guest goes on without an exit: the next thing heard of it is its next question. */
    guest_answer(&g, CONTROLLERS_ON);
    uint64_t count = 0;
    assert_int_equal(read(doorbell.fd, &count, sizeof(count)), sizeof(count));
    assert_int_equal(count, 1);
    assert_ok(abx_ioeventfd_detach(g.vm, &doorbell));
    assert_status(abx_ioeventfd_detach(g.vm, &doorbell), ABX_ERR_NOT_FOUND);
    ring(&g);
    guest_expect_out(&g, PORT, 4, 1);
    close(doorbell.fd);
    guest_close(&g);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
