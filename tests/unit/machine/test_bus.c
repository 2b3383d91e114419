/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "bus.h"

#include <string.h>

typedef struct probe {
    unsigned reads, writes;
    uint64_t offset, value;
    uint32_t size;
} probe;

static uint64_t probe_read(void *device, uint64_t offset, uint32_t size)
{
    probe *self = device;
    self->reads++;
    self->offset = offset;
    self->size = size;
    return UINT64_C(0x8877665544332211);
}

static void probe_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    probe *self = device;
    self->writes++;
    self->offset = offset;
    self->size = size;
    self->value = value;
}

static abx_bus_range range_at(uint64_t base, uint64_t length, probe *device)
{
    return (abx_bus_range){
        .base = base, .length = length, .name = "probe", .device = device, .read = probe_read, .write = probe_write
    };
}

static abx_status add(abx_bus *bus, uint64_t base, uint64_t length)
{
    abx_bus_range range = range_at(base, length, NULL);
    return abx_bus_add(bus, &range);
}

static void overlaps_are_refused(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    assert_int_equal(add(&bus, 0x100, 0x10), ABX_OK);
    assert_int_equal(add(&bus, 0x80, 0x10), ABX_OK);
    assert_int_equal(add(&bus, 0x200, 1), ABX_OK);
    assert_int_equal(add(&bus, 0x100, 0x10), ABX_ERR_EXISTS);
    assert_int_equal(add(&bus, 0x10f, 1), ABX_ERR_EXISTS);
    assert_int_equal(add(&bus, 0xf8, 9), ABX_ERR_EXISTS);
    assert_int_equal(add(&bus, 0x0, 0x1000), ABX_ERR_EXISTS);
    assert_int_equal(add(&bus, 0x110, 0xf1), ABX_ERR_EXISTS);
    assert_int_equal(add(&bus, 0x110, 0xf0), ABX_OK);
    assert_int_equal(add(&bus, 0xf8, 8), ABX_OK);
    assert_int_equal(bus.count, 5);
    for (size_t i = 1; i < bus.count; i++)
        assert_true(bus.ranges[i - 1].base < bus.ranges[i].base);
    abx_bus_clear(&bus);
    assert_int_equal(bus.count, 0);
}

static void impossible_ranges_are_refused(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    assert_int_equal(add(&bus, 0x100, 0), ABX_ERR_INVALID);
    assert_int_equal(add(&bus, UINT64_MAX, 2), ABX_ERR_INVALID);
    assert_int_equal(add(&bus, 2, UINT64_MAX), ABX_ERR_INVALID);
    assert_int_equal(add(&bus, UINT64_MAX, 1), ABX_OK);
    assert_int_equal(add(&bus, 0, UINT64_MAX), ABX_OK);
    abx_bus_clear(&bus);
}

static void nobody_answers_with_ones(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    uint8_t data[12] = { 0 };
    const abx_exit_io in = { .port = 0x80, .size = 4, .direction = ABX_READ, .count = 3, .data = data };
    abx_bus_port_io(&bus, &in);
    for (size_t i = 0; i < sizeof(data); i++)
        assert_int_equal(data[i], 0xff);
    const abx_exit_io out = { .port = 0x80, .size = 4, .direction = ABX_WRITE, .count = 3, .data = data };
    abx_bus_port_io(&bus, &out);
    memset(data, 0, sizeof(data));
    const abx_exit_mmio load = { .address = 0xfedc0000, .size = 8, .direction = ABX_READ, .data = data };
    abx_bus_mmio(&bus, &load);
    assert_int_equal(data[7], 0xff);
    assert_int_equal(data[8], 0);
}

static void accesses_reach_their_device(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    probe first = { 0 }, second = { 0 };
    abx_bus_range a = range_at(0x1000, 0x10, &first), b = range_at(0x1010, 4, &second);
    assert_int_equal(abx_bus_add(&bus, &b), ABX_OK);
    assert_int_equal(abx_bus_add(&bus, &a), ABX_OK);

    uint8_t data[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    abx_exit_mmio store = { .address = 0x1008, .size = 8, .direction = ABX_WRITE, .data = data };
    abx_bus_mmio(&bus, &store);
    assert_int_equal(first.writes, 1);
    assert_int_equal(first.offset, 8);
    assert_int_equal(first.value, UINT64_C(0x0807060504030201));

    /* What reaches past the end is cut, and the neighbour hears nothing of it. */
    store.address = 0x100e;
    abx_bus_mmio(&bus, &store);
    assert_int_equal(first.size, 2);
    assert_int_equal(first.value, 0x0201);
    assert_int_equal(second.writes, 0);

    abx_exit_mmio load = { .address = 0x1012, .size = 4, .direction = ABX_READ, .data = data };
    abx_bus_mmio(&bus, &load);
    assert_int_equal(second.offset, 2);
    const uint8_t expected[] = { 0x11, 0x22, 0xff, 0xff, 5 };
    assert_memory_equal(data, expected, sizeof(expected));
    abx_bus_clear(&bus);
}

static void strings_keep_every_element(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    probe device = { 0 };
    abx_bus_range range = range_at(0x60, 8, &device);
    assert_int_equal(abx_bus_add(&bus, &range), ABX_OK);
    uint16_t words[100];
    for (uint16_t i = 0; i < 100; i++)
        words[i] = i;
    const abx_exit_io out = { .port = 0x62, .size = 2, .direction = ABX_WRITE, .count = 100, .data = words };
    abx_bus_port_io(&bus, &out);
    assert_int_equal(device.writes, 100);
    assert_int_equal(device.value, 99);
    const abx_exit_io in = { .port = 0x62, .size = 2, .direction = ABX_READ, .count = 100, .data = words };
    abx_bus_port_io(&bus, &in);
    assert_int_equal(device.reads, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(words[i], 0x2211);
    abx_bus_clear(&bus);
}

static void registers_may_be_for_one_direction(void **state)
{
    (void)state;
    abx_bus bus = { 0 };
    const abx_bus_range silent = { .base = 0x10, .length = 1, .name = "silent" };
    assert_int_equal(abx_bus_add(&bus, &silent), ABX_OK);
    uint8_t data = 0;
    const abx_exit_io in = { .port = 0x10, .size = 1, .direction = ABX_READ, .count = 1, .data = &data };
    abx_bus_port_io(&bus, &in);
    assert_int_equal(data, 0xff);
    const abx_exit_io out = { .port = 0x10, .size = 1, .direction = ABX_WRITE, .count = 1, .data = &data };
    abx_bus_port_io(&bus, &out);
    abx_bus_clear(&bus);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlaps_are_refused),       cmocka_unit_test(impossible_ranges_are_refused),
        cmocka_unit_test(nobody_answers_with_ones),   cmocka_unit_test(accesses_reach_their_device),
        cmocka_unit_test(strings_keep_every_element), cmocka_unit_test(registers_may_be_for_one_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
