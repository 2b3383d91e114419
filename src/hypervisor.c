/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "hypervisor_internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct abx_hypervisor {
    const abx_backend *backend;
    void *object; /* the backend's */
    atomic_uint users;
    abx_hypervisor_options options; /* its strings are its own */
    abx_capabilities caps;
};

abx_status abx_options_settle(abx_hypervisor_options *settled, const abx_hypervisor_options *options)
{
    static const abx_hypervisor_options defaults = ABX_HYPERVISOR_OPTIONS_INIT;
    if (!options)
        options = &defaults;
    if (options->size != sizeof(*options))
        return abx_fail(ABX_ERR_INVALID, 0,
                        "Start from ABX_HYPERVISOR_OPTIONS_INIT, compiled with this library's header.",
                        "read the options");
    if (options->guest_arch > ABX_ARCH_ARM64 || (options->backend_count && !options->backends))
        return abx_fail(ABX_ERR_INVALID, 0, "guest_arch is unknown, or backends is NULL.", "read the options");
    *settled = *options;
    if (settled->guest_arch == ABX_ARCH_HOST)
        settled->guest_arch = abx_host_arch();
    return ABX_OK;
}

static void free_strings(abx_hypervisor_options *options)
{
    free((void *)options->kvm_device);
    free((void *)options->qemu_binary);
    free((void *)options->qemu_accel);
}

/* Replaces each string by a copy; false for want of memory, with copies or NULL in place of all. */
static bool own_strings(abx_hypervisor_options *options)
{
    const char **fields[] = { &options->kvm_device, &options->qemu_binary, &options->qemu_accel };
    bool complete = true;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (*fields[i]) {
            *fields[i] = strdup(*fields[i]);
            complete = complete && *fields[i];
        }
    }
    return complete;
}

abx_status abx_hypervisor_new(abx_hypervisor **out, const abx_backend *backend, const abx_hypervisor_options *options)
{
    abx_status status = abx_backend_check(backend);
    if (status != ABX_OK)
        return status;
    abx_hypervisor *hypervisor = calloc(1, sizeof(*hypervisor));
    if (!hypervisor)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open backend %s", backend->name);

    hypervisor->backend = backend;
    atomic_init(&hypervisor->users, 1);
    hypervisor->options = *options;
    hypervisor->caps.size = sizeof(hypervisor->caps);
    if (own_strings(&hypervisor->options))
        status = backend->open(&hypervisor->object, &hypervisor->options, &hypervisor->caps);
    else
        status = abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "open backend %s", backend->name);
    if (status != ABX_OK) {
        free_strings(&hypervisor->options);
        free(hypervisor);
        return status;
    }
    abx_capabilities_settle(&hypervisor->caps, backend);
    *out = hypervisor;
    return ABX_OK;
}

void abx_hypervisor_hold(abx_hypervisor *hypervisor)
{
    atomic_fetch_add_explicit(&hypervisor->users, 1, memory_order_relaxed);
}

void abx_hypervisor_close(abx_hypervisor *hypervisor)
{
    if (!hypervisor || atomic_fetch_sub_explicit(&hypervisor->users, 1, memory_order_acq_rel) != 1)
        return;
    hypervisor->backend->close(hypervisor->object);
    free_strings(&hypervisor->options);
    free(hypervisor);
}

const abx_backend *abx_hypervisor_table(const abx_hypervisor *hypervisor)
{
    return hypervisor->backend;
}

void *abx_hypervisor_object(const abx_hypervisor *hypervisor)
{
    return hypervisor->object;
}

abx_arch abx_hypervisor_guest_arch(const abx_hypervisor *hypervisor)
{
    return hypervisor ? hypervisor->options.guest_arch : ABX_ARCH_HOST;
}

const char *abx_hypervisor_backend(const abx_hypervisor *hypervisor)
{
    return hypervisor ? hypervisor->backend->name : NULL;
}

const abx_capabilities *abx_hypervisor_capabilities(const abx_hypervisor *hypervisor)
{
    return hypervisor ? &hypervisor->caps : NULL;
}

bool abx_hypervisor_has(const abx_hypervisor *hypervisor, abx_cap cap)
{
    return abx_capabilities_has(abx_hypervisor_capabilities(hypervisor), cap);
}
