/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "state_block.h"

#include <string.h>

/* Both architectures are little endian; so are blocks. */
#define MAGIC   UINT64_C(0x3155504356584241) /* "ABXVCPU1" */
#define VERSION 1u

typedef struct header {
    uint64_t magic;
    uint32_t version;
    uint32_t arch; /* abx_arch */
    uint64_t size; /* of the whole block */
    uint32_t sections;
    uint32_t checksum; /* CRC-32 of the whole block with this field zero */
} header;

typedef struct section {
    uint32_t tag;
    uint32_t length; /* of the bytes that follow, without the zeros that fill up to ALIGNMENT */
} section;

enum { ALIGNMENT = 8 };
_Static_assert(sizeof(header) % ALIGNMENT == 0 && sizeof(section) % ALIGNMENT == 0, "sections are aligned");

/* CRC-32 of ISO-HDLC: reflected polynomial 0xedb88320 (ITU-T V.42, 8.1.1.6.2). */
static uint32_t update_crc(uint32_t crc, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
    }
    return crc;
}

static uint32_t checksum(const header *head, const uint8_t *rest, size_t length)
{
    header zeroed = *head;
    zeroed.checksum = 0;
    uint32_t crc = update_crc(UINT32_MAX, (const uint8_t *)&zeroed, sizeof(zeroed));
    return ~update_crc(crc, rest, length);
}

static size_t padding(size_t length)
{
    return (ALIGNMENT - length % ALIGNMENT) % ALIGNMENT;
}

/* NULL for `bytes` stands for zeros. */
static void put(abx_state_writer *writer, const void *bytes, size_t length)
{
    if (length > 0 && writer->used <= writer->capacity && length <= writer->capacity - writer->used) {
        if (bytes)
            memcpy(writer->buffer + writer->used, bytes, length);
        else
            memset(writer->buffer + writer->used, 0, length);
    }
    writer->used += length;
}

void abx_state_begin(abx_state_writer *writer, void *buffer, size_t capacity, abx_arch arch)
{
    *writer = (abx_state_writer){ .buffer = buffer, .capacity = capacity, .arch = arch };
    put(writer, NULL, sizeof(header));
}

void abx_state_add(abx_state_writer *writer, uint32_t tag, const void *data, size_t length)
{
    const section head = { .tag = tag, .length = (uint32_t)length };
    put(writer, &head, sizeof(head));
    put(writer, data, length);
    put(writer, NULL, padding(length));
    writer->sections++;
}

size_t abx_state_finish(abx_state_writer *writer)
{
    if (writer->used <= writer->capacity) {
        header head = {
            .magic = MAGIC,
            .version = VERSION,
            .arch = (uint32_t)writer->arch,
            .size = writer->used,
            .sections = writer->sections,
        };
        head.checksum = checksum(&head, writer->buffer + sizeof(head), writer->used - sizeof(head));
        memcpy(writer->buffer, &head, sizeof(head));
    }
    return writer->used;
}

static abx_status bad(const char *advice)
{
    return abx_fail(ABX_ERR_FORMAT, 0, advice, "read a vCPU's saved state");
}

static abx_status check_header(const header *head, const uint8_t *bytes, size_t size, abx_arch arch)
{
    if (head->magic != MAGIC)
        return bad("this is no saved state of this library");
    if (head->version != VERSION)
        return bad("it was saved by another version of this library");
    if (head->arch != (uint32_t)arch)
        return bad("it was saved on another architecture");
    if (head->size != size)
        return bad("it is cut off, or something follows it");
    if (head->checksum != checksum(head, bytes + sizeof(*head), size - sizeof(*head)))
        return bad("it is damaged: the checksum does not fit");
    return ABX_OK;
}

/* The section at *offset, which moves on behind it. */
static abx_status next_section(abx_state_reader *reader, const uint8_t *bytes, size_t size, size_t *offset)
{
    section head;
    size_t data = *offset + sizeof(head);
    if (size - *offset < sizeof(head))
        return bad("a section is cut off");
    memcpy(&head, bytes + *offset, sizeof(head));
    if (head.length > size - data || padding(head.length) > size - data - head.length)
        return bad("a section is longer than the block");
    size_t length;
    if (abx_state_find(reader, head.tag, &length))
        return bad("it has a section twice");
    reader->sections[reader->count].tag = head.tag;
    reader->sections[reader->count].data = bytes + data;
    reader->sections[reader->count].length = head.length;
    reader->count++;
    *offset = data + head.length + padding(head.length);
    return ABX_OK;
}

abx_status abx_state_open(abx_state_reader *reader, const void *block, size_t size, abx_arch arch)
{
    header head;
    if (size < sizeof(head))
        return bad("it is cut off");
    memcpy(&head, block, sizeof(head));
    abx_status status = check_header(&head, block, size, arch);
    if (status != ABX_OK)
        return status;
    if (head.sections > ABX_STATE_MAX_SECTIONS)
        return bad("it has too many sections");
    abx_state_reader found = { .count = 0 };
    size_t offset = sizeof(head);
    for (uint32_t i = 0; i < head.sections && status == ABX_OK; i++)
        status = next_section(&found, block, size, &offset);
    if (status == ABX_OK && offset != size)
        status = bad("something follows the last section");
    if (status == ABX_OK)
        *reader = found;
    return status;
}

const void *abx_state_find(const abx_state_reader *reader, uint32_t tag, size_t *length)
{
    for (uint32_t i = 0; i < reader->count; i++) {
        if (reader->sections[i].tag == tag) {
            *length = reader->sections[i].length;
            return reader->sections[i].data;
        }
    }
    return NULL;
}

abx_status abx_state_take(const abx_state_reader *reader, uint32_t tag, void *out, size_t length)
{
    size_t present;
    const void *data = abx_state_find(reader, tag, &present);
    if (!data)
        return bad("a section that belongs to every vCPU's state is missing");
    if (present != length)
        return bad("a section has another length than on this host");
    memcpy(out, data, length);
    return ABX_OK;
}
