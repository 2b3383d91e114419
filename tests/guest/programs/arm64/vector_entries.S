/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One entry for each vector, 128 bytes apart: save what C may change, call vectors_dispatch(vector). */
    .text
    .globl vector_entries
    .balign 2048
vector_entries:
    .set vector, 0
    .rept 16
    .balign 128
    stp x0, x1, [sp, #-176]!
    mov x0, #vector
    b common
    .set vector, vector + 1
    .endr

common:
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x29, [sp, #144]
    str x30, [sp, #160]
    bl vectors_dispatch
    ldp x2, x3, [sp, #16]
    ldp x4, x5, [sp, #32]
    ldp x6, x7, [sp, #48]
    ldp x8, x9, [sp, #64]
    ldp x10, x11, [sp, #80]
    ldp x12, x13, [sp, #96]
    ldp x14, x15, [sp, #112]
    ldp x16, x17, [sp, #128]
    ldp x18, x29, [sp, #144]
    ldr x30, [sp, #160]
    ldp x0, x1, [sp], #176
    eret
    .section .note.GNU-stack, "", @progbits
