/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How much memory this process may count on. */
#ifndef ABX_SRC_HOST_MEMORY_H
#define ABX_SRC_HOST_MEMORY_H

#include <arcbox/base.h>

/* The host's memory in bytes, or what of it this process may use. Of the operating system. */
uint64_t abx_host_memory_size(void);

/*
 * Linux only: the smallest memory limit in bytes that control groups (version 1 or 2) put on this process, itself or
 * through a parent; UINT64_MAX when there is none. Files are looked up below `root`: "" for the host's own.
 */
uint64_t abx_cgroup_memory_limit(const char *root);

/* The default memory of a VM on a host that has `bytes`: see abx_default_memory_size(). */
uint64_t abx_memory_share(uint64_t bytes);

#endif
