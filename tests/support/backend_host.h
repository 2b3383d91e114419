/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a test of one backend needs of its host. The build says which backend: kvm, or hvf on its stand-in
 * (tests/darwin/hvf). In the emulated host (ABX_TESTBED) everything is there, and a test that misses something fails
 * instead of skipping itself.
 */
#ifndef ABX_TESTS_BACKEND_HOST_H
#define ABX_TESTS_BACKEND_HOST_H

/* Its name. */
extern const char *const backend_under_test;

/* First thing in main(): where the backend cannot be used, says why and ends the program as skipped. */
void require_backend(void);

/* First thing in a test: where the backend emulates guests without hardware virtualization, skips the test. `why` says
 * what such a one does not do: "reports no hypercalls". */
void require_hardware(const char *why);

#endif
