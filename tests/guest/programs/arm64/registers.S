/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fills registers with known values, asks the test to look at them and change them, and tells what it then finds. */
    .section .text.start, "ax"
    .globl start
start:
    mov x0, #(3 << 20)              /* CPACR_EL1.FPEN: vectors are there */
    msr cpacr_el1, x0
    isb
    ldr x1, =0x0101010101010101
    ldr x15, =0x1515151515151515
    ldr x29, =0x2929292929292929
    ldr x30, =0x3030303030303030
    movz x2, #0x4060, lsl #16
    mov sp, x2
    movz x2, #0x4050, lsl #16
    msr sp_el0, x2
    msr tpidr_el1, x15
    msr tpidr_el0, x29
    msr elr_el1, x30
    fmov d7, x1
    fmov v7.d[1], x15
    movz x20, #0x0d00, lsl #16      /* the page where the test listens */
    str w1, [x20, #0x100]
    /* The test has changed X15, V7, TPIDR_EL1 and the stack pointers. */
    str x15, [x20, #0x108]
    fmov x3, d7
    str x3, [x20, #0x110]
    fmov x3, v7.d[1]
    str x3, [x20, #0x118]
    mrs x3, tpidr_el1
    str x3, [x20, #0x120]
    mov x3, sp
    str x3, [x20, #0x128]
    mrs x3, sp_el0
    str x3, [x20, #0x130]
    mrs x3, fpcr
    str x3, [x20, #0x138]
    mrs x3, cntvct_el0
    str x3, [x20, #0x140]
1:  wfi
    b 1b
    .section .note.GNU-stack, "", @progbits
