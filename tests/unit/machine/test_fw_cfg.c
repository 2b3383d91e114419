/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/fw_cfg.h"
#include "fake_manual.h"

#include <arcbox/arm64.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SELECTOR = 0x510, DATA = 0x511, DMA_HIGH = 0x514, DMA_LOW = 0x518, MEMORY = 1 << 20 };

typedef struct scene {
    fake_host host;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
} scene;

static abx_status try_begin_at(scene *s, const abx_fw_cfg_layout *layout, const abx_fw_cfg_file *files, size_t count)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = MEMORY;
    config.cpus = 3;
    fake_manual_reset();
    fake_host_init(&s->host);
    assert_int_equal(abx_hypervisor_open(&s->hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&s->vm, s->hypervisor, &config), ABX_OK);
    abx_device_host host = fake_host_interface(&s->host, true);
    host.vm = s->vm;
    bool in_memory = layout == &abx_fw_cfg_mmio;
    const abx_fw_cfg_place place = { layout, in_memory ? host.mmio : host.ports,
                                     in_memory ? ABX_ARM64_FW_CFG : SELECTOR };
    return abx_fw_cfg_new(&s->host.device, &host, &place, files, count);
}

static abx_status try_begin(scene *s, const abx_fw_cfg_file *files, size_t count)
{
    return try_begin_at(s, &abx_fw_cfg_ports, files, count);
}

static void begin(scene *s, const abx_fw_cfg_file *files, size_t count)
{
    assert_int_equal(try_begin(s, files, count), ABX_OK);
}

static void end(scene *s)
{
    fake_host_end(&s->host);
    abx_vm_destroy(s->vm);
    abx_hypervisor_close(s->hypervisor);
}

static void read_item(scene *s, uint16_t selector, void *data, uint32_t length)
{
    guest_out(&s->host, SELECTOR, 2, selector);
    guest_string(&s->host, DATA, 1, ABX_READ, data, length);
}

static uint64_t read_number(scene *s, uint16_t selector, uint32_t length)
{
    uint64_t value = 0;
    read_item(s, selector, &value, length);
    return value;
}

static void it_tells_of_the_machine(void **state)
{
    (void)state;
    scene s;
    begin(&s, NULL, 0);
    char signature[5] = "";
    read_item(&s, 0, signature, 4);
    assert_string_equal(signature, "QEMU");
    assert_int_equal(read_number(&s, 1, 4), 3);
    assert_int_equal(read_number(&s, 3, 8), MEMORY);
    assert_int_equal(read_number(&s, 5, 2), 3);
    assert_int_equal(read_number(&s, 15, 2), 3);
    assert_int_equal(read_number(&s, 0x19, 4), 0);
    assert_int_equal(guest_in(&s.host, DMA_HIGH, 4), 0x554d4551);
    assert_int_equal(guest_in(&s.host, DMA_LOW, 4), 0x47464320);
    end(&s);
}

static void past_the_end_there_are_zeros(void **state)
{
    (void)state;
    scene s;
    begin(&s, NULL, 0);
    uint8_t data[10];
    read_item(&s, 0, data, sizeof(data));
    assert_memory_equal(data, "QEMU\0\0\0\0\0\0", 10);
    read_item(&s, 0x7777, data, sizeof(data));
    assert_memory_equal(data, "\0\0\0\0\0\0\0\0\0\0", 10);
    end(&s);
}

static const abx_fw_cfg_file files[] = {
    { .name = "opt/org.example/first", .data = "some bytes", .length = 10 },
    { .name = "opt/org.example/empty" },
    { .name = "opt/org.example/a-name-that-is-as-long-as-it-may-be-xyz", .data = "!", .length = 1 },
};

