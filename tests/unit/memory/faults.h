/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A seam under the system calls and allocations that guest memory is made of: programs that are linked with this file
 * and --wrap for each of them can let the n-th call fail.
 */
#ifndef ABX_TESTS_FAULTS_H
#define ABX_TESTS_FAULTS_H

#include <stdbool.h>

/* The n-th call of this thread from now fails. */
void fault_arm(int n);

/* Switches it off and says whether a call did fail. */
bool fault_disarm(void);

#endif
