/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Slot numbers: the lowest free one is given first, so that a backend's table stays dense. */
#ifndef ABX_SRC_MEMORY_SLOTS_H
#define ABX_SRC_MEMORY_SLOTS_H

#include <arcbox/error.h>

typedef struct abx_slot_set {
    uint64_t *words; /* bit n: slot n is taken */
    uint32_t count;  /* of words */
    uint32_t limit;  /* slots that there are */
} abx_slot_set;

#define ABX_SLOT_SET_INIT(max)                                                                                         \
    {                                                                                                                  \
        .limit = (max)                                                                                                 \
    }

/* Takes the lowest free slot. Errors: ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY. */
abx_status abx_slot_set_take(abx_slot_set *set, uint32_t *slot);

/* Gives back a slot that was taken. */
void abx_slot_set_give(abx_slot_set *set, uint32_t slot);

/* Frees what the set holds. */
void abx_slot_set_end(abx_slot_set *set);

#endif
