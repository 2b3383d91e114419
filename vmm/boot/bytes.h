/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Little-endian numbers in byte arrays of any alignment, and sums that may not wrap. */
#ifndef ABX_BOOT_BYTES_H
#define ABX_BOOT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint64_t abx_get_le(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

static inline uint16_t abx_get_le16(const uint8_t *bytes)
{
    return (uint16_t)abx_get_le(bytes, 2);
}

static inline uint32_t abx_get_le32(const uint8_t *bytes)
{
    return (uint32_t)abx_get_le(bytes, 4);
}

static inline uint64_t abx_get_le64(const uint8_t *bytes)
{
    return abx_get_le(bytes, 8);
}

static inline void abx_put_le(uint8_t *bytes, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static inline void abx_put_le16(uint8_t *bytes, uint16_t value)
{
    abx_put_le(bytes, 2, value);
}

static inline void abx_put_le32(uint8_t *bytes, uint32_t value)
{
    abx_put_le(bytes, 4, value);
}

static inline void abx_put_le64(uint8_t *bytes, uint64_t value)
{
    abx_put_le(bytes, 8, value);
}

/* Whether [offset, offset + length) lies within [0, size). */
static inline bool abx_within(uint64_t offset, uint64_t length, uint64_t size)
{
    return offset <= size && length <= size - offset;
}

/* Whether [a, a + a_length) and [b, b + b_length) have a byte in common. Neither wraps. */
static inline bool abx_overlap(uint64_t a, uint64_t a_length, uint64_t b, uint64_t b_length)
{
    return a_length > 0 && b_length > 0 && a < b + b_length && b < a + a_length;
}

#endif
