/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the core's own files do with configurations. */
#ifndef ABX_SRC_CONFIG_INTERNAL_H
#define ABX_SRC_CONFIG_INTERNAL_H

#include "hypervisor_internal.h"

/* Where the faults of one configuration are gathered. */
struct abx_config_report {
    abx_config_fault *faults; /* room for `capacity` */
    size_t capacity;
    size_t count;    /* may be larger */
    char text[1000]; /* "field: message; field: message" */
    size_t length;   /* of text */
};

/* What holds on every backend, then what depends on the one behind `hypervisor`, which may be NULL. */
void abx_config_check(const abx_vm_config *config, const abx_hypervisor *hypervisor, abx_config_report *report);

/*
 * A copy of `config`, which has no faults, with every default filled in. Its strings are its own:
 * abx_config_free(). Errors: ABX_ERR_NO_MEMORY.
 */
abx_status abx_config_copy(abx_vm_config *copy, const abx_vm_config *config, const abx_hypervisor *hypervisor);
void abx_config_free(abx_vm_config *copy);

#endif
