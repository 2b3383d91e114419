/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest programs under test: load one, run it step by step, talk to it (programs/guest.h). Everything here asserts: a
 * call that fails ends the test with the library's own error message. harness_arch.h has what an architecture adds.
 */
#ifndef ABX_TESTS_HARNESS_H
#define ABX_TESTS_HARNESS_H

#include <arcbox/arcbox.h>
#include <arcbox/boot.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "backend_host.h"

/* A machine with one guest program in it, and the last exit of its first vCPU. */
typedef struct guest {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu; /* vCPU 0, of the thread that opened it */
    abx_exit exit;
    abx_boot_entry entry;
} guest;

#define assert_ok(status)               assert_ok_(status, #status, __FILE__, __LINE__)
#define assert_status(status, expected) assert_status_(status, expected, #status, __FILE__, __LINE__)
void assert_ok_(abx_status status, const char *call, const char *file, int line);
void assert_status_(abx_status status, abx_status expected, const char *call, const char *file, int line);

/* 16 MiB of RAM, from GUEST_RAM on; no interrupt controllers. */
abx_vm_config guest_config(void);

/* Opens the backend under test, makes a VM of `config` (NULL: guest_config()), loads programs/…/`program`.bin and sets
 * vCPU 0 up to enter it, in the mode that it is for. Started, unless it says otherwise. */
void guest_open(guest *g, const char *program, const abx_vm_config *config);
/* … without a vCPU, not started. */
void guest_load(guest *g, const char *program, const abx_vm_config *config);
/* Sets a vCPU up to enter the program; from its thread. */
void guest_enter(guest *g, abx_vcpu *vcpu);
void guest_close(guest *g);

/* Runs vCPU 0 to its next exit, whatever that is. */
void guest_run(guest *g);

/* Runs to the next exit, which must be of this kind. */
void guest_run_to(guest *g, abx_exit_kind kind);

/* Fails and tells what came in place of what was expected. */
void guest_unexpected(const guest *g, const char *expected);

/* Runs to the guest's write of `value` (`size` bytes) to an address without memory. */
void guest_expect_write(guest *g, abx_gpa address, uint8_t size, uint64_t value);

/* Runs to the guest's read (`size` bytes) of an address without memory and answers it. */
void guest_answer_read(guest *g, abx_gpa address, uint8_t size, uint64_t value);

/* Runs to guest_sync(number), guest_ask() and the end of guest_main(). A failed GUEST_CHECK fails the test and names
 * its line. */
void guest_expect_sync(guest *g, uint32_t number);
void guest_answer(guest *g, uint32_t value);
void guest_expect_done(guest *g);

/* What an exit says in the words of programs/guest.h. `*data` is where its 4 bytes are. */
typedef enum guest_word {
    GUEST_SAYS_NOTHING,
    GUEST_SYNC,
    GUEST_DONE,
    GUEST_FAIL,
    GUEST_ASK,
} guest_word;

guest_word guest_word_of(const abx_exit *exit, void **data);

/* The value of a register of vCPU 0. */
uint64_t guest_register(guest *g, abx_reg name);

/* The file of a program. */
void guest_path(char *path, size_t size, const char *program);

/* For harness.c: the processor mode that a program is for. */
abx_flat_mode guest_mode(const char *program);

#include "harness_arch.h"

#endif
