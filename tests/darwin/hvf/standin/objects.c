/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Objects that a create function gives and os_release() takes back. */
#include "model.h"

#include <stdlib.h>

#define ALIVE UINT64_C(0x6f626a6563740a01)

typedef struct header {
    uint64_t mark;
    uint64_t unused; /* what follows is aligned as by malloc() */
} header;

static atomic_uint alive;

void *model_object(const char *kind, size_t size)
{
    header *object = calloc(1, sizeof(header) + size);
    if (!object)
        model_broken(kind, "out of memory");
    object->mark = ALIVE;
    alive++;
    return object + 1;
}

void os_release(void *object)
{
    if (!object)
        model_broken("os_release", "NULL");
    header *head = (header *)object - 1;
    if (head->mark != ALIVE)
        model_broken("os_release", "no object, or released before");
    head->mark = 0;
    alive--;
    free(head);
}

unsigned model_objects(void)
{
    return alive;
}
