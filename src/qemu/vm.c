/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "command_line.h"
#include "descriptors.h"
#include "device_list.h"
#include "hypervisor_object.h"
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A busy host may take long to bring QEMU up; one that is up answers at once. */
#define GREETING_MS 60000
#define ANSWER_MS   20000
#define QUIT_MS     2000

/* What a machine is built from. The runner's thread is behind all of it, so a VM of this backend is its runner. */
typedef struct parts {
    int qmp[2]; /* ours, QEMU's */
    int console[2];
    abx_command_line line;
} parts;

static abx_status fail_connect(int error)
{
    return abx_fail(abx_status_of_errno(error), error, NULL, "open a connection for QEMU");
}

static bool wants_console(const abx_vm_config *config)
{
    const abx_device_config *serial = abx_devices_find(config, ABX_DEVICE_SERIAL);
    return serial && (serial->serial.input_fd >= 0 || serial->serial.output_fd >= 0);
}

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

static abx_status open_parts(parts *p, const abx_qemu *qemu, const abx_vm_config *config)
{
    int error = abx_open_sockets(p->qmp);
    if (error)
        return fail_connect(error);
    p->console[0] = p->console[1] = -1;
    if (wants_console(config))
        error = abx_open_sockets(p->console);
    if (error) {
        abx_close_pair(p->qmp);
        return fail_connect(error);
    }
    abx_command_line_options options = {
        .program = qemu->programs[config->arch],
        .accel = qemu->accel,
        .qmp_fd = p->qmp[1],
        .console_fd = p->console[1],
    };
    abx_status status = abx_command_line_build(&p->line, config, &options);
    if (status != ABX_OK) {
        abx_close_pair(p->qmp);
        if (p->console[0] >= 0)
            abx_close_pair(p->console);
    }
    return status;
}

/* QEMU's ends always go; ours only when nobody has taken them. */
static void close_parts(parts *p, bool taken)
{
    abx_command_line_free(&p->line);
    close(p->qmp[1]);
    if (!taken)
        close(p->qmp[0]);
    if (p->console[0] < 0)
        return;
    close(p->console[1]);
    if (!taken)
        close(p->console[0]);
}

/* Waits until QEMU has built the machine. */
static abx_status meet(abx_runner *runner, const char *program)
{
    abx_qemu_version version;
    abx_status status = abx_qmp_greet(abx_runner_qmp(runner), GREETING_MS, &version);
    if (status == ABX_OK)
        return abx_program_check(&version, program);
    abx_ending ending;
    if (status == ABX_ERR_LOST && abx_runner_wait(runner, QUIT_MS, &ending))
        return abx_fail(status, 0, ending.text, "build a machine with %s", program);
    return status;
}

abx_status abx_qemu_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    const abx_qemu *qemu = hypervisor;
    const char *program = qemu->programs[config->arch];
    abx_status status = check_file(config->boot.kernel, "kernel");
    if (status == ABX_OK)
        status = check_file(config->boot.initrd, "initrd");
    if (status != ABX_OK)
        return status;
    parts p;
    status = open_parts(&p, qemu, config);
    if (status != ABX_OK)
        return status;

    abx_runner *runner;
    abx_runner_plan plan = {
        .program = program,
        .arguments = p.line.arguments,
        .qemu_fds = { p.qmp[1], p.console[1] },
        .qemu_fd_count = p.console[1] < 0 ? 1 : 2,
        .qmp_fd = p.qmp[0],
        .console_fd = p.console[0],
        .config = config,
        .vm = vm,
    };
    status = abx_runner_new(&runner, &plan);
    close_parts(&p, status == ABX_OK);
    if (status != ABX_OK)
        return status;
    status = meet(runner, program);
    if (status != ABX_OK) {
        abx_runner_free(runner);
        return status;
    }
    *out = runner;
    return ABX_OK;
}

/* Executes a command. When the machine ends instead, the answer may be lost: `*ending` then says how, if it is known.
 */
static abx_status command(abx_runner *runner, const char *name, abx_ending *ending)
{
    *ending = (abx_ending){ .state = ABX_VM_FAILED, .text = "" };
    abx_status status = abx_qmp_execute(abx_runner_qmp(runner), name, NULL, ANSWER_MS, NULL);
    if (status == ABX_ERR_LOST && abx_runner_wait(runner, QUIT_MS, ending))
        return abx_fail(ending->state == ABX_VM_STOPPED ? ABX_ERR_STATE : ABX_ERR_LOST, 0, ending->text,
                        "ask QEMU to %s", name);
    return status;
}

abx_status abx_qemu_vm_start(void *vm)
{
    abx_ending ending;
    abx_status status = command(vm, "cont", &ending);
    /* A guest that ended itself at once had been started. */
    return ending.state == ABX_VM_STOPPED ? ABX_OK : status;
}

abx_status abx_qemu_vm_pause(void *vm)
{
    abx_ending ending;
    return command(vm, "stop", &ending);
}

abx_status abx_qemu_vm_resume(void *vm)
{
    abx_ending ending;
    return command(vm, "cont", &ending);
}

abx_status abx_qemu_vm_request_stop(void *vm)
{
    abx_ending ending;
    abx_status status = command(vm, "system_powerdown", &ending);
    /* A guest that ended itself at once needs no asking. */
    return ending.state == ABX_VM_STOPPED ? ABX_OK : status;
}

abx_status abx_qemu_vm_stop(void *vm)
{
    abx_runner_stop(vm, QUIT_MS);
    return ABX_OK;
}

void abx_qemu_vm_destroy(void *vm)
{
    abx_runner_free(vm);
}
