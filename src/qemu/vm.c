/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "channels.h"
#include "command_line.h"
#include "device_list.h"
#include "hypervisor_object.h"
#include "image.h"
#include "vm_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A busy host may take long to bring QEMU up. */
#define GREETING_MS 60000
#define QUIT_MS     2000

/* QEMU's own words for a file that it cannot read are hard to tell from others. */
static abx_status check_file(const char *path, const char *what)
{
    struct stat status = { 0 };
    if (!path)
        return ABX_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int error = fd < 0 || fstat(fd, &status) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (error)
        return abx_fail(abx_status_of_errno(error), error, NULL, "open %s %s", what, path);
    if (!S_ISREG(status.st_mode))
        return abx_fail(ABX_ERR_FORMAT, 0, "It must be a regular file.", "open %s %s", what, path);
    return ABX_OK;
}

/* Waits until QEMU has built the machine. */
static abx_status meet(abx_runner *runner, const char *program, const abx_parts *parts)
{
    abx_qemu_version version;
    abx_status status = abx_qmp_greet(abx_runner_qmp(runner), GREETING_MS, &version);
    if (status == ABX_OK)
        return abx_program_check(&version, program);
    abx_ending ending;
    if (status != ABX_ERR_LOST || !abx_runner_wait(runner, QUIT_MS, &ending))
        return status;
    if (abx_image_judge(status, ending.text, parts) == ABX_ERR_BUSY)
        return ABX_ERR_BUSY;
    return abx_fail(status, 0, ending.text, "build a machine with %s", program);
}

/* Starts QEMU, which then has its ends of the channels. */
static abx_status launch(abx_runner **runner, const abx_qemu *qemu, const abx_vm_config *config, const abx_parts *parts,
                         abx_vm *vm)
{
    abx_channels channels;
    abx_arguments line;
    abx_status status = abx_channels_open(&channels, parts);
    if (status != ABX_OK)
        return status;
    const abx_command_line_options options = {
        .program = qemu->programs[config->arch],
        .accel = qemu->accel,
        .qmp_fd = channels.qmp[1],
        .parts = parts,
        .part_fds = channels.theirs,
    };
    status = abx_command_line_build(&line, config, &options);
    if (status == ABX_OK) {
        const abx_runner_plan plan = {
            .program = options.program,
            .arguments = line.list,
            .qemu_fds = channels.inherits,
            .qemu_fd_count = channels.inherit_count,
            .qmp_fd = channels.qmp[0],
            .parts = parts,
            .console_fds = channels.ours,
            .vm = vm,
        };
        status = abx_runner_new(runner, &plan);
        abx_arguments_free(&line);
    }
    abx_channels_close(&channels, status == ABX_OK);
    return status;
}

/* Starts QEMU and waits for it. */
static abx_status build(abx_runner **runner, const abx_qemu *qemu, const abx_vm_config *config, abx_vm *vm)
{
    abx_parts parts;
    if (!abx_parts_list(&parts, config))
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a VM");
    abx_status status = launch(runner, qemu, config, &parts, vm);
    if (status == ABX_OK)
        status = meet(*runner, qemu->programs[config->arch], &parts);
    abx_parts_free(&parts);
    return status;
}

/* The guest's driver finds the target when it looks at its device. */
static abx_status set_first_target(abx_qemu_vm *vm, const abx_vm_config *config)
{
    const abx_device_config *device = abx_devices_find(config, ABX_DEVICE_BALLOON);
    vm->balloon_target = config->memory_size;
    if (!device || !device->balloon.target)
        return ABX_OK;
    return abx_qemu_balloon_set_target(vm, device->balloon.target);
}

abx_status abx_qemu_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    abx_status status = check_file(config->boot.kernel, "kernel");
    if (status == ABX_OK)
        status = check_file(config->boot.initrd, "initrd");
    if (status != ABX_OK)
        return status;
    abx_qemu_vm *fresh = calloc(1, sizeof(*fresh));
    if (!fresh)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a VM");
    status = build(&fresh->runner, hypervisor, config, vm);
    if (status == ABX_OK)
        status = set_first_target(fresh, config);
    if (status != ABX_OK) {
        abx_qemu_vm_destroy(fresh);
        return status;
    }
    *out = fresh;
    return ABX_OK;
}

abx_status abx_qemu_vm_command(abx_qemu_vm *vm, const char *name, json_t *arguments, abx_ending *ending)
{
    *ending = (abx_ending){ .state = ABX_VM_FAILED, .text = "" };
    abx_status status = abx_qmp_execute(abx_runner_qmp(vm->runner), name, arguments, ABX_QEMU_ANSWER_MS, NULL);
    if (status == ABX_ERR_LOST && abx_runner_wait(vm->runner, QUIT_MS, ending))
        return abx_fail(ending->state == ABX_VM_STOPPED ? ABX_ERR_STATE : ABX_ERR_LOST, 0, ending->text,
                        "ask QEMU to %s", name);
    return status;
}

abx_status abx_qemu_vm_start(void *vm)
{
    abx_ending ending;
    abx_status status = abx_qemu_vm_command(vm, "cont", NULL, &ending);
    /* A guest that ended itself at once had been started. */
    return ending.state == ABX_VM_STOPPED ? ABX_OK : status;
}

abx_status abx_qemu_vm_pause(void *vm)
{
    abx_ending ending;
    return abx_qemu_vm_command(vm, "stop", NULL, &ending);
}

abx_status abx_qemu_vm_resume(void *vm)
{
    abx_ending ending;
    return abx_qemu_vm_command(vm, "cont", NULL, &ending);
}

abx_status abx_qemu_vm_request_stop(void *vm)
{
    abx_ending ending;
    abx_status status = abx_qemu_vm_command(vm, "system_powerdown", NULL, &ending);
    /* A guest that ended itself at once needs no asking. */
    return ending.state == ABX_VM_STOPPED ? ABX_OK : status;
}

abx_status abx_qemu_vm_stop(void *vm)
{
    const abx_qemu_vm *stopped = vm;
    abx_runner_stop(stopped->runner, QUIT_MS);
    return ABX_OK;
}

abx_status abx_qemu_vm_get_cpu_time(void *vm, uint64_t *nanoseconds)
{
    const abx_qemu_vm *asked = vm;
    return abx_runner_cpu_time(asked->runner, nanoseconds);
}

void abx_qemu_vm_destroy(void *vm)
{
    abx_qemu_vm *gone = vm;
    abx_runner_free(gone->runner);
    free(gone);
}
