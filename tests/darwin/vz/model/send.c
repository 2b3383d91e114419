/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What objc_msgSend does before it jumps. */
#include "runtime.h"

#include <string.h>

/* What a message to nil does. */
static uint64_t answer_zero(void)
{
    return 0;
}

static bool needs_no_init(const char *name)
{
    return strcmp(name, "retain") == 0 || strcmp(name, "release") == 0 || strcmp(name, "autorelease") == 0 ||
           strcmp(name, "dealloc") == 0;
}

static void check_initialised(id receiver, const char *name)
{
    /* "init" as a word: initialRamdiskURL is none of that family. */
    bool initialises = strncmp(name, "init", 4) == 0 && !(name[4] >= 'a' && name[4] <= 'z');
    if (receiver->initialised) {
        if (initialises)
            model_die("%s is initialised twice, by %s", receiver->isa->name, name);
    } else if (initialises) {
        receiver->initialised = true;
    } else if (!needs_no_init(name)) {
        model_die("%s is sent to %s, which is allocated but not initialised", name, receiver->isa->name);
    }
}

IMP model_lookup(id receiver, SEL selector)
{
    if (!selector)
        model_die("a message without a selector");
    if (!receiver)
        return (IMP)answer_zero;
    const char *name = model_selector_name(selector);
    model_check(receiver, name);
    Method method = model_method_of(receiver->isa, selector);
    bool class_method = receiver->isa->meta;
    const char *class_name = class_method ? ((Class)receiver)->name : receiver->isa->name;
    if (!method)
        model_raise("NSInvalidArgumentException", "%c[%s %s]: unrecognized selector", class_method ? '+' : '-',
                    class_name, name);
    model_check_pool(class_method ? (Class)receiver : receiver->isa, name);
    if (!class_method)
        check_initialised(receiver, name);
    return method->implementation;
}
