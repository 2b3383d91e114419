/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What guest programs written in C have: the few words that they exchange with the test outside (harness.h), and what
 * talk.h of their architecture adds. A program defines guest_main(); when that returns, the guest is done.
 */
#ifndef ABX_TESTS_GUEST_H
#define ABX_TESTS_GUEST_H

#include "talk.h"

#include <stddef.h>

/* Tells the test that this point has been reached. */
static inline void guest_sync(uint32_t number)
{
    guest_tell(TALK_SYNC, number);
}

static inline uint32_t guest_ask(void)
{
    return guest_hear(TALK_ASK);
}

#define GUEST_CHECK(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            guest_tell(TALK_FAIL, __LINE__);                                                                           \
    } while (0)

void guest_main(void);

#endif
