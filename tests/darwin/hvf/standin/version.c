/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which macOS is played, and what else a test decides about the host. */
#include "model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Until a test sets it: what the environment says, or the oldest. */
static atomic_int version_major, version_minor;
static atomic_bool unsupported, unentitled;

static pthread_mutex_t failure_lock = PTHREAD_MUTEX_INITIALIZER;
static const char *failing;
static unsigned failing_nth;
static hv_return_t failing_status;

void standin_set_macos(int major, int minor)
{
    version_major = major;
    version_minor = minor;
}

static void set_by_environment(void)
{
    const char *text = getenv("ABX_STANDIN_MACOS");
    int major, minor;
    if (!text || sscanf(text, "%d.%d", &major, &minor) != 2)
        standin_set_macos(11, 0);
    else
        standin_set_macos(major, minor);
}

bool abx_model_macos_at_least(int major, int minor)
{
    if (!version_major)
        set_by_environment();
    return version_major > major || (version_major == major && version_minor >= minor);
}

void model_since(const char *function, int major, int minor)
{
    if (!abx_model_macos_at_least(major, minor))
        model_broken(function, "this macOS does not have it");
}

void model_broken(const char *function, const char *rule)
{
    fprintf(stderr, "Hypervisor.framework: %s: %s\n", function, rule);
    abort();
}

void standin_set_supported(bool supported)
{
    unsupported = !supported;
}

void standin_set_entitled(bool entitled)
{
    unentitled = !entitled;
}

void standin_fail(const char *function, unsigned nth, hv_return_t status)
{
    pthread_mutex_lock(&failure_lock);
    failing = function;
    failing_nth = nth;
    failing_status = status;
    pthread_mutex_unlock(&failure_lock);
}

bool model_fails(const char *function, hv_return_t *status)
{
    bool fails = false;
    pthread_mutex_lock(&failure_lock);
    if (failing && strcmp(failing, function) == 0 && --failing_nth == 0) {
        *status = failing_status;
        failing = NULL;
        fails = true;
    }
    pthread_mutex_unlock(&failure_lock);
    /* A program that is not signed gets that far and no farther. */
    if (!fails && unentitled && strcmp(function, "hv_vm_create") == 0) {
        *status = HV_DENIED;
        return true;
    }
    return fails;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, void *new_value, size_t new_size)
{
    int value;
    if (new_value || new_size) {
        errno = EPERM;
        return -1;
    }
    if (strcmp(name, "kern.hv_support") == 0) {
        value = !unsupported;
    } else if (strcmp(name, "kern.hv_vmm_present") == 0) {
        value = 0;
    } else {
        errno = ENOENT;
        return -1;
    }
    if (old && *old_size < sizeof(value)) {
        errno = ENOMEM;
        return -1;
    }
    if (old)
        memcpy(old, &value, sizeof(value));
    *old_size = sizeof(value);
    return 0;
}
