/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "acpi/tables.h"
#include "devices/acpi_pm.h"
#include "devices/ged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BASE = ABX_ACPI_BASE, CAPACITY = 0x20000 };

static uint8_t memory[CAPACITY];

static const abx_virtio_place places[] = { { 0xd0000000, 16 }, { 0xd0000200, 17 } };

static const abx_acpi_platform everything = {
    .cpus = 3,
    .serial = true,
    .rtc = true,
    .fw_cfg = true,
    .pvpanic = true,
    .power_button = true,
    .virtio = places,
    .virtio_count = 2,
};

static uint64_t number(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | at[i];
    return value;
}

static uint8_t sum(const uint8_t *at, size_t length)
{
    uint8_t total = 0;
    while (length-- > 0)
        total = (uint8_t)(total + *at++);
    return total;
}

static size_t build(const abx_acpi_platform *platform)
{
    size_t length = 0;
    memset(memory, 0xcc, sizeof(memory));
    assert_int_equal(abx_acpi_build(platform, BASE, memory, sizeof(memory), &length), ABX_OK);
    assert_int_equal(memory[length], 0xcc);
    return length;
}

/* The table at guest address `gpa`, checked as far as all tables are alike. */
static const uint8_t *table_at(uint64_t gpa, const char *signature, size_t built)
{
    assert_true(gpa >= BASE && gpa - BASE + 36 <= built && gpa % 16 == 0);
    const uint8_t *table = memory + (gpa - BASE);
    assert_memory_equal(table, signature, 4);
    uint64_t length = number(table + 4, 4);
    assert_true(length >= 36 && gpa - BASE + length <= built);
    assert_int_equal(sum(table, length), 0);
    assert_memory_equal(table + 10, "ARCBOX", 6);
    return table;
}

static const uint8_t *find(const char *signature, size_t built)
{
    const uint8_t *xsdt = table_at(number(memory + 24, 8), "XSDT", built);
    for (uint64_t offset = 36; offset < number(xsdt + 4, 4); offset += 8) {
        uint64_t gpa = number(xsdt + offset, 8);
        if (memcmp(memory + (gpa - BASE), signature, 4) == 0)
            return table_at(gpa, signature, built);
    }
    fail_msg("no %s", signature);
    return NULL;
}

static void the_root_pointer_leads_to_the_tables(void **state)
{
    (void)state;
    size_t built = build(&everything);
    assert_memory_equal(memory, "RSD PTR ", 8);
    assert_int_equal(sum(memory, 20), 0);
    assert_int_equal(sum(memory, 36), 0);
    assert_int_equal(memory[15], 2);
    assert_int_equal(number(memory + 16, 4), 0);
    assert_int_equal(number(memory + 20, 4), 36);
    assert_int_equal(number(table_at(number(memory + 24, 8), "XSDT", built) + 4, 4), 36 + 2 * 8);
}

static void the_fadt_reduces_the_hardware(void **state)
{
    (void)state;
    size_t built = build(&everything);
    const uint8_t *fadt = find("FACP", built);
    assert_int_equal(number(fadt + 4, 4), 276);
    assert_int_equal(fadt[8], 6);
    assert_int_equal(fadt[131], 5);
    assert_int_equal(number(fadt + 112, 4), 1 << 20 | 1 << 10 | 1 << 5 | 1 << 4 | 1);
    /* No SMI command, no PM blocks, no SCI. */
    for (size_t i = 46; i < 108; i++)
        assert_int_equal(fadt[i], 0);
    const uint8_t reset[] = { 1, 8, 0, 1, ABX_ACPI_RESET & 0xff, ABX_ACPI_RESET >> 8, 0, 0, 0, 0, 0, 0 };
    assert_memory_equal(fadt + 116, reset, sizeof(reset));
    assert_int_equal(fadt[128], ABX_ACPI_RESET_VALUE);
    assert_int_equal(number(fadt + 244 + 4, 8), ABX_ACPI_SLEEP_CONTROL);
    assert_int_equal(number(fadt + 256 + 4, 8), ABX_ACPI_SLEEP_STATUS);
    table_at(number(fadt + 140, 8), "DSDT", built);
}

