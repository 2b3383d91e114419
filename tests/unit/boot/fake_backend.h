/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A VM with memory and registers but without a guest. */
#ifndef TESTS_BOOT_FAKE_BACKEND_H
#define TESTS_BOOT_FAKE_BACKEND_H

#include <arcbox/backend.h>

/* A VM with `memory` bytes of RAM, 0 for none at all; it must succeed. The first is for x86_64. */
abx_vm *fake_vm(uint64_t memory);
abx_vm *fake_vm_for(abx_arch arch, uint64_t memory);
void fake_vm_end(abx_vm *vm);

/* Adds anonymous memory; it must succeed. */
void fake_add(abx_vm *vm, abx_gpa gpa, uint64_t length, uint32_t flags);

/* What was last written to a register of the last vCPU; fails the test when it was not. */
uint64_t fake_register(abx_reg name);

/* Whether it was written at all. */
bool fake_register_written(abx_reg name);

/* Compares guest memory. */
void assert_guest(abx_vm *vm, abx_gpa gpa, const void *expected, size_t length);
void assert_guest_zero(abx_vm *vm, abx_gpa gpa, uint64_t length);
uint64_t guest_le(abx_vm *vm, abx_gpa gpa, unsigned width);

#endif
