/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "acpi/tables.h"

#include "acpi/aml.h"
#include "devices/acpi_pm.h"
#include "devices/rtc.h"

#include <string.h>

enum {
    HEADER_SIZE = 36, /* 5.2.6 */
    HEADER_LENGTH = 4,
    HEADER_CHECKSUM = 9,
    TABLE_ALIGNMENT = 16,

    RSDP_SIZE = 36, /* 5.2.5.3 */
    RSDP_V1_SIZE = 20,
    FADT_SIZE = 276, /* 5.2.9 */
    XSDT_TABLES = 2,

    IOAPIC_ID = 0,
    IOAPIC_ADDRESS = 0xfec00000,
    LAPIC_ADDRESS = 0xfee00000,
    MADT_LAPIC = 0,
    MADT_LAPIC_SIZE = 8,
    MADT_IOAPIC = 1,
    MADT_IOAPIC_SIZE = 12,
    MADT_X2APIC = 9,
    MADT_X2APIC_SIZE = 16,
    MADT_FIXED_SIZE = HEADER_SIZE + 8,
    MADT_ENABLED = 1,
    LAST_LAPIC_ID = 254, /* larger ids need an x2APIC entry (5.2.12.12) */
};

/* Writes where there is room, and counts in any case. */
typedef struct writer {
    uint8_t *buffer;
    size_t capacity;
    size_t length;
} writer;

static void put_bytes(writer *out, const void *bytes, size_t count)
{
    if (out->length < out->capacity && count <= out->capacity - out->length)
        memcpy(out->buffer + out->length, bytes, count);
    out->length += count;
}

static void put(writer *out, uint64_t value, size_t bytes)
{
    uint8_t data[8];
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(value >> (8 * i));
    put_bytes(out, data, bytes);
}

static void put_zeros(writer *out, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        put(out, 0, 1);
}

/* Sets the byte at `at` so that all of [start, start + length) add up to 0. */
static void set_checksum(writer *out, size_t start, size_t length, size_t at)
{
    if (start + length > out->capacity)
        return;
    uint8_t sum = 0;
    out->buffer[at] = 0;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + out->buffer[start + i]);
    out->buffer[at] = (uint8_t)-sum;
}

/* A table's header; its length and checksum are filled in by end_table(). */
static size_t begin_table(writer *out, const char *signature, uint8_t revision)
{
    put_zeros(out, (TABLE_ALIGNMENT - out->length % TABLE_ALIGNMENT) % TABLE_ALIGNMENT);
    size_t start = out->length;
    put_bytes(out, signature, 4);
    put(out, 0, 4);
    put(out, revision, 1);
    put(out, 0, 1);
    put_bytes(out, "ARCBOX", 6);
    put_bytes(out, "ABXTABLE", 8);
    put(out, 1, 4);
    put_bytes(out, "ABX ", 4);
    put(out, 1, 4);
    return start;
}

static void end_table(writer *out, size_t start)
{
    size_t length = out->length - start;
    if (out->length <= out->capacity) {
        writer field = { out->buffer + start + HEADER_LENGTH, 4, 0 };
        put(&field, length, 4);
    }
    set_checksum(out, start, length, start + HEADER_CHECKSUM);
}

static void put_rsdp(writer *out, uint64_t xsdt)
{
    size_t start = out->length;
    put_bytes(out, "RSD PTR ", 8);
    put(out, 0, 1);
    put_bytes(out, "ARCBOX", 6);
    put(out, 2, 1);
    put(out, 0, 4); /* no RSDT */
    put(out, RSDP_SIZE, 4);
    put(out, xsdt, 8);
    put(out, 0, 4);
    set_checksum(out, start, RSDP_V1_SIZE, start + 8);
    set_checksum(out, start, RSDP_SIZE, start + 32);
}

static void put_xsdt(writer *out, const uint64_t tables[XSDT_TABLES])
{
    size_t start = begin_table(out, "XSDT", 1);
    for (size_t i = 0; i < XSDT_TABLES; i++)
        put(out, tables[i], 8);
    end_table(out, start);
}

