/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/pl011.h"

#include <string.h>

enum {
    RECEIVED = 1 << 4,
    SENT = 1 << 5,
    TIMEOUT = 1 << 6,
    OVERRUN = 1 << 10,
    FIFO = 1 << 4,
    LOOP = 1 << 7,
    ON = 0x301
};

static const abx_serial_chip *const chip = &abx_pl011_chip;

static abx_pl011 fresh(void)
{
    abx_pl011 uart;
    assert_int_equal(chip->state_size, sizeof(uart));
    chip->reset(&uart);
    return uart;
}

static uint32_t get(abx_pl011 *uart, uint64_t offset)
{
    return (uint32_t)chip->read(uart, offset);
}

static void registers_after_reset(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    assert_int_equal(get(&uart, ABX_PL011_FR), 0x97); /* both FIFOs empty, a peer is there */
    assert_int_equal(get(&uart, ABX_PL011_CR), 0x300);
    assert_int_equal(get(&uart, ABX_PL011_IFLS), 0x12);
    static const uint64_t zeros[] = { ABX_PL011_DR,    ABX_PL011_RSR,  ABX_PL011_ILPR, ABX_PL011_IBRD,
                                      ABX_PL011_FBRD,  ABX_PL011_IMSC, ABX_PL011_RIS,  ABX_PL011_MIS,
                                      ABX_PL011_LCR_H, ABX_PL011_ICR,  ABX_PL011_DMACR };
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
        assert_int_equal(get(&uart, zeros[i]), 0);
    assert_int_equal(get(&uart, 0xfe0), 0x11);
    assert_int_equal(get(&uart, 0xfe8), 0x14);
    assert_int_equal(get(&uart, 0xffc), 0xb1);
    assert_false(chip->interrupts(&uart));
}

static void registers_keep_only_their_bits(void **state)
{
    (void)state;
    static const struct {
        uint64_t offset;
        uint32_t mask;
    } cases[] = {
        { ABX_PL011_ILPR, 0xff }, { ABX_PL011_IBRD, 0xffff }, { ABX_PL011_FBRD, 0x3f },  { ABX_PL011_LCR_H, 0xff },
        { ABX_PL011_CR, 0xffff }, { ABX_PL011_IFLS, 0x3f },   { ABX_PL011_IMSC, 0x7ff }, { ABX_PL011_DMACR, 7 },
    };
    abx_pl011 uart = fresh();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        chip->write(&uart, cases[i].offset, UINT32_MAX);
        assert_int_equal(get(&uart, cases[i].offset), cases[i].mask);
    }
    for (uint64_t offset = 0; offset < 0x1000; offset++) { /* nothing anywhere does harm */
        uint8_t bytes[ABX_SERIAL_FIFO];
        chip->write(&uart, offset, UINT32_MAX);
        get(&uart, offset);
        chip->take_sent(&uart, bytes);
    }
}

static void what_is_sent_is_gone_at_once(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    uint8_t bytes[ABX_SERIAL_FIFO];
    chip->write(&uart, ABX_PL011_DR, 'a');
    assert_int_equal(get(&uart, ABX_PL011_FR) & 0xa8, 0x80); /* empty, not full, not busy */
    assert_int_equal(get(&uart, ABX_PL011_RIS), SENT);
    assert_int_equal(get(&uart, ABX_PL011_MIS), 0);
    assert_false(chip->interrupts(&uart));
    chip->write(&uart, ABX_PL011_IMSC, SENT);
    assert_true(chip->interrupts(&uart));
    chip->write(&uart, ABX_PL011_ICR, SENT);
    assert_false(chip->interrupts(&uart));
    assert_int_equal(chip->take_sent(&uart, bytes), 1);
    assert_int_equal(bytes[0], 'a');
    assert_int_equal(chip->take_sent(&uart, bytes), 0);
}

