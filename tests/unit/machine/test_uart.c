/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/uart.h"

#include <string.h>

static abx_uart fresh(void)
{
    abx_uart uart;
    abx_uart_reset(&uart);
    return uart;
}

static void enable_fifo(abx_uart *uart, uint8_t trigger)
{
    abx_uart_write(uart, ABX_UART_IIR, (uint8_t)(0x07 | trigger << 6));
}

static void registers_after_reset(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IER), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x01);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LCR), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MCR), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x60);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MSR), 0xb0);
    assert_false(abx_uart_interrupts(&uart));
}

static void registers_keep_only_their_bits(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    for (uint32_t reg = 1; reg < 8; reg++)
        abx_uart_write(&uart, reg, 0xff);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LCR), 0xff);
    abx_uart_write(&uart, ABX_UART_LCR, 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IER), 0x0f);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MCR), 0x1f);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_SCR), 0xff);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x60);
}

static void divisor_hides_behind_the_latch(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    abx_uart_write(&uart, ABX_UART_LCR, 0x83);
    abx_uart_write(&uart, ABX_UART_DATA, 0x34);
    abx_uart_write(&uart, ABX_UART_IER, 0x12);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), 0x34);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IER), 0x12);
    abx_uart_write(&uart, ABX_UART_LCR, 0x03);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IER), 0);
    assert_int_equal(uart.divisor, 0x1234);
    assert_int_equal(uart.sent_count, 0);
}

/* How Linux tells a 16550A from its kin. */
static void drivers_recognise_a_16550a(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    abx_uart_write(&uart, ABX_UART_MCR, 0x1a);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MSR) & 0xf0, 0x90);
    abx_uart_write(&uart, ABX_UART_MCR, 0);
    abx_uart_write(&uart, ABX_UART_LCR, 0xbf);
    abx_uart_write(&uart, ABX_UART_IIR, 0x01);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR) >> 6, 3);
    abx_uart_write(&uart, ABX_UART_IIR, 0x21);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR) & 0x20, 0);
}

static void loopback_feeds_the_receiver(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    abx_uart_write(&uart, ABX_UART_MCR, 0x10);
    abx_uart_write(&uart, ABX_UART_DATA, 'x');
    assert_int_equal(uart.sent_count, 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x61);
    abx_uart_write(&uart, ABX_UART_DATA, 'y');
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x63);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x61);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), 'x');
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x60);
    assert_int_equal(abx_uart_room(&uart), 0);
    abx_uart_write(&uart, ABX_UART_DATA, 'z');
    enable_fifo(&uart, 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x60);
}

static void modem_lines_tell_of_changes(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    abx_uart_write(&uart, ABX_UART_IER, 0x08);
    abx_uart_write(&uart, ABX_UART_MCR, 0x14);
    /* CTS, DSR and DCD fell; RI rose, which does not count. */
    assert_true(abx_uart_interrupts(&uart));
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x00);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MSR), 0x4b);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MSR), 0x40);
    assert_false(abx_uart_interrupts(&uart));
    abx_uart_write(&uart, ABX_UART_MCR, 0x10);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_MSR), 0x04);
}

static void sender_empty_interrupts_once(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    for (int i = 0; i < 2; i++) {
        abx_uart_write(&uart, ABX_UART_IER, 0x02);
        assert_true(abx_uart_interrupts(&uart));
        assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x02);
        assert_false(abx_uart_interrupts(&uart));
        assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x01);
        abx_uart_write(&uart, ABX_UART_DATA, 'a');
        assert_true(abx_uart_interrupts(&uart));
        abx_uart_write(&uart, ABX_UART_IER, 0x00);
        assert_false(abx_uart_interrupts(&uart));
    }
    assert_int_equal(uart.sent_count, 2);
}