/* A Generic Address Structure (5.2.3.2): a byte at a port, or none. */
static void put_port(writer *out, uint16_t port)
{
    put(out, port ? 1 : 0, 1); /* system I/O space */
    put(out, port ? 8 : 0, 1); /* bits */
    put(out, 0, 1);
    put(out, port ? 1 : 0, 1); /* byte access */
    put(out, port, 8);
}

/* Table 5.10. Buttons are control method devices, those of the DSDT, or there are none: bit set, either way. */
static uint32_t fadt_flags(void)
{
    enum {
        WBINVD = 1 << 0,
        POWER_BUTTON_NOT_FIXED = 1 << 4,
        SLEEP_BUTTON_NOT_FIXED = 1 << 5,
        RESET_REGISTER = 1 << 10,
        HARDWARE_REDUCED = 1 << 20
    };
    return WBINVD | POWER_BUTTON_NOT_FIXED | SLEEP_BUTTON_NOT_FIXED | RESET_REGISTER | HARDWARE_REDUCED;
}

/* IA-PC boot architecture flags (5.2.9.3). The i8042 is left out even where there is one: it has no keyboard. */
static uint16_t boot_flags(const abx_acpi_platform *platform)
{
    enum { NO_VGA = 1 << 2, NO_CMOS_RTC = 1 << 5 };
    return platform->rtc ? NO_VGA : NO_VGA | NO_CMOS_RTC;
}

/* Everything that belongs to the full hardware stays zero. Offsets are those of table 5.9. */
static void put_fadt(writer *out, const abx_acpi_platform *platform, uint64_t dsdt)
{
    size_t start = begin_table(out, "FACP", 6);
    put_zeros(out, 108 - HEADER_SIZE);
    put(out, platform->rtc ? ABX_RTC_CENTURY : 0, 1);
    put(out, boot_flags(platform), 2);
    put(out, 0, 1);
    put(out, fadt_flags(), 4);
    put_port(out, ABX_ACPI_RESET);
    put(out, ABX_ACPI_RESET_VALUE, 1);
    put(out, 0, 2); /* ARM boot flags */
    put(out, 5, 1); /* minor version: 6.5 */
    put(out, 0, 8); /* no FACS */
    put(out, dsdt, 8);
    put_zeros(out, 244 - 148); /* PM and GPE blocks */
    put_port(out, ABX_ACPI_SLEEP_CONTROL);
    put_port(out, ABX_ACPI_SLEEP_STATUS);
    put_bytes(out, "ARCBOX\0\0", 8); /* hypervisor vendor */
    end_table(out, start);
}

static void put_cpu(writer *out, uint32_t id)
{
    if (id <= LAST_LAPIC_ID) {
        put(out, MADT_LAPIC, 1);
        put(out, MADT_LAPIC_SIZE, 1);
        put(out, id, 1);
        put(out, id, 1);
        put(out, MADT_ENABLED, 4);
        return;
    }
    put(out, MADT_X2APIC, 1);
    put(out, MADT_X2APIC_SIZE, 1);
    put(out, 0, 2);
    put(out, id, 4);
    put(out, MADT_ENABLED, 4);
    put(out, id, 4);
}

/* No interrupt source overrides: all lines are as ISA has them, and line n is pin n. */
static void put_madt(writer *out, const abx_acpi_platform *platform)
{
    size_t start = begin_table(out, "APIC", 5);
    put(out, LAPIC_ADDRESS, 4);
    put(out, 0, 4);
    for (uint32_t id = 0; id < platform->cpus; id++)
        put_cpu(out, id);
    put(out, MADT_IOAPIC, 1);
    put(out, MADT_IOAPIC_SIZE, 1);
    put(out, IOAPIC_ID, 1);
    put(out, 0, 1);
    put(out, IOAPIC_ADDRESS, 4);
    put(out, 0, 4);
    end_table(out, start);
}

/* A definition block is a header and a list of terms: lists of several blocks make one block. */
static void put_terms(writer *out, const abx_aml *block)
{
    put_bytes(out, block->table + HEADER_SIZE, block->length - HEADER_SIZE);
}