static void with_interrupt_and_fifo_it_may_wait(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    uint8_t bytes[ABX_SERIAL_FIFO];
    assert_false(chip->send_due(&uart));
    chip->write(&uart, ABX_PL011_DR, 'a');
    assert_true(chip->send_due(&uart));
    chip->write(&uart, ABX_PL011_IMSC, SENT);
    assert_true(chip->send_due(&uart)); /* without the FIFO */
    chip->write(&uart, ABX_PL011_LCR_H, FIFO);
    assert_false(chip->send_due(&uart));
    for (int i = 1; i < ABX_SERIAL_FIFO; i++)
        chip->write(&uart, ABX_PL011_DR, (uint32_t)('a' + i));
    assert_true(chip->send_due(&uart));
    assert_int_equal(chip->sent(&uart), ABX_SERIAL_FIFO);
    assert_int_equal(chip->take_sent(&uart, bytes), ABX_SERIAL_FIFO);
    assert_memory_equal(bytes, "abcdefghijklmnop", ABX_SERIAL_FIFO);
    chip->write(&uart, ABX_PL011_DR, 'z');
    chip->write(&uart, ABX_PL011_IMSC, 0); /* it has no more to send */
    assert_true(chip->send_due(&uart));
    assert_true(chip->tells_sent(ABX_PL011_FR) && chip->tells_sent(ABX_PL011_RIS) && chip->tells_sent(ABX_PL011_MIS));
    assert_false(chip->tells_sent(ABX_PL011_DR) || chip->tells_sent(ABX_PL011_IMSC));
}

static void nothing_comes_before_the_guest_listens(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    assert_int_equal(chip->room(&uart), 0);
    for (int i = 0; i < 3; i++)
        get(&uart, ABX_PL011_FR);
    assert_int_equal(chip->room(&uart), 0);
    get(&uart, ABX_PL011_FR);
    assert_int_equal(chip->room(&uart), 1);
    chip->write(&uart, ABX_PL011_DR, 'x'); /* it only waited for room to send */
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_CR, ON);
    chip->write(&uart, ABX_PL011_IMSC, RECEIVED);
    assert_int_equal(chip->room(&uart), 1);
    chip->write(&uart, ABX_PL011_LCR_H, FIFO);
    assert_int_equal(chip->room(&uart), ABX_SERIAL_FIFO);
    chip->write(&uart, ABX_PL011_IMSC, TIMEOUT);
    assert_int_equal(chip->room(&uart), ABX_SERIAL_FIFO);
    chip->write(&uart, ABX_PL011_CR, ON | LOOP);
    assert_int_equal(chip->room(&uart), 0);
}

/* The order in which pl011_startup() of Linux's driver does things. */
static void nothing_comes_while_linux_starts(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    chip->write(&uart, ABX_PL011_IMSC, RECEIVED | TIMEOUT);
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_CR, ON);
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_ICR, RECEIVED | TIMEOUT);
    get(&uart, ABX_PL011_FR);
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_IMSC, RECEIVED | TIMEOUT);
    assert_int_equal(chip->room(&uart), 1);
    chip->write(&uart, ABX_PL011_IMSC, 0); /* pl011_shutdown() */
    chip->write(&uart, ABX_PL011_CR, 0x101);
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_IMSC, RECEIVED | TIMEOUT); /* and again */
    chip->write(&uart, ABX_PL011_CR, ON);
    assert_int_equal(chip->room(&uart), 0);
    chip->write(&uart, ABX_PL011_DR, '>'); /* a driver that sets up in this order and asks */
    assert_int_equal(chip->room(&uart), 1);
}

static void received_bytes_raise_interrupts(void **state)
{
    (void)state;
    static const uint8_t triggers[] = { 2, 4, 8, 12, 14 };
    for (uint32_t level = 0; level < 5; level++) {
        abx_pl011 uart = fresh();
        chip->write(&uart, ABX_PL011_LCR_H, FIFO);
        chip->write(&uart, ABX_PL011_IFLS, level << 3);
        chip->write(&uart, ABX_PL011_IMSC, RECEIVED);
        for (unsigned i = 1; i <= ABX_SERIAL_FIFO; i++) {
            chip->receive(&uart, (const uint8_t *)"x", 1);
            assert_int_equal(chip->interrupts(&uart), i >= triggers[level]);
            assert_int_equal(get(&uart, ABX_PL011_RIS), i >= triggers[level] ? RECEIVED | TIMEOUT : TIMEOUT);
        }
    }
}

