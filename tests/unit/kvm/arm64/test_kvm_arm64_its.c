/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Messages through the ITS: sent, by descriptor, and on their way while the state is saved. */
#include "arm64_guest.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The guest's memory: what the ITS and LPIs want there (IHI 0069, 5.2 and 6.1.1). */
enum {
    MEMORY = 1 << 20,
    WRITES = 0x8000,
    COMMANDS = 0x10000,
    DEVICES = 0x20000,
    COLLECTIONS = 0x30000,
    TRANSLATIONS = 0x40000,
    LPI_CONFIGURATION = 0x50000,
    LPI_PENDING = 0x60000,
};
#define AT(offset) (ABX_ARM64_RAM + (offset))

enum { READY = 0, DEVICE = 5, EVENT = 3, LPI = 8192 };
#define VALID (UINT64_C(1) << 63)

static arm64_guest guest;

/* Makes the writes of a list at X3, each an address, a value and a width, then takes interrupts as they come. */
GUEST(listener, "1: ldp x4, x5, [x3]\n ldr x6, [x3, #16]\n add x3, x3, #24\n cbz x4, 3f\n dsb sy\n"
                "cmp x6, #8\n b.eq 2f\n str w5, [x4]\n b 1b\n 2: str x5, [x4]\n b 1b\n"
                "3: mov x5, #0xff\n msr s3_0_c4_c6_0, x5\n mov x5, #1\n msr s3_0_c12_c12_7, x5\n isb\n"
                "str xzr, [x1]\n"
                "4: mrs x5, s3_0_c12_c12_0\n cmp x5, #1023\n b.eq 5f\n str x5, [x1]\n"
                "msr s3_0_c12_c12_1, x5\n isb\n b 4b\n 5: wfi\n b 4b");

static void put(uint64_t offset, const void *bytes, size_t length)
{
    assert_ok(abx_memory_write(guest.vm, AT(offset), bytes, length));
}

/* Device DEVICE's event EVENT is LPI, in collection 0, which is vCPU 0 (IHI 0069, 5.3). */
static void write_commands(void)
{
    const uint64_t commands[][4] = {
        { 0x08 | (uint64_t)DEVICE << 32, 4, VALID | AT(TRANSLATIONS), 0 },    /* MAPD: events of 5 bits */
        { 0x09, 0, VALID, 0 },                                                /* MAPC */
        { 0x0a | (uint64_t)DEVICE << 32, EVENT | (uint64_t)LPI << 32, 0, 0 }, /* MAPTI */
        { 0x0c | (uint64_t)DEVICE << 32, EVENT, 0, 0 },                       /* INV */
        { 0x05, 0, 0, 0 },                                                    /* SYNC */
    };
    static const uint8_t enabled = 0xa1;
    put(COMMANDS, commands, sizeof(commands));
    put(LPI_CONFIGURATION, &enabled, 1);
    const uint64_t writes[][3] = {
        { ABX_ARM64_GIC_DISTRIBUTOR, 0x13, 4 },
        { ABX_ARM64_GIC_REDISTRIBUTORS + 0x70, AT(LPI_CONFIGURATION) | 13, 8 },
        { ABX_ARM64_GIC_REDISTRIBUTORS + 0x78, AT(LPI_PENDING) | UINT64_C(1) << 62, 8 },
        { ABX_ARM64_GIC_REDISTRIBUTORS, 1, 4 },
        { ABX_ARM64_GIC_ITS + 0x100, VALID | AT(DEVICES) | 2 << 8, 8 },
        { ABX_ARM64_GIC_ITS + 0x108, VALID | AT(COLLECTIONS) | 2 << 8, 8 },
        { ABX_ARM64_GIC_ITS + 0x80, VALID | AT(COMMANDS), 8 },
        { ABX_ARM64_GIC_ITS, 1, 4 },
        { ABX_ARM64_GIC_ITS + 0x88, sizeof(commands), 8 },
        { 0, 0, 0 },
    };
    put(WRITES, writes, sizeof(writes));
}

/* Skips the test where the host has no ITS. */
static void open_listener(void)
{
    abx_arm64_gic gic;
    guest_open(&guest, NULL, listener);
    assert_ok(abx_arm64_get_gic(guest.vm, &gic));
    guest_set(&guest, ABX_ARM64_X(3), AT(WRITES));
    if (gic.has_its)
        return;
    print_message("this host's KVM has no ITS\n");
    guest_close(&guest);
    skip();
}

static void start_listener(void)
{
    open_listener();
    write_commands();
    guest_start(&guest);
    guest_expect(&guest, READY);
}

static abx_msi message(uint32_t device)
{
    return (abx_msi){ .address = ABX_ARM64_GIC_ITS + 0x10040, .data = EVENT, .device_id = device };
}

static void messages_are_told_apart_by_device(void **state)
{
    (void)state;
    start_listener();
    const abx_msi ours = message(DEVICE), other = message(DEVICE + 1);
    assert_ok(abx_irq_send_msi(guest.vm, &ours));
    guest_expect(&guest, LPI);
    assert_int_not_equal(abx_irq_send_msi(guest.vm, &other), ABX_OK);
    assert_ok(abx_irq_send_msi(guest.vm, &ours));
    guest_expect(&guest, LPI);
    guest_close(&guest);
}

static void a_descriptor_sends_one(void **state)
{
    (void)state;
    start_listener();
    const abx_route route = { .gsi = 1000, .kind = ABX_ROUTE_MSI, .msi = message(DEVICE) };
    int fd = eventfd(0, EFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_ok(abx_irq_set_routes(guest.vm, &route, 1));
    assert_ok(abx_irqfd_attach(guest.vm, fd, route.gsi, -1));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(eventfd_write(fd, 1), 0);
        guest_expect(&guest, LPI);
    }
    assert_ok(abx_irqfd_detach(guest.vm, fd, route.gsi));
    guest_close(&guest);
    close(fd);
}

typedef struct block {
    void *bytes;
    size_t size;
} block;

static block room(size_t capacity)
{
    block made = { malloc(capacity), capacity };
    assert_non_null(made.bytes);
    return made;
}

static void a_message_on_its_way_is_part_of_the_state(void **state)
{
    (void)state;
    start_listener();
    const abx_msi msi = message(DEVICE);
    assert_ok(abx_vcpu_complete_io(guest.vcpu));
    assert_ok(abx_irq_send_msi(guest.vm, &msi));
    block gic = room(1 << 16), vcpu = room(1 << 16), memory = room(MEMORY);
    assert_ok(abx_arm64_save_gic(guest.vm, gic.bytes, gic.size, &gic.size));
    assert_ok(abx_vcpu_save_state(guest.vcpu, vcpu.bytes, vcpu.size, &vcpu.size));
    assert_ok(abx_memory_read(guest.vm, ABX_ARM64_RAM, memory.bytes, memory.size));
    guest_close(&guest);

    open_listener();
    put(0, memory.bytes, memory.size);
    assert_ok(abx_arm64_restore_gic(guest.vm, gic.bytes, gic.size));
    assert_ok(abx_vcpu_restore_state(guest.vcpu, vcpu.bytes, vcpu.size));
    guest_start(&guest);
    guest_expect(&guest, LPI);
    assert_ok(abx_irq_send_msi(guest.vm, &msi));
    guest_expect(&guest, LPI);
    guest_close(&guest);
    free(gic.bytes);
    free(vcpu.bytes);
    free(memory.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_told_apart_by_device),
        cmocka_unit_test(a_descriptor_sends_one),
        cmocka_unit_test(a_message_on_its_way_is_part_of_the_state),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
