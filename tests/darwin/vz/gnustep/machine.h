/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The stand-ins of Virtualization.framework's classes, from the test's side. */
#ifndef GNUSTEP_MACHINE_H
#define GNUSTEP_MACHINE_H

/* The guest of the last machine switches itself off, or fails with this code. */
void machine_power_off(void);
void machine_crash(long code);
/* The next start fails with this code. */
void machine_fail_start(long code);
/* The guest connects to a port of the host: its end, or -1. */
int machine_connect(unsigned port);
/* How many objects of these classes are alive. */
long machine_objects(void);

#endif
