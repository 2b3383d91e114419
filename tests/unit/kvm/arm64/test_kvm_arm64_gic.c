/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts into a guest, by line and by descriptor, and the state of the controllers in another VM. */
#include "arm64_guest.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Lines of the guest below, and what it calls them. */
enum { LEVEL_LINE = 8, EDGE_LINE = 9, LEVEL_INTID = 40, EDGE_INTID = 41, READY = 0 };

static arm64_guest guest;

/* Takes interrupts LEVEL_INTID and EDGE_INTID, tells READY and then each by its number before it ends it. X2: version
 * of the GIC. */
GUEST(listener, "mov x20, #0x08000000\n mov x21, #0x08010000\n mov w3, #0x13\n str w3, [x20]\n"
                "mov w3, #0x300\n cmp x2, #2\n b.eq 3f\n str w3, [x20, #0x84]\n"
                "3: mov w4, #0x80000\n str w4, [x20, #0xc08]\n"
                "mov w4, #0x0101\n str w4, [x20, #0x828]\n"
                "str w3, [x20, #0x104]\n mov x5, #0xff\n cmp x2, #2\n b.eq 4f\n"
                "msr s3_0_c4_c6_0, x5\n mov x3, #1\n msr s3_0_c12_c12_7, x3\n isb\n b 5f\n"
                "4: str w5, [x21, #4]\n mov w3, #1\n str w3, [x21]\n"
                "5: str xzr, [x1]\n"
                "1: cmp x2, #2\n b.eq 6f\n mrs x3, s3_0_c12_c12_0\n b 7f\n 6: ldr w3, [x21, #0xc]\n"
                "7: cmp x3, #1023\n b.eq 2f\n str x3, [x1]\n"
                "cmp x2, #2\n b.eq 8f\n msr s3_0_c12_c12_1, x3\n isb\n b 1b\n 8: str w3, [x21, #0x10]\n b 1b\n"
                "2: wfi\n b 1b");

/* The same for private interrupt 5, of the redistributor at the window's beginning or of a GICv2. */
enum { PPI = 5, PPI_INTID = 21 };
GUEST(private_listener, "mov x20, #0x08000000\n mov x21, #0x08010000\n movz x22, #0x080b, lsl 16\n"
                        "mov w3, #0x13\n str w3, [x20]\n mov w3, #0x200000\n cmp x2, #2\n b.eq 4f\n"
                        "str w3, [x22, #0x80]\n str w3, [x22, #0x100]\n mov x5, #0xff\n"
                        "msr s3_0_c4_c6_0, x5\n mov x3, #1\n msr s3_0_c12_c12_7, x3\n isb\n b 5f\n"
                        "4: str w3, [x20, #0x100]\n mov w5, #0xff\n str w5, [x21, #4]\n mov w3, #1\n str w3, [x21]\n"
                        "5: str xzr, [x1]\n"
                        "1: cmp x2, #2\n b.eq 6f\n mrs x3, s3_0_c12_c12_0\n b 7f\n 6: ldr w3, [x21, #0xc]\n"
                        "7: cmp x3, #1023\n b.eq 2f\n str x3, [x1]\n"
                        "cmp x2, #2\n b.eq 8f\n msr s3_0_c12_c12_1, x3\n isb\n b 1b\n 8: str w3, [x21, #0x10]\n b 1b\n"
                        "2: wfi\n b 1b");

static abx_arm64_gic open_listener(const abx_vm_config *config)
{
    abx_arm64_gic gic;
    guest_open(&guest, config, listener);
    assert_ok(abx_arm64_get_gic(guest.vm, &gic));
    guest_set(&guest, ABX_ARM64_X(2), gic.version);
    return gic;
}

static void start_listener(void)
{
    open_listener(NULL);
    guest_start(&guest);
    guest_expect(&guest, READY);
}

static void pulse(uint32_t line)
{
    assert_ok(abx_irq_set_line(guest.vm, line, true));
    assert_ok(abx_irq_set_line(guest.vm, line, false));
}

static void the_controllers_are_described(void **state)
{
    (void)state;
    abx_arm64_gic gic = open_listener(NULL);
    assert_true(gic.version == 2 || gic.version == 3);
    assert_int_equal(gic.has_its, abx_hypervisor_has(guest.hypervisor, ABX_CAP_MSI));
    assert_true(gic.lines > ABX_ARM64_SPI_VIRTIO);
    assert_ok(abx_irq_set_line(guest.vm, gic.lines - 1, false));
    assert_status(abx_irq_set_line(guest.vm, gic.lines, true), ABX_ERR_LIMIT);
    guest_close(&guest);
}

