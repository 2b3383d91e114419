/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static abx_status grow(abx_slot_set *set)
{
    uint32_t count = set->count ? set->count * 2 : 1;
    uint64_t *words = realloc(set->words, count * sizeof(*words));
    if (!words) {
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "number a memory region");
    }
    memset(words + set->count, 0, (count - set->count) * sizeof(*words));
    set->words = words;
    set->count = count;
    return ABX_OK;
}

abx_status abx_slot_set_take(abx_slot_set *set, uint32_t *slot)
{
    uint32_t word = 0;
    while (word < set->count && set->words[word] == UINT64_MAX) {
        word++;
    }
    uint32_t bit = word < set->count ? (uint32_t)__builtin_ctzll(~set->words[word]) : 0;
    if ((uint64_t)word * 64 + bit >= set->limit) {
        return abx_fail(ABX_ERR_LIMIT, 0, "Remove a region first, or use fewer and larger ones.",
                        "number a memory region: all %u slots of the backend are taken", set->limit);
    }
    if (word == set->count) {
        abx_status status = grow(set);
        if (status != ABX_OK) {
            return status;
        }
    }
    set->words[word] |= UINT64_C(1) << bit;
    *slot = word * 64 + bit;
    return ABX_OK;
}

void abx_slot_set_give(abx_slot_set *set, uint32_t slot)
{
    set->words[slot / 64] &= ~(UINT64_C(1) << slot % 64);
}

void abx_slot_set_end(abx_slot_set *set)
{
    free(set->words);
    set->words = NULL;
    set->count = 0;
}
