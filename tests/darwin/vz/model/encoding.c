/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Type encodings with the offsets that compilers put after each argument. */
#include "runtime.h"

#include <stdio.h>
#include <string.h>

/* The length of the type at the beginning of `types`: qualifiers and stars, then one letter; a block is "@?". */
static size_t type_length(const char *types)
{
    size_t length = strspn(types, "rnNoORVA^");
    if (types[length] == '\0' || strchr("{[(", types[length]))
        model_die("the model does not know the type %s", types);
    length++;
    return length + (types[length] == '?');
}

static unsigned type_size(const char *type)
{
    type += strspn(type, "rnNoORVA");
    return strchr("cCBsSiI", *type) ? 4 : *type == 'v' ? 0 : 8;
}

static unsigned arguments_size(const char *types)
{
    unsigned size = 0;
    for (types += type_length(types); *types; types += type_length(types))
        size += type_size(types);
    return size;
}

char *model_encoding(const char *types)
{
    enum { ROOM = 128 };
    char *text = model_memory(ROOM);
    /* After the result comes the size of all arguments, after each argument where it is. */
    unsigned number = arguments_size(types), next = 0;
    for (size_t used = 0; *types;) {
        size_t length = type_length(types);
        used += (size_t)snprintf(text + used, ROOM - used, "%.*s%u", (int)length, types, number);
        types += length;
        number = next;
        next += *types ? type_size(types) : 0;
    }
    for (char *at = text; *at; at++)
        if (*at == 'B')
            *at = VZ_BOOL[0];
    return text;
}
