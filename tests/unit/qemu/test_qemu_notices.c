/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What QEMU tells without being asked, by scripts that stand in for it. */
#include "qemu_test.h"

#include <arcbox/arcbox.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Greets and then does, for every command, what `cases` say, branches of a case: ok, event NAME [DATA], status STATE.
 * The guest's power button is how a test makes something happen.
 */
#define QEMU(cases)                                                                                                    \
    "#!/bin/sh\n"                                                                                                      \
    "if [ \"$*\" = --version ]; then echo QEMU emulator version 7.2.0; exit; fi\n"                                     \
    "for a; do case $a in socket,id=qmp,fd=*) fd=${a##*=} ;; esac; done\n"                                             \
    "ok() { echo \"{\\\"return\\\": {}, \\\"id\\\": $id}\" >&$fd; }\n"                                                 \
    "status() { echo \"{\\\"return\\\": {\\\"status\\\": \\\"$1\\\"}, \\\"id\\\": $id}\" >&$fd; }\n"                   \
    "event() { echo \"{\\\"event\\\": \\\"$1\\\", \\\"data\\\": ${2-{\\}}}\" >&$fd; }\n"                               \
    "echo '{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7, \"minor\": 2, \"micro\": 0}}}}' >&$fd\n"                  \
    "id=0\n"                                                                                                           \
    "while read -r line <&$fd; do\n"                                                                                   \
    "    id=$((id + 1))\n"                                                                                             \
    "    case $line in\n" cases "    *quit*) exit ;;\n"                                                                \
    "    *) ok ;;\n"                                                                                                   \
    "    esac\n"                                                                                                       \
    "done\n"

#define GOES_ON "*cont*) event RESUME; ok ;;\n"
#define STOPS   "*'\"stop\"'*) event STOP; ok ;;\n"

static char folder[64];
static char image[80];
static abx_hypervisor *hypervisor;
static abx_vm *vm;

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/abx-notices-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(image, sizeof(image), "%s/image", folder);
    FILE *file = fopen(image, "we");
    return file && ftruncate(fileno(file), 512) == 0 && fclose(file) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -r %s", folder);
    return system(command);
}

