/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's own translation, stage 1 of EL1 and EL0 (DDI 0487, D8), for what libunicorn does not tell. */
#ifndef ABX_TESTS_STANDIN_TRANSLATE_H
#define ABX_TESTS_STANDIN_TRANSLATE_H

#include "model.h"

typedef enum access_kind {
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_FETCH,
} access_kind;

/* `*ipa` gets where it leads. Otherwise false, and `*fault` gets the fault status code (DFSC, IFSC). */
bool translate(const model_vcpu *vcpu, uint64_t address, access_kind kind, hv_ipa_t *ipa, uint32_t *fault);

/* The instruction at an address; 0, which is undefined, where there is none. */
uint32_t fetch(const model_vcpu *vcpu, uint64_t address);

#endif