static void sending_waits_only_for_a_driver_that_comes_back(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    uint8_t bytes[ABX_UART_FIFO];
    assert_false(abx_uart_send_due(&uart));
    abx_uart_write(&uart, ABX_UART_DATA, 'a');
    assert_true(abx_uart_send_due(&uart));
    assert_int_equal(abx_uart_take_sent(&uart, bytes), 1);
    assert_int_equal(bytes[0], 'a');
    assert_false(abx_uart_send_due(&uart));

    enable_fifo(&uart, 0);
    abx_uart_write(&uart, ABX_UART_DATA, 'b');
    assert_true(abx_uart_send_due(&uart));
    abx_uart_write(&uart, ABX_UART_IER, 0x02);
    assert_false(abx_uart_send_due(&uart));
    abx_uart_write(&uart, ABX_UART_IER, 0x00);
    assert_true(abx_uart_send_due(&uart));
    abx_uart_write(&uart, ABX_UART_IER, 0x02);
    for (char c = 'c'; c < 'b' + ABX_UART_FIFO; c++) {
        assert_false(abx_uart_send_due(&uart));
        abx_uart_write(&uart, ABX_UART_DATA, (uint8_t)c);
    }
    assert_true(abx_uart_send_due(&uart));
    /* What has been sent has left: clearing the FIFO does not lose it. */
    abx_uart_write(&uart, ABX_UART_IIR, 0x07);
    assert_int_equal(abx_uart_take_sent(&uart, bytes), ABX_UART_FIFO);
    assert_memory_equal(bytes, "bcdefghijklmnopq", ABX_UART_FIFO);
}

static void receiver_takes_what_it_has_room_for(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    assert_int_equal(abx_uart_room(&uart), 0);
    abx_uart_write(&uart, ABX_UART_IER, 0x01);
    assert_int_equal(abx_uart_room(&uart), 1);
    abx_uart_receive(&uart, (const uint8_t *)"a", 1);
    assert_int_equal(abx_uart_room(&uart), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x04);
    /* As if it had come just after the driver cleared its FIFO. */
    enable_fifo(&uart, 0);
    assert_int_equal(abx_uart_room(&uart), ABX_UART_FIFO - 1);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), 'a');
    assert_false(abx_uart_interrupts(&uart));

    enable_fifo(&uart, 1);
    abx_uart_receive(&uart, (const uint8_t *)"0123", 3);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0xcc);
    abx_uart_receive(&uart, (const uint8_t *)"3456789abcdef", 13);
    assert_int_equal(abx_uart_room(&uart), 0);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0xc4);
    for (const char *expected = "0123456789abcdef"; *expected; expected++) {
        assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x61);
        assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), *expected);
    }
    assert_int_equal(abx_uart_read(&uart, ABX_UART_LSR), 0x60);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_DATA), 0);
}

/* A driver reads each register once while it starts, and must not swallow input by that. */
static void receiver_stays_closed_until_somebody_listens(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    for (int round = 0; round < 5; round++) {
        enable_fifo(&uart, 0);
        for (uint32_t reg = 0; reg < 8; reg++)
            abx_uart_read(&uart, reg);
        abx_uart_read(&uart, ABX_UART_LSR);
        abx_uart_write(&uart, ABX_UART_DATA, '.');
        abx_uart_read(&uart, ABX_UART_LSR);
        assert_int_equal(abx_uart_room(&uart), 0);
    }
    for (int poll = 0; poll < 4; poll++)
        abx_uart_read(&uart, ABX_UART_LSR);
    assert_int_equal(abx_uart_room(&uart), ABX_UART_FIFO);
    abx_uart_write(&uart, ABX_UART_SCR, 1);
    assert_int_equal(abx_uart_room(&uart), 0);
}

static void reasons_come_by_urgency(void **state)
{
    (void)state;
    abx_uart uart = fresh();
    abx_uart_write(&uart, ABX_UART_MCR, 0x10);
    abx_uart_write(&uart, ABX_UART_DATA, 1);
    abx_uart_write(&uart, ABX_UART_DATA, 2);
    abx_uart_write(&uart, ABX_UART_IER, 0x0f);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x06);
    abx_uart_read(&uart, ABX_UART_LSR);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x04);
    abx_uart_read(&uart, ABX_UART_DATA);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x02);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x00);
    abx_uart_read(&uart, ABX_UART_MSR);
    assert_int_equal(abx_uart_read(&uart, ABX_UART_IIR), 0x01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_after_reset),
        cmocka_unit_test(registers_keep_only_their_bits),
        cmocka_unit_test(divisor_hides_behind_the_latch),
        cmocka_unit_test(drivers_recognise_a_16550a),
        cmocka_unit_test(loopback_feeds_the_receiver),
        cmocka_unit_test(modem_lines_tell_of_changes),
        cmocka_unit_test(sender_empty_interrupts_once),
        cmocka_unit_test(sending_waits_only_for_a_driver_that_comes_back),
        cmocka_unit_test(receiver_takes_what_it_has_room_for),
        cmocka_unit_test(receiver_stays_closed_until_somebody_listens),
        cmocka_unit_test(reasons_come_by_urgency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
