/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a machine does by itself. It is carried out on the queue, as soon as that is free. */
#include "foundation.h"
#include "machine.h"

#include <stdlib.h>
#include <string.h>

typedef struct happening {
    vz_machine *machine;
    long code;
    size_t index;
} happening;

static void happens(id machine, long code, size_t index, dispatch_function_t work)
{
    machine = vz_retain_machine(machine);
    if (!machine)
        return;
    happening *it = model_memory(sizeof *it);
    *it = (happening){ (vz_machine *)machine, code, index };
    model_queue_async(it->machine->queue, it, work);
}

static void over(happening *it)
{
    objc_release((id)it->machine);
    free(it);
}

static bool is_on(int64_t state)
{
    return state != VZ_STOPPED && state != VZ_ERROR && state != VZ_STARTING && state != VZ_RESTORING;
}

/* Arguments that a method does not take are not seen by it. */
static void tell(const happening *it, const char *name, id second, id third)
{
    SEL selector = sel_registerName(name);
    id delegate = model_load_weak(&it->machine->delegate);
    if (model_responds(delegate, name)) {
        IMP method = model_lookup(delegate, selector);
        ((void (*)(id, SEL, id, id, id))method)(delegate, selector, (id)it->machine, second, third);
    }
    objc_release(delegate);
}

static void end(void *context)
{
    happening *it = context;
    if (is_on(it->machine->state)) {
        vz_enter(it->machine, it->code ? VZ_ERROR : VZ_STOPPED);
        if (it->code)
            tell(it,
                 "virtualMachine:didStopWithError:", model_vz_error(it->code, "The guest has stopped with an error."),
                 NULL);
        else
            tell(it, "guestDidStopVirtualMachine:", NULL, NULL);
    }
    over(it);
}

static void disconnect(void *context)
{
    happening *it = context;
    if (it->index >= it->machine->network_count)
        model_die("the machine has no network device %zu", it->index);
    if (model_exists(MACOS(12, 0), 0))
        tell(it, "virtualMachine:networkDevice:attachmentWasDisconnectedWithError:", it->machine->networks[it->index],
             model_vz_error(it->code, "The network is gone."));
    over(it);
}

void model_guest_power_off(id machine)
{
    happens(machine, 0, 0, end);
}

void model_guest_crash(id machine, long code)
{
    happens(machine, code, 0, end);
}

void model_guest_disconnect(id machine, size_t index, long code)
{
    happens(machine, code, index, disconnect);
}

typedef struct speech {
    vz_machine *machine;
    char *text;
} speech;

static void say(void *context)
{
    speech *it = context;
    if (!it->machine->guest)
        model_die("no guest runs that could say something");
    model_guest_say(it->machine->guest, it->text);
    objc_release((id)it->machine);
    free(it->text);
    free(it);
}

void model_guest_print(id machine, const char *text)
{
    speech *it = model_memory(sizeof *it);
    *it = (speech){ (vz_machine *)objc_retain(machine), strdup(text) };
    model_queue_async(it->machine->queue, it, say);
}
