/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "choice.h"
#include "backends.h"
#include "hypervisor_internal.h"

#include <stdio.h>
#include <string.h>

static const char fallback[] = "qemu";

size_t abx_choice_total(const abx_hypervisor_options *options)
{
    size_t builtin;
    abx_builtin_backends(&builtin);
    return options->backend_count + builtin;
}

const abx_backend *abx_choice_at(const abx_hypervisor_options *options, size_t index)
{
    size_t builtin;
    const abx_backend *const *list = abx_builtin_backends(&builtin);
    return index < options->backend_count ? options->backends[index] : list[index - options->backend_count];
}

static const char *name_of(const abx_backend *backend)
{
    bool known = backend && backend->size == sizeof(*backend) && backend->name;
    return known ? backend->name : "(nameless)";
}

bool abx_choice_is_fallback(const abx_backend *backend)
{
    return strcmp(name_of(backend), fallback) == 0;
}

bool abx_choice_runs(const abx_capabilities *caps, abx_arch arch)
{
    return (caps->guest_archs >> arch) & 1;
}

bool abx_choice_prefers(const abx_capabilities *caps, abx_arch arch)
{
    return abx_choice_runs(caps, arch) && abx_capabilities_has(caps, ABX_CAP_HARDWARE);
}

/* A text that is cut where its room ends. */
typedef struct text {
    char bytes[1000];
} text;

static void append(text *to, const char *before, const char *more)
{
    size_t length = strlen(to->bytes);
    snprintf(to->bytes + length, sizeof(to->bytes) - length, "%s%s", length ? before : "", more);
}

static abx_status open_one(abx_hypervisor **out, const abx_backend *backend, const abx_hypervisor_options *options)
{
    abx_hypervisor *hypervisor;
    abx_status status = abx_hypervisor_new(&hypervisor, backend, options);
    if (status != ABX_OK)
        return status;
    if (!abx_choice_runs(abx_hypervisor_capabilities(hypervisor), options->guest_arch)) {
        abx_hypervisor_close(hypervisor);
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Backend qemu runs guests of other architectures.",
                        "open backend %s for %s guests", backend->name, abx_arch_name(options->guest_arch));
    }
    *out = hypervisor;
    return ABX_OK;
}

static abx_status open_named(abx_hypervisor **out, const char *name, const abx_hypervisor_options *options)
{
    text known = { "There are: auto" };
    for (size_t i = 0; i < abx_choice_total(options); i++) {
        const abx_backend *backend = abx_choice_at(options, i);
        if (strcmp(name_of(backend), name) == 0)
            return open_one(out, backend, options);
        append(&known, ", ", name_of(backend));
    }
    return abx_fail(ABX_ERR_NOT_FOUND, 0, known.bytes, "open backend %s", name);
}

/* Says in `why_not` what speaks against each backend that comes before the one that is taken. */
static abx_status open_auto(abx_hypervisor **out, const abx_hypervisor_options *options)
{
    text why_not = { "" };
    for (size_t i = 0; i < abx_choice_total(options); i++) {
        const abx_backend *backend = abx_choice_at(options, i);
        abx_hypervisor *hypervisor = NULL;
        if (abx_choice_is_fallback(backend))
            continue;
        const char *fault = "runs guests without hardware virtualization; taken only by name";
        if (open_one(&hypervisor, backend, options) != ABX_OK) {
            fault = abx_last_error()->message;
        } else if (abx_hypervisor_has(hypervisor, ABX_CAP_HARDWARE)) {
            *out = hypervisor;
            return ABX_OK;
        } else {
            abx_hypervisor_close(hypervisor);
        }
        append(&why_not, " | ", name_of(backend));
        append(&why_not, ": ", fault);
    }

    abx_status status = open_named(out, fallback, options);
    if (status == ABX_OK)
        return ABX_OK;
    append(&why_not, " | ", fallback);
    append(&why_not, ": ", abx_last_error()->message);
    return abx_fail(status, abx_last_error()->os_error, why_not.bytes, "find a backend for %s guests",
                    abx_arch_name(options->guest_arch));
}

abx_status abx_hypervisor_open(abx_hypervisor **out, const char *name, const abx_hypervisor_options *options)
{
    abx_hypervisor_options settled;
    if (!out)
        return abx_fail(ABX_ERR_INVALID, 0, "There must be a place for the result.", "open a backend");
    abx_status status = abx_options_settle(&settled, options);
    if (status != ABX_OK)
        return status;
    if (!name || strcmp(name, "auto") == 0)
        return open_auto(out, &settled);
    return open_named(out, name, &settled);
}
