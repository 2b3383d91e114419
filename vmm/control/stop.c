/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/server.h"
#include "machine_internal.h"

#include <time.h>

static uint64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_over(abx_vm_state state)
{
    return state == ABX_VM_STOPPED || state == ABX_VM_FAILED;
}

static json_t *outcome(const abx_control *control)
{
    abx_machine_result result;
    abx_machine_get_result(control->machine, &result);
    return json_pack("{s:s, s:I, s:o, s:b, s:b}", "end", abx_machine_end_name(result.end), "code",
                     (json_int_t)result.code, "text", abx_control_text(result.text), "asked", control->asked, "forced",
                     control->forced);
}

/* Its end comes as an event: nobody waits for it here. */
static void force(void *argument)
{
    abx_control *control = argument;
    control->forced = true;
    abx_loop_timer_set(control->stop_timer, 0);
    abx_machine_begin_stop(control->machine);
}

abx_status abx_control_open_stop(abx_control *control)
{
    return abx_loop_timer_new(&control->stop_timer, control->loop, force, control);
}

/* Of several that ask, the least patient one counts. */
static void set_deadline(abx_control *control, uint32_t timeout_ms)
{
    uint64_t deadline = now_ms() + timeout_ms;
    if (control->stop_deadline_ms && control->stop_deadline_ms <= deadline)
        return;
    control->stop_deadline_ms = deadline;
    abx_loop_timer_set(control->stop_timer, timeout_ms);
}

static bool ask(abx_control *control)
{
    if (!control->asked)
        control->asked = abx_machine_press_power_button(control->machine) == ABX_OK;
    return control->asked;
}

abx_status abx_control_stop(abx_control_client *client, const abx_control_request *request)
{
    abx_control *control = client->control;
    abx_vm_state state = abx_vm_get_state(abx_machine_get_vm(control->machine));
    if (is_over(state)) {
        abx_control_client_say(client, abx_control_result(request->id, outcome(control)));
        return ABX_OK;
    }
    if (client->stopping)
        return abx_fail(ABX_ERR_STATE, 0, "Use another connection to hurry.", "stop a machine a second time");
    if (state == ABX_VM_PAUSED && !request->force)
        return abx_fail(ABX_ERR_STATE, 0, "It hears nothing: resume it first, or use force.",
                        "ask a paused guest to end");
    client->stopping = true;
    client->stop_id = json_incref(request->id);
    if (!request->force && request->timeout_ms > 0 && state == ABX_VM_RUNNING && ask(control))
        set_deadline(control, request->timeout_ms);
    else if (!control->forced)
        force(control);
    return ABX_OK;
}

void abx_control_ended(abx_control *control)
{
    abx_loop_timer_set(control->stop_timer, 0);
    abx_control_end_hint(control);
    for (abx_control_client *client = control->clients, *next; client; client = next) {
        next = client->next;
        if (!client->stopping)
            continue;
        client->stopping = false;
        abx_control_client_say(client, abx_control_result(client->stop_id, outcome(control)));
        abx_control_client_settle(client);
    }
}
