/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Selectors: one address per name, found without a lock so that nothing gets ordered by it. */
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

struct objc_selector {
    struct objc_selector *next;
    char name[];
};

enum { BUCKETS = 256 };
static struct objc_selector *_Atomic buckets[BUCKETS];

static unsigned bucket_of(const char *name)
{
    unsigned hash = 5381;
    while (*name)
        hash = hash * 33 + (unsigned char)*name++;
    return hash % BUCKETS;
}

static SEL find(SEL first, const char *name)
{
    while (first && strcmp(first->name, name) != 0)
        first = first->next;
    return first;
}

SEL sel_registerName(const char *name)
{
    if (!name)
        model_die("sel_registerName of NULL");
    struct objc_selector *_Atomic *bucket = &buckets[bucket_of(name)];
    SEL first = atomic_load_explicit(bucket, memory_order_acquire), known = find(first, name);
    if (known)
        return known;
    SEL made = model_memory(sizeof *made + strlen(name) + 1);
    memcpy(made->name, name, strlen(name) + 1);
    made->next = first;
    while (
        !atomic_compare_exchange_weak_explicit(bucket, &made->next, made, memory_order_release, memory_order_acquire)) {
        known = find(made->next, name);
        if (known) {
            free(made);
            return known;
        }
    }
    return made;
}

const char *model_selector_name(SEL selector)
{
    return selector ? selector->name : "<null selector>";
}
