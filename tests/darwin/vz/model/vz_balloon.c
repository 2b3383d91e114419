/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The memory balloon: a wish, in whole MiB and within limits. */
#include "classes.h"
#include "foundation.h"
#include "machine.h"

typedef struct balloon {
    struct objc_object base;
    vz_machine *machine; /* NULL when it is gone */
    uint64_t memory, target;
} balloon;

id vz_make_balloon(vz_machine *machine, uint64_t memory)
{
    balloon *it = (balloon *)model_new("VZVirtioTraditionalMemoryBalloonDevice");
    it->machine = machine;
    it->memory = it->target = memory;
    return (id)it;
}

void vz_part_balloon(id object)
{
    if (object)
        ((balloon *)object)->machine = NULL;
    objc_release(object);
}

static void check(const balloon *it, SEL member)
{
    if (!it->machine)
        model_die("%s of a balloon whose machine is gone", model_selector_name(member));
    vz_on_queue(it->machine, member);
}

static uint64_t get_target(balloon *it, SEL member)
{
    check(it, member);
    return it->target;
}

static void set_target(balloon *it, SEL member, uint64_t target)
{
    check(it, member);
    target -= target % (1 << 20);
    if (target < model.memory_limits[0])
        target = model.memory_limits[0];
    it->target = target > it->memory ? it->memory : target;
}

static const model_method methods[] = {
    METHOD('-', "targetVirtualMachineMemorySize", "Q@:", get_target, ALWAYS, 0),
    METHOD('-', "setTargetVirtualMachineMemorySize:", "v@:Q", set_target, ALWAYS, 0),
};
const model_class model_vz_balloon_member = { .name = "VZMemoryBalloonDevice", .super = "NSObject", .flags = ABSTRACT };
const model_class model_vz_virtio_balloon_member = { .name = "VZVirtioTraditionalMemoryBalloonDevice",
                                                     .super = "VZMemoryBalloonDevice",
                                                     .size = sizeof(balloon),
                                                     .flags = NO_PLAIN_INIT,
                                                     METHODS(methods) };
