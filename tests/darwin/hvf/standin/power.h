/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef ABX_TESTS_STANDIN_POWER_H
#define ABX_TESTS_STANDIN_POWER_H

/* Tells whoever listens to IOKit that the host has woken up. */
void power_tell_woke(void);

#endif
