/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What takes time: start, stop, pause, resume, save, restore. Each goes through a state of its own and ends on the
 * queue. */
#include "block.h"
#include "devices.h"
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct kind {
    const char *name;
    unsigned from; /* set of states */
    enum vz_error refusal;
    int64_t via, to;
} kind;
#define IN(state) (1u << (state))

static const kind start = { "start", IN(VZ_STOPPED) | IN(VZ_ERROR), VZ_WRONG_TRANSITION, VZ_STARTING, VZ_RUNNING };
static const kind stop = { "stop", IN(VZ_RUNNING) | IN(VZ_PAUSED), VZ_WRONG_TRANSITION, VZ_STOPPING, VZ_STOPPED };
static const kind pause_it = { "pause", IN(VZ_RUNNING), VZ_WRONG_TRANSITION, VZ_PAUSING, VZ_PAUSED };
static const kind resume = { "resume", IN(VZ_PAUSED), VZ_WRONG_TRANSITION, VZ_RESUMING, VZ_RUNNING };
static const kind save = { "save", IN(VZ_PAUSED), VZ_WRONG_STATE, VZ_SAVING, VZ_PAUSED };
static const kind restore = { "restore", IN(VZ_STOPPED), VZ_WRONG_TRANSITION, VZ_RESTORING, VZ_PAUSED };

typedef struct operation {
    const kind *kind;
    vz_machine *machine;
    void *block;
    id url;
    bool allowed;
    int64_t before; /* where a failure leads back to */
    long code;
} operation;

/* What is saved is the machine's identity: only the same machine can be restored. */
typedef struct saved {
    char magic[8], identifier[VZ_IDENTIFIER_SIZE];
    uint64_t cpus, memory;
} saved;

static saved picture(const vz_machine *machine)
{
    const vz_configuration *configuration = (const vz_configuration *)machine->configuration;
    saved it = { .magic = "saved", .cpus = configuration->cpus, .memory = configuration->memory };
    id identifier = vz_platform_identifier(configuration->platform);
    if (identifier)
        memcpy(it.identifier, vz_identifier_bytes(identifier), VZ_IDENTIFIER_SIZE);
    return it;
}

static long write_file(const operation *it)
{
    saved state = picture(it->machine);
    FILE *file = model.can_save ? fopen(model_path(it->url), "wbe") : NULL;
    if (!file)
        return VZ_NOT_SAVED;
    bool written = fwrite(&state, sizeof state, 1, file) == 1;
    return fclose(file) == 0 && written ? 0 : VZ_NOT_SAVED;
}

static long read_file(const operation *it)
{
    saved state = picture(it->machine), other;
    FILE *file = fopen(model_path(it->url), "rbe");
    if (!file)
        return VZ_NOT_RESTORED;
    bool same = fread(&other, sizeof other, 1, file) == 1 && memcmp(&state, &other, sizeof state) == 0;
    fclose(file);
    return same ? 0 : VZ_NOT_RESTORED;
}

static long carry_out(const operation *it)
{
    return it->code ? it->code : it->kind == &save ? write_file(it) : it->kind == &restore ? read_file(it) : 0;
}

static id outcome(operation *it)
{
    if (!it->allowed)
        return model_vz_error(it->kind->refusal, "Invalid virtual machine state for this operation.");
    if (it->machine->state != it->kind->via)
        return model_vz_error(VZ_WRONG_TRANSITION, "The virtual machine has stopped meanwhile.");
    long code = carry_out(it);
    vz_enter(it->machine, code ? it->before : it->kind->to);
    return code ? model_vz_error(code, "The operation failed.") : NULL;
}

static void finish(void *context)
{
    operation *it = context;
    model_block_call(it->block, outcome(it));
    model_block_drop(it->block);
    objc_release((id)it->machine);
    objc_release(it->url);
    free(it);
}

static void begin(vz_machine *machine, SEL member, const kind *what, id url, const void *block)
{
    vz_on_queue(machine, member);
    operation *it = model_memory(sizeof *it);
    *it = (operation){ .kind = what, .machine = machine, .url = objc_retain(url), .before = machine->state };
    objc_retain((id)machine);
    it->block = model_block_keep(block, "v@?@");
    it->allowed = what->from & IN(machine->state);
    if (it->allowed) {
        it->code = model_operation_fails(what->name, &it->before);
        machine->state = what->via;
    }
    model_complete(machine->queue, it, finish);
}

static void machine_start(vz_machine *machine, SEL member, const void *block)
{
    begin(machine, member, &start, NULL, block);
}

static void machine_stop(vz_machine *machine, SEL member, const void *block)
{
    begin(machine, member, &stop, NULL, block);
}

static void machine_pause(vz_machine *machine, SEL member, const void *block)
{
    begin(machine, member, &pause_it, NULL, block);
}

static void machine_resume(vz_machine *machine, SEL member, const void *block)
{
    begin(machine, member, &resume, NULL, block);
}

static id file(id url, SEL member)
{
    if (!model_is_kind(url, "NSURL"))
        model_invalid("-[VZVirtualMachine %s] without a file", model_selector_name(member));
    return url;
}

static void machine_save(vz_machine *machine, SEL member, id url, const void *block)
{
    begin(machine, member, &save, file(url, member), block);
}

static void machine_restore(vz_machine *machine, SEL member, id url, const void *block)
{
    begin(machine, member, &restore, file(url, member), block);
}

const model_method vz_operations[VZ_OPERATION_COUNT] = {
    METHOD('-', "startWithCompletionHandler:", "v@:@?", machine_start, ALWAYS, 0),
    METHOD('-', "stopWithCompletionHandler:", "v@:@?", machine_stop, MACOS(12, 0), 0),
    METHOD('-', "pauseWithCompletionHandler:", "v@:@?", machine_pause, ALWAYS, 0),
    METHOD('-', "resumeWithCompletionHandler:", "v@:@?", machine_resume, ALWAYS, 0),
    METHOD('-', "saveMachineStateToURL:completionHandler:", "v@:@@?", machine_save, MACOS(14, 0), ARM64_ONLY),
    METHOD('-', "restoreMachineStateFromURL:completionHandler:", "v@:@@?", machine_restore, MACOS(14, 0), ARM64_ONLY),
};
