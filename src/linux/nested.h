/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Nested virtualization: is this host itself a virtual machine, and can its guests have hardware virtualization? The
 * answers come from a few sources that a test can replace.
 */
#ifndef ABX_SRC_LINUX_NESTED_H
#define ABX_SRC_LINUX_NESTED_H

#include <arcbox/capability.h>

/* Where the answers come from. */
typedef struct abx_nested_sources {
    const char *root; /* stands before /sys: "" on a real host */
    /* The CPUID instruction: EAX, EBX, ECX, EDX of a leaf (x86_64). */
    void (*cpuid)(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]);
} abx_nested_sources;

/* This host. */
extern const abx_nested_sources abx_nested_this_host;

/* Whether we run inside a VM; `signature` gets the hypervisor's, printable, "" where there is none.
 * (<architecture>/nested.c) */
abx_nesting abx_nested_host(const abx_nested_sources *sources, char signature[16]);

/* Why KVM gives its guests no hardware virtualization, where it gives none: a few words of static storage.
 * (<architecture>/nested.c) */
const char *abx_nested_obstacle(const abx_nested_sources *sources);

/*
 * How this host's KVM runs guests, in a few words of static storage: "AMD SVM", "PVM (software)". `*hardware` (may be
 * NULL) gets whether hardware virtualization is behind it. (<architecture>/nested.c)
 */
const char *abx_nested_technology(const abx_nested_sources *sources, bool *hardware);

/* Whether kernel module `module`, loaded or built in, is there. (nested.c) */
bool abx_nested_has_module(const abx_nested_sources *sources, const char *module);

/* A yes or no among a module's parameters ("Y", "N" or a number); `otherwise` if it cannot be read. (nested.c) */
bool abx_nested_module_flag(const abx_nested_sources *sources, const char *module, const char *parameter,
                            bool otherwise);

#endif
