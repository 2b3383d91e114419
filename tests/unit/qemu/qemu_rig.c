/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_rig.h"

#include "qemu/descriptors.h"

#include <string.h>
#include <unistd.h>

static abx_status open_backend(abx_hypervisor **out, abx_arch arch)
{
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.guest_arch = arch;
    return abx_hypervisor_open(out, "qemu", &options);
}

bool qemu_is_there(abx_arch arch)
{
    abx_hypervisor *hypervisor;
    if (open_backend(&hypervisor, arch) != ABX_OK) {
        printf("skipped: %s\n", abx_last_error()->message);
        return false;
    }
    abx_hypervisor_close(hypervisor);
    return true;
}

void qemu_rig_open(qemu_rig *rig, abx_arch arch)
{
    *rig = (qemu_rig){ .descriptors = count_descriptors(), .threads = count_threads() };
    assert_ok(open_backend(&rig->hypervisor, arch));
    assert_int_equal(abx_open_pipe(rig->input), 0);
    assert_int_equal(abx_open_pipe(rig->output), 0);
    rig->devices[0] = (abx_device_config){ ABX_DEVICE_SERIAL, .serial = { rig->input[0], rig->output[1] } };
    rig->devices[1] = (abx_device_config){ ABX_DEVICE_DEBUG_EXIT, .debug_exit = { 0 } };
}

abx_vm_config qemu_rig_config(const qemu_rig *rig, const char *what)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 16u << 20;
    config.boot.kernel = SMALL_GUEST;
    config.boot.cmdline = what;
    config.devices = rig->devices;
    config.device_count = 2;
    return config;
}

void qemu_rig_create(qemu_rig *rig, const char *what)
{
    qemu_rig_open(rig, ABX_ARCH_X86_64);
    abx_vm_config config = qemu_rig_config(rig, what);
    assert_ok(abx_vm_create(&rig->vm, rig->hypervisor, &config));
}

void qemu_rig_start(qemu_rig *rig, const char *what)
{
    qemu_rig_create(rig, what);
    assert_ok(abx_vm_start(rig->vm));
}

void qemu_rig_release(qemu_rig *rig)
{
    abx_vm_destroy(rig->vm);
    abx_hypervisor_close(rig->hypervisor);
    abx_close_pair(rig->input);
    abx_close_pair(rig->output);
}

void qemu_rig_close(qemu_rig *rig)
{
    qemu_rig_release(rig);
    assert_int_equal(count_descriptors(), rig->descriptors);
    assert_threads(rig->threads);
    assert_no_children();
}

static abx_event next_event(const qemu_rig *rig)
{
    abx_event event;
    while (abx_event_next(rig->vm, &event) != ABX_OK)
        assert_true(wait_until_readable(abx_event_fd(rig->vm)));
    return event;
}

abx_event qemu_rig_wait(const qemu_rig *rig, abx_event_kind kind)
{
    abx_event event;
    do
        event = next_event(rig);
    while (event.kind != kind);
    return event;
}

abx_event qemu_rig_wait_state(const qemu_rig *rig, abx_vm_state state)
{
    abx_event last = { .kind = ABX_EVENT_NONE };
    for (;;) {
        abx_event event = next_event(rig);
        if (event.kind == ABX_EVENT_STATE && event.state == state)
            return last;
        if (event.kind != ABX_EVENT_STATE)
            last = event;
    }
}

void qemu_rig_expect(const qemu_rig *rig, const char *text)
{
    size_t matched = 0;
    while (text[matched]) {
        char byte;
        assert_true(wait_until_readable(rig->output[0]));
        assert_int_equal(read(rig->output[0], &byte, 1), 1);
        if (byte == text[matched])
            matched++;
        else
            matched = byte == text[0];
    }
}
