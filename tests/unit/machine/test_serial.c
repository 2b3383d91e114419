/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/pl011.h"
#include "devices/serial.h"
#include "devices/uart.h"
#include "thread.h"

#include <arcbox/arm64.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COM1 = ABX_SERIAL_PORT };

typedef struct scene {
    fake_host host;
    int input[2];
    int output[2];
} scene;

static void begin(scene *s, bool lines, bool input)
{
    fake_host_init(&s->host);
    assert_int_equal(pipe2(s->input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(s->output, O_CLOEXEC), 0);
    const abx_device_host host = fake_host_interface(&s->host, lines);
    assert_int_equal(abx_serial_new(&s->host.device, &host,
                                    &(abx_serial_place){ &abx_uart_chip, host.ports, COM1, ABX_SERIAL_LINE },
                                    input ? s->input[0] : -1, s->output[1]),
                     ABX_OK);
    s->host.device.ops->resume(s->host.device.object);
}

static void end(scene *s)
{
    fake_host_end(&s->host);
    for (int i = 0; i < 2; i++) {
        if (s->input[i] >= 0)
            close(s->input[i]);
        if (s->output[i] >= 0)
            close(s->output[i]);
    }
}

static void put(scene *s, uint32_t reg, uint8_t value)
{
    guest_out(&s->host, (uint16_t)(COM1 + reg), 1, value);
}

static uint8_t get(scene *s, uint32_t reg)
{
    return (uint8_t)guest_in(&s->host, (uint16_t)(COM1 + reg), 1);
}

static void send(scene *s, const char *text)
{
    for (; *text; text++)
        put(s, ABX_UART_DATA, (uint8_t)*text);
}

/* What has come out so far, without waiting. */
static size_t came_out(scene *s, char *buffer, size_t size)
{
    int flags = fcntl(s->output[0], F_GETFL);
    fcntl(s->output[0], F_SETFL, flags | O_NONBLOCK);
    ssize_t got = read(s->output[0], buffer, size);
    fcntl(s->output[0], F_SETFL, flags);
    return got < 0 ? 0 : (size_t)got;
}

static void output_is_out_before_the_guest_goes_on(void **state)
{
    (void)state;
    scene s;
    char text[64];
    begin(&s, true, false);
    put(&s, ABX_UART_IIR, 0x07);
    send(&s, "hello");
    assert_int_equal(came_out(&s, text, sizeof(text)), 5);
    assert_memory_equal(text, "hello", 5);
    char string[] = "by a string instruction";
    guest_string(&s.host, COM1, 1, ABX_WRITE, string, sizeof(string) - 1);
    assert_int_equal(came_out(&s, text, sizeof(text)), sizeof(string) - 1);
    assert_memory_equal(text, string, sizeof(string) - 1);
    end(&s);
}

static void a_driver_with_interrupts_fills_the_fifo(void **state)
{
    (void)state;
    scene s;
    char text[64];
    begin(&s, true, false);
    put(&s, ABX_UART_IIR, 0x07);
    put(&s, ABX_UART_IER, 0x02);
    assert_true(s.host.level[4]);
    assert_int_equal(get(&s, ABX_UART_IIR), 0xc2);
    assert_false(s.host.level[4]);
    send(&s, "0123456789");
    assert_true(s.host.level[4]);
    assert_int_equal(came_out(&s, text, sizeof(text)), 0);
    assert_int_equal(get(&s, ABX_UART_IIR), 0xc2);
    assert_int_equal(came_out(&s, text, sizeof(text)), 10);
    send(&s, "0123456789abcdef+");
    assert_int_equal(came_out(&s, text, sizeof(text)), 16);
    s.host.device.ops->drain(s.host.device.object);
    assert_int_equal(came_out(&s, text, sizeof(text)), 1);
    assert_int_equal(s.host.edges[4], 3);
    end(&s);
}

static void without_lines_nothing_is_held_back(void **state)
{
    (void)state;
    scene s;
    char text[8];
    begin(&s, false, false);
    put(&s, ABX_UART_IIR, 0x07);
    put(&s, ABX_UART_IER, 0x0f);
    send(&s, "x");
    assert_int_equal(came_out(&s, text, sizeof(text)), 1);
    end(&s);
}

static void odd_sizes_touch_one_register(void **state)
{
    (void)state;
    scene s;
    char text[8];
    begin(&s, true, false);
    guest_out(&s.host, COM1, 4, 0x44434241);
    assert_int_equal(came_out(&s, text, sizeof(text)), 1);
    assert_int_equal(text[0], 'A');
    assert_int_equal(guest_in(&s.host, COM1 + ABX_UART_LSR, 4), 0xffffff60);
    guest_out(&s.host, COM1 + 7, 4, 0x11223355);
    assert_int_equal(guest_in(&s.host, COM1 + 7, 2), 0xff55);
    end(&s);
}

static void *send_much(void *argument)
{
    scene *s = argument;
    for (int i = 0; i < 100000; i++)
        put(s, ABX_UART_DATA, (uint8_t)(i % 251));
    return NULL;
}

/* The reader is slow, the pipe is full most of the time, and every byte comes through. */
static void a_slow_reader_gets_everything(void **state)
{
    (void)state;
    scene s;
    pthread_t guest;
    begin(&s, true, false);
    assert_int_equal(abx_thread_start(&guest, send_much, &s, "guest"), ABX_OK);
    uint8_t buffer[1000];
    for (int seen = 0; seen < 100000;) {
        ssize_t got = read(s.output[0], buffer, sizeof(buffer));
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++, seen++)
            assert_int_equal(buffer[i], seen % 251);
    }
    pthread_join(guest, NULL);
    end(&s);
}

