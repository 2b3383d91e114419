/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A client that has asked which of the guest's memory is free: it is answered when the guest is. */
#include "control/answer.h"
#include "control/server.h"

#include <time.h>

static uint64_t now_ns(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    abx_control *control = payload;
    abx_control_client *client = control->hinter;
    if (!client)
        return;
    control->hinter = NULL;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += ranges[i].length;
    abx_control_client_say(
        client, status == ABX_OK ? abx_control_result(control->hint_id,
                                                      abx_control_hinted(bytes, count, now_ns() - control->hint_ns))
                                 : abx_control_error(control->hint_id));
    json_decref(control->hint_id);
    control->hint_id = NULL;
    abx_control_client_settle(client);
}

abx_status abx_control_hint(abx_control_client *client, const abx_control_request *request)
{
    abx_control *control = client->control;
    if (request->has_size)
        return abx_fail(ABX_ERR_INVALID, 0, "Give it either a size or hint.", "take request 'balloon'");
    uint64_t began = now_ns();
    abx_status status = abx_machine_balloon_hint(control->machine, hinted, control);
    if (status != ABX_OK)
        return status;
    control->hinter = client;
    control->hint_id = json_incref(request->id);
    control->hint_ns = began;
    return ABX_OK;
}

void abx_control_drop_hint(abx_control_client *client)
{
    abx_control *control = client->control;
    if (control->hinter != client)
        return;
    control->hinter = NULL;
    json_decref(control->hint_id);
    control->hint_id = NULL;
    (void)abx_machine_balloon_cancel_hint(control->machine);
}

void abx_control_end_hint(abx_control *control)
{
    if (control->hinter)
        (void)abx_machine_balloon_cancel_hint(control->machine);
}
