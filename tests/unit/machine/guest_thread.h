/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A backend without interrupt controllers and PSCI, whose ARM64 guests are C functions of the test's. Each vCPU's guest
 * has a thread of its own, which works while its vCPU is in the guest and stands still otherwise; entry points are
 * functions' addresses. The virtual counter is the monotonic clock, in nanoseconds.
 */
#ifndef TESTS_GUEST_THREAD_H
#define TESTS_GUEST_THREAD_H

#include "fake_manual.h"

enum { GUESTS = 8, NANOSECONDS = 1000000000 };

typedef struct guest guest;
typedef void (*guest_code)(guest *self, uint64_t context);

/* The backend, whose vCPU 0 runs `boot`. Forgets everything of former guests. */
const abx_backend *guest_begin(guest_code boot);

/* The line of the first check that failed in any guest, or 0. */
int guest_failure(void);

/* How often the vCPU was reset. */
unsigned guest_resets(uint32_t id);

/* In a guest: what leaves it, and comes back with the answer. */
uint64_t guest_read(guest *self, uint64_t address, uint8_t size);
void guest_write(guest *self, uint64_t address, uint8_t size, uint64_t value);
uint64_t guest_mrs(guest *self, uint32_t reg);
void guest_msr(guest *self, uint32_t reg, uint64_t value);
uint64_t guest_hvc(guest *self, uint64_t function, uint64_t a, uint64_t b, uint64_t c);
void guest_wfi(guest *self);
void guest_exit_with(guest *self, const abx_exit *exit);

/* In a guest: what does not. */
uint32_t guest_id(const guest *self);
bool guest_is_interrupted(const guest *self); /* its input IRQ */
void guest_spin(guest *self);                 /* until it is */
void guest_spin_until_quiet(guest *self);     /* until it is not */
void guest_set_timer(guest *self, bool enabled, uint64_t compare);
uint64_t guest_count(void);

/* Outside: the guest's counter goes on by so much, as after a sleep of the host. */
void guest_pass(uint64_t nanoseconds);

void guest_check(bool good, int line);
#define GUEST_CHECK(condition) guest_check(condition, __LINE__)

#endif
