/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One exit as a line of text: "esr=0x… far=0x… ipa=0x… pc=0x… pstate=0x… x5=0x…", with those general purpose registers
 * that have changed since the last exit, by its answer or by the guest. Compiled for the program at EL2 and for the
 * tests.
 */
#ifndef ABX_TESTS_ORACLE_TRACE_H
#define ABX_TESTS_ORACLE_TRACE_H

#include "answer.h"

enum { ORACLE_LINE = 1024 }; /* room for any line */

/* `line` gets a text of its own, without a line end. */
void oracle_trace(char line[ORACLE_LINE], const oracle_exit *exit, const oracle_registers *now,
                  const oracle_registers *last);

#endif
