/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "disk_errors.h"
#include "device_arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_NS UINT64_C(1000000000)

typedef enum operation { READ, WRITE, OPERATIONS } operation;

struct abx_disk_record {
    const abx_device_config *device;
    uint64_t told_ns[OPERATIONS]; /* 0: not yet */
};

bool abx_disk_errors_init(abx_disk_errors *errors, const abx_parts *parts)
{
    abx_disk_record *list = calloc(parts->count + 1, sizeof(*list));
    if (!list)
        return false;
    for (size_t i = 0; i < parts->count; i++)
        list[i].device = parts->list[i].device;
    *errors = (abx_disk_errors){ list, parts->count };
    return true;
}

void abx_disk_errors_free(abx_disk_errors *errors)
{
    free(errors->list);
    *errors = (abx_disk_errors){ 0 };
}

static abx_disk_record *find(const abx_disk_errors *errors, const char *node)
{
    size_t i = 0;
    for (; node && i < errors->count; i++) {
        char name[32];
        snprintf(name, sizeof(name), ABX_QEMU_DISK "%zu", i);
        if (errors->list[i].device->kind == ABX_DEVICE_BLOCK && strcmp(node, name) == 0)
            return &errors->list[i];
    }
    return &errors->list[errors->count];
}

static const char *name_of(const abx_disk_record *record)
{
    if (!record->device)
        return "a disk";
    const char *path = record->device->block.path;
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* QEMU has only words for it, which are the C library's. What else they may be, the guest is told of EIO. */
static int error_of(const char *reason)
{
    enum { MOST = 4095 }; /* MAX_ERRNO of Linux */
    for (int error = 1; reason && error <= MOST; error++) {
        const char *description = strerrordesc_np(error);
        if (description && strcmp(reason, description) == 0)
            return error;
    }
    return EIO;
}

bool abx_disk_errors_take(abx_disk_errors *errors, const json_t *data, uint64_t now_ns, abx_event *event)
{
    static const char *const names[OPERATIONS] = { "read", "write" };
    const char *said = json_string_value(json_object_get(data, "operation"));
    operation tried = said && strcmp(said, names[READ]) == 0 ? READ : WRITE;
    abx_disk_record *record = find(errors, json_string_value(json_object_get(data, "node-name")));
    uint64_t *told_ns = &record->told_ns[tried];
    if (*told_ns && now_ns - *told_ns < QUIET_NS)
        return false;
    *told_ns = now_ns;
    int error = error_of(json_string_value(json_object_get(data, "reason")));
    *event = (abx_event){ .kind = ABX_EVENT_DISK_ERROR, .vcpu = UINT32_MAX, .code = (uint64_t)error };
    /* A name may be longer than the text; what went wrong is worth more than its end. */
    snprintf(event->text, sizeof(event->text), "%.31s: %s: %s", name_of(record), names[tried], strerrordesc_np(error));
    return true;
}
