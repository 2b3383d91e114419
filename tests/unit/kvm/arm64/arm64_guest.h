/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU on real KVM with a few instructions at the start of RAM, through the public API. Everything here asserts. */
#ifndef ABX_TESTS_ARM64_GUEST_H
#define ABX_TESTS_ARM64_GUEST_H

#include <arcbox/arcbox.h>

#include "cmocka_kvm.h"

/* Code for the guest, assembled into the test program: position-independent, at most a page. */
#define GUEST(name, text)                                                                                              \
    __asm__(".pushsection .rodata\n.balign 4\n.globl " #name ", " #name "_end\n" #name ":\n" text "\n" #name           \
            "_end:\n.popsection");                                                                                     \
    extern __attribute__((visibility("hidden"))) const unsigned char name[], name##_end[]

/* Where guests tell numbers to: nothing is mapped there. */
#define REPORT ABX_ARM64_DEBUG_EXIT

typedef struct arm64_guest {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    abx_exit exit;
} arm64_guest;

#define assert_status(call, status) assert_status_(call, status, #call, __FILE__, __LINE__)
#define assert_ok(call)             assert_status(call, ABX_OK)
void assert_status_(abx_status got, abx_status wanted, const char *call, const char *file, int line);

/* First in main(): where KVM cannot be used, says why and ends the program with 77; with 1 in the emulated host, where
 * it can. */
void require_backend(void);

/* 1 MiB of RAM, one vCPU. */
abx_vm_config small_config(void);

/* A VM whose vCPU 0 is before the code, at EL1, X1 REPORT. Not started; NULL for `config` is small_config(). */
#define guest_open(guest, config, name) guest_open_(guest, config, name, (size_t)(name##_end - (name)))
void guest_open_(arm64_guest *guest, const abx_vm_config *config, const void *code, size_t length);
void guest_start(arm64_guest *guest);
void guest_close(arm64_guest *guest);

/* Runs to an exit, of this kind. */
void guest_run(arm64_guest *guest);
void guest_run_to(arm64_guest *guest, abx_exit_kind kind);
/* Runs to a write to REPORT and returns what was written, or to one of exactly that number. */
uint64_t guest_report(arm64_guest *guest);
void guest_expect(arm64_guest *guest, uint64_t number);

uint64_t guest_get(arm64_guest *guest, abx_reg name);
void guest_set(arm64_guest *guest, abx_reg name, uint64_t value);

#endif
