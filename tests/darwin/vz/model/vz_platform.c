/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The generic platform and what identifies a machine. */
#include "classes.h"
#include "devices.h"

#include <string.h>

typedef struct identifier {
    struct objc_object base;
    char bytes[VZ_IDENTIFIER_SIZE];
} identifier;
typedef struct platform {
    struct objc_object base;
    id identifier;
    BOOL nested;
} platform;

static const char mark[4] = "mach";

static void identifier_make(id object)
{
    static atomic_ullong number;
    uint64_t own = atomic_fetch_add_explicit(&number, 1, memory_order_relaxed) + 1;
    memcpy(((identifier *)object)->bytes, mark, sizeof mark);
    memcpy(((identifier *)object)->bytes + 8, &own, sizeof own);
}

const void *vz_identifier_bytes(id object)
{
    return ((identifier *)object)->bytes;
}

static id identifier_init_with(id object, SEL selector, id data)
{
    (void)selector;
    if (!model_is_kind(data, "NSData"))
        model_invalid("-[VZGenericMachineIdentifier initWithDataRepresentation:] without data");
    if (model_data_size(data) != VZ_IDENTIFIER_SIZE || memcmp(model_data_bytes(data), mark, sizeof mark) != 0 ||
        model_fails("initWithDataRepresentation:"))
        return model_init_failed(object);
    memcpy(((identifier *)object)->bytes, model_data_bytes(data), VZ_IDENTIFIER_SIZE);
    return object;
}

static id identifier_data(id object, SEL selector)
{
    (void)selector;
    if (model_fails("dataRepresentation"))
        return NULL;
    return model_autorelease(model_data(((identifier *)object)->bytes, VZ_IDENTIFIER_SIZE));
}

static const model_method identifier_methods[] = {
    METHOD('-', "initWithDataRepresentation:", "@@:@", identifier_init_with, ALWAYS, 0),
    METHOD('-', "dataRepresentation", "@@:", identifier_data, ALWAYS, 0),
};
const model_class model_vz_machine_identifier = { .name = "VZGenericMachineIdentifier",
                                                  .super = "NSObject",
                                                  .size = sizeof(identifier),
                                                  .init = identifier_make,
                                                  .since = MACOS(13, 0),
                                                  METHODS(identifier_methods) };

static BOOL nested_is_supported(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    return model.nested && !model.intel;
}

static const model_method platform_methods[] = {
    METHOD('+', "isNestedVirtualizationSupported", "B@:", nested_is_supported, MACOS(15, 0), 0),
};
static const model_property platform_properties[] = {
    { "machineIdentifier", NULL, '@', COPIED, offsetof(platform, identifier), MACOS(13, 0),
      "VZGenericMachineIdentifier", NULL },
    { "nestedVirtualizationEnabled", "isNestedVirtualizationEnabled", 'B', PLAIN, offsetof(platform, nested),
      MACOS(15, 0), NULL, NULL },
};
const model_class model_vz_platform = {
    .name = "VZPlatformConfiguration", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(12, 0)
};
const model_class model_vz_generic_platform = { .name = "VZGenericPlatformConfiguration",
                                                .super = "VZPlatformConfiguration",
                                                .size = sizeof(platform),
                                                .since = MACOS(12, 0),
                                                METHODS(platform_methods),
                                                PROPERTIES(platform_properties) };

id vz_platform_identifier(id object)
{
    return object ? ((platform *)object)->identifier : NULL;
}

const char *vz_platform_problem(id object)
{
    if (object && ((platform *)object)->nested && !nested_is_supported(NULL, NULL))
        return "Nested virtualization is not supported.";
    return NULL;
}
