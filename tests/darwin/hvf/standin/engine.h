/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Guest code on libunicorn: one engine for each vCPU. By whoever has the turn. */
#ifndef ABX_TESTS_STANDIN_ENGINE_H
#define ABX_TESTS_STANDIN_ENGINE_H

#include "model.h"

void engine_create(model_vcpu *vcpu);
void engine_destroy(model_vcpu *vcpu);

/* Runs to the next exit and fills vcpu->exit in. Gives way to others meanwhile. */
void engine_run(model_vcpu *vcpu);

#endif