static void boot_flags_follow_the_devices(void **state)
{
    (void)state;
    const uint8_t *fadt = find("FACP", build(&everything));
    assert_int_equal(fadt[108], 0x32);
    assert_int_equal(number(fadt + 109, 2), 1 << 2);
    const abx_acpi_platform bare = { .cpus = 1 };
    fadt = find("FACP", build(&bare));
    assert_int_equal(fadt[108], 0);
    assert_int_equal(number(fadt + 109, 2), 1 << 2 | 1 << 5);
}

static void the_madt_lists_every_processor(void **state)
{
    (void)state;
    static const uint32_t counts[] = { 1, 2, 255, 256, 300, 4096 };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        const abx_acpi_platform platform = { .cpus = counts[i] };
        const uint8_t *madt = find("APIC", build(&platform));
        assert_int_equal(number(madt + 36, 4), 0xfee00000);
        uint32_t next = 0, ioapics = 0;
        uint64_t length = number(madt + 4, 4), offset = 44;
        for (; offset < length; offset += madt[offset + 1]) {
            const uint8_t *entry = madt + offset;
            if (entry[0] == 1) {
                assert_int_equal(number(entry + 4, 4), 0xfec00000);
                assert_int_equal(number(entry + 8, 4), 0);
                ioapics++;
                continue;
            }
            assert_int_equal(entry[0], next < 255 ? 0 : 9);
            assert_int_equal(next < 255 ? entry[3] : number(entry + 4, 4), next);
            assert_int_equal(number(entry + (next < 255 ? 4 : 8), 4), 1);
            next++;
        }
        assert_int_equal(offset, length);
        assert_int_equal(next, counts[i]);
        assert_int_equal(ioapics, 1);
    }
}