static void private_interrupts(void **state)
{
    (void)state;
    abx_arm64_gic gic;
    guest_open(&guest, NULL, private_listener);
    assert_ok(abx_arm64_get_gic(guest.vm, &gic));
    guest_set(&guest, ABX_ARM64_X(2), gic.version);
    guest_start(&guest);
    guest_expect(&guest, READY);
    assert_ok(abx_arm64_set_ppi(guest.vm, 0, PPI, true));
    guest_expect(&guest, PPI_INTID);
    guest_expect(&guest, PPI_INTID); /* as long as it is high */
    assert_ok(abx_arm64_set_ppi(guest.vm, 0, PPI, false));
    assert_ok(abx_arm64_set_ppi(guest.vm, 0, ABX_ARM64_PPI_VIRTUAL_TIMER, true)); /* left alone: the kernel's timer's */
    assert_ok(abx_arm64_set_ppi(guest.vm, 0, PPI, true));
    guest_expect(&guest, PPI_INTID);
    assert_status(abx_arm64_set_ppi(guest.vm, 0, 16, true), ABX_ERR_LIMIT);
    assert_status(abx_arm64_set_ppi(guest.vm, 1, PPI, true), ABX_ERR_LIMIT);
    guest_close(&guest);
}

static void lines_by_level_and_by_edge(void **state)
{
    (void)state;
    start_listener();
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, true));
    guest_expect(&guest, LEVEL_INTID);
    guest_expect(&guest, LEVEL_INTID); /* as long as it is high */
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, false));
    pulse(EDGE_LINE);
    guest_expect(&guest, EDGE_INTID);
    pulse(EDGE_LINE);
    guest_expect(&guest, EDGE_INTID);
    guest_close(&guest);
}

static void a_line_may_be_high_before_anything_runs(void **state)
{
    (void)state;
    abx_vm_config config = small_config();
    config.cpus = 2; /* of which one comes never */
    open_listener(&config);
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, true));
    guest_start(&guest);
    guest_expect(&guest, READY);
    guest_expect(&guest, LEVEL_INTID);
    guest_close(&guest);
}

static bool signalled(int fd)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };
    return poll(&wanted, 1, 5000) == 1;
}

static void descriptors_raise_lines(void **state)
{
    (void)state;
    int edge = eventfd(0, EFD_CLOEXEC), level = eventfd(0, EFD_CLOEXEC), ended = eventfd(0, EFD_CLOEXEC);
    assert_true(edge >= 0 && level >= 0 && ended >= 0);
    start_listener();
    assert_ok(abx_irqfd_attach(guest.vm, edge, EDGE_LINE, -1));
    assert_status(abx_irqfd_attach(guest.vm, edge, EDGE_LINE, -1), ABX_ERR_EXISTS);
    assert_ok(abx_irqfd_attach(guest.vm, level, LEVEL_LINE, ended));
    assert_int_equal(eventfd_write(edge, 1), 0);
    guest_expect(&guest, EDGE_INTID);
    assert_int_equal(eventfd_write(level, 1), 0);
    guest_expect(&guest, LEVEL_INTID);
    assert_int_equal(eventfd_write(edge, 1), 0);
    guest_expect(&guest, EDGE_INTID);
    assert_true(signalled(ended));
    assert_ok(abx_irqfd_detach(guest.vm, level, LEVEL_LINE));
    assert_ok(abx_irqfd_detach(guest.vm, edge, EDGE_LINE));
    guest_close(&guest);
    close(edge);
    close(level);
    close(ended);
}

static void a_doorbell_does_not_come_out(void **state)
{
    (void)state;
    int fd = eventfd(0, EFD_CLOEXEC);
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = REPORT;
    doorbell.length = 8;
    doorbell.match = true;
    doorbell.value = READY;
    doorbell.fd = fd;
    open_listener(NULL);
    assert_ok(abx_ioeventfd_attach(guest.vm, &doorbell));
    guest_start(&guest);
    pulse(EDGE_LINE);
    abx_vcpu_kick(guest.vcpu);
    guest_run_to(&guest, ABX_EXIT_INTERRUPTED);
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, true));
    guest_expect(&guest, LEVEL_INTID);
    assert_true(signalled(fd));
    assert_ok(abx_ioeventfd_detach(guest.vm, &doorbell));
    guest_close(&guest);
    close(fd);
}

