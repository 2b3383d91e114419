/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/metrics.h>

#include "metrics_internal.h"

#include <stdlib.h>
#include <sys/resource.h>

static void write_info(FILE *text, const abx_machine *machine)
{
    const abx_vm_config *config = abx_vm_get_config(machine->vm);
    abx_metrics_family(text, "arcbox_machine", "info", "", "Which machine this is.");
    fputs("arcbox_machine_info{name=", text);
    abx_metrics_value(text, config->name);
    fputs(",backend=", text);
    abx_metrics_value(text, abx_hypervisor_backend(abx_vm_get_hypervisor(machine->vm)));
    fputs(",arch=", text);
    abx_metrics_value(text, abx_arch_name(config->arch));
    fputs(",version=", text);
    abx_metrics_value(text, abx_version());
    fputs("} 1\n", text);
}

static void write_state(FILE *text, const abx_machine *machine)
{
    abx_vm_state now = abx_vm_get_state(machine->vm);
    abx_metrics_family(text, "arcbox_machine_state", "stateset", "", "The state that the machine is in.");
    for (abx_vm_state state = ABX_VM_CREATED; state <= ABX_VM_FAILED; state++)
        fprintf(text, "arcbox_machine_state{arcbox_machine_state=\"%s\"} %d\n", abx_vm_state_name(state), state == now);
    abx_metrics_family(text, "arcbox_vcpus", "gauge", "", "vCPUs that the machine has.");
    fprintf(text, "arcbox_vcpus %" PRIu32 "\n", abx_vm_get_config(machine->vm)->cpus);
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void write_process(FILE *text)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return;
    abx_metrics_family(text, "process_cpu_seconds", "counter", "seconds",
                       "CPU time of the process that has the machine, guests that run in it included.");
    fprintf(text, "process_cpu_seconds_total %.6f\n", seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
}

/* Where the guest runs in a process of the backend's. */
static void write_backend(FILE *text, const abx_machine *machine)
{
    uint64_t taken = 0;
    if (!machine->managed || abx_vm_get_cpu_time(machine->vm, &taken) != ABX_OK)
        return;
    abx_metrics_family(text, "arcbox_backend_cpu_seconds", "counter", "seconds",
                       "CPU time of the backend's own process, which runs the guest.");
    fprintf(text, "arcbox_backend_cpu_seconds_total %.6f\n", (double)taken / 1e9);
}

static void write_exits(FILE *text, abx_machine *machine)
{
    if (machine->managed)
        return;
    abx_metrics_family(text, "arcbox_vcpu_exits", "counter", "", "Exits from the guest that came to the VMM, by kind.");
    for (uint32_t id = 0; id < machine->cpu_count; id++) {
        for (unsigned kind = 0; kind < ABX_MACHINE_EXITS; kind++) {
            uint64_t count = atomic_load_explicit(&machine->cpus[id].exits[kind], memory_order_relaxed);
            if (count > 0)
                fprintf(text, "arcbox_vcpu_exits_total{vcpu=\"%" PRIu32 "\",kind=\"%s\"} %" PRIu64 "\n", id,
                        abx_exit_kind_name((abx_exit_kind)kind), count);
        }
    }
}

/* What a family of devices' metrics shows. */
static const struct family {
    char name[32];
    char unit[8];
    char help[64];
    size_t offset; /* in abx_device_counters */
} families[] = {
    { "arcbox_device_operations", "", "Requests or packets that came to their end.",
      offsetof(abx_device_counters, operations) },
    { "arcbox_device_errors", "", "Those that failed.", offsetof(abx_device_counters, errors) },
    { "arcbox_device_read_bytes", "bytes", "Bytes that the guest read.", offsetof(abx_device_counters, bytes_read) },
    { "arcbox_device_written_bytes", "bytes", "Bytes that the guest wrote.",
      offsetof(abx_device_counters, bytes_written) },
    { "arcbox_device_interrupts", "", "Interrupts that the device sent.", offsetof(abx_device_counters, interrupts) },
};

static void write_family(FILE *text, const abx_machine *machine, const struct family *family)
{
    abx_metrics_family(text, family->name, "counter", family->unit, family->help);
    for (size_t i = 0; i < machine->device_count; i++) {
        const abx_device *device = &machine->devices[i];
        abx_device_counters counters = { 0 };
        if (device->kind == ABX_DEVICE_NONE || !device->ops->count)
            continue;
        device->ops->count(device->object, &counters);
        fprintf(text, "%s_total{device=\"%zu\",kind=\"%s\"} %" PRIu64 "\n", family->name, i,
                abx_device_kind_name(device->kind), *(uint64_t *)(void *)((char *)&counters + family->offset));
    }
}

static void write_all(FILE *text, abx_machine *machine)
{
    write_info(text, machine);
    write_state(text, machine);
    write_process(text);
    write_backend(text, machine);
    write_exits(text, machine);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !machine->managed; i++)
        write_family(text, machine, &families[i]);
    abx_metrics_write_memory(text, machine);
    abx_metrics_write_kernel(text, machine);
    fputs("# EOF\n", text);
}

abx_status abx_metrics_get(abx_machine *machine, char **text)
{
    static const char operation[] = "get a machine's metrics";
    if (!machine || !text)
        return abx_fail(ABX_ERR_INVALID, 0, NULL, "%s", operation);
    char *written = NULL;
    size_t length;
    FILE *stream = open_memstream(&written, &length);
    if (!stream)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s", operation);
    write_all(stream, machine);
    bool failed = ferror(stream);
    failed |= fclose(stream) == EOF;
    if (failed) {
        free(written);
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s", operation);
    }
    *text = written;
    return ABX_OK;
}

void abx_metrics_free(char *text)
{
    free(text);
}
