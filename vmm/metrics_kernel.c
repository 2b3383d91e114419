/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "metrics_internal.h"

#include <arcbox/metrics.h>
#include <arcbox/statistics.h>

#include <string.h>

enum { NAME_MAX_LENGTH = 96 };

typedef struct writing {
    FILE *text;
    char family[NAME_MAX_LENGTH]; /* the last one that was begun */
} writing;

static const char *type_of(abx_statistic_kind kind)
{
    switch (kind) {
    case ABX_STATISTIC_COUNTER:
        return "counter";
    case ABX_STATISTIC_LINEAR_HISTOGRAM:
    case ABX_STATISTIC_LOG_HISTOGRAM:
        return "histogram";
    default:
        return "gauge";
    }
}

static void write_label(FILE *text, const abx_statistic *statistic)
{
    if (statistic->vcpu != UINT32_MAX)
        fprintf(text, "vcpu=\"%" PRIu32 "\"", statistic->vcpu);
}

/* The largest whole number that is in bucket `i`. */
static uint64_t bound_of(const abx_statistic *statistic, size_t i)
{
    if (statistic->kind == ABX_STATISTIC_LINEAR_HISTOGRAM)
        return (i + 1) * (uint64_t)statistic->bucket_size - 1;
    return i < 64 ? (UINT64_C(1) << i) - 1 : UINT64_MAX;
}

/* OpenMetrics counts what is at most the bound, and wants a bucket without one. */
static void write_histogram(const writing *to, const abx_statistic *statistic)
{
    uint64_t sum = 0;
    const char *comma = statistic->vcpu == UINT32_MAX ? "" : ",";
    for (size_t i = 0; i < statistic->count; i++) {
        sum += statistic->values[i];
        fprintf(to->text, "%s_bucket{", to->family);
        write_label(to->text, statistic);
        if (i + 1 < statistic->count)
            fprintf(to->text, "%sle=\"%" PRIu64 ".0\"} %" PRIu64 "\n", comma, bound_of(statistic, i), sum);
        else
            fprintf(to->text, "%sle=\"+Inf\"} %" PRIu64 "\n", comma, sum);
    }
}

static void write_number(const writing *to, const abx_statistic *statistic)
{
    fprintf(to->text, "%s%s", to->family, statistic->kind == ABX_STATISTIC_COUNTER ? "_total" : "");
    if (statistic->vcpu != UINT32_MAX) {
        fputc('{', to->text);
        write_label(to->text, statistic);
        fputc('}', to->text);
    }
    fprintf(to->text, " %" PRIu64 "\n", statistic->values[0]);
}

static void see(void *payload, const abx_statistic *statistic)
{
    writing *to = payload;
    char family[NAME_MAX_LENGTH];
    bool histogram = strcmp(type_of(statistic->kind), "histogram") == 0;
    int length = snprintf(family, sizeof(family), "arcbox_kvm_%s_%s", statistic->vcpu == UINT32_MAX ? "vm" : "vcpu",
                          statistic->name);
    if (length < 0 || (size_t)length >= sizeof(family) || !abx_metrics_is_name(statistic->name))
        return;
    if (strcmp(family, to->family) != 0) {
        memcpy(to->family, family, sizeof(family));
        abx_metrics_family(to->text, family, type_of(statistic->kind), "", "As Linux' KVM counts it.");
    }
    if (histogram)
        write_histogram(to, statistic);
    else
        write_number(to, statistic);
}

/* What cannot be had is not shown. */
void abx_metrics_write_kernel(FILE *text, abx_machine *machine)
{
    writing to = { .text = text };
    if (abx_hypervisor_has(abx_vm_get_hypervisor(machine->vm), ABX_CAP_BINARY_STATS))
        (void)!abx_vm_get_statistics(machine->vm, see, &to);
}

void abx_machine_share_statistics(abx_machine_cpu *cpu)
{
    if (!atomic_load_explicit(&cpu->machine->shares_statistics, memory_order_relaxed) || cpu->shares_statistics)
        return;
    cpu->shares_statistics = true;
    (void)!abx_vcpu_share_statistics(cpu->vcpu);
}

abx_status abx_metrics_share(abx_machine *machine)
{
    static const char operation[] = "share the kernel's statistics of a machine";
    if (!machine)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s", operation);
    if (!abx_hypervisor_has(abx_vm_get_hypervisor(machine->vm), ABX_CAP_BINARY_STATS))
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "%s", operation);
    atomic_store(&machine->shares_statistics, true);
    for (uint32_t id = 0; id < machine->cpu_count; id++)
        abx_vcpu_wait_kick(&machine->cpus[id].wait);
    return ABX_OK;
}
