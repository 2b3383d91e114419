/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The system calls about memory that differ between operating systems; memory_os_<system>.c has them. They answer as
 * system calls do: -1 and errno on failure.
 */
#ifndef ABX_SRC_MEMORY_OS_H
#define ABX_SRC_MEMORY_OS_H

#include <arcbox/config.h>

/* A new memory file of `length` bytes, close-on-exec, whose length cannot be changed any more. */
int abx_memory_os_file(uint64_t length, abx_huge_pages huge_pages);

/* Flags for mmap() beside MAP_PRIVATE or MAP_SHARED. -1 and EINVAL where there are no such pages. */
int abx_memory_os_map_flags(abx_backing backing, abx_huge_pages huge_pages);

/* Advice on a mapping of ours before its first use. */
int abx_memory_os_advise(void *address, size_t length, abx_huge_pages huge_pages);

/* Forgets the private pages of whole pages of a mapping. */
int abx_memory_os_drop_private(void *address, size_t length);

/* Forgets whole pages of a memory file. */
int abx_memory_os_drop_file(int fd, uint64_t offset, uint64_t length);

#endif
