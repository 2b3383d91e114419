/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest's code as bytes: PAYLOAD is its file. */
    .section .rodata
    .balign 16
    .globl payload_start, payload_end
payload_start:
    .incbin PAYLOAD
payload_end:
    .section .note.GNU-stack, "", @progbits
