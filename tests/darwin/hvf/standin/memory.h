/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's physical memory: one table for the VM, and the same in each vCPU's engine. By whoever has the turn. */
#ifndef ABX_TESTS_STANDIN_MEMORY_H
#define ABX_TESTS_STANDIN_MEMORY_H

#include "model.h"

/* Gives a new engine what is mapped. */
void memory_attach(uc_engine *engine);

/* Where `size` bytes at `ipa` are on the host; NULL when not all of them are in one mapping. */
void *memory_at(hv_ipa_t ipa, size_t size);

unsigned memory_mappings(void);
void memory_forget(void);

#endif
