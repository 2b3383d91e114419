/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "backends.h"
#include "model/runtime.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void assert_message(const char *part)
{
    const char *message = abx_last_error()->message;
    if (!strstr(message, part))
        fail_msg("\"%s\" is not in: %s", part, message);
}

void rig_reopen(rig *r)
{
    static const abx_backend *const backends[] = { &abx_backend_vz };
    const abx_hypervisor_options options = {
        .size = sizeof(options),
        .guest_arch = model.intel ? ABX_ARCH_X86_64 : ABX_ARCH_ARM64,
        .backends = backends,
        .backend_count = 1,
    };
    abx_hypervisor_close(r->hypervisor);
    r->hypervisor = NULL;
    assert_ok(abx_hypervisor_open(&r->hypervisor, "vz", &options));
}

int rig_setup(void **state)
{
    rig *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    model_reset();
    strcpy(r->folder, "/tmp/vz-test-XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    r->config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    snprintf(r->kernel, sizeof(r->kernel), "%s", rig_file(r, "kernel", "MZ, but nothing follows", 23));
    r->config.boot.kernel = r->kernel;
    r->config.memory_size = UINT64_C(256) << 20;
    r->config.devices = r->devices;
    rig_reopen(r);
    *state = r;
    return 0;
}

static void empty(const char *folder)
{
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    assert_int_equal(rmdir(folder), 0);
}

int rig_teardown(void **state)
{
    rig *r = *state;
    abx_vm_destroy(r->vm);
    abx_hypervisor_close(r->hypervisor);
    empty(r->folder);
    free(r);
    assert_string_equal(model_alive(), "");
    return 0;
}

abx_device_config *rig_add(rig *r, abx_device_kind kind)
{
    assert_true(r->config.device_count < sizeof(r->devices) / sizeof(r->devices[0]));
    abx_device_config *device = &r->devices[r->config.device_count++];
    *device = (abx_device_config){ .kind = kind };
    if (kind == ABX_DEVICE_CONSOLE || kind == ABX_DEVICE_SERIAL)
        device->serial = (abx_serial_config){ -1, -1 };
    return device;
}

const char *rig_path(rig *r, const char *name)
{
    static char path[64];
    snprintf(path, sizeof(path), "%s/%s", r->folder, name);
    return path;
}

const char *rig_file(rig *r, const char *name, const void *data, size_t size)
{
    const char *path = rig_path(r, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    close(fd);
    return path;
}

void rig_create(rig *r)
{
    assert_ok(abx_vm_create(&r->vm, r->hypervisor, &r->config));
}

void rig_start(rig *r)
{
    rig_create(r);
    assert_ok(abx_vm_start(r->vm));
}

abx_event await_event(abx_vm *vm, abx_event_kind kind)
{
    abx_event event;
    for (;;) {
        abx_status status = abx_event_next(vm, &event);
        if (status == ABX_OK && event.kind == kind)
            return event;
        struct pollfd poller = { .fd = abx_event_fd(vm), .events = POLLIN };
        if (status == ABX_ERR_EMPTY && poll(&poller, 1, PATIENCE_MS) != 1)
            fail_msg("no event %s came", abx_event_kind_name(kind));
    }
}

abx_event await_state(abx_vm *vm, abx_vm_state state)
{
    abx_event event;
    do
        event = await_event(vm, ABX_EVENT_STATE);
    while (event.state != state);
    return event;
}

id get_object(id object, const char *name)
{
    id (*send)(id, SEL) = (id(*)(id, SEL))objc_msgSend;
    return send(object, sel_registerName(name));
}

uint64_t get_number(id object, const char *name)
{
    uint64_t (*send)(id, SEL) = (uint64_t(*)(id, SEL))objc_msgSend;
    return send(object, sel_registerName(name));
}

bool get_bool(id object, const char *name)
{
    BOOL (*send)(id, SEL) = (BOOL(*)(id, SEL))objc_msgSend;
    return send(object, sel_registerName(name));
}

const char *get_text(id object, const char *name)
{
    const char *(*send)(id, SEL) = (const char *(*)(id, SEL))objc_msgSend;
    return send(get_object(object, name), sel_registerName("UTF8String"));
}

id get_at(id array, size_t index)
{
    id (*send)(id, SEL, uint64_t) = (id(*)(id, SEL, uint64_t))objc_msgSend;
    return send(array, sel_registerName("objectAtIndex:"), index);
}

void assert_echo(int fd)
{
    char answer[4] = "";
    assert_int_equal(write(fd, "ping", 4), 4);
    for (size_t length = 0; length < 4;) {
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        assert_int_equal(poll(&poller, 1, PATIENCE_MS), 1);
        ssize_t got = read(fd, answer + length, 4 - length);
        assert_true(got > 0);
        length += (size_t)got;
    }
    assert_memory_equal(answer, "ping", 4);
}

size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

bool is_kind(id object, const char *name)
{
    return object && model_is_kind(object, name);
}
