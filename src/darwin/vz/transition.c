/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "transition.h"
#include "block.h"
#include "foundation.h"
#include "vz_api.h"

typedef struct attempt {
    const abx_vz_vm *vm;
    const abx_vz_transition *transition;
    abx_completion *completion;
    abx_vz_fault *fault;
    bool begun;
} attempt;

static void begin(void *context)
{
    attempt *a = context;
    const abx_vz_transition *t = a->transition;
    id url = NULL;
    if (!t->allowed(a->vm->machine)) {
        abx_vz_wrong_state(a->vm, a->fault);
        return;
    }
    if (t->send_url) {
        url = abx_ns_file_url(t->path);
        if (!url) {
            abx_vz_fault_set(a->fault, ABX_ERR_INVALID, "The path must not be empty, and it must be UTF-8.");
            return;
        }
    }
    abx_block handler;
    abx_block_begin(&handler, a->completion);
    a->begun = true;
    if (t->send_url)
        t->send_url(a->vm->machine, url, &handler);
    else
        t->send(a->vm->machine, &handler);
    abx_block_end(&handler);
}

abx_status abx_vz_transition_run(abx_vz_vm *vm, const abx_vz_transition *transition, bool *begun, abx_vz_fault *fault)
{
    attempt a = { .vm = vm, .transition = transition, .fault = fault };
    *begun = false;
    *fault = (abx_vz_fault){ .status = ABX_OK };
    abx_status status = abx_vz_queue_may_wait(vm->queue, transition->operation);
    if (status == ABX_OK)
        status = abx_completion_new(&a.completion);
    if (status != ABX_OK)
        return status;
    abx_vz_queue_call(vm->queue, begin, &a);
    if (a.begun)
        abx_completion_wait(a.completion, transition->timeout_ms, fault, NULL);
    abx_completion_release(a.completion);
    *begun = a.begun;
    return abx_vz_fault_report(fault, transition->operation);
}
