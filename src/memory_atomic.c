/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_atomic.h"

#include "memory_space_internal.h"

#include <inttypes.h>

/* Guest memory has no type of its own. */
typedef uint8_t __attribute__((may_alias)) any8;
typedef uint16_t __attribute__((may_alias)) any16;
typedef uint32_t __attribute__((may_alias)) any32;
typedef uint64_t __attribute__((may_alias)) any64;

static uint64_t load(const void *host, uint32_t width)
{
    switch (width) {
    case 1:
        return __atomic_load_n((const any8 *)host, __ATOMIC_ACQUIRE);
    case 2:
        return __atomic_load_n((const any16 *)host, __ATOMIC_ACQUIRE);
    case 4:
        return __atomic_load_n((const any32 *)host, __ATOMIC_ACQUIRE);
    default:
        return __atomic_load_n((const any64 *)host, __ATOMIC_ACQUIRE);
    }
}

static void store(void *host, uint32_t width, uint64_t value)
{
    switch (width) {
    case 1:
        __atomic_store_n((any8 *)host, (uint8_t)value, __ATOMIC_RELEASE);
        break;
    case 2:
        __atomic_store_n((any16 *)host, (uint16_t)value, __ATOMIC_RELEASE);
        break;
    case 4:
        __atomic_store_n((any32 *)host, (uint32_t)value, __ATOMIC_RELEASE);
        break;
    default:
        __atomic_store_n((any64 *)host, value, __ATOMIC_RELEASE);
        break;
    }
}

#define COMPARE_SWAP(type, host, expected, desired)                                                                    \
    ({                                                                                                                 \
        type seen_ = (type) * (expected);                                                                              \
        bool swapped_ = __atomic_compare_exchange_n((type *)(host), &seen_, (type)(desired), false, __ATOMIC_ACQ_REL,  \
                                                    __ATOMIC_ACQUIRE);                                                 \
        *(expected) = seen_;                                                                                           \
        swapped_;                                                                                                      \
    })

static bool compare_swap(void *host, uint32_t width, uint64_t *expected, uint64_t desired)
{
    switch (width) {
    case 1:
        return COMPARE_SWAP(any8, host, expected, desired);
    case 2:
        return COMPARE_SWAP(any16, host, expected, desired);
    case 4:
        return COMPARE_SWAP(any32, host, expected, desired);
    default:
        return COMPARE_SWAP(any64, host, expected, desired);
    }
}

/* Host addresses are aligned as guest addresses are: regions consist of pages on both sides. */
static abx_status check(const char *operation, abx_gpa gpa, uint32_t width)
{
    if (width != 1 && width != 2 && width != 4 && width != 8) {
        return abx_fail(ABX_ERR_INVALID, 0, "The width is 1, 2, 4 or 8 bytes.",
                        "%s %u bytes of guest memory atomically", operation, width);
    }
    if (gpa % width != 0) {
        return abx_fail(ABX_ERR_INVALID, 0, "The address must be a multiple of the width.",
                        "%s %u bytes of guest memory at 0x%" PRIx64 " atomically", operation, width, gpa);
    }
    return ABX_OK;
}

static abx_status fail_range(const char *operation, abx_gpa gpa, uint32_t width)
{
    return abx_fail(ABX_ERR_RANGE, 0, NULL, "%s %u bytes of guest memory at 0x%" PRIx64 " atomically", operation, width,
                    gpa);
}

abx_status abx_memory_space_load(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t *value)
{
    abx_status status = check("read", gpa, width);
    if (status != ABX_OK) {
        return status;
    }
    uint32_t ticket = abx_memory_space_enter(space);
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (entry) {
        *value = load(entry->host + (gpa - entry->gpa), width);
    }
    abx_memory_space_leave(space, ticket);
    return entry ? ABX_OK : fail_range("read", gpa, width);
}

abx_status abx_memory_space_store(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t value)
{
    abx_status status = check("write", gpa, width);
    if (status != ABX_OK) {
        return status;
    }
    uint32_t ticket = abx_memory_space_enter(space);
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (entry) {
        store(entry->host + (gpa - entry->gpa), width, value);
        abx_region_mark(entry->region, gpa - entry->gpa, width);
    }
    abx_memory_space_leave(space, ticket);
    return entry ? ABX_OK : fail_range("write", gpa, width);
}

abx_status abx_memory_space_compare_swap(abx_memory_space *space, abx_gpa gpa, uint32_t width, uint64_t *expected,
                                         uint64_t desired, bool *swapped)
{
    abx_status status = check("compare and swap", gpa, width);
    if (status != ABX_OK) {
        return status;
    }
    uint32_t ticket = abx_memory_space_enter(space);
    const abx_memory_entry *entry = abx_memory_map_find(abx_memory_space_map(space), gpa);
    if (entry) {
        *swapped = compare_swap(entry->host + (gpa - entry->gpa), width, expected, desired);
        if (*swapped) {
            abx_region_mark(entry->region, gpa - entry->gpa, width);
        }
    }
    abx_memory_space_leave(space, ticket);
    return entry ? ABX_OK : fail_range("compare and swap", gpa, width);
}
