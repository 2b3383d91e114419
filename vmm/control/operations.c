/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control/answer.h"
#include "control/server.h"

#include <arcbox/machine_balloon.h>
#include <arcbox/metrics.h>

/* Without a result it sees to the answer by itself. */
typedef abx_status (*operation)(abx_control_client *client, const abx_control_request *request, json_t **result);

static abx_vm *vm_of(const abx_control_client *client)
{
    return abx_machine_get_vm(client->control->machine);
}

static abx_status answer(json_t **out, json_t *result)
{
    *out = result;
    return result ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "answer");
}

static abx_status answer_state(const abx_control_client *client, json_t **result)
{
    return answer(result, json_pack("{s:s}", "state", abx_vm_state_name(abx_vm_get_state(vm_of(client)))));
}

static abx_status do_status(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    (void)request;
    return answer(result, abx_control_status(client->control));
}

static abx_status do_pause(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    (void)request;
    abx_status status = abx_machine_pause(client->control->machine);
    return status == ABX_OK ? answer_state(client, result) : status;
}

static abx_status do_resume(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    (void)request;
    abx_status status = abx_machine_resume(client->control->machine);
    return status == ABX_OK ? answer_state(client, result) : status;
}

static abx_status do_stop(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    (void)result;
    return abx_control_stop(client, request);
}

static abx_status do_balloon(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    if (request->hint)
        return abx_control_hint(client, request);
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    abx_machine *machine = client->control->machine;
    abx_status status = request->has_size ? abx_machine_balloon_set_target(machine, request->size) : ABX_OK;
    if (status == ABX_OK)
        status = abx_machine_balloon_get_info(machine, &info);
    return status == ABX_OK ? answer(result, abx_control_balloon(&info)) : status;
}

static abx_status do_metrics(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    char *text;
    (void)request;
    abx_status status = abx_metrics_get(client->control->machine, &text);
    if (status != ABX_OK)
        return status;
    status = answer(result, json_pack("{s:s, s:s}", "type", ABX_METRICS_TYPE, "text", text));
    abx_metrics_free(text);
    return status;
}

static abx_status do_events(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    abx_event events[ABX_CONTROL_BACKLOG_MAX];
    (void)result;
    if (client->subscribed)
        return abx_fail(ABX_ERR_STATE, 0, "They come by themselves.", "ask for events a second time");
    size_t count = abx_history_last(&client->control->history, events, request->backlog);
    abx_control_client_say(client, abx_control_result(request->id, json_pack("{s:I}", "backlog", (json_int_t)count)));
    client->subscribed = client->mode == ABX_CONTROL_TALKS;
    for (size_t i = 0; i < count && client->subscribed; i++)
        abx_control_client_say(client, abx_control_event(&events[i]));
    return ABX_OK;
}

static abx_status check_attach(const abx_control_client *client, bool read_only)
{
    static const char what[] = "attach to the console";
    if (!client->control->console)
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "The machine does not share its console.", "%s", what);
    if (client->subscribed || client->stopping)
        return abx_fail(ABX_ERR_STATE, 0, "Use a connection of its own for that.", "%s", what);
    for (const abx_control_client *each = client->control->clients; each; each = each->next)
        if (each->writes && !read_only)
            return abx_fail(ABX_ERR_BUSY, 0, "Somebody is: watch it with read_only.", "%s", what);
    return ABX_OK;
}

static abx_status do_attach(abx_control_client *client, const abx_control_request *request, json_t **result)
{
    (void)result;
    abx_status status = check_attach(client, request->read_only);
    if (status != ABX_OK)
        return status;
    abx_control_client_say(client,
                           abx_control_result(request->id, json_pack("{s:b}", "read_only", request->read_only)));
    if (client->mode != ABX_CONTROL_TALKS)
        return ABX_OK;
    client->writes = !request->read_only;
    abx_control_attach(client, request->backlog);
    return ABX_OK;
}

void abx_control_do(abx_control_client *client, const abx_control_request *request)
{
    static const operation operations[ABX_CONTROL_VERBS] = {
        [ABX_CONTROL_STATUS] = do_status,   [ABX_CONTROL_EVENTS] = do_events, [ABX_CONTROL_PAUSE] = do_pause,
        [ABX_CONTROL_RESUME] = do_resume,   [ABX_CONTROL_STOP] = do_stop,     [ABX_CONTROL_BALLOON] = do_balloon,
        [ABX_CONTROL_METRICS] = do_metrics, [ABX_CONTROL_ATTACH] = do_attach,
    };
    json_t *result = NULL;
    if (operations[request->verb](client, request, &result) != ABX_OK)
        abx_control_client_say(client, abx_control_error(request->id));
    else if (result)
        abx_control_client_say(client, abx_control_result(request->id, result));
}
