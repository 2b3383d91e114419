/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What there is and why: abx_hypervisor_list(). */
#include "choice.h"
#include "hypervisor_internal.h"

#include <stdio.h>
#include <string.h>

#define NOBODY SIZE_MAX

static void probe_failed(abx_backend_report *report)
{
    const abx_error *error = abx_last_error();
    size_t length = strlen(error->message);
    /* The report has the advice apart: leave it out of the reason, with the "; " before it. */
    size_t tail = error->advice[0] ? strlen(error->advice) + 2 : 0;
    if (length >= tail)
        length -= tail;
    snprintf(report->reason, sizeof(report->reason), "%.*s", (int)length, error->message);
    snprintf(report->advice, sizeof(report->advice), "%s", error->advice);
}

/* All that one backend says of itself. */
static abx_backend_report probe(const abx_backend *backend, const abx_hypervisor_options *options)
{
    abx_backend_report report = { .name = "(nameless)", .description = "" };
    if (backend && backend->size == sizeof(*backend)) {
        report.name = backend->name ? backend->name : report.name;
        report.description = backend->description ? backend->description : "";
        report.managed = backend->managed;
    }
    abx_hypervisor *hypervisor;
    report.status = abx_hypervisor_new(&hypervisor, backend, options);
    if (report.status != ABX_OK) {
        probe_failed(&report);
        return report;
    }
    report.usable = true;
    report.capabilities = *abx_hypervisor_capabilities(hypervisor);
    abx_hypervisor_close(hypervisor);
    return report;
}

static const char *why(const abx_backend_report *report, abx_arch arch, bool hardware_chosen)
{
    if (!abx_choice_runs(&report->capabilities, arch))
        return "does not run guests of this architecture";
    if (report->chosen)
        return hardware_chosen ? "the first with hardware virtualization" : "nothing here has hardware virtualization";
    if (abx_choice_prefers(&report->capabilities, arch))
        return "another one comes first";
    return hardware_chosen ? "another one has hardware virtualization" : "taken only by name";
}

static void judge(abx_backend_report *report, abx_arch arch, bool hardware_chosen)
{
    const abx_capabilities *caps = &report->capabilities;
    const char *how =
        abx_capabilities_has(caps, ABX_CAP_HARDWARE) ? "hardware virtualization" : "no hardware virtualization";
    snprintf(report->reason, sizeof(report->reason), "%s%s%s%s: %s", how, caps->detail[0] ? " (" : "", caps->detail,
             caps->detail[0] ? ")" : "", why(report, arch, hardware_chosen));
}

abx_status abx_hypervisor_list(const abx_hypervisor_options *options, abx_backend_report *reports, size_t capacity,
                               size_t *count)
{
    abx_hypervisor_options settled;
    if (!count || (capacity && !reports))
        return abx_fail(ABX_ERR_INVALID, 0, "There must be a place for the results.", "list the backends");
    abx_status status = abx_options_settle(&settled, options);
    if (status != ABX_OK)
        return status;

    size_t total = abx_choice_total(&settled);
    size_t hardware = NOBODY;
    size_t fallback = NOBODY;
    for (size_t i = 0; i < total; i++) {
        const abx_backend *backend = abx_choice_at(&settled, i);
        abx_backend_report report = probe(backend, &settled);
        bool runs = report.usable && abx_choice_runs(&report.capabilities, settled.guest_arch);
        bool is_fallback = abx_choice_is_fallback(backend);
        if (hardware == NOBODY && !is_fallback && runs && abx_choice_prefers(&report.capabilities, settled.guest_arch))
            hardware = i;
        if (fallback == NOBODY && is_fallback)
            fallback = i;
        if (i < capacity)
            reports[i] = report;
    }

    size_t chosen = hardware != NOBODY ? hardware : fallback;
    for (size_t i = 0; i < total && i < capacity; i++) {
        if (!reports[i].usable)
            continue;
        reports[i].chosen = i == chosen && abx_choice_runs(&reports[i].capabilities, settled.guest_arch);
        judge(&reports[i], settled.guest_arch, hardware != NOBODY);
    }
    *count = total;
    return ABX_OK;
}
