/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Classes, objects and what all sources of the model have in common. */
#ifndef MODEL_RUNTIME_H
#define MODEL_RUNTIME_H

#include "model.h"

#include <stdatomic.h>

#define MACOS(major, minor) ((major)*100 + (minor))
enum { ALWAYS = 0 };
enum { ARM64_ONLY = 1, ABSTRACT = 2, NO_PLAIN_INIT = 4 };

/* Every object begins with this. */
struct objc_object {
    Class isa;
    uint32_t life; /* one of enum model_life */
    atomic_bool initialised;
    atomic_long count;
    size_t size;
    id next_dead;
};

/* A method of the model. In `types`, without offsets, B stands for BOOL of the Mac's architecture. */
typedef struct model_method {
    char kind; /* '+' or '-' */
    const char *selector, *types;
    IMP implementation;
    int since; /* MACOS(…) or ALWAYS */
    int flags; /* ARM64_ONLY */
} model_method;
#define METHOD(kind, selector, types, function, since, flags)                                                          \
    {                                                                                                                  \
        kind, selector, types, (IMP)(function), since, flags                                                           \
    }

/* A property: the model makes its getter and its setter. */
typedef enum { PLAIN, RETAINED, COPIED, READ_ONLY } model_ownership;
typedef struct model_property {
    const char *name, *getter; /* getter NULL: the same as the name */
    char type;                 /* '@', 'B', 'I', 'Q' or 'q' */
    model_ownership ownership;
    size_t offset;
    int since;
    const char *kind, *element; /* of an object: its class, and that of an array's elements */
} model_property;

typedef struct model_class {
    const char *name, *super;
    size_t size;
    void (*init)(id object); /* what a plain init does beyond zeroes */
    void (*dealloc)(id object);
    int since, flags;
    const model_method *methods;
    size_t method_count;
    const model_method *more_methods; /* from another source */
    size_t more_count;
    const model_property *properties;
    size_t property_count;
} model_class;
#define METHODS(table)    .methods = (table), .method_count = sizeof(table) / sizeof(*(table))
#define PROPERTIES(table) .properties = (table), .property_count = sizeof(table) / sizeof(*(table))

/* Ends the program: a rule is broken. */
_Noreturn void model_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* An Objective-C exception: from C nobody catches it. */
_Noreturn void model_raise(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define model_invalid(...) model_raise("NSInvalidArgumentException", __VA_ARGS__)
/* Memory of the model's own: there is always enough. */
void *model_memory(size_t size);

/* Is what came with this version, under these flags, there on the Mac that is set? */
bool model_exists(int since, int flags);
/* One of the calls that can fail. */
bool model_fails(const char *name);

/* Classes. */
struct objc_method {
    SEL selector;
    const char *types;    /* as it was given, in the model's own with B for BOOL */
    const char *encoding; /* what the program gets to see */
    IMP implementation;
    int since, flags;
    Method next;
};
struct objc_class {
    struct objc_object base; /* isa: the class of class methods */
    Class super;
    const char *name;
    size_t size;
    Method methods;
    const model_class *origin; /* NULL: made by the program */
    atomic_bool registered;
    bool meta;
    atomic_long alive;
    Class next;
};
/* Makes the class known; its superclass comes first. */
void model_define(const model_class *origin);
const char *model_selector_name(SEL selector);
Class model_class_named(const char *name);
Method model_method_of(Class class, SEL selector);
void model_add_method(Class class, const model_method *method);
void model_add_properties(Class class);
void model_release_properties(id object, const model_class *origin);
bool model_is_kind(id object, const char *class_name);
bool model_responds(id object, const char *selector);
/* Dies unless the object answers `selector`, if at all, with exactly this encoding (without offsets, B for BOOL). */
void model_check_callback(id object, const char *selector, const char *types);
/* The method that a message calls; dies when there is none. */
IMP model_lookup(id receiver, SEL selector);
void model_check_delegate(id delegate, const char *protocol);
/* Are these encodings the same, offsets aside, where the second has B for BOOL? */
bool model_same_types(const char *given, const char *wanted);
/* "v@:B" as compilers write it, "v20@0:8B16", with the letter of BOOL. */
char *model_encoding(const char *types);

/* Objects. A new one belongs to who asks for it. */
enum model_life { MODEL_LIVE = 0x6c697665, MODEL_DEAD = 0x64656164 };
id model_new(const char *class_name);
id model_allocate(Class class, size_t extra); /* not initialised */
id model_autorelease(id object);
/* Ends the program where no pool is and the class is one of the framework's: it may autorelease whatever it does. */
void model_check_pool(Class class, const char *use);
/* Dies unless it is nil or a living object. */
void model_check(id object, const char *use);
/* Gives the object up and answers nil: for initialisers that fail. */
id model_init_failed(id object);
id model_copy(id object);
/* Replaces a reference that is held by one to `value`. */
void model_set(id *place, id value);

/* References that become nil with their object. */
void model_set_weak(id *place, id value);
id model_load_weak(id *place); /* retained */
void model_forget_weak(id object);

/* Appends "3 NSString, " and so on for what is alive. */
size_t model_list_alive(char *text, size_t size);
long model_open_pools(void);
long model_live_blocks(void);
long model_live_queues(void);
long model_live_semaphores(void);

#endif
