/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/server.h"
#include "machine_internal.h"

#include <time.h>
#include <unistd.h>

static json_t *devices_of(const abx_machine *machine)
{
    json_t *list = json_array();
    for (size_t i = 0; i < abx_machine_count_devices(machine); i++)
        json_array_append_new(list, json_string(abx_machine_device_name(machine, i)));
    return list;
}

static double seconds_since(uint64_t start_ns)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - (double)start_ns / 1e9;
}

static bool set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

/* How it ended, if it has. */
static bool set_end(json_t *object, const abx_machine *machine)
{
    abx_machine_result result;
    abx_machine_get_result(machine, &result);
    if (result.end == ABX_END_NONE)
        return true;
    return set(object, "end", json_string(abx_machine_end_name(result.end))) &&
           set(object, "code", json_integer((json_int_t)result.code)) &&
           set(object, "text", abx_control_text(result.text));
}

json_t *abx_control_status(const abx_control *control)
{
    const abx_machine *machine = control->machine;
    abx_vm *vm = abx_machine_get_vm(machine);
    const abx_vm_config *config = abx_vm_get_config(vm);
    json_t *object = json_pack(
        "{s:o, s:s, s:I, s:s, s:s, s:I, s:I, s:o, s:f, s:i, s:b}", "name", abx_control_text(config->name), "state",
        abx_vm_state_name(abx_vm_get_state(vm)), "pid", (json_int_t)getpid(), "backend",
        abx_hypervisor_backend(abx_vm_get_hypervisor(vm)), "arch", abx_arch_name(config->arch), "cpus",
        (json_int_t)config->cpus, "memory", (json_int_t)config->memory_size, "devices", devices_of(machine), "uptime",
        seconds_since(control->opened_ns), "clients", (int)control->client_count, "console", control->console != NULL);
    if (object && !set_end(object, machine)) {
        json_decref(object);
        return NULL;
    }
    return object;
}
