/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compares backend vz's table of classes and methods with the Objective-C runtime of the Mac that it runs on. Needs no
 * entitlement: it calls nothing but the runtime. Prints what differs and a summary; status 1 when something differs.
 */
#include "darwin/availability.h"
#include "darwin/vz/host.h"
#include "darwin/vz/objc_abi.h"

#include <stdio.h>
#include <string.h>

typedef struct tally {
    unsigned same, different, newer, unseen;
} tally;

static void differ(tally *t, char kind, const char *class, const char *selector, const char *expected,
                   const char *found)
{
    printf("%c[%s %s]: expected %s, found %s\n", kind, class, selector, expected, found);
    t->different++;
}

/* The runtime's encodings have the offsets of arguments between the letters. */
static void without_offsets(char *to, size_t size, const char *from)
{
    size_t length = 0;
    for (; *from && length + 1 < size; from++) {
        if (*from < '0' || *from > '9')
            to[length++] = *from;
    }
    to[length] = '\0';
}

static void compare(tally *t, char kind, const char *class, const char *selector, const char *expected,
                    const char *types)
{
    char found[64];
    without_offsets(found, sizeof(found), types);
    if (strcmp(found, expected) == 0)
        t->same++;
    else
        differ(t, kind, class, selector, expected, found);
}

static void check_class(tally *t, const char *name)
{
    if (objc_getClass(name)) {
        t->same++;
        return;
    }
    printf("%s: there is no such class\n", name);
    t->different++;
}

static void check_method(tally *t, const char *name, char kind, const char *selector, const char *expected)
{
    Class class = objc_getClass(name);
    Method method = NULL;
    if (class && kind == '+')
        method = class_getClassMethod(class, sel_registerName(selector));
    else if (class)
        method = class_getInstanceMethod(class, sel_registerName(selector));
    if (method)
        compare(t, kind, name, selector, expected, method_getTypeEncoding(method));
    else
        differ(t, kind, name, selector, expected, "nothing");
}

/* A protocol is known to the runtime only where somebody refers to it. */
static void check_callback(tally *t, const char *name, const char *selector, const char *expected)
{
    Protocol *protocol = objc_getProtocol(name);
    if (!protocol) {
        t->unseen++;
        return;
    }
    struct objc_method_description method =
        protocol_getMethodDescription(protocol, sel_registerName(selector), false, true);
    if (method.types)
        compare(t, '-', name, selector, expected, method.types);
    else
        differ(t, '-', name, selector, expected, "nothing");
}

#define ANY_HERE   true
#define ARM64_HERE ABX_VZ_ON_ARM64
#define WHERE(archs, major, minor, check)                                                                              \
    if (!archs##_HERE)                                                                                                 \
        t.newer++;                                                                                                     \
    else if (ABX_MACOS_AT_LEAST(major, minor))                                                                         \
        check;                                                                                                         \
    else                                                                                                               \
        t.newer++;
#define VZ_CLASS(class, major, minor, archs) WHERE(archs, major, minor, check_class(&t, #class))
#define VZ_METHOD(class, kind, selector, encoding, major, minor, archs)                                                \
    WHERE(archs, major, minor, check_method(&t, #class, kind, selector, encoding))
#define VZ_CALLBACK(protocol, selector, encoding, major, minor)                                                        \
    WHERE(ANY, major, minor, check_callback(&t, #protocol, selector, encoding))
#define VZ_VALUE(enumeration, name, value)

int main(void)
{
    tally t = { 0 };
#include "darwin/vz/vz_api.def"
    printf("vz: %u classes and methods as in the table, %u different, %u not of this Mac, %u not visible\n", t.same,
           t.different, t.newer, t.unseen);
    return t.different ? 1 : 0;
}