/* Nobody reads: other vCPUs and pausing are not held up, and abandoning lets the guest go. */
static void a_full_pipe_blocks_only_the_sender(void **state)
{
    (void)state;
    scene s;
    pthread_t guest;
    begin(&s, true, true);
    int size = fcntl(s.output[1], F_GETPIPE_SZ);
    assert_true(size > 4096 && size < 100000);
    assert_int_equal(abx_thread_start(&guest, send_much, &s, "guest"), ABX_OK);
    int filled = 0;
    while (filled <= size - 4096)
        assert_int_equal(ioctl(s.output[0], FIONREAD, &filled), 0);
    assert_int_equal(get(&s, ABX_UART_MSR), 0xb0);
    s.host.device.ops->pause(s.host.device.object);
    s.host.device.ops->resume(s.host.device.object);
    put(&s, ABX_UART_IER, 0x01);
    assert_int_equal(write(s.input[1], "k", 1), 1);
    await_level(&s.host, 4, true);
    s.host.device.ops->abandon(s.host.device.object);
    pthread_join(guest, NULL);
    end(&s);
}

static void *send_one(void *argument)
{
    send(argument, "abc");
    return NULL;
}

static void a_reader_that_is_gone_is_told_of_once(void **state)
{
    (void)state;
    scene s;
    pthread_t guest;
    begin(&s, true, false);
    close(s.output[0]);
    s.output[0] = -1;
    assert_int_equal(abx_thread_start(&guest, send_one, &s, "guest"), ABX_OK);
    pthread_join(guest, NULL);
    assert_int_equal(s.host.told, 1);
    assert_int_equal(s.host.event, ABX_EVENT_DEVICE_FAILED);
    assert_int_equal(s.host.event_code, EPIPE);
    assert_non_null(strstr(s.host.text, "serial"));
    assert_int_equal(get(&s, ABX_UART_LSR), 0x60);
    end(&s);
}

static void receive(scene *s, const char *expected)
{
    for (; *expected; expected++) {
        while (!(get(s, ABX_UART_LSR) & 1))
            ;
        assert_int_equal(get(s, ABX_UART_DATA), *expected);
    }
}

static void input_waits_for_the_driver(void **state)
{
    (void)state;
    scene s;
    begin(&s, true, true);
    const char text[] = "typed long before anybody reads it, and longer than a FIFO";
    assert_int_equal(write(s.input[1], text, strlen(text)), (ssize_t)strlen(text));
    /* The driver starts: it clears its FIFOs and reads every register. */
    put(&s, ABX_UART_IIR, 0x07);
    for (uint32_t reg = 0; reg < 8; reg++)
        get(&s, reg);
    put(&s, ABX_UART_IIR, 0x07);
    assert_false(s.host.level[4]);
    put(&s, ABX_UART_IER, 0x01);
    for (const char *expected = text; *expected;) {
        await_level(&s.host, 4, true);
        while (get(&s, ABX_UART_LSR) & 1)
            assert_int_equal(get(&s, ABX_UART_DATA), *expected++);
    }
    assert_false(s.host.level[4]);
    end(&s);
}

static void a_guest_that_polls_gets_input(void **state)
{
    (void)state;
    scene s;
    begin(&s, false, true);
    assert_int_equal(write(s.input[1], "poll this", 9), 9);
    receive(&s, "poll this");
    close(s.input[1]);
    s.input[1] = -1;
    for (int i = 0; i < 10; i++)
        assert_int_equal(get(&s, ABX_UART_LSR), 0x60);
    end(&s);
}

static void pause_holds_input_back(void **state)
{
    (void)state;
    scene s;
    begin(&s, true, true);
    put(&s, ABX_UART_IER, 0x01);
    s.host.device.ops->pause(s.host.device.object);
    assert_int_equal(write(s.input[1], "a", 1), 1);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(get(&s, ABX_UART_LSR), 0x60);
    s.host.device.ops->resume(s.host.device.object);
    await_level(&s.host, 4, true);
    assert_int_equal(get(&s, ABX_UART_DATA), 'a');
    end(&s);
}

