/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every allocation and system call of a machine's life fails in turn: nothing hangs, and nothing stays behind. */
#include "qemu_seam.h"
#include "qemu_test.h"

#include <arcbox/arcbox.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 600 };

/* What the backend needs of QEMU, quickly: it greets, answers every command with success, tells of stops and quits. */
static const char fake_qemu[] =
    "#!/bin/sh\n"
    "if [ \"$*\" = --version ]; then echo QEMU emulator version 7.2.0; exit; fi\n"
    "for a; do case $a in socket,id=qmp,fd=*) fd=${a##*=} ;; socket,id=console0,fd=*) console=${a##*=} ;; esac; done\n"
    "echo '{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 0}}}}' >&$fd\n"
    "id=0\n"
    "while read -r line <&$fd; do\n"
    "    id=$((id + 1))\n"
    "    case $line in *'\"stop\"'*) echo '{\"event\": \"STOP\"}' >&$fd ;; esac\n"
    "    echo \"{\\\"return\\\": {}, \\\"id\\\": $id}\" >&$fd\n"
    "    case $line in *cont*) echo booted >&$console ;; *quit*) exit ;; esac\n"
    "done\n";

static char program[] = "/tmp/abx-faults-XXXXXX";
static char image[] = "/tmp/abx-faults-XXXXXX";
static int network;
static int null_fd;

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(program);
    if (fd < 0 || write(fd, fake_qemu, strlen(fake_qemu)) < 0 || close(fd) != 0)
        return -1;
    fd = mkstemp(image);
    if (fd < 0 || ftruncate(fd, 512) != 0 || close(fd) != 0)
        return -1;
    network = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (network < 0)
        return -1;
    null_fd = STDERR_FILENO;
    json_set_alloc_funcs(malloc, free);
    return chmod(program, 0700);
}

static int tear_down(void **state)
{
    (void)state;
    close(network);
    unlink(image);
    return unlink(program);
}

static abx_status live(abx_hypervisor **hypervisor, abx_vm **vm)
{
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.guest_arch = ABX_ARCH_X86_64;
    options.qemu_binary = program;
    abx_status status = abx_hypervisor_open(hypervisor, "qemu", &options);
    if (status != ABX_OK)
        return status;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1u << 20;
    config.boot.kernel = program;
    const abx_console_port port = { "org.example", { -1, -1 } };
    const abx_device_config devices[] = {
        { ABX_DEVICE_SERIAL, .serial = { -1, null_fd } },
        { ABX_DEVICE_BLOCK, .block.path = image },
        { ABX_DEVICE_CONSOLE, .console = { .ports_only = true, .ports = &port, .port_count = 1 } },
        { ABX_DEVICE_NET, .net = { .kind = ABX_NET_DATAGRAM, .fd = network } },
        { ABX_DEVICE_BALLOON, .balloon.target = 1u << 19 },
    };
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    status = abx_vm_create(vm, *hypervisor, &config);
    if (status == ABX_OK)
        status = abx_vm_start(*vm);
    if (status == ABX_OK)
        status = abx_balloon_set_target(*vm, 1u << 19);
    if (status == ABX_OK)
        status = abx_vm_pause(*vm);
    return status;
}

/*
 * Whether a life can begin well all the same: what the thread does that looks after QEMU comes beside it, and where it
 * fails the machine is lost later. And a module of the kernel's that cannot be looked at passes for none (open, stat).
 */
static bool may_pass(const char *call)
{
    static const char *const calls[] = { "malloc", "open64", "poll",   "read",    "realloc",
                                         "recv",   "send",   "stat64", "syscall", "waitid" };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(call, calls[i]) == 0)
            return true;
    }
    return false;
}

/* One life in which call `n` fails. False when there are fewer calls than that. */
static bool try(int n)
{
    abx_hypervisor *hypervisor = NULL;
    abx_vm *vm = NULL;
    size_t descriptors = count_descriptors();
    size_t threads = count_threads();
    long held = qemu_seam_held();

    qemu_seam_fail(n);
    abx_status status = live(&hypervisor, &vm);
    const char *failed = qemu_seam_failed();
    if (status != ABX_OK) {
        assert_non_null(failed);
        assert_int_equal(abx_last_error()->status, status);
        assert_int_not_equal(strlen(abx_last_error()->operation), 0);
    } else if (failed && !may_pass(failed)) {
        fail_msg("nobody minds that %s fails", failed);
    }
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    failed = qemu_seam_failed();
    qemu_seam_fail(0);

    assert_threads(threads);
    assert_int_equal(count_descriptors(), descriptors);
    assert_int_equal(qemu_seam_held(), held);
    assert_no_children();
    return failed != NULL;
}

static void every_call_fails_in_turn(void **state)
{
    (void)state;
    int n = 1;
    while (n < MANY && try(n))
        n++;
    print_message("%d calls can fail\n", n - 1);
    assert_in_range(n, 50, MANY - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_call_fails_in_turn) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
