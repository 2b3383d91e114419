/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Clients that ask which of the guest's memory is free. The guest's driver is a part of the test. */
#include "control_test.h"

#include "fake_manual.h"
#include "machine_internal.h"
#include "virtio/balloon_internal.h"

#include "boot/bytes.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hint[] = "{\"id\":1,\"do\":\"balloon\",\"hint\":true}";

static char kernel[] = "/tmp/abx-hint-XXXXXX";
static subject it;

static int write_kernel(void **state)
{
    (void)state;
    int file = mkstemp(kernel);
    bool written = file >= 0 && write(file, "\xf4", 1) == 1;
    close(file);
    return written ? 0 : -1;
}

static int remove_kernel(void **state)
{
    (void)state;
    return unlink(kernel);
}

static balloon *device(void)
{
    return it.machine->balloon->object;
}

/* As a driver that has negotiated hints and started. */
static int begin(void **state)
{
    (void)state;
    static const abx_device_config devices[] = { { .kind = ABX_DEVICE_BALLOON } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_control_options options = ABX_CONTROL_OPTIONS_INIT;
    it = (subject){ .guest = -1 };
    snprintf(it.folder, sizeof(it.folder), "/tmp/abx-control-XXXXXX");
    assert_non_null(mkdtemp(it.folder));
    snprintf(it.path, sizeof(it.path), "%s/machine.sock", it.folder);
    fake_manual_reset();
    fake_manual_guest(fake_guest_sleeps);
    assert_ok(abx_hypervisor_open(&it.hypervisor, "fake", &fake_manual_options));
    config.kernel = kernel;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.name = "subject";
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.memory_size = 2 << 20;
    config.devices = devices;
    config.device_count = 1;
    assert_ok(abx_machine_create(&it.machine, it.hypervisor, &config));
    options.path = it.path;
    assert_ok(abx_control_open(&it.control, it.machine, &options));
    assert_ok(abx_machine_start(it.machine));
    pthread_mutex_lock(&device()->lock);
    device()->live = true;
    device()->features = BALLOON_F_FREE_PAGE_HINT;
    pthread_mutex_unlock(&device()->lock);
    return 0;
}

static int end(void **state)
{
    (void)state;
    subject_end(&it);
    return 0;
}

static uint32_t id_of_run(void)
{
    pthread_mutex_lock(&device()->lock);
    uint32_t id = device()->hint.command;
    pthread_mutex_unlock(&device()->lock);
    return id;
}

static void await_run(void)
{
    while (id_of_run() < 2)
        sched_yield();
}

static void take(void *argument)
{
    abx_vm *vm = it.machine->vm;
    abx_memory_guard stay = abx_memory_enter(vm);
    abx_balloon_hint_take(device(), argument);
    abx_memory_leave(vm, stay);
}

static void send_command(uint32_t command)
{
    uint8_t bytes[4];
    abx_put_le32(bytes, command);
    const struct iovec piece = { bytes, sizeof(bytes) };
    abx_virtqueue_chain chain = { .readable = &piece, .readable_count = 1, .readable_length = 4 };
    abx_loop_call(it.machine->loop, take, &chain);
}

static void name_free(abx_gpa gpa, uint64_t length)
{
    abx_memory_guard stay = abx_memory_enter(it.machine->vm);
    const struct iovec piece = { abx_memory_at(it.machine->vm, gpa, length, false), length };
    abx_memory_leave(it.machine->vm, stay);
    assert_non_null(piece.iov_base);
    abx_virtqueue_chain chain = { .writable = &piece, .writable_count = 1, .writable_length = length };
    abx_loop_call(it.machine->loop, take, &chain);
}

static void ask(int fd, const char *request)
{
    client_send(fd, request);
    client_send(fd, "\n");
}

static void expect_error(int fd, const char *code)
{
    json_t *answer = client_line(fd);
    assert_int_equal(json_integer_value(json_object_get(answer, "id")), 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "error"), "code")), code);
    json_decref(answer);
}

static void the_answer_comes_when_the_guest_has_answered(void **state)
{
    (void)state;
    int fd = client_open(&it), other = client_open(&it);
    for (int round = 1; round < 4; round++) {
        ask(fd, hint);
        await_run();
        json_decref(client_ask(fd, "{\"do\":\"status\"}")); /* which holds up nobody */
        client_expect_error(fd, hint, "busy");
        client_expect_error(other, hint, "busy");
        send_command(id_of_run());
        name_free(0x100000, 0x10000);
        name_free(0x140000, 0x1000);
        send_command(0);
        json_t *answer = client_line(fd), *result = json_object_get(answer, "result");
        assert_int_equal(json_integer_value(json_object_get(answer, "id")), 1);
        assert_int_equal(json_integer_value(json_object_get(result, "hinted")), 0x11000);
        assert_int_equal(json_integer_value(json_object_get(result, "ranges")), 2);
        assert_true(json_real_value(json_object_get(result, "seconds")) > 0);
        json_decref(answer);
        json_t *metrics = client_ask(other, "{\"do\":\"metrics\"}");
        const char *text = json_string_value(json_object_get(metrics, "text"));
        char runs[64], bytes[64];
        snprintf(runs, sizeof(runs), "\narcbox_balloon_hint_runs_total %d\n", round);
        snprintf(bytes, sizeof(bytes), "\narcbox_balloon_hinted_bytes_total %d\n", round * 0x11000);
        assert_non_null(strstr(text, runs));
        assert_non_null(strstr(text, bytes));
        json_decref(metrics);
    }
    close(fd);
    close(other);
}

/* Nobody waits any more: the guest has its pages back, and the next one may ask. */
static void a_client_that_goes_cancels(void **state)
{
    (void)state;
    int other = client_open(&it);
    for (int round = 0; round < 4; round++) {
        int fd = client_open(&it);
        ask(fd, hint);
        await_run();
        if (round & 1)
            shutdown(fd, SHUT_WR);
        else
            close(fd);
        while (id_of_run() != 1)
            sched_yield();
        if (round & 1)
            close(fd);
    }
    ask(other, hint);
    await_run();
    send_command(id_of_run());
    send_command(0);
    json_t *answer = client_line(other);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "result"), "ranges")), 0);
    json_decref(answer);
    close(other);
}

static void the_end_of_the_machine_is_an_answer(void **state)
{
    (void)state;
    int fd = client_open(&it);
    ask(fd, hint);
    await_run();
    assert_ok(abx_machine_stop(it.machine));
    expect_error(fd, "state");
    client_expect_error(fd, hint, "state");
    close(fd);
}

/* The socket goes while a client waits; and the machine after it. */
static void the_end_of_the_socket_cancels(void **state)
{
    (void)state;
    int fd = client_open(&it);
    ask(fd, hint);
    await_run();
    abx_control_close(it.control);
    it.control = NULL;
    assert_int_equal(id_of_run(), 1);
    client_expect_end(fd);
    close(fd);
}

static void a_guest_that_resets_is_an_answer(void **state)
{
    (void)state;
    int fd = client_open(&it);
    ask(fd, hint);
    await_run();
    abx_balloon_hint_reset(device());
    expect_error(fd, "lost");
    assert_int_equal(id_of_run(), 0);
    close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_answer_comes_when_the_guest_has_answered),
        TEST(a_client_that_goes_cancels),
        TEST(the_end_of_the_machine_is_an_answer),
        TEST(the_end_of_the_socket_cancels),
        TEST(a_guest_that_resets_is_an_answer),
    };
    return cmocka_run_group_tests(tests, write_kernel, remove_kernel);
}