static void create(const char *script)
{
    char program[80];
    snprintf(program, sizeof(program), "%s/qemu", folder);
    FILE *file = fopen(program, "we");
    assert_non_null(file);
    assert_true(fputs(script, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(program, 0755), 0);

    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.guest_arch = ABX_ARCH_X86_64;
    options.qemu_binary = program;
    assert_ok(abx_hypervisor_open(&hypervisor, "qemu", &options));
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    const abx_device_config disk = { ABX_DEVICE_BLOCK, .block.path = image };
    config.memory_size = 1u << 20;
    config.devices = &disk;
    config.device_count = 1;
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
}

static void start(const char *script)
{
    create(script);
    assert_ok(abx_vm_start(vm));
}

static void finish(void)
{
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    assert_no_children();
}

static abx_event next_event(void)
{
    abx_event event;
    while (abx_event_next(vm, &event) != ABX_OK)
        assert_true(wait_until_readable(abx_event_fd(vm)));
    return event;
}

static void expect_state(abx_vm_state state, const char *text)
{
    abx_event event = next_event();
    assert_string_equal(abx_event_kind_name(event.kind), "state");
    assert_string_equal(abx_vm_state_name(event.state), abx_vm_state_name(state));
    assert_string_equal(event.text, text);
}

static void expect_no_event(void)
{
    abx_event event;
    assert_status(abx_event_next(vm, &event), ABX_ERR_EMPTY);
}

#define BLOCK_IO_ERROR(operation, reason)                                                                              \
    "event BLOCK_IO_ERROR '{\"device\": \"\", \"node-name\": \"disk0\", \"operation\": \"" operation                   \
    "\", \"action\": \"report\", \"reason\": \"" reason "\"}'; "

static void disk_errors_are_events(void **state)
{
    (void)state;
    start(QEMU("*powerdown*) " BLOCK_IO_ERROR("write", "No space left on device")
                   BLOCK_IO_ERROR("read", "Input/output error") "ok ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_request_stop(vm));
    abx_event event = next_event();
    assert_string_equal(abx_event_kind_name(event.kind), "disk-error");
    assert_int_equal(event.code, ENOSPC);
    assert_string_equal(event.text, "image: write: No space left on device");
    event = next_event();
    assert_int_equal(event.code, EIO);
    assert_string_equal(event.text, "image: read: Input/output error");
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    finish();
}

static void what_was_asked_for_is_told_once(void **state)
{
    (void)state;
    start(QEMU(GOES_ON STOPS "*query-status*) status paused ;;\n"));
    for (int i = 0; i < 20; i++) {
        expect_state(ABX_VM_RUNNING, "");
        expect_no_event();
        assert_ok(abx_vm_pause(vm));
        expect_state(ABX_VM_PAUSED, "");
        assert_ok(abx_vm_resume(vm));
    }
    expect_state(ABX_VM_RUNNING, "");
    expect_no_event();
    finish();
}

static void a_stop_that_nobody_asked_for_is_a_pause(void **state)
{
    (void)state;
    static const char why[] = "QEMU paused the guest: a disk's image refused an operation";
    start(QEMU(GOES_ON "*powerdown*) ok; event STOP ;;\n*query-status*) status io-error ;;\n"));
    for (int i = 0; i < 20; i++) {
        expect_state(ABX_VM_RUNNING, "");
        assert_ok(abx_vm_request_stop(vm));
        expect_state(ABX_VM_PAUSED, why);
        assert_int_equal(abx_vm_get_state(vm), ABX_VM_PAUSED);
        assert_status(abx_vm_pause(vm), ABX_ERR_STATE);
        assert_ok(abx_vm_resume(vm));
    }
    expect_state(ABX_VM_RUNNING, "");
    finish();
}

/* The stop may be seen before the start and the resumption are told, but is told after them. */
static void a_stop_right_after_the_start(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        QEMU("*cont*) event RESUME; event STOP; ok ;;\n*query-status*) status debug ;;\n"),
        QEMU("*cont*) event RESUME; ok; event STOP ;;\n*query-status*) status debug ;;\n"),
    };
    for (size_t i = 0; i < 2; i++) {
        start(scripts[i]);
        for (int k = 0; k < 20; k++) {
            expect_state(ABX_VM_RUNNING, "");
            expect_state(ABX_VM_PAUSED, "QEMU paused the guest");
            assert_ok(abx_vm_resume(vm));
        }
        finish();
    }
}

/* Somebody else lets it go on, which is true even when the question why it stopped is answered late. */
static void going_on_that_nobody_asked_for(void **state)
{
    (void)state;
    start(QEMU(GOES_ON "*powerdown*) ok; event STOP ;;\n*query-status*) event RESUME; status running ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_request_stop(vm));
    assert_ok(abx_vm_request_stop(vm));
    assert_ok(abx_vm_request_stop(vm));
    assert_int_equal(abx_vm_get_state(vm), ABX_VM_RUNNING);
    finish();

    start(QEMU(GOES_ON STOPS "*query-status*) status paused; event RESUME ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_pause(vm));
    expect_state(ABX_VM_PAUSED, "");
    expect_state(ABX_VM_RUNNING, "");
    finish();
}

/* An answer without a reason, or a refusal, is a pause all the same. */
static void a_stop_without_a_reason(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        QEMU(GOES_ON "*powerdown*) ok; event STOP ;;\n"),
        QEMU(GOES_ON "*powerdown*) ok; event STOP ;;\n*query-status*) "
                     "echo \"{\\\"error\\\": {\\\"class\\\": \\\"CommandNotFound\\\"}, \\\"id\\\": $id}\" >&$fd ;;\n"),
    };
    for (size_t i = 0; i < 2; i++) {
        start(scripts[i]);
        expect_state(ABX_VM_RUNNING, "");
        assert_ok(abx_vm_request_stop(vm));
        expect_state(ABX_VM_PAUSED, "QEMU paused the guest");
        finish();
    }
}

/* QEMU stops a guest that panicked before it says that this is the end. */
static void a_stop_before_the_end_is_no_pause(void **state)
{
    (void)state;
    start(QEMU(GOES_ON
               "*powerdown*) ok; event GUEST_PANICKED; event STOP ;;\n"
               "*query-status*) status guest-panicked; event SHUTDOWN '{\"reason\": \"guest-panic\"}'; exit ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_request_stop(vm));
    assert_string_equal(abx_event_kind_name(next_event().kind), "guest-panic");
    expect_state(ABX_VM_STOPPED, "the guest panicked");
    finish();

    /* It may be gone before it can be asked. */
    start(QEMU(GOES_ON "*powerdown*) ok; event STOP; event SHUTDOWN '{\"reason\": \"guest-shutdown\"}'; exit ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_request_stop(vm));
    assert_string_equal(abx_event_kind_name(next_event().kind), "guest-shutdown");
    expect_state(ABX_VM_STOPPED, "the guest switched itself off");
    finish();
}

/* QEMU would stay, but nothing lets the guest go on. */
static void an_internal_error_is_the_end(void **state)
{
    (void)state;
    static const char why[] = "QEMU stopped the guest: internal error: emulation failed";
    start(QEMU(GOES_ON "*powerdown*) ok; echo emulation failed; event STOP ;;\n"
                       "*query-status*) status internal-error ;;\n"));
    expect_state(ABX_VM_RUNNING, "");
    assert_ok(abx_vm_request_stop(vm));
    abx_event event = next_event();
    assert_string_equal(abx_event_kind_name(event.kind), "backend-lost");
    assert_string_equal(event.text, why);
    expect_state(ABX_VM_FAILED, why);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disk_errors_are_events),
        cmocka_unit_test(what_was_asked_for_is_told_once),
        cmocka_unit_test(a_stop_that_nobody_asked_for_is_a_pause),
        cmocka_unit_test(a_stop_right_after_the_start),
        cmocka_unit_test(going_on_that_nobody_asked_for),
        cmocka_unit_test(a_stop_without_a_reason),
        cmocka_unit_test(a_stop_before_the_end_is_no_pause),
        cmocka_unit_test(an_internal_error_is_the_end),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
