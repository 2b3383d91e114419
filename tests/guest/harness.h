/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest programs under test: load one, run it step by step, talk to it (programs/guest.h). Everything here asserts: a
 * call that fails ends the test with the library's own error message.
 */
#ifndef ABX_TESTS_HARNESS_H
#define ABX_TESTS_HARNESS_H

#include <arcbox/arcbox.h>
#include <arcbox/boot.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kvm_host.h"

enum { PORT_SYNC = 0x10, PORT_DONE = 0x11, PORT_FAIL = 0x12, PORT_ASK = 0x14 };

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

/* 16 MiB of RAM, no interrupt controllers. */
abx_vm_config guest_config(void);

/* Opens kvm, makes a VM of `config` (NULL: guest_config()), loads programs/`program`.bin and sets vCPU 0 up to enter it
 * in `mode`. Started, unless it says otherwise. */
void guest_open(guest *g, const char *program, abx_flat_mode mode, const abx_vm_config *config);
/* … without a vCPU, not started. */
void guest_load(guest *g, const char *program, abx_flat_mode mode, const abx_vm_config *config);
void guest_close(guest *g);

/* Runs vCPU 0 to its next exit, whatever that is. */
void guest_run(guest *g);

/* Runs to the next exit, which must be of this kind. */
void guest_run_to(guest *g, abx_exit_kind kind);

/* Runs to the guest's write of `value` (`size` bytes, one element) to `port`. */
void guest_expect_out(guest *g, uint16_t port, uint8_t size, uint32_t value);

/* Runs to the guest's read (`size` bytes, one element) of `port` and answers it. */
void guest_answer_in(guest *g, uint16_t port, uint8_t size, uint32_t value);

/* Runs to guest_sync(number), guest_ask() and the end of guest_main(). A failed GUEST_CHECK fails the test and names
 * its line. */
void guest_expect_sync(guest *g, uint32_t number);
void guest_answer(guest *g, uint32_t value);
void guest_expect_done(guest *g);

/* The value of a register of vCPU 0. */
uint64_t guest_register(guest *g, abx_reg name);

#endif