static void what_is_in_the_fifo_is_not_forgotten(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    chip->write(&uart, ABX_PL011_LCR_H, FIFO);
    chip->write(&uart, ABX_PL011_CR, ON);
    chip->write(&uart, ABX_PL011_IMSC, RECEIVED | TIMEOUT);
    chip->receive(&uart, (const uint8_t *)"abc", 3);
    assert_int_equal(chip->received(&uart), 3);
    assert_int_equal(chip->room(&uart), ABX_SERIAL_FIFO - 3);
    assert_int_equal(get(&uart, ABX_PL011_FR) & 0x50, 0);
    chip->write(&uart, ABX_PL011_ICR, UINT32_MAX);
    assert_true(chip->interrupts(&uart));
    assert_int_equal(get(&uart, ABX_PL011_DR), 'a');
    assert_int_equal(get(&uart, ABX_PL011_DR), 'b');
    assert_true(chip->interrupts(&uart));
    assert_int_equal(get(&uart, ABX_PL011_DR), 'c');
    assert_false(chip->interrupts(&uart));
    assert_int_equal(get(&uart, ABX_PL011_FR) & 0x50, 0x10);
    assert_int_equal(get(&uart, ABX_PL011_DR), 0);
}

static void loopback_leads_back(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    uint8_t bytes[ABX_SERIAL_FIFO];
    chip->write(&uart, ABX_PL011_CR, LOOP);
    chip->write(&uart, ABX_PL011_DR, 'l');
    assert_int_equal(get(&uart, ABX_PL011_FR) & 0x40, 0x40);
    assert_int_equal(get(&uart, ABX_PL011_RIS) & RECEIVED, RECEIVED);
    chip->write(&uart, ABX_PL011_DR, 'm'); /* one too many */
    assert_int_equal(get(&uart, ABX_PL011_RSR), 8);
    assert_int_equal(get(&uart, ABX_PL011_RIS) & OVERRUN, OVERRUN);
    assert_int_equal(get(&uart, ABX_PL011_DR), 1 << 11 | 'l');
    assert_int_equal(get(&uart, ABX_PL011_RSR), 0);
    chip->write(&uart, ABX_PL011_ICR, OVERRUN);
    assert_int_equal(get(&uart, ABX_PL011_RIS) & OVERRUN, 0);
    assert_int_equal(chip->take_sent(&uart, bytes), 0);
}

static void loopback_leads_the_modem_lines_back(void **state)
{
    (void)state;
    abx_pl011 uart = fresh();
    chip->write(&uart, ABX_PL011_CR, LOOP);
    assert_int_equal(get(&uart, ABX_PL011_FR) & 0x107, 0);
    assert_int_equal(get(&uart, ABX_PL011_RIS), 0xe); /* the peer's three went */
    chip->write(&uart, ABX_PL011_ICR, 0xf);
    static const struct {
        uint32_t output, line, interrupt;
    } pairs[] = { { 1 << 11, 1, 2 }, { 1 << 10, 2, 8 }, { 1 << 12, 4, 4 }, { 1 << 13, 0x100, 1 } };
    for (size_t i = 0; i < 4; i++) {
        chip->write(&uart, ABX_PL011_CR, LOOP | pairs[i].output);
        assert_int_equal(get(&uart, ABX_PL011_FR) & 0x107, pairs[i].line);
        assert_int_equal(get(&uart, ABX_PL011_RIS), pairs[i].interrupt);
        chip->write(&uart, ABX_PL011_CR, LOOP);
        chip->write(&uart, ABX_PL011_ICR, 0xf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_after_reset),
        cmocka_unit_test(registers_keep_only_their_bits),
        cmocka_unit_test(what_is_sent_is_gone_at_once),
        cmocka_unit_test(with_interrupt_and_fifo_it_may_wait),
        cmocka_unit_test(nothing_comes_before_the_guest_listens),
        cmocka_unit_test(nothing_comes_while_linux_starts),
        cmocka_unit_test(received_bytes_raise_interrupts),
        cmocka_unit_test(what_is_in_the_fifo_is_not_forgotten),
        cmocka_unit_test(loopback_leads_back),
        cmocka_unit_test(loopback_leads_the_modem_lines_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