/* Replaces the one place in the terms of virtio.asl where `placeholder` is. */
static void replace(uint8_t *terms, size_t length, uint32_t placeholder, uint64_t value)
{
    for (size_t i = 0; i + 4 <= length; i++) {
        writer word = { terms + i, 4, 0 };
        if (memcmp(terms + i, &placeholder, 4) == 0)
            put(&word, value, 4);
    }
}

/* 6.4.3.6: the flags of an extended interrupt descriptor are two bytes before its first number. */
static void set_edge(uint8_t *terms, size_t length, uint32_t line)
{
    enum { FLAGS_BEFORE = 2, EDGE = 1 << 1 };
    for (size_t i = FLAGS_BEFORE; i + 4 <= length; i++) {
        if (memcmp(terms + i, &line, 4) == 0)
            terms[i - FLAGS_BEFORE] |= EDGE;
    }
}

static void put_virtio(writer *out, uint32_t index, const abx_virtio_place *place, bool edge)
{
    enum { UID = 0x5a000001, BASE = 0x5a000002, LINE = 0x5a000003, ROOM = 128 };
    static const char name[] = "VR00";
    const char own[4] = { 'V', 'R', (char)('0' + index / 10), (char)('0' + index % 10) };
    uint8_t terms[ROOM];
    size_t length = abx_aml_virtio.length - HEADER_SIZE;
    memcpy(terms, abx_aml_virtio.table + HEADER_SIZE, length);
    if (edge)
        set_edge(terms, length, LINE);
    replace(terms, length, UID, index);
    replace(terms, length, BASE, place->base);
    replace(terms, length, LINE, place->line);
    for (size_t i = 0; i + 4 <= length; i++) {
        if (memcmp(terms + i, name, 4) == 0)
            memcpy(terms + i, own, 4);
    }
    put_bytes(out, terms, length);
}

static void put_dsdt(writer *out, const abx_acpi_platform *platform)
{
    size_t start = begin_table(out, "DSDT", 2);
    put_terms(out, &abx_aml_dsdt);
    if (platform->serial)
        put_terms(out, &abx_aml_serial);
    if (platform->rtc)
        put_terms(out, &abx_aml_rtc);
    if (platform->fw_cfg)
        put_terms(out, &abx_aml_fw_cfg);
    if (platform->pvpanic)
        put_terms(out, &abx_aml_pvpanic);
    if (platform->power_button)
        put_terms(out, &abx_aml_ged);
    for (uint32_t i = 0; i < platform->virtio_count; i++)
        put_virtio(out, i, &platform->virtio[i], platform->virtio_edges);
    end_table(out, start);
}

static uint64_t aligned(uint64_t address)
{
    return (address + TABLE_ALIGNMENT - 1) / TABLE_ALIGNMENT * TABLE_ALIGNMENT;
}

static uint64_t madt_size(uint32_t cpus)
{
    uint64_t small = cpus <= LAST_LAPIC_ID + 1 ? cpus : LAST_LAPIC_ID + 1;
    return MADT_FIXED_SIZE + small * MADT_LAPIC_SIZE + (cpus - small) * MADT_X2APIC_SIZE + MADT_IOAPIC_SIZE;
}

abx_status abx_acpi_build(const abx_acpi_platform *platform, abx_gpa base, void *buffer, size_t capacity,
                          size_t *length)
{
    writer out = { buffer, capacity, 0 };
    uint64_t xsdt = aligned(base + RSDP_SIZE);
    uint64_t fadt = aligned(xsdt + HEADER_SIZE + XSDT_TABLES * 8);
    uint64_t madt = aligned(fadt + FADT_SIZE);
    uint64_t dsdt = aligned(madt + madt_size(platform->cpus));

    put_rsdp(&out, xsdt);
    put_xsdt(&out, (uint64_t[XSDT_TABLES]){ fadt, madt });
    put_fadt(&out, platform, dsdt);
    put_madt(&out, platform);
    put_dsdt(&out, platform);
    *length = out.length;
    if (out.length > capacity)
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "build %zu bytes of ACPI tables in %zu", out.length, capacity);
    return ABX_OK;
}
