/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What boot does differently on each architecture, as a value: one constant table each, chosen by the guest's. */
#ifndef ABX_BOOT_ARCH_H
#define ABX_BOOT_ARCH_H

#include "load.h"
#include "unpacked.h"

/* What is known of an image beforehand. */
typedef struct abx_identify {
    abx_image_kind kind; /* as asked for; AUTO: by the contents */
    bool is_linux;       /* it was packed in a file that holds nothing else */
} abx_identify;

typedef struct abx_boot_arch {
    /* RAM that is none to the guest; and the lowest address at which boot looks for room. */
    abx_gpa hole;
    abx_gpa hole_end;
    abx_gpa lowest;

    /*
     * `packed->payload` is all of the kernel's file, which begins with `head`: if that is one of the architecture's own
     * wrappers makes it the payload within, with its compression and size, and sets `*is_linux`. Otherwise does
     * nothing.
     */
    abx_status (*unwrap)(abx_kernel *kernel, const uint8_t *head, size_t length, abx_packed *packed, bool *is_linux);

    /* Where the flat image `name` goes, and that its options make sense. Errors: ABX_ERR_INVALID. */
    abx_status (*place_flat)(const abx_kernel_options *options, const char *name, abx_gpa *address);

    /*
     * Tells what an unpacked image is, and where its parts go: fills in the kernel's kind, entry and runs; what was
     * there before is replaced. Errors: ABX_ERR_FORMAT, ABX_ERR_NOT_SUPPORTED, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
     */
    abx_status (*identify)(abx_kernel *kernel, const abx_source *image, const abx_identify *known);

    /* Checks that RAM is where it is needed, puts everything but the image's runs in place, and fills in `entry`, whose
     * kind, architecture and address are set. Errors: as abx_boot_load(). */
    abx_status (*load)(abx_load *load, abx_boot_entry *entry);

    /* As abx_boot_enter(). */
    abx_status (*enter)(abx_vcpu *vcpu, const abx_boot_entry *entry);
} abx_boot_arch;

extern const abx_boot_arch abx_boot_x86_64;
extern const abx_boot_arch abx_boot_arm64;

/* NULL for an architecture that boot does not know. ABX_ARCH_HOST is the host's. */
const abx_boot_arch *abx_boot_arch_of(abx_arch arch);

#endif
