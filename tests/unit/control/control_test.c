/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"
#include "fake_managed.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, LONGEST = 512 * 1024 };

void assert_status_(abx_status got, abx_status wanted, const char *file, int line)
{
    if (got == wanted)
        return;
    print_error("%s where %s is wanted: %s\n", abx_status_name(got), abx_status_name(wanted),
                got == ABX_OK ? "" : abx_last_error()->message);
    _fail(file, line);
}

static abx_machine *build(abx_hypervisor *hypervisor)
{
    static const abx_device_config devices[] = { { .kind = ABX_DEVICE_BALLOON } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_machine *machine = NULL;
    config.kernel = "/boot/kernel";
    config.vm.name = "subject";
    config.vm.arch = ABX_ARCH_X86_64;
    config.vm.memory_size = 64 << 20;
    config.devices = devices;
    config.device_count = 1;
    assert_ok(abx_machine_create(&machine, hypervisor, &config));
    return machine;
}

void subject_begin(subject *it, bool console)
{
    abx_control_options options = ABX_CONTROL_OPTIONS_INIT;
    *it = (subject){ .guest = -1 };
    snprintf(it->folder, sizeof(it->folder), "/tmp/abx-control-XXXXXX");
    assert_non_null(mkdtemp(it->folder));
    snprintf(it->path, sizeof(it->path), "%s/machine.sock", it->folder);
    fake_log_reset();
    fake_managed_at_start = fake_managed_at_request = NULL;
    assert_ok(abx_hypervisor_open(&it->hypervisor, "qemu", &fake_managed_options));
    it->machine = build(it->hypervisor);
    if (console)
        assert_ok(abx_shared_console_open(&it->console, -1, -1));
    options.path = it->path;
    options.console = it->console;
    assert_ok(abx_control_open(&it->control, it->machine, &options));
    assert_ok(abx_machine_start(it->machine));
}

void subject_end(subject *it)
{
    struct stat status;
    abx_control_close(it->control);
    assert_int_equal(stat(it->path, &status), -1);
    abx_machine_destroy(it->machine);
    abx_shared_console_close(it->console);
    abx_hypervisor_close(it->hypervisor);
    assert_int_equal(rmdir(it->folder), 0);
}

int client_connect(const subject *it)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", it->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

int client_open(const subject *it)
{
    int fd = client_connect(it);
    json_t *greeting = client_line(fd);
    assert_string_equal(json_string_value(json_object_get(greeting, "service")), "arcbox");
    assert_int_equal(json_integer_value(json_object_get(greeting, "protocol")), 1);
    assert_string_equal(json_string_value(json_object_get(greeting, "name")), "subject");
    json_decref(greeting);
    return fd;
}

void client_send(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
        assert_true(sent > 0);
        text += sent;
        length -= (size_t)sent;
    }
}

/* Takes what there is up to the end of the line and no further, which it looks at first. False: the connection ends. */
static bool take_some(int fd, char *line, size_t *length)
{
    struct pollfd polled = { .fd = fd, .events = POLLIN };
    assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
    ssize_t seen = recv(fd, line + *length, LONGEST - *length, MSG_PEEK);
    if (seen == 0 || (seen < 0 && errno == ECONNRESET))
        return false;
    assert_true(seen > 0);
    const char *end = memchr(line + *length, '\n', (size_t)seen);
    size_t wanted = end ? (size_t)(end - line) + 1 - *length : (size_t)seen;
    assert_int_equal(read(fd, line + *length, wanted), wanted);
    *length += wanted;
    return true;
}

json_t *client_line(int fd)
{
    static char line[LONGEST];
    size_t length = 0;
    do {
        if (!take_some(fd, line, &length))
            return NULL;
    } while (line[length - 1] != '\n');
    json_t *value = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(value);
    return value;
}

json_t *client_ask(int fd, const char *request)
{
    client_send(fd, request);
    client_send(fd, "\n");
    json_t *answer = client_line(fd);
    assert_non_null(answer);
    json_t *result = json_incref(json_object_get(answer, "result"));
    if (!result)
        fail_msg("%s: %s", request, json_string_value(json_object_get(json_object_get(answer, "error"), "message")));
    json_decref(answer);
    return result;
}

static void check_error(const json_t *answer, const char *code)
{
    const json_t *error = json_object_get(answer, "error");
    assert_non_null(error);
    assert_string_equal(json_string_value(json_object_get(error, "code")), code);
    assert_true(json_string_length(json_object_get(error, "message")) > 0);
    assert_true(json_is_string(json_object_get(error, "advice")));
}

void client_expect_error(int fd, const char *request, const char *code)
{
    client_send(fd, request);
    client_send(fd, "\n");
    json_t *answer = client_line(fd);
    check_error(answer, code);
    json_decref(answer);
}

void client_expect_end(int fd)
{
    for (json_t *line = client_line(fd); line; line = client_line(fd))
        json_decref(line);
}

void client_expect_dismissal(int fd, const char *code)
{
    json_t *line = client_line(fd);
    check_error(line, code);
    assert_null(json_object_get(line, "id"));
    json_decref(line);
    assert_null(client_line(fd));
}

json_t *client_event(int fd, const char *kind)
{
    for (;;) {
        json_t *line = client_line(fd);
        json_t *event = json_object_get(line, "event");
        assert_non_null(event);
        if (strcmp(json_string_value(json_object_get(event, "kind")), kind) == 0) {
            json_incref(event);
            json_decref(line);
            return event;
        }
        json_decref(line);
    }
}

void client_hear(int fd, const char *wanted)
{
    char bytes[256];
    size_t length = strlen(wanted), count = 0;
    while (count < length) {
        struct pollfd polled = { .fd = fd, .events = POLLIN };
        assert_int_equal(poll(&polled, 1, PATIENCE_MS), 1);
        ssize_t got = read(fd, bytes + count, length - count);
        assert_true(got > 0);
        count += (size_t)got;
    }
    assert_memory_equal(bytes, wanted, length);
}
