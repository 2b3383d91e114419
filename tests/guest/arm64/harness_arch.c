/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "harness.h"

/* As in programs/arm64/talk.h. */
enum { TALK_SYNC = 0x10, TALK_DONE = 0x14, TALK_FAIL = 0x18, TALK_ASK = 0x1c };

abx_flat_mode guest_mode(const char *program)
{
    (void)program;
    return 0;
}

void guest_enter(guest *g, abx_vcpu *vcpu)
{
    assert_ok(abx_boot_enter(vcpu, &g->entry));
    /* All but the first are off until they are started: this is a start. */
    assert_ok(abx_vcpu_set_mp_state(vcpu, ABX_MP_RUNNABLE));
}

guest_word guest_word_of(const abx_exit *exit, void **data)
{
    if (exit->kind != ABX_EXIT_MMIO || exit->mmio.size != 4)
        return GUEST_SAYS_NOTHING;
    *data = exit->mmio.data;
    if (exit->mmio.direction == ABX_READ)
        return exit->mmio.address == TALK_PAGE + TALK_ASK ? GUEST_ASK : GUEST_SAYS_NOTHING;
    switch (exit->mmio.address) {
    case TALK_PAGE + TALK_SYNC:
        return GUEST_SYNC;
    case TALK_PAGE + TALK_DONE:
        return GUEST_DONE;
    case TALK_PAGE + TALK_FAIL:
        return GUEST_FAIL;
    default:
        return GUEST_SAYS_NOTHING;
    }
}
