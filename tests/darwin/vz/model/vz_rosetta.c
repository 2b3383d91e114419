/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Rosetta's share: only on Apple silicon. */
#include "block.h"
#include "classes.h"
#include "devices.h"
#include "machine.h"
#include "queue.h"

#include <stdlib.h>
#include <string.h>

typedef struct rosetta {
    struct objc_object base;
    id unused; /* where other shares have their content */
    id options;
} rosetta;
typedef struct caching {
    struct objc_object base;
    id place;
} caching;

enum { NOT_SUPPORTED, NOT_INSTALLED, INSTALLED };
enum { ERROR_NOT_SUPPORTED = 10 };
enum { LONGEST_PATH = 107, LONGEST_NAME = 106 };

static int64_t availability(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.rosetta;
}

static id rosetta_init(id object, SEL selector, id *error)
{
    (void)selector;
    if (model.rosetta == INSTALLED && !model_fails("initWithError:"))
        return object;
    model_report(error, ERROR_NOT_SUPPORTED, "Rosetta is not installed.");
    return model_init_failed(object);
}

typedef struct installation {
    void *block;
    long code;
} installation;

static void install(void *context)
{
    installation *it = context;
    if (!it->code)
        model.rosetta = INSTALLED;
    model_block_call(it->block, it->code ? model_vz_error(it->code, "Rosetta could not be installed.") : NULL);
    model_block_drop(it->block);
    free(it);
}

/* The handler comes on a queue of the framework's own. */
static void rosetta_install(Class class, SEL selector, const void *block)
{
    (void)class;
    (void)selector;
    installation *it = model_memory(sizeof *it);
    it->block = model_block_keep(block, "v@?@");
    it->code = model.rosetta == NOT_SUPPORTED ? ERROR_NOT_SUPPORTED : model_operation_fails("install", NULL);
    dispatch_queue_t queue = model_own_queue();
    model_complete(queue, it, install);
    dispatch_release(queue);
}

static const model_method rosetta_methods[] = {
    METHOD('+', "availability", "q@:", availability, ALWAYS, 0),
    METHOD('+', "installRosettaWithCompletionHandler:", "v@:@?", rosetta_install, ALWAYS, 0),
    METHOD('-', "initWithError:", "@@:^@", rosetta_init, ALWAYS, 0),
};
static const model_property rosetta_properties[] = {
    { "options", NULL, '@', COPIED, offsetof(rosetta, options), MACOS(14, 0), "VZLinuxRosettaCachingOptions", NULL },
};
const model_class model_vz_rosetta = { .name = "VZLinuxRosettaDirectoryShare",
                                       .super = "VZDirectoryShare",
                                       .size = sizeof(rosetta),
                                       .flags = NO_PLAIN_INIT | ARM64_ONLY,
                                       .since = MACOS(13, 0),
                                       METHODS(rosetta_methods),
                                       PROPERTIES(rosetta_properties) };

static id caching_init(id object, id place, size_t longest, id *error)
{
    if (!model_is_kind(place, "NSString"))
        model_invalid("Rosetta's caching without a place");
    if (strlen(model_text(place)) > longest || model_fails("Rosetta's caching options")) {
        model_report(error, 2, "The place of Rosetta's cache is too long.");
        return model_init_failed(object);
    }
    model_set(&((caching *)object)->place, place);
    return object;
}

static id unix_init(id object, SEL selector, id path, id *error)
{
    (void)selector;
    return caching_init(object, path, LONGEST_PATH, error);
}

static id abstract_init(id object, SEL selector, id name, id *error)
{
    (void)selector;
    return caching_init(object, name, LONGEST_NAME, error);
}

const model_class model_vz_rosetta_caching = { .name = "VZLinuxRosettaCachingOptions",
                                               .super = "NSObject",
                                               .size = sizeof(caching),
                                               .flags = ABSTRACT | ARM64_ONLY,
                                               .since = MACOS(14, 0) };
static const model_method unix_methods[] = { METHOD('-', "initWithPath:error:", "@@:@^@", unix_init, ALWAYS, 0) };
static const model_property unix_properties[] = {
    { "path", NULL, '@', READ_ONLY, offsetof(caching, place), ALWAYS, NULL, NULL },
};
const model_class model_vz_rosetta_unix = { .name = "VZLinuxRosettaUnixSocketCachingOptions",
                                            .super = "VZLinuxRosettaCachingOptions",
                                            .size = sizeof(caching),
                                            .flags = NO_PLAIN_INIT | ARM64_ONLY,
                                            .since = MACOS(14, 0),
                                            METHODS(unix_methods),
                                            PROPERTIES(unix_properties) };
static const model_method abstract_methods[] = {
    METHOD('-', "initWithName:error:", "@@:@^@", abstract_init, ALWAYS, 0),
};
static const model_property abstract_properties[] = {
    { "name", NULL, '@', READ_ONLY, offsetof(caching, place), ALWAYS, NULL, NULL },
};
const model_class model_vz_rosetta_abstract = { .name = "VZLinuxRosettaAbstractSocketCachingOptions",
                                                .super = "VZLinuxRosettaCachingOptions",
                                                .size = sizeof(caching),
                                                .flags = NO_PLAIN_INIT | ARM64_ONLY,
                                                .since = MACOS(14, 0),
                                                METHODS(abstract_methods),
                                                PROPERTIES(abstract_properties) };
