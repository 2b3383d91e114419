/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* MRS and MSR in the guest: which of them leave it, and which the stand-in answers in libunicorn's place. */
#ifndef ABX_TESTS_STANDIN_SYSREGS_H
#define ABX_TESTS_STANDIN_SYSREGS_H

#include "model.h"

void sysregs_attach(model_vcpu *vcpu);

#endif