static void the_callers_descriptors_stay_as_they_are(void **state)
{
    (void)state;
    scene s;
    begin(&s, true, true);
    assert_int_equal(fcntl(s.input[0], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(s.output[1], F_GETFL) & O_NONBLOCK, 0);
    put(&s, ABX_UART_IER, 0x01);
    assert_int_equal(write(s.input[1], "a", 1), 1);
    await_level(&s.host, 4, true);
    send(&s, "b");
    assert_int_equal(fcntl(s.input[0], F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(s.output[1], F_GETFL) & O_NONBLOCK, 0);
    end(&s);
}

static void without_descriptors_it_is_a_port_nonetheless(void **state)
{
    (void)state;
    fake_host host;
    fake_host_init(&host);
    const abx_device_host interface = fake_host_interface(&host, true);
    const abx_serial_place place = { &abx_uart_chip, interface.ports, COM1, ABX_SERIAL_LINE };
    assert_int_equal(abx_serial_new(&host.device, &interface, &place, -1, -1), ABX_OK);
    host.device.ops->resume(host.device.object);
    for (int i = 0; i < 100; i++)
        guest_out(&host, COM1, 1, 'x');
    assert_int_equal(guest_in(&host, COM1 + ABX_UART_LSR, 1), 0x60);
    host.device.ops->drain(host.device.object);
    host.device.ops->abandon(host.device.object);
    host.device.ops->pause(host.device.object);
    abx_device second;
    assert_int_equal(abx_serial_new(&second, &interface, &place, -1, -1), ABX_ERR_EXISTS);
    fake_host_end(&host);
}

/* The same port with the other chip: output, input and the line of ARM64. */
static void a_pl011_is_a_serial_port_too(void **state)
{
    (void)state;
    const uint64_t base = ABX_ARM64_SERIAL;
    scene s;
    char text[64];
    fake_host_init(&s.host);
    assert_int_equal(pipe2(s.input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(s.output, O_CLOEXEC), 0);
    const abx_device_host host = fake_host_interface(&s.host, true);
    const abx_serial_place place = { &abx_pl011_chip, host.mmio, base, ABX_ARM64_SPI_SERIAL };
    assert_int_equal(abx_serial_new(&s.host.device, &host, &place, s.input[0], s.output[1]), ABX_OK);
    s.host.device.ops->resume(s.host.device.object);

    guest_store(&s.host, base + ABX_PL011_LCR_H, 4, 0x70);
    guest_store(&s.host, base + ABX_PL011_DR, 4, 'a');
    guest_store(&s.host, base + ABX_PL011_DR, 1, 'b');
    assert_int_equal(came_out(&s, text, sizeof(text)), 2);
    assert_memory_equal(text, "ab", 2);

    guest_store(&s.host, base + ABX_PL011_IMSC, 4, 0x20); /* by interrupt: up to 16 bytes at once */
    assert_true(s.host.level[ABX_ARM64_SPI_SERIAL]);
    guest_store(&s.host, base + ABX_PL011_ICR, 4, 0x20);
    assert_false(s.host.level[ABX_ARM64_SPI_SERIAL]);
    for (const char *c = "0123456789"; *c; c++)
        guest_store(&s.host, base + ABX_PL011_DR, 4, (uint8_t)*c);
    assert_true(s.host.level[ABX_ARM64_SPI_SERIAL]);
    assert_int_equal(came_out(&s, text, sizeof(text)), 0);
    assert_int_equal(guest_load(&s.host, base + ABX_PL011_MIS, 4), 0x20);
    assert_int_equal(came_out(&s, text, sizeof(text)), 10);

    assert_int_equal(write(s.input[1], "input", 5), 5);
    guest_store(&s.host, base + ABX_PL011_ICR, 4, 0x20);
    guest_store(&s.host, base + ABX_PL011_CR, 4, 0x301);
    guest_store(&s.host, base + ABX_PL011_IMSC, 4, 0x50);
    await_level(&s.host, ABX_ARM64_SPI_SERIAL, true);
    for (const char *c = "input"; *c; c++)
        assert_int_equal(guest_load(&s.host, base + ABX_PL011_DR, 4), *c);
    assert_false(s.host.level[ABX_ARM64_SPI_SERIAL]);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_out_before_the_guest_goes_on),
        cmocka_unit_test(a_driver_with_interrupts_fills_the_fifo),
        cmocka_unit_test(without_lines_nothing_is_held_back),
        cmocka_unit_test(odd_sizes_touch_one_register),
        cmocka_unit_test(a_slow_reader_gets_everything),
        cmocka_unit_test(a_full_pipe_blocks_only_the_sender),
        cmocka_unit_test(a_reader_that_is_gone_is_told_of_once),
        cmocka_unit_test(input_waits_for_the_driver),
        cmocka_unit_test(a_guest_that_polls_gets_input),
        cmocka_unit_test(pause_holds_input_back),
        cmocka_unit_test(the_callers_descriptors_stay_as_they_are),
        cmocka_unit_test(without_descriptors_it_is_a_port_nonetheless),
        cmocka_unit_test(a_pl011_is_a_serial_port_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
