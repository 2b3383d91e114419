/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The state of the interrupt controllers: half of a program in one VM, the other half in another. */
#include "harness.h"
#include "interrupts.h"

#include <stdlib.h>

enum { LINE = 5, NUMBER = 0x50, DEVICE = 3, EVENT = 9, MEMORY = 16 << 20 };

typedef struct block {
    size_t size;
    uint8_t *bytes;
} block;

static void open_controllers(guest *g)
{
    abx_vm_config config = guest_config();
    config.irqchip = ABX_IRQCHIP_KERNEL;
    guest_open(g, "interrupts", &config);
}

static block save_controllers(guest *g)
{
    block b;
    assert_ok(abx_arm64_save_gic(g->vm, NULL, 0, &b.size));
    b.bytes = malloc(b.size);
    assert_non_null(b.bytes);
    assert_ok(abx_arm64_save_gic(g->vm, b.bytes, b.size, &b.size));
    return b;
}

static block save_vcpu(guest *g)
{
    block b;
    assert_ok(abx_vcpu_save_state(g->vcpu, NULL, 0, &b.size));
    b.bytes = malloc(b.size);
    assert_non_null(b.bytes);
    assert_ok(abx_vcpu_save_state(g->vcpu, b.bytes, b.size, &b.size));
    return b;
}

static void copy_memory(guest *from, guest *into)
{
    uint8_t *all = malloc(MEMORY);
    assert_non_null(all);
    assert_ok(abx_memory_read(from->vm, GUEST_RAM, all, MEMORY));
    assert_ok(abx_memory_write(into->vm, GUEST_RAM, all, MEMORY));
    free(all);
}

/* Brings `first` to an order of its program, with a pending interrupt, and goes on from there in `second`. */
static void move(guest *first, guest *second)
{
    guest_run(first);
    void *data;
    assert_int_equal(guest_word_of(&first->exit, &data), GUEST_ASK);
    *(uint32_t *)data = WAIT;
    assert_ok(abx_vcpu_complete_io(first->vcpu));
    block controllers = save_controllers(first);
    block vcpu = save_vcpu(first);
    open_controllers(second);
    copy_memory(first, second);
    assert_ok(abx_arm64_restore_gic(second->vm, controllers.bytes, controllers.size));
    assert_ok(abx_vcpu_restore_state(second->vcpu, vcpu.bytes, vcpu.size));
    free(controllers.bytes);
    free(vcpu.bytes);
}

static void test_pending_line(void **state)
{
    (void)state;
    guest first, second;
    open_controllers(&first);
    guest_answer(&first, CONTROLLERS_ON);
    guest_answer(&first, ROUTE_EDGE);
    guest_answer(&first, LINE);
    guest_answer(&first, NUMBER);
    assert_ok(abx_irq_set_line(first.vm, LINE, true));
    move(&first, &second);
    guest_expect_sync(&second, NUMBER);
    guest_close(&second);
    guest_close(&first);
}

/* What the guest told the ITS is in guest memory. */
static void test_translations(void **state)
{
    (void)state;
    guest first, second;
    open_controllers(&first);
    guest_answer(&first, CONTROLLERS_ON);
    guest_answer(&first, LPIS_ON);
    guest_answer(&first, DEVICE);
    guest_answer(&first, EVENT);
    guest_answer(&first, NUMBER);
    move(&first, &second);
    const abx_msi msi = { .address = ABX_ARM64_GIC_ITS + 0x10040, .data = EVENT, .device_id = DEVICE };
    assert_ok(abx_irq_send_msi(second.vm, &msi));
    guest_expect_sync(&second, NUMBER);
    guest_close(&second);
    guest_close(&first);
}

static void test_damaged(void **state)
{
    (void)state;
    guest first, second;
    open_controllers(&first);
    block controllers = save_controllers(&first);
    size_t needed;
    assert_status(abx_arm64_save_gic(first.vm, controllers.bytes, controllers.size - 1, &needed), ABX_ERR_LIMIT);
    assert_int_equal(needed, controllers.size);
    open_controllers(&second);
    assert_status(abx_arm64_restore_gic(second.vm, controllers.bytes, controllers.size / 2), ABX_ERR_FORMAT);
    controllers.bytes[0] ^= 1;
    assert_status(abx_arm64_restore_gic(second.vm, controllers.bytes, controllers.size), ABX_ERR_FORMAT);
    controllers.bytes[0] ^= 1;
    assert_ok(abx_arm64_restore_gic(second.vm, controllers.bytes, controllers.size));
    free(controllers.bytes);
    guest_close(&second);
    guest_close(&first);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pending_line),
        cmocka_unit_test(test_translations),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
