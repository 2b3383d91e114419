/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

/* As in programs/x86_64/talk.h. */
enum { TALK_SYNC = 0x10, TALK_DONE = 0x11, TALK_FAIL = 0x12, TALK_ASK = 0x14 };

/* The names of programs that are not for 64-bit mode say so. */
abx_flat_mode guest_mode(const char *program)
{
    if (strncmp(program, "real_", 5) == 0)
        return ABX_FLAT_REAL;
    return strncmp(program, "protected_", 10) == 0 ? ABX_FLAT_PROTECTED : ABX_FLAT_LONG;
}

void guest_enter(guest *g, abx_vcpu *vcpu)
{
    assert_ok(abx_boot_enter(vcpu, &g->entry));
}

guest_word guest_word_of(const abx_exit *exit, void **data)
{
    if (exit->kind != ABX_EXIT_IO || exit->io.size != 4 || exit->io.count != 1)
        return GUEST_SAYS_NOTHING;
    *data = exit->io.data;
    if (exit->io.direction == ABX_READ)
        return exit->io.port == TALK_ASK ? GUEST_ASK : GUEST_SAYS_NOTHING;
    switch (exit->io.port) {
    case TALK_SYNC:
        return GUEST_SYNC;
    case TALK_DONE:
        return GUEST_DONE;
    case TALK_FAIL:
        return GUEST_FAIL;
    default:
        return GUEST_SAYS_NOTHING;
    }
}

static void run_to_port(guest *g, uint16_t port, uint8_t size, abx_direction direction)
{
    guest_run_to(g, ABX_EXIT_IO);
    const abx_exit_io *io = &g->exit.io;
    if (io->port == port && io->size == size && io->direction == direction && io->count == 1)
        return;
    char expected[64];
    snprintf(expected, sizeof(expected), "%s of %u at port 0x%x", direction == ABX_READ ? "a read" : "a write", size,
             port);
    guest_unexpected(g, expected);
}

void guest_expect_out(guest *g, uint16_t port, uint8_t size, uint32_t value)
{
    run_to_port(g, port, size, ABX_WRITE);
    uint32_t written = 0;
    memcpy(&written, g->exit.io.data, size);
    assert_int_equal(written, value);
}

void guest_answer_in(guest *g, uint16_t port, uint8_t size, uint32_t value)
{
    run_to_port(g, port, size, ABX_READ);
    memcpy(g->exit.io.data, &value, size);
}
