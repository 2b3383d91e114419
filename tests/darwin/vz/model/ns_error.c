/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NSError. */
#include "classes.h"
#include "foundation.h"

#include <stddef.h>

typedef struct ns_error {
    struct objc_object base;
    int64_t code;
    id domain, description, reason;
} ns_error;

id model_error(const char *domain, long code, const char *text)
{
    ns_error *error = (ns_error *)model_new("NSError");
    error->code = code;
    error->domain = model_string(domain);
    error->description = model_string(text);
    return model_autorelease((id)error);
}

id model_vz_error(long code, const char *text)
{
    return model_error("VZErrorDomain", code, text);
}

bool model_report(id *error, long code, const char *text)
{
    if (error)
        *error = model_vz_error(code, text);
    return false;
}

static const model_property properties[] = {
    { "code", NULL, 'q', READ_ONLY, offsetof(ns_error, code), ALWAYS, NULL, NULL },
    { "domain", NULL, '@', READ_ONLY, offsetof(ns_error, domain), ALWAYS, NULL, NULL },
    { "localizedDescription", NULL, '@', READ_ONLY, offsetof(ns_error, description), ALWAYS, NULL, NULL },
    { "localizedFailureReason", NULL, '@', READ_ONLY, offsetof(ns_error, reason), ALWAYS, NULL, NULL },
};
const model_class model_ns_error = {
    .name = "NSError", .super = "NSObject", .size = sizeof(ns_error), .flags = NO_PLAIN_INIT, PROPERTIES(properties)
};
