/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Kernels: recognise, unpack, keep, load into guest memory, set a vCPU up to enter them. libarcbox-vmm. */
#ifndef ARCBOX_BOOT_H
#define ARCBOX_BOOT_H

#include <arcbox/error.h>
#include <arcbox/vcpu.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

/* How a kernel image is entered. */
typedef enum abx_image_kind {
    ABX_IMAGE_AUTO = 0, /* by its contents; never FLAT */
    ABX_IMAGE_LINUX, /* x86_64: Linux by the 64-bit boot protocol, bzImage or vmlinux. ARM64: Image, also in EFI zboot.
                        vmlinux and Image may be compressed */
    ABX_IMAGE_PVH,   /* x86_64: ELF with a PVH note */
    ABX_IMAGE_MULTIBOOT, /* x86_64: Multiboot 1, ELF or with addresses in its header */
    ABX_IMAGE_FLAT,      /* raw bytes at flat_address, entered there; on x86_64 in the processor mode flat_mode */
    ABX_IMAGE_ELF,       /* ARM64: ELF at its physical addresses, entered at e_entry as Linux is */
} abx_image_kind;

/* The processor mode in which a flat image is entered on x86_64; on ARM64 it is EL1 and this stays 0. */
typedef enum abx_flat_mode {
    ABX_FLAT_REAL = 0,  /* 16-bit real mode */
    ABX_FLAT_PROTECTED, /* 32-bit, flat segments, no paging */
    ABX_FLAT_LONG,      /* 64-bit, the first 4 GiB identity-mapped, writable and executable */
} abx_flat_mode;

/* How to open a kernel. Zero and NULL stand for defaults. */
typedef struct abx_kernel_options {
    size_t size; /* set by ABX_KERNEL_OPTIONS_INIT */
    abx_image_kind kind;
    abx_arch arch;           /* default: the host's */
    const char *cache;       /* folder for unpacked kernels; default $XDG_CACHE_HOME/arcbox/kernels; "" keeps nothing */
    abx_gpa flat_address;    /* FLAT: default 0x1000 (REAL), 0x100000 (others); ARM64: the start of RAM */
    abx_flat_mode flat_mode; /* FLAT on x86_64 */
} abx_kernel_options;

#define ABX_KERNEL_OPTIONS_INIT                                                                                        \
    {                                                                                                                  \
        .size = sizeof(abx_kernel_options)                                                                             \
    }

/* A kernel image, checked and unpacked. Constant after opening: any number of machines and threads may load from it. */
typedef struct abx_kernel abx_kernel;

/* What an opened kernel is. */
typedef struct abx_kernel_info {
    abx_image_kind kind;
    abx_arch arch;
    abx_gpa entry;
    abx_gpa load_low; /* the range of guest memory that it takes, without what it allocates itself */
    abx_gpa load_high;
    const char *compression; /* "none", "gzip", "xz", "zstd", "lz4" … of the payload */
    bool from_cache;         /* the unpacked kernel was found in the cache */
    char version[128];       /* Linux: its version line; "" for others and for an Image that was not packed */
} abx_kernel_info;

/*
 * Opens, checks and, if need be, unpacks the kernel in file `path`; the unpacked kernel is kept in the cache under the
 * hash of the packed one. A cache that cannot be written is no failure. On success `*out` is the caller's:
 * abx_kernel_close(). Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION, ABX_ERR_FORMAT
 * (truncated, damaged, of another architecture, no known kind), ABX_ERR_NOT_SUPPORTED (a compression or kind that this
 * build does not know), ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT (descriptors), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_kernel_open(abx_kernel **out, const char *path,
                                   const abx_kernel_options *options) ABX_MUST_CHECK;
ABX_API void abx_kernel_close(abx_kernel *kernel);
ABX_API const abx_kernel_info *abx_kernel_get_info(const abx_kernel *kernel);

/* What goes into guest memory beside the kernel. */
typedef struct abx_boot_params {
    size_t size;                /* set by ABX_BOOT_PARAMS_INIT */
    const char *cmdline;        /* default "" */
    const char *initrd;         /* a file, or NULL */
    const char *const *modules; /* Multiboot: "FILE" or "FILE ARGUMENTS" each */
    size_t module_count;
    abx_gpa acpi_rsdp; /* x86_64: ACPI's root pointer in guest memory, 0 for none */
    /* ARM64: the flattened device tree of the machine, with two cells each for addresses and sizes in its root. Boot
     * copies it and adds memory, command line, initrd and seeds of random numbers. LINUX needs one, ELF may have one.
     */
    const void *device_tree;
    size_t device_tree_size;
} abx_boot_params;

#define ABX_BOOT_PARAMS_INIT                                                                                           \
    {                                                                                                                  \
        .size = sizeof(abx_boot_params)                                                                                \
    }

/* How to enter what was loaded. */
typedef struct abx_boot_entry {
    abx_image_kind kind;
    abx_arch arch;      /* ABX_ARCH_HOST: the host's */
    abx_flat_mode mode; /* x86_64, also for kinds other than FLAT */
    abx_gpa entry;
    abx_gpa info;        /* boot_params, hvm_start_info, multiboot information or device tree; 0 for none */
    abx_gpa page_tables; /* LONG */
    abx_gpa stack;       /* LONG: initial stack pointer; 0 for none */
    abx_gpa gdt;         /* PROTECTED and LONG; 0 for none */
} abx_boot_entry;

/*
 * Puts kernel, command line, initrd, modules, memory map and boot information into the guest's RAM, which must hold
 * them without overlaps. Where they go is in docs/boot.md. Any thread, before the VM starts. Errors: ABX_ERR_INVALID
 * (also a kernel for another architecture than the VM's, a Linux for ARM64 without a device tree), ABX_ERR_RANGE (RAM
 * too small, in too many pieces, or not where the kernel wants it), ABX_ERR_FORMAT (command line too long for the
 * kernel, initrd empty, file cut short meanwhile, damaged device tree), ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION,
 * ABX_ERR_NO_MEMORY, ABX_ERR_LIMIT (descriptors; a device tree of more than 2 MiB), ABX_ERR_NOT_SUPPORTED (what this
 * kind of kernel has no use for), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_boot_load(abx_vm *vm, const abx_kernel *kernel, const abx_boot_params *params,
                                 abx_boot_entry *entry) ABX_MUST_CHECK;

/* Sets the registers of the boot processor for `entry`. Its owning thread only. Errors: ABX_ERR_INVALID,
 * ABX_ERR_THREAD, ABX_ERR_SYSTEM. */
ABX_API abx_status abx_boot_enter(abx_vcpu *vcpu, const abx_boot_entry *entry) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
