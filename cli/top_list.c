/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "report.h"
#include "top.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

double top_sum(const char *text, const char *name)
{
    double sum = -1;
    size_t length = strlen(name);
    for (const char *line = text; line && *line;) {
        const char *end = strchr(line, '\n');
        if (strncmp(line, name, length) == 0 && (line[length] == '{' || line[length] == ' ')) {
            const char *labels = line[length] == '{' ? strstr(line, "} ") : line + length;
            if (labels && (!end || labels < end))
                sum = (sum < 0 ? 0 : sum) + strtod(labels + (*labels == '}' ? 2 : 1), NULL);
        }
        line = end ? end + 1 : NULL;
    }
    return sum;
}

static double at_least_zero(double value)
{
    return value < 0 ? 0 : value;
}

static top_sample sample(const char *text)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    double ours = at_least_zero(top_sum(text, "process_cpu_seconds_total"));
    double backend = at_least_zero(top_sum(text, "arcbox_backend_cpu_seconds_total"));
    return (top_sample){
        .time = (double)now.tv_sec + (double)now.tv_nsec / 1e9,
        .cpu_seconds = ours + backend,
        .exits = at_least_zero(top_sum(text, "arcbox_vcpu_exits_total")),
        .read_bytes = at_least_zero(top_sum(text, "arcbox_device_read_bytes_total")),
        .written_bytes = at_least_zero(top_sum(text, "arcbox_device_written_bytes_total")),
        .resident = top_sum(text, "arcbox_memory_resident_bytes"),
    };
}

static void free_machine(top_machine *machine)
{
    cli_client_close(&machine->client);
    json_decref(machine->status);
    free(machine);
}

/* False: it does not answer any more. */
static bool ask(top_machine *machine)
{
    json_decref(machine->status);
    machine->status = cli_client_ask(&machine->client, json_pack("{s:s}", "do", "status"), CLI_PATIENCE_MS);
    json_t *metrics =
        machine->status ? cli_client_ask(&machine->client, json_pack("{s:s}", "do", "metrics"), CLI_PATIENCE_MS) : NULL;
    const char *text = json_string_value(json_object_get(metrics, "text"));
    if (text) {
        machine->before = machine->now;
        machine->now = sample(text);
    }
    json_decref(metrics);
    return text;
}

static top_machine *find(const top_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->machines[i]->name, name) == 0)
            return list->machines[i];
    return NULL;
}

static bool add(top_list *list, const char *name)
{
    top_machine *machine = calloc(1, sizeof(*machine));
    void *more = realloc(list->machines, (list->count + 1) * sizeof(void *));
    if (more)
        list->machines = more;
    if (!machine || !more) {
        cli_complain("there is no memory");
        free(machine);
        return false;
    }
    memcpy(machine->name, name, sizeof(machine->name));
    if (cli_client_open(&machine->client, machine->name) != CLI_CONNECTED) {
        free(machine);
        return true;
    }
    list->machines[list->count++] = machine;
    return true;
}

static int compare(const void *one, const void *other)
{
    return strcmp((*(top_machine *const *)one)->name, (*(top_machine *const *)other)->name);
}

static void remove_gone(top_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (ask(list->machines[i]))
            list->machines[kept++] = list->machines[i];
        else
            free_machine(list->machines[i]);
    }
    list->count = kept;
}

bool top_refresh(top_list *list)
{
    cli_machine_names names;
    if (!cli_machine_names_read(&names))
        return false;
    bool good = true;
    for (size_t i = 0; i < names.count && good; i++)
        if (!find(list, names.names[i]))
            good = add(list, names.names[i]);
    cli_machine_names_free(&names);
    remove_gone(list);
    if (list->count > 0)
        qsort(list->machines, list->count, sizeof(void *), compare);
    return good;
}

void top_free(top_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_machine(list->machines[i]);
    free(list->machines);
    *list = (top_list){ 0 };
}
