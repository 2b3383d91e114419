/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A stand-in for Rosetta: an ARM64 program without a library that says which program it was given, and with which
 * arguments, each behind a space. The registers at entry: System V ABI for the Arm 64-bit Architecture; the stack has
 * the number of arguments and their addresses.
 */
    .set SYS_WRITE, 64
    .set SYS_EXIT, 93

    .text
    .globl _start
_start:
    ldr x19, [sp]           /* argc */
    add x20, sp, #16        /* argv + 1 */
    adr x1, name
    bl print
1:  subs x19, x19, #1
    b.le 2f
    adr x1, space
    bl print
    ldr x1, [x20], #8
    bl print
    b 1b
2:  adr x1, newline
    bl print
    mov x0, #0
    mov x8, #SYS_EXIT
    svc #0

/* Writes the string at x1. */
print:
    mov x2, #0
3:  ldrb w3, [x1, x2]
    cbz w3, 4f
    add x2, x2, #1
    b 3b
4:  mov x0, #1
    mov x8, #SYS_WRITE
    svc #0
    ret

name:
    .asciz "standin"
space:
    .asciz " "
newline:
    .asciz "\n"
