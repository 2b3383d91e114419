/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A configuration, step by step: for callers in languages without designated initialisers, and for strings that do not
 * outlive the call. */
#ifndef ARCBOX_BUILDER_H
#define ARCBOX_BUILDER_H

#include <arcbox/config.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef struct abx_vm_builder abx_vm_builder;

/*
 * A builder that holds the defaults; abx_vm_builder_free() ends it. NULL when there is no memory. Setters copy what
 * they are given, return nothing and may be called in any order; faults (also want of memory in a setter) are reported
 * together by abx_vm_builder_create(). A builder belongs to one thread at a time.
 */
ABX_API abx_vm_builder *abx_vm_builder_new(void);
ABX_API void abx_vm_builder_free(abx_vm_builder *builder);

/* One setter for each field of abx_vm_config, of the same meaning and range. */
ABX_API void abx_vm_builder_name(abx_vm_builder *builder, const char *name);
ABX_API void abx_vm_builder_arch(abx_vm_builder *builder, abx_arch arch);
ABX_API void abx_vm_builder_cpus(abx_vm_builder *builder, uint32_t cpus);
ABX_API void abx_vm_builder_memory(abx_vm_builder *builder, uint64_t bytes);
ABX_API void abx_vm_builder_no_memory(abx_vm_builder *builder);
ABX_API void abx_vm_builder_memory_backing(abx_vm_builder *builder, abx_backing backing, abx_huge_pages huge_pages);
ABX_API void abx_vm_builder_irqchip(abx_vm_builder *builder, abx_irqchip irqchip);
ABX_API void abx_vm_builder_pit(abx_vm_builder *builder, abx_choice pit);
ABX_API void abx_vm_builder_nested(abx_vm_builder *builder, abx_choice nested);
ABX_API void abx_vm_builder_pmu(abx_vm_builder *builder, abx_choice pmu);
ABX_API void abx_vm_builder_sve(abx_vm_builder *builder, abx_choice sve);
ABX_API void abx_vm_builder_pointer_auth(abx_vm_builder *builder, abx_choice pointer_auth);
ABX_API void abx_vm_builder_dirty_log(abx_vm_builder *builder, abx_choice dirty_log);
ABX_API void abx_vm_builder_msr_exits(abx_vm_builder *builder, bool on);
ABX_API void abx_vm_builder_hypercall_exits(abx_vm_builder *builder, bool on);
ABX_API void abx_vm_builder_tsc_khz(abx_vm_builder *builder, uint32_t khz);
ABX_API void abx_vm_builder_event_capacity(abx_vm_builder *builder, uint32_t events);
ABX_API void abx_vm_builder_boot(abx_vm_builder *builder, const char *kernel, const char *initrd, const char *cmdline);
ABX_API void abx_vm_builder_efi_variables(abx_vm_builder *builder, const char *path);
ABX_API void abx_vm_builder_machine_id(abx_vm_builder *builder, const void *machine_id, size_t size);

/* Adds one device, after those that are there. */
ABX_API void abx_vm_builder_device(abx_vm_builder *builder, const abx_device_config *device);

/* What has been set so far; valid until the next setter or the builder's end. */
ABX_API const abx_vm_config *abx_vm_builder_config(const abx_vm_builder *builder);

/* abx_vm_create() of what has been set. The builder stays and can make more. Errors: as there. */
ABX_API abx_status abx_vm_builder_create(const abx_vm_builder *builder, abx_vm **out,
                                         abx_hypervisor *hypervisor) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
