/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

/* The handler, at 0x1100: mov al, 0x55; out 0x11, al; iret. */
static const uint8_t handler[] = { 0xb0, 0x55, 0xe6, 0x11, 0xcf };
enum { HANDLER = 0x1100, VECTOR = 0x40 };

/* sti; start: out 0x10, al; jmp start */
static const uint8_t open_to_interrupts[] = { 0xfb, 0xe6, 0x10, 0xeb, 0xfc };
/* start: out 0x10, al; jmp start */
static const uint8_t closed[] = { 0xe6, 0x10, 0xeb, 0xfc };

static void start(kvm_guest *guest, const void *code, size_t length)
{
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    guest_open(guest, &config, code, length);
    assert_ok(abx_memory_write(guest->vm, HANDLER, handler, sizeof(handler)));
    /* Real-mode vectors: offset, then segment. */
    assert_ok(abx_memory_store(guest->vm, VECTOR * 4, 4, HANDLER));
    assert_ok(abx_memory_store(guest->vm, 2 * 4, 4, HANDLER));
    guest_set(guest, ABX_X86_RSP, 0x8000);
    assert_ok(abx_vm_start(guest->vm));
}

static void a_vector_reaches_its_handler(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest, open_to_interrupts, sizeof(open_to_interrupts));
    assert_false(abx_vcpu_interrupt_ready(guest.vcpu));
    guest_run_to_out(&guest, 0x10);
    guest_run_to_out(&guest, 0x10); /* past the shadow of STI */
    assert_ok(abx_vcpu_request_irq_window(guest.vcpu, true));
    do
        assert_ok(abx_vcpu_run(guest.vcpu, &guest.exit));
    while (guest.exit.kind == ABX_EXIT_IO && !abx_vcpu_interrupt_ready(guest.vcpu));
    assert_true(abx_vcpu_interrupt_ready(guest.vcpu));
    assert_ok(abx_vcpu_request_irq_window(guest.vcpu, false));
    assert_ok(abx_vcpu_inject_vector(guest.vcpu, VECTOR));
    assert_false(abx_vcpu_interrupt_ready(guest.vcpu));
    assert_int_equal(guest_run_to_out(&guest, 0x11), 0x55);
    guest_run_to_out(&guest, 0x10);
    guest_close(&guest);
}

static void a_closed_guest_is_not_ready(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest, closed, sizeof(closed));
    guest_run_to_out(&guest, 0x10);
    assert_false(abx_vcpu_interrupt_ready(guest.vcpu));
    guest_close(&guest);
}

static void an_nmi_needs_no_window(void **state)
{
    (void)state;
    kvm_guest guest;
    start(&guest, closed, sizeof(closed));
    guest_run_to_out(&guest, 0x10);
    assert_ok(abx_vcpu_inject_nmi(guest.vcpu));
    assert_int_equal(guest_run_to_out(&guest, 0x11), 0x55);
    guest_close(&guest);
}

static void controllers_in_the_kernel_take_no_vectors(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_KERNEL);
    kvm_guest guest;
    guest_open(&guest, &config, closed, sizeof(closed));
    assert_status(abx_vcpu_inject_vector(guest.vcpu, VECTOR), ABX_ERR_NOT_SUPPORTED);
    guest_close(&guest);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vector_reaches_its_handler),
        cmocka_unit_test(a_closed_guest_is_not_ready),
        cmocka_unit_test(an_nmi_needs_no_window),
        cmocka_unit_test(controllers_in_the_kernel_take_no_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
