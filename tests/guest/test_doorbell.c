/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Doorbells: guest writes that signal a descriptor instead of coming out as exits; and the round trip back by irqfd. */
#include "eventfds.h"
#include "harness.h"
#include "interrupts.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DOORBELL = 0xd0000050, PIN = 5, VECTOR = 0x50 };

static void open_doorbells(guest *g)
{
    abx_vm_config config = guest_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest_open(g, "interrupts", &config);
}

static abx_ioeventfd bell(void)
{
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = DOORBELL;
    doorbell.length = 4;
    doorbell.fd = new_eventfd();
    return doorbell;
}

static void ring(guest *g, uint32_t value)
{
    guest_answer(g, RING_MEMORY);
    guest_answer(g, DOORBELL);
    guest_answer(g, value);
}

/* The guest goes on without an exit: the next thing heard of it is its next question. */
static void expect_rung(guest *g, const abx_ioeventfd *doorbell)
{
    guest_answer(g, CONTROLLERS_ON);
    assert_int_equal(drain_eventfd(doorbell->fd), 1);
}

static void test_memory(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    abx_ioeventfd doorbell = bell();
    assert_ok(abx_ioeventfd_attach(g.vm, &doorbell));
    ring(&g, 1);
    expect_rung(&g, &doorbell);
    assert_ok(abx_ioeventfd_detach(g.vm, &doorbell));
    close(doorbell.fd);
    guest_close(&g);
}

/* Two doorbells at one address, told apart by the value; other values come out as exits. */
static void test_match(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    abx_ioeventfd bells[2];
    for (uint64_t i = 0; i < 2; i++) {
        bells[i] = bell();
        bells[i].match = true;
        bells[i].value = i;
        assert_ok(abx_ioeventfd_attach(g.vm, &bells[i]));
    }
    ring(&g, 1);
    expect_rung(&g, &bells[1]);
    ring(&g, 0);
    expect_rung(&g, &bells[0]);
    ring(&g, 2);
    guest_run_to(&g, ABX_EXIT_MMIO);
    assert_int_equal(g.exit.mmio.address, DOORBELL);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(drain_eventfd(bells[i].fd), 0);
        assert_ok(abx_ioeventfd_detach(g.vm, &bells[i]));
        close(bells[i].fd);
    }
    guest_close(&g);
}

static void test_any_length(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    if (!abx_hypervisor_has(g.hypervisor, ABX_CAP_IOEVENTFD_ANY_LENGTH)) {
        guest_close(&g);
        print_message("this kernel has no doorbells of any length\n");
        skip();
    }
    abx_ioeventfd doorbell = bell();
    doorbell.length = 0;
    assert_ok(abx_ioeventfd_attach(g.vm, &doorbell));
    ring(&g, 0xffffffff);
    expect_rung(&g, &doorbell);
    assert_ok(abx_ioeventfd_detach(g.vm, &doorbell));
    close(doorbell.fd);
    guest_close(&g);
}

/* Attached once; and when it is detached, the write comes out. */
static void test_again(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    abx_ioeventfd doorbell = bell();
    assert_ok(abx_ioeventfd_attach(g.vm, &doorbell));
    assert_status(abx_ioeventfd_attach(g.vm, &doorbell), ABX_ERR_EXISTS);
    assert_ok(abx_ioeventfd_detach(g.vm, &doorbell));
    assert_status(abx_ioeventfd_detach(g.vm, &doorbell), ABX_ERR_NOT_FOUND);
    ring(&g, 1);
    guest_expect_write(&g, DOORBELL, 4, 1);
    close(doorbell.fd);
    guest_close(&g);
}

static void test_faults(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    abx_ioeventfd doorbell = bell();
    doorbell.length = 3;
    assert_status(abx_ioeventfd_attach(g.vm, &doorbell), ABX_ERR_INVALID);
    doorbell.length = 1;
    doorbell.match = true;
    doorbell.value = 0x100;
    assert_status(abx_ioeventfd_attach(g.vm, &doorbell), ABX_ERR_INVALID);
    close(doorbell.fd);
    doorbell.value = 1;
    doorbell.fd = -1;
    assert_status(abx_ioeventfd_attach(g.vm, &doorbell), ABX_ERR_INVALID);
    guest_close(&g);
}

typedef struct device {
    int bell;
    int interrupt;
    int rounds;
} device;

/* A device in a thread: answers each ring with an interrupt. */
static void *serve(void *argument)
{
    device *d = argument;
    for (int i = 0; i < d->rounds; i++) {
        uint64_t count;
        assert_int_equal(read(d->bell, &count, sizeof(count)), sizeof(count));
        const uint64_t one = 1;
        assert_int_equal(write(d->interrupt, &one, sizeof(one)), sizeof(one));
    }
    return NULL;
}

static void test_round_trip(void **state)
{
    (void)state;
    guest g;
    open_doorbells(&g);
    guest_answer(&g, CONTROLLERS_ON);
    guest_answer(&g, ROUTE_EDGE);
    guest_answer(&g, PIN);
    guest_answer(&g, VECTOR);
    abx_ioeventfd doorbell = bell();
    close(doorbell.fd);
    doorbell.fd = eventfd(0, EFD_CLOEXEC);
    device d = { .bell = doorbell.fd, .interrupt = eventfd(0, EFD_CLOEXEC), .rounds = 100 };
    assert_ok(abx_ioeventfd_attach(g.vm, &doorbell));
    assert_ok(abx_irqfd_attach(g.vm, d.interrupt, PIN, -1));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, serve, &d), 0);
    for (int i = 0; i < d.rounds; i++) {
        ring(&g, 1);
        guest_answer(&g, SPIN_UNTIL_ONE);
        guest_expect_sync(&g, VECTOR);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    guest_close(&g);
    close(d.bell);
    close(d.interrupt);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory), cmocka_unit_test(test_match),  cmocka_unit_test(test_any_length),
        cmocka_unit_test(test_again),  cmocka_unit_test(test_faults), cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
