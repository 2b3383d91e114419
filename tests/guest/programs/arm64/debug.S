/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A row of instructions whose addresses the test knows: additions, a store, an endless loop. */
    .section .text.start, "ax"
    .globl start
start:
    movz x1, #0x4020, lsl #16   /* +0 */
    mov x0, #0                  /* +4 */
    add x0, x0, #1              /* +8 */
    add x0, x0, #1              /* +12 */
    str w0, [x1]                /* +16 */
    b start                     /* +20 */
    .section .note.GNU-stack, "", @progbits