static void the_size_is_told_first(void **state)
{
    (void)state;
    size_t built = build(&everything), asked = 0;
    assert_int_equal(abx_acpi_build(&everything, BASE, NULL, 0, &asked), ABX_ERR_LIMIT);
    assert_int_equal(asked, built);
    for (size_t capacity = 0; capacity < built; capacity += 7) {
        memset(memory, 0xcc, sizeof(memory));
        assert_int_equal(abx_acpi_build(&everything, BASE, memory, capacity, &asked), ABX_ERR_LIMIT);
        assert_int_equal(memory[capacity], 0xcc);
    }
}

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *format, ...)
{
    char command[256];
    va_list arguments;
    va_start(arguments, format);
    assert_true(vsnprintf(command, sizeof(command), format, arguments) < (int)sizeof(command));
    va_end(arguments);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void save(const char *folder, const char *name, const uint8_t *table)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s.aml", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(table, number(table + 4, 4), 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static unsigned count(const uint8_t *table, const void *bytes, size_t length)
{
    unsigned found = 0;
    for (size_t i = 0; i + length <= number(table + 4, 4); i++)
        found += memcmp(table + i, bytes, length) == 0;
    return found;
}

/* Each has a name, a number, registers and a line of its own, and nothing of the template is left. */
static void list_virtio_devices(bool edges)
{
    abx_virtio_place many[ABX_MACHINE_VIRTIO_MAX];
    for (uint32_t i = 0; i < ABX_MACHINE_VIRTIO_MAX; i++)
        many[i] = (abx_virtio_place){ 0xd0000000u + 0x200 * i, 0x60 + i };
    const abx_acpi_platform platform = {
        .cpus = 1, .virtio = many, .virtio_count = ABX_MACHINE_VIRTIO_MAX, .virtio_edges = edges
    };
    size_t built = build(&platform);
    const uint8_t *dsdt = table_at(number(find("FACP", built) + 140, 8), "DSDT", built);
    assert_int_equal(count(dsdt, "LNRO0005", 8), ABX_MACHINE_VIRTIO_MAX);
    for (uint32_t i = 0; i < ABX_MACHINE_VIRTIO_MAX; i++) {
        char name[5];
        snprintf(name, sizeof(name), "VR%02u", i);
        /* Memory32Fixed and an extended interrupt, level or edge, and active high: ACPI 6.5, 6.4.3.4 and 6.4.3.6. */
        const uint8_t registers[] = { 0x86, 9, 0, 1, 0, (uint8_t)(2 * i), 0, 0xd0, 0, 2, 0, 0 };
        const uint8_t line[] = { 0x89, 6, 0, edges ? 3 : 1, 1, (uint8_t)(0x60 + i), 0, 0, 0 };
        assert_int_equal(count(dsdt, name, 4), 1);
        assert_int_equal(count(dsdt, registers, sizeof(registers)), 1);
        assert_int_equal(count(dsdt, line, sizeof(line)), 1);
    }
    assert_int_equal(count(dsdt, "\x00\x00\x5a", 3), 0);
}

static void virtio_devices_are_listed(void **state)
{
    (void)state;
    list_virtio_devices(false);
    list_virtio_devices(true);
}

/* One event device with its one line, an edge, and the button that it tells of (5.6.9, 4.8.2.2.1.2). */
static void a_power_button_is_an_event(void **state)
{
    (void)state;
    const uint8_t line[] = { 0x89, 6, 0, 3, 1, ABX_GED_LINE, 0, 0, 0 };
    const uint8_t button[] = { 0x0c, 0x41, 0xd0, 0x0c, 0x0c }; /* a DWord, EisaId ("PNP0C0C") */
    for (int there = 0; there < 2; there++) {
        const abx_acpi_platform platform = { .cpus = 1, .power_button = there };
        size_t built = build(&platform);
        const uint8_t *fadt = find("FACP", built);
        const uint8_t *dsdt = table_at(number(fadt + 140, 8), "DSDT", built);
        assert_int_equal(count(dsdt, "ACPI0013", 8), there);
        assert_int_equal(count(dsdt, "_EVT", 4), there);
        assert_int_equal(count(dsdt, line, sizeof(line)), there);
        assert_int_equal(count(dsdt, button, sizeof(button)), there);
        /* It is no fixed feature, so the flag says what it says where there is none. */
        assert_int_equal(number(fadt + 112, 4) & 1 << 4, 1 << 4);
    }
}

/* iasl reads all tables, and compiles its reading of the DSDT again; that names exactly the devices that are there. */
static void disassemble(unsigned devices, size_t built)
{
    static const char *const names[] = { "PNP0501", "PNP0B00", "QEMU0002", "QEMU0001", "LNRO0005", "PNP0C0C" };
    char folder[] = "/tmp/abx-acpi-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const uint8_t *fadt = find("FACP", built);
    save(folder, "facp", fadt);
    save(folder, "apic", find("APIC", built));
    save(folder, "dsdt", table_at(number(fadt + 140, 8), "DSDT", built));
    shell("cd %s && for t in facp apic dsdt; do iasl -d $t.aml >>log 2>&1 || exit; done", folder);
    shell("cd %s && iasl -p again dsdt.dsl >>log 2>&1 && ! grep -i -e error: -e invalid -e 'warning *[0-9]' log *.dsl",
          folder);
    shell("grep -q _S5 %s/dsdt.dsl", folder);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        shell("%s grep -q %s %s/dsdt.dsl", devices >> i & 1 ? "" : "!", names[i], folder);
    shell("rm -r %s", folder);
}

static void another_reader_understands_them(void **state)
{
    (void)state;
    if (system("command -v iasl >/dev/null") != 0) {
        print_message("iasl is not installed\n");
        skip();
    }
    for (unsigned devices = 0; devices < 64; devices += 7) {
        const abx_acpi_platform platform = {
            .cpus = 300,
            .serial = devices & 1,
            .rtc = devices & 2,
            .fw_cfg = devices & 4,
            .pvpanic = devices & 8,
            .virtio = places,
            .virtio_count = devices & 16 ? 2 : 0,
            .power_button = devices & 32,
        };
        disassemble(devices, build(&platform));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_pointer_leads_to_the_tables),
        cmocka_unit_test(the_fadt_reduces_the_hardware),
        cmocka_unit_test(boot_flags_follow_the_devices),
        cmocka_unit_test(the_madt_lists_every_processor),
        cmocka_unit_test(the_size_is_told_first),
        cmocka_unit_test(virtio_devices_are_listed),
        cmocka_unit_test(a_power_button_is_an_event),
        cmocka_unit_test(another_reader_understands_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
