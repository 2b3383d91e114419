/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "metrics_internal.h"

#include <arcbox/machine_balloon.h>
#include <arcbox/memory.h>

#include <sys/mman.h>
#include <unistd.h>

enum { MOST_REGIONS = 64, VECTOR = 16 * 1024 };

/* Of whole pages of this process: how many bytes are in the host's memory. */
static uint64_t count_resident(char *start, uint64_t length)
{
    unsigned char vector[VECTOR];
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t resident = 0;
    for (uint64_t done = 0; done < length;) {
        uint64_t part = length - done < VECTOR * page ? length - done : VECTOR * page;
        if (mincore(start + done, part, (void *)vector) == 0)
            for (uint64_t i = 0; i < part / page; i++)
                resident += vector[i] & 1 ? page : 0;
        done += part;
    }
    return resident;
}

/* A region may go at any moment: within a stay it does not. */
static uint64_t measure(abx_vm *vm, const abx_memory_info *region)
{
    abx_memory_guard guard = abx_memory_enter(vm);
    char *start = abx_memory_at(vm, region->gpa, region->length, false);
    uint64_t resident = start ? count_resident(start, region->length) : 0;
    abx_memory_leave(vm, guard);
    return resident;
}

static void write_resident(FILE *text, abx_vm *vm)
{
    abx_memory_info regions[MOST_REGIONS];
    size_t count = 0;
    if (abx_memory_list(vm, regions, MOST_REGIONS, &count) != ABX_OK || count > MOST_REGIONS)
        return;
    uint64_t resident = 0;
    for (size_t i = 0; i < count; i++)
        resident += measure(vm, &regions[i]);
    abx_metrics_family(text, "arcbox_memory_resident_bytes", "gauge", "bytes",
                       "How much of the guest's memory is in the host's.");
    fprintf(text, "arcbox_memory_resident_bytes %" PRIu64 "\n", resident);
}

static void write_statistics(FILE *text, const abx_balloon_info *info)
{
    if (!info->known)
        return;
    abx_metrics_family(text, "arcbox_balloon_statistic", "gauge", "",
                       "What the guest told of its memory last: bytes, or how often since its start.");
    for (unsigned i = 0; i < ABX_BALLOON_STATISTICS; i++)
        if (info->known >> i & 1)
            fprintf(text, "arcbox_balloon_statistic{name=\"%s\"} %" PRIu64 "\n",
                    abx_balloon_statistic_name((abx_balloon_statistic)i), info->statistics[i]);
}

static void write_balloon(FILE *text, abx_machine *machine)
{
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    bool has = machine->managed || machine->balloon;
    if (!has || abx_machine_balloon_get_info(machine, &info) != ABX_OK)
        return;
    abx_metrics_family(text, "arcbox_balloon_target_bytes", "gauge", "bytes",
                       "How much memory the guest is asked to do with.");
    fprintf(text, "arcbox_balloon_target_bytes %" PRIu64 "\n", info.target);
    if (machine->managed)
        return;
    abx_metrics_family(text, "arcbox_balloon_discarded_bytes", "counter", "bytes",
                       "What went back to the host, given by the guest or free there.");
    fprintf(text, "arcbox_balloon_discarded_bytes_total %" PRIu64 "\n", info.discarded);
    abx_metrics_family(text, "arcbox_balloon_discard_failures", "counter", "",
                       "How often the host refused to take memory back.");
    fprintf(text, "arcbox_balloon_discard_failures_total %" PRIu64 "\n", info.discard_failures);
    abx_metrics_family(text, "arcbox_balloon_reported_bytes", "counter", "bytes",
                       "What the guest reported free, whether it went back or not.");
    fprintf(text, "arcbox_balloon_reported_bytes_total %" PRIu64 "\n", info.reported);
    abx_metrics_family(text, "arcbox_balloon_hint_runs", "counter", "",
                       "How often the guest told which of its memory is free.");
    fprintf(text, "arcbox_balloon_hint_runs_total %" PRIu64 "\n", info.hint_runs);
    abx_metrics_family(text, "arcbox_balloon_hinted_bytes", "counter", "bytes",
                       "What it named as free in all of them.");
    fprintf(text, "arcbox_balloon_hinted_bytes_total %" PRIu64 "\n", info.hinted);
    if (info.actual_known) {
        abx_metrics_family(text, "arcbox_balloon_actual_bytes", "gauge", "bytes", "How much memory the guest keeps.");
        fprintf(text, "arcbox_balloon_actual_bytes %" PRIu64 "\n", info.actual);
    }
    write_statistics(text, &info);
}

void abx_metrics_write_memory(FILE *text, abx_machine *machine)
{
    abx_metrics_family(text, "arcbox_memory_size_bytes", "gauge", "bytes", "The memory that the guest was given.");
    fprintf(text, "arcbox_memory_size_bytes %" PRIu64 "\n", abx_vm_get_config(machine->vm)->memory_size);
    if (!machine->managed)
        write_resident(text, machine->vm);
    write_balloon(text, machine);
}
