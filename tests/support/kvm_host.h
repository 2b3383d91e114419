/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a test of the kvm backend needs of its host. In the emulated host (ABX_TESTBED) everything is there, and a test
 * that misses something fails instead of skipping itself.
 */
#ifndef ABX_TESTS_KVM_HOST_H
#define ABX_TESTS_KVM_HOST_H

/* First thing in main(): where KVM cannot be used, says why and ends the program as skipped. */
void require_kvm(void);

/* First thing in a test: where KVM emulates guests without hardware virtualization, skips the test. `why` says what
 * such a KVM does not do: "reports no hypercalls". */
void require_hardware(const char *why);

#endif
