/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What follows from the end of a stretch of guest code: an exit, or an exception that the guest takes itself. */
#ifndef ABX_TESTS_STANDIN_OUTCOME_H
#define ABX_TESTS_STANDIN_OUTCOME_H

#include "model.h"

/* True: it is an exit, vcpu->exit says which. Otherwise the guest goes on. */
bool outcome(model_vcpu *vcpu);

#endif
