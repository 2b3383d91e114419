/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A row of instructions whose addresses the test knows: two-byte ones, a store, an endless loop. */
    .section .text.start, "ax"
    .code64
    .globl start
start:
    xor %eax, %eax          /* +0 */
    inc %eax                /* +2 */
    inc %eax                /* +4 */
    movl $1, 0x200000       /* +6, 11 bytes */
    inc %eax                /* +17 */
    jmp start               /* +19 */
    .section .note.GNU-stack, "", @progbits
