/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A stand-in for Hypervisor.framework on ARM64: the functions of darwin/hvf/hv_api.h, with guest code run by
 * libunicorn. What the framework forbids ends the program with a message: a call by the wrong thread, a function that
 * is newer than the macOS that is played. Here is what tests can set. Not while a VM exists, unless it says otherwise.
 */
#ifndef ABX_TESTS_STANDIN_H
#define ABX_TESTS_STANDIN_H

#include "darwin/hvf/hv_api.h"

/* The version of macOS: at first what ABX_STANDIN_MACOS says in the environment, as "15.0", else 11.0. */
void standin_set_macos(int major, int minor);

/* Whether the processor can (sysctl kern.hv_support), and whether the program is signed for it. Both at first. */
void standin_set_supported(bool supported);
void standin_set_entitled(bool entitled);

/* The host sleeps for so long: mach_continuous_time() goes on, mach_absolute_time() does not. At any time. */
void standin_sleep(uint64_t nanoseconds);

/* Lets the `nth` call of the function with this name fail, from now on and once; NULL: none. At any time. */
void standin_fail(const char *function, unsigned nth, hv_return_t status);

/* How many objects have not been given back: VM, vCPUs, mappings, configurations. */
unsigned standin_leftovers(void);

#endif
