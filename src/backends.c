/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"

#include <stdio.h>
#include <string.h>

/* A list ends with an empty name. */
typedef struct requirement {
    size_t offset;
    char name[16];
} requirement;

#define REQUIRED(function)                                                                                             \
    {                                                                                                                  \
        offsetof(abx_backend, function), #function                                                                     \
    }

static const requirement of_all[] = {
    REQUIRED(open), REQUIRED(close), REQUIRED(vm_create), REQUIRED(vm_destroy), { 0, "" }
};
static const requirement of_managed[] = { REQUIRED(vm_start), REQUIRED(vm_stop), { 0, "" } };
static const requirement of_manual[] = { REQUIRED(vcpu_create), REQUIRED(vcpu_destroy),    REQUIRED(vcpu_run),
                                         REQUIRED(vcpu_kick),   REQUIRED(vcpu_clear_kick), { 0, "" } };

/* An array must not be empty, hence the end mark. */
static const abx_backend *const builtin[] = {
#ifdef ABX_WITH_KVM
    &abx_backend_kvm,
#endif
#ifdef ABX_WITH_HVF
    &abx_backend_hvf,
#endif
#ifdef ABX_WITH_VZ
    &abx_backend_vz,
#endif
#ifdef ABX_WITH_QEMU
    &abx_backend_qemu,
#endif
    NULL,
};

const abx_backend *const *abx_builtin_backends(size_t *count)
{
    *count = sizeof(builtin) / sizeof(builtin[0]) - 1;
    return builtin;
}

bool abx_table_has(const void *table, size_t offset)
{
    void (*function)(void);
    memcpy(&function, (const char *)table + offset, sizeof(function));
    return function != NULL;
}

static const char *first_missing(const abx_backend *backend, const requirement *list)
{
    for (; list->name[0]; list++) {
        if (!abx_table_has(backend, list->offset))
            return list->name;
    }
    return NULL;
}

abx_status abx_backend_check(const abx_backend *backend)
{
    if (!backend || backend->size != sizeof(abx_backend))
        return abx_fail(ABX_ERR_INVALID, 0, "The table was compiled for another version of the library.",
                        "use a backend's table");
    if (!backend->name || !backend->name[0] || !backend->description)
        return abx_fail(ABX_ERR_INVALID, 0, "A backend needs a name and a description.", "use a backend's table");

    const char *missing = first_missing(backend, of_all);
    if (!missing)
        missing = first_missing(backend, backend->managed ? of_managed : of_manual);
    if (!missing)
        return ABX_OK;
    char advice[128];
    snprintf(advice, sizeof(advice), "Its table lacks the function %s.", missing);
    return abx_fail(ABX_ERR_INVALID, 0, advice, "use backend %s", backend->name);
}

abx_status abx_fail_absent(const abx_backend *backend, const char *operation)
{
    char advice[160];
    if (backend->managed)
        snprintf(advice, sizeof(advice), "Backend %s is managed: it runs the machine by itself. Use a manual one.",
                 backend->name);
    else
        snprintf(advice, sizeof(advice), "Backend %s cannot do it on this host.", backend->name);
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, advice, "%s", operation);
}

abx_status abx_fail_unmanaged(const abx_backend *backend, const char *operation)
{
    char advice[160];
    if (backend->managed)
        snprintf(advice, sizeof(advice), "Backend %s cannot do it on this host.", backend->name);
    else
        snprintf(advice, sizeof(advice), "Backend %s is manual: that is the VMM's part. Use a managed one.",
                 backend->name);
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, advice, "%s", operation);
}
