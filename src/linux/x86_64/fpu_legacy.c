/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fpu_legacy.h"

#include <string.h>

/* Offsets in the area, in 64-bit format (SDM vol. 1, 10.5.1 and 13.4). */
enum {
    AT_FCW = 0,
    AT_FSW = 2,
    AT_FTW = 4,
    AT_OPCODE = 6,
    AT_IP = 8,
    AT_DP = 16,
    AT_MXCSR = 24,
    AT_ST = 32,
    AT_XMM = 160,
    AT_XSTATE_BV = 512,
};
enum { XSTATE_X87_AND_SSE = 3 };

void abx_fpu_from_xsave(abx_x86_fpu *fpu, const uint8_t *area)
{
    *fpu = (abx_x86_fpu){ .ftw = area[AT_FTW] };
    memcpy(&fpu->fcw, area + AT_FCW, sizeof(fpu->fcw));
    memcpy(&fpu->fsw, area + AT_FSW, sizeof(fpu->fsw));
    memcpy(&fpu->last_opcode, area + AT_OPCODE, sizeof(fpu->last_opcode));
    memcpy(&fpu->last_ip, area + AT_IP, sizeof(fpu->last_ip));
    memcpy(&fpu->last_dp, area + AT_DP, sizeof(fpu->last_dp));
    memcpy(&fpu->mxcsr, area + AT_MXCSR, sizeof(fpu->mxcsr));
    memcpy(fpu->st, area + AT_ST, sizeof(fpu->st));
    memcpy(fpu->xmm, area + AT_XMM, sizeof(fpu->xmm));
}

void abx_fpu_to_xsave(uint8_t *area, const abx_x86_fpu *fpu)
{
    area[AT_FTW] = fpu->ftw;
    memcpy(area + AT_FCW, &fpu->fcw, sizeof(fpu->fcw));
    memcpy(area + AT_FSW, &fpu->fsw, sizeof(fpu->fsw));
    memcpy(area + AT_OPCODE, &fpu->last_opcode, sizeof(fpu->last_opcode));
    memcpy(area + AT_IP, &fpu->last_ip, sizeof(fpu->last_ip));
    memcpy(area + AT_DP, &fpu->last_dp, sizeof(fpu->last_dp));
    memcpy(area + AT_MXCSR, &fpu->mxcsr, sizeof(fpu->mxcsr));
    memcpy(area + AT_ST, fpu->st, sizeof(fpu->st));
    memcpy(area + AT_XMM, fpu->xmm, sizeof(fpu->xmm));
    area[AT_XSTATE_BV] |= XSTATE_X87_AND_SSE;
}