static void files_are_found_by_their_names(void **state)
{
    (void)state;
    scene s;
    uint8_t directory[4 + 3 * 64];
    begin(&s, files, 3);
    read_item(&s, 0x19, directory, sizeof(directory));
    assert_memory_equal(directory, "\0\0\0\3", 4);
    for (size_t i = 0; i < 3; i++) {
        const uint8_t *entry = directory + 4 + 64 * i;
        assert_int_equal(entry[3], files[i].length);
        assert_int_equal(entry[4] << 8 | entry[5], 0x20 + i);
        assert_string_equal((const char *)entry + 8, files[i].name);
        char content[16] = "";
        read_item(&s, (uint16_t)(entry[4] << 8 | entry[5]), content, entry[3]);
        assert_string_equal(content, files[i].length ? files[i].data : "");
    }
    end(&s);
}

static void a_file_is_read_when_the_machine_is_made(void **state)
{
    (void)state;
    scene s;
    char path[] = "/tmp/abx-fw-cfg-XXXXXX", content[8] = "";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "content", 7), 7);
    close(fd);
    const abx_fw_cfg_file file = { .name = "opt/x", .path = path };
    begin(&s, &file, 1);
    unlink(path);
    read_item(&s, 0x20, content, 7);
    assert_string_equal(content, "content");
    end(&s);
    assert_int_equal(try_begin(&s, &file, 1), ABX_ERR_NOT_FOUND);
    end(&s);
    const abx_fw_cfg_file folder = { .name = "opt/x", .path = "/tmp" };
    assert_int_equal(try_begin(&s, &folder, 1), ABX_ERR_FORMAT);
    end(&s);
}