static void a_message_that_nobody_takes(void **state)
{
    (void)state;
    abx_arm64_gic gic = open_listener(NULL);
    const abx_msi msi = { .address = ABX_ARM64_GIC_ITS + 0x10040, .data = 1, .device_id = 5 };
    assert_status(abx_irq_send_msi(guest.vm, &msi), gic.has_its ? ABX_ERR_NOT_FOUND : ABX_ERR_NOT_SUPPORTED);
    guest_close(&guest);
}

typedef struct block {
    void *bytes;
    size_t size;
} block;

static block save_gic(void)
{
    block saved = { 0 };
    size_t size = 0;
    assert_ok(abx_arm64_save_gic(guest.vm, NULL, 0, &saved.size));
    saved.bytes = malloc(saved.size);
    assert_non_null(saved.bytes);
    assert_status(abx_arm64_save_gic(guest.vm, saved.bytes, saved.size - 1, &size), ABX_ERR_LIMIT);
    assert_int_equal(size, saved.size);
    assert_ok(abx_arm64_save_gic(guest.vm, saved.bytes, saved.size, &size));
    return saved;
}

static void interrupts_wait_in_a_saved_state(void **state)
{
    (void)state;
    start_listener();
    assert_ok(abx_vcpu_complete_io(guest.vcpu));
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, true));
    block gic = save_gic();
    block vcpu = { malloc(1 << 16), 0 };
    assert_ok(abx_vcpu_save_state(guest.vcpu, vcpu.bytes, 1 << 16, &vcpu.size));
    guest_close(&guest);

    open_listener(NULL);
    assert_ok(abx_arm64_restore_gic(guest.vm, gic.bytes, gic.size));
    block first = save_gic();
    assert_ok(abx_vcpu_restore_state(guest.vcpu, vcpu.bytes, vcpu.size));
    guest_start(&guest);
    guest_expect(&guest, LEVEL_INTID);
    assert_ok(abx_irq_set_line(guest.vm, LEVEL_LINE, false));
    pulse(EDGE_LINE);
    guest_expect(&guest, EDGE_INTID);
    assert_ok(abx_vcpu_complete_io(guest.vcpu));
    /* The same once more: what is on its way at a later time must not be there at the earlier one. */
    pulse(EDGE_LINE);
    assert_ok(abx_arm64_restore_gic(guest.vm, gic.bytes, gic.size));
    block again = save_gic();
    assert_int_equal(again.size, first.size);
    assert_memory_equal(again.bytes, first.bytes, first.size);
    guest_close(&guest);
    free(again.bytes);
    free(first.bytes);
    free(gic.bytes);
    free(vcpu.bytes);
}

static void blocks_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    start_listener();
    assert_ok(abx_vcpu_complete_io(guest.vcpu));
    block gic = save_gic();
    uint8_t *bytes = gic.bytes;
    for (size_t at = 0; at < gic.size; at += 131) {
        bytes[at] ^= 4;
        assert_status(abx_arm64_restore_gic(guest.vm, bytes, gic.size), ABX_ERR_FORMAT);
        bytes[at] ^= 4;
    }
    assert_status(abx_arm64_restore_gic(guest.vm, bytes, gic.size - 8), ABX_ERR_FORMAT);
    assert_status(abx_vcpu_restore_state(guest.vcpu, bytes, gic.size), ABX_ERR_FORMAT);
    block vcpu = { malloc(1 << 16), 0 };
    assert_ok(abx_vcpu_save_state(guest.vcpu, vcpu.bytes, 1 << 16, &vcpu.size));
    assert_status(abx_arm64_restore_gic(guest.vm, vcpu.bytes, vcpu.size), ABX_ERR_FORMAT);
    guest_close(&guest);

    abx_vm_config config = small_config();
    config.cpus = 2;
    open_listener(&config);
    assert_status(abx_arm64_restore_gic(guest.vm, gic.bytes, gic.size), ABX_ERR_FORMAT);
    block both = save_gic();
    assert_ok(abx_arm64_restore_gic(guest.vm, both.bytes, both.size));
    guest_close(&guest);
    free(both.bytes);
    free(gic.bytes);
    free(vcpu.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_controllers_are_described),
        cmocka_unit_test(private_interrupts),
        cmocka_unit_test(lines_by_level_and_by_edge),
        cmocka_unit_test(a_line_may_be_high_before_anything_runs),
        cmocka_unit_test(descriptors_raise_lines),
        cmocka_unit_test(a_doorbell_does_not_come_out),
        cmocka_unit_test(a_message_that_nobody_takes),
        cmocka_unit_test(interrupts_wait_in_a_saved_state),
        cmocka_unit_test(blocks_that_do_not_fit_are_refused),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
