/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x87 and SSE in the legacy region of an XSAVE area, whose header follows it. Pure: no system calls. */
#ifndef ABX_SRC_LINUX_X86_64_FPU_LEGACY_H
#define ABX_SRC_LINUX_X86_64_FPU_LEGACY_H

#include <arcbox/x86_64.h>

/* `area` has at least 576 bytes: the legacy region and the header. */
void abx_fpu_from_xsave(abx_x86_fpu *fpu, const uint8_t *area);

/* Leaves the rest of the area as it is, and marks x87 and SSE as in use. */
void abx_fpu_to_xsave(uint8_t *area, const abx_x86_fpu *fpu);

#endif