static void put_big_endian(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

enum { REQUEST = 0x1000 };

/* Runs a request that lies at REQUEST; returns what its control word has become. */
static uint32_t dma(scene *s, uint32_t control, uint32_t length, uint64_t address)
{
    uint8_t request[16];
    put_big_endian(request, control, 4);
    put_big_endian(request + 4, length, 4);
    put_big_endian(request + 8, address, 8);
    assert_int_equal(abx_memory_write(s->vm, REQUEST, request, sizeof(request)), ABX_OK);
    guest_out(&s->host, DMA_HIGH, 4, 0);
    guest_out(&s->host, DMA_LOW, 4, __builtin_bswap32(REQUEST));
    assert_int_equal(abx_memory_read(s->vm, REQUEST, request, sizeof(request)), ABX_OK);
    return (uint32_t)request[0] << 24 | (uint32_t)request[1] << 16 | (uint32_t)request[2] << 8 | request[3];
}

static void dma_selects_skips_and_reads(void **state)
{
    (void)state;
    scene s;
    uint8_t data[8];
    begin(&s, files, 3);
    assert_int_equal(abx_memory_fill(s.vm, 0x2000, 0xcc, 32), ABX_OK);
    assert_int_equal(dma(&s, 0x20 << 16 | 8 | 4, 5, 0), 0);
    assert_int_equal(dma(&s, 2, 3, 0x2000), 0);
    assert_int_equal(abx_memory_read(s.vm, 0x2000, data, 4), ABX_OK);
    assert_memory_equal(data, "byt\xcc", 4);
    /* The port goes on where DMA stopped. */
    assert_int_equal(guest_in(&s.host, DATA, 1), 'e');
    assert_int_equal(dma(&s, 2, 6, 0x2001), 0);
    assert_int_equal(abx_memory_read(s.vm, 0x2000, data, 8), ABX_OK);
    assert_memory_equal(data, "bs\0\0\0\0\0\xcc", 8);
    assert_int_equal(dma(&s, 4, UINT32_MAX, 0), 0);
    assert_int_equal(guest_in(&s.host, DATA, 1), 0);
    end(&s);
}

static void hostile_dma_is_refused(void **state)
{
    (void)state;
    scene s;
    begin(&s, files, 3);
    static const struct {
        uint32_t length;
        uint64_t address;
    } cases[] = {
        { 4, MEMORY },         { 4, MEMORY - 2 },          { UINT32_MAX, 0 },
        { 4, UINT64_MAX - 1 }, { UINT32_MAX, UINT64_MAX }, { 1, UINT64_C(1) << 63 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(dma(&s, 0x20 << 16 | 8 | 2, cases[i].length, cases[i].address), 1);
    /* Nothing can be written, and doing nothing is fine. */
    assert_int_equal(dma(&s, 0x20 << 16 | 8 | 16, 4, 0x2000), 1);
    assert_int_equal(dma(&s, 0, 4, 0x2000), 0);
    assert_int_equal(dma(&s, 0xffffffe0, 4, 0x2000), 0);
    /* The request itself out of memory: there is nobody to tell. */
    static const uint64_t requests[] = { MEMORY - 8, MEMORY, UINT64_MAX - 7, UINT64_MAX };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        guest_out(&s.host, DMA_HIGH, 4, __builtin_bswap32((uint32_t)(requests[i] >> 32)));
        guest_out(&s.host, DMA_LOW, 4, __builtin_bswap32((uint32_t)requests[i]));
    }
    end(&s);
}

static void odd_accesses_do_no_harm(void **state)
{
    (void)state;
    scene s;
    begin(&s, files, 3);
    for (uint16_t port = SELECTOR; port < SELECTOR + 12; port++) {
        for (uint8_t size = 1; size <= 4; size = (uint8_t)(size * 2)) {
            guest_out(&s.host, port, size, 0x19191919);
            guest_in(&s.host, port, size);
        }
    }
    guest_out(&s.host, SELECTOR, 2, 0);
    assert_int_equal(guest_in(&s.host, DATA, 4), 0x554d4551);
    assert_int_equal(guest_in(&s.host, SELECTOR + 2, 2), 0xffff);
    end(&s);
}

/* Data at 0, the selector at 8, the DMA address at 16: numbers are big-endian. */
static void it_lies_in_memory_as_well(void **state)
{
    (void)state;
    const uint64_t base = ABX_ARM64_FW_CFG;
    scene s;
    assert_int_equal(try_begin_at(&s, &abx_fw_cfg_mmio, files, 3), ABX_OK);
    guest_store(&s.host, base + 8, 2, __builtin_bswap16(0x20));
    assert_int_equal(guest_load(&s.host, base, 1), 's');
    assert_int_equal(guest_load(&s.host, base, 4), 0x20656d6f);
    assert_int_equal(guest_load(&s.host, base + 4, 1), 'b');
    assert_int_equal(guest_load(&s.host, base, 8), 0x73657479);
    assert_int_equal(guest_load(&s.host, base + 16, 8), 0x47464320554d4551);
    assert_int_equal(guest_load(&s.host, base + 16, 4), 0x554d4551);

    uint8_t request[16] = { 0, 0x20, 0, 8 | 2, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0x20, 0 };
    uint8_t data[5];
    for (int whole = 0; whole < 2; whole++) {
        assert_int_equal(abx_memory_fill(s.vm, 0x2000, 0xcc, 8), ABX_OK);
        assert_int_equal(abx_memory_write(s.vm, REQUEST, request, sizeof(request)), ABX_OK);
        if (whole) {
            guest_store(&s.host, base + 16, 8, __builtin_bswap64(REQUEST));
        } else {
            guest_store(&s.host, base + 16, 4, 0);
            guest_store(&s.host, base + 20, 4, __builtin_bswap32(REQUEST));
        }
        assert_int_equal(abx_memory_read(s.vm, 0x2000, data, 5), ABX_OK);
        assert_memory_equal(data, "some\xcc", 5);
    }
    for (uint64_t offset = 0; offset < 24; offset++) {
        for (uint8_t size = 1; size <= 8; size = (uint8_t)(size * 2)) {
            guest_store(&s.host, base + offset, size, UINT64_MAX);
            guest_load(&s.host, base + offset, size);
        }
    }
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_of_the_machine),        cmocka_unit_test(past_the_end_there_are_zeros),
        cmocka_unit_test(files_are_found_by_their_names), cmocka_unit_test(a_file_is_read_when_the_machine_is_made),
        cmocka_unit_test(dma_selects_skips_and_reads),    cmocka_unit_test(hostile_dma_is_refused),
        cmocka_unit_test(odd_accesses_do_no_harm),        cmocka_unit_test(it_lies_in_memory_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
