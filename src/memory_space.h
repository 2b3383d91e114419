/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The regions of one VM: the object behind <arcbox/memory.h>. It knows the backend's table but no VM, so that it can be
 * tested alone; vm.c owns one for every VM of a manual backend.
 */
#ifndef ABX_SRC_MEMORY_SPACE_H
#define ABX_SRC_MEMORY_SPACE_H

#include <arcbox/backend.h>

typedef struct abx_memory_space abx_memory_space;

/* `backend_vm` is the backend's own VM; `caps` must outlive the space. The space is empty. Errors: ABX_ERR_INVALID
 * (the page size that the backend reports), ABX_ERR_NO_MEMORY. */
abx_status abx_memory_space_new(abx_memory_space **out, const abx_backend *backend, void *backend_vm,
                                const abx_capabilities *caps);

/*
 * Adds the RAM that `config` describes (memory_size, memory_backing, huge_pages, dirty_log) for `arch`, around the
 * architecture's device hole (x86_64: 3 GiB to 4 GiB). Takes back what it added when it fails. Errors: as
 * abx_memory_add().
 */
abx_status abx_memory_space_add_ram(abx_memory_space *space, const abx_vm_config *config, abx_arch arch);

/*
 * Unmaps all host memory and ends the space, without a word to the backend: its VM is gone by now, and the slots with
 * it. Nobody else uses the space any more. NULL is allowed.
 */
void abx_memory_space_free(abx_memory_space *space);

/* The functions of <arcbox/memory.h>; abx_memory_space_list() returns the number of regions. */
abx_status abx_memory_space_add(abx_memory_space *space, const abx_memory_region *region);
abx_status abx_memory_space_remove(abx_memory_space *space, abx_gpa gpa);
size_t abx_memory_space_list(abx_memory_space *space, abx_memory_info *infos, size_t capacity);
uint32_t abx_memory_space_enter(abx_memory_space *space);
void abx_memory_space_leave(abx_memory_space *space, uint32_t ticket);

#endif
