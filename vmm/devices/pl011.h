/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The registers of Arm's PL011 UART (PrimeCell UART, technical reference manual DDI 0183), revision r1p3: FIFOs of 16.
 */
#ifndef ABX_VMM_DEVICES_PL011_H
#define ABX_VMM_DEVICES_PL011_H

#include "devices/serial_chip.h"

enum {
    ABX_PL011_DR = 0x00,
    ABX_PL011_RSR = 0x04, /* written: ECR */
    ABX_PL011_FR = 0x18,
    ABX_PL011_ILPR = 0x20,
    ABX_PL011_IBRD = 0x24,
    ABX_PL011_FBRD = 0x28,
    ABX_PL011_LCR_H = 0x2c,
    ABX_PL011_CR = 0x30,
    ABX_PL011_IFLS = 0x34,
    ABX_PL011_IMSC = 0x38,
    ABX_PL011_RIS = 0x3c,
    ABX_PL011_MIS = 0x40,
    ABX_PL011_ICR = 0x44,
    ABX_PL011_DMACR = 0x48,
};

typedef struct abx_pl011 {
    uint32_t ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
    uint32_t latched; /* bits of RIS that stay until they are cleared */
    bool overrun;
    bool listening; /* its driver has begun to take what is received */
    uint8_t polls;  /* reads of FR in a row */
    uint8_t received[ABX_SERIAL_FIFO];
    uint8_t first, count; /* of received */
    uint8_t sent[ABX_SERIAL_FIFO];
    uint8_t sent_count;
} abx_pl011;

extern const abx_serial_chip abx_pl011_chip; /* its state: abx_pl011 */

#endif
