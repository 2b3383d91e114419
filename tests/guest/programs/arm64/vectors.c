/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vectors.h"

static exception_handler *handlers[16];

/* vector_entries.S: 16 entries, 128 bytes apart */
extern const uint8_t vector_entries[];

void vectors_dispatch(uint64_t vector);

void vectors_dispatch(uint64_t vector)
{
    if (!handlers[vector])
        guest_tell(TALK_FAIL, 10000 + (uint32_t)vector);
    else
        handlers[vector]();
}

void vectors_handle(unsigned vector, exception_handler *handler)
{
    handlers[vector] = handler;
}

void vectors_init(void)
{
    write_system("vbar_el1", vector_entries);
}
