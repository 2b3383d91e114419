/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What these tests ask of the operating system: contract_os_<system>.c. */
#ifndef ABX_TESTS_CONTRACT_OS_H
#define ABX_TESTS_CONTRACT_OS_H

#include <stdbool.h>
#include <stddef.h>

/* A descriptor as an interrupt or a doorbell takes it; the caller's. */
int contract_os_event(void);

/* What this process holds. Where the system's own libraries come and go with threads and mappings, those are 0. */
size_t contract_os_descriptors(void);
size_t contract_os_threads(void);
size_t contract_os_mappings(void);

/* Whether there is a child, of any kind, that has ended or not. */
bool contract_os_has_child(void);

#endif
