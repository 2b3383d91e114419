/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The promises of the public API, for whichever backend the command line names. No guest code is needed. */
#ifndef ABX_TESTS_CONTRACT_H
#define ABX_TESTS_CONTRACT_H

#include <arcbox/arcbox.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The backend under test. */
extern const char *contract_backend;

#define assert_ok(status)               assert_status(status, ABX_OK)
#define assert_status(status, expected) assert_status_(status, expected, #status, __FILE__, __LINE__)
void assert_status_(abx_status status, abx_status expected, const char *call, const char *file, int line);

/* The last failure of this thread was this one, and its record tells the operation. There need not be anything to
 * advise … */
#define assert_record(status) assert_record_(status, false, __FILE__, __LINE__)
/* … or there must. */
#define assert_advice(status) assert_record_(status, true, __FILE__, __LINE__)
void assert_record_(abx_status status, bool advised, const char *file, int line);

/* A pointer that no call gives: what outputs hold before a call that fails. */
#define UNTOUCHED ((void *)(uintptr_t)0x5a5a5a5a)

abx_hypervisor *contract_open(void);
bool contract_managed(const abx_hypervisor *hypervisor);

/* 16 MiB, no kernel, everything else default. */
abx_vm_config contract_config(void);

/* Such a VM in `state`, CREATED to STOPPED. */
abx_vm *contract_vm(abx_hypervisor *hypervisor, abx_vm_state state);

/* Each file's tests. */
int run_capability_tests(void);
int run_config_tests(void);
int run_error_tests(void);
int run_event_tests(void);
int run_kind_tests(void);
int run_leftover_tests(void);
int run_life_tests(void);
int run_managed_tests(void);

#endif
