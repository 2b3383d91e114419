/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The program at EL2: its start, its vectors, and the way into the guest and back. */
    .section .text.start, "ax"
    .globl start
start:
    adrp x0, stack_top
    mov sp, x0
    adr x0, vectors
    msr vbar_el2, x0
    isb
    bl oracle_main
    b power_off

    /* void enter_guest(oracle_registers *registers): returns with the next exit. */
    .globl enter_guest
enter_guest:
    stp x19, x20, [sp, #-112]!
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    str x0, [sp, #96]
    ldp x1, x2, [x0, #248]
    msr elr_el2, x1
    msr spsr_el2, x2
    ldp x2, x3, [x0, #16]
    ldp x4, x5, [x0, #32]
    ldp x6, x7, [x0, #48]
    ldp x8, x9, [x0, #64]
    ldp x10, x11, [x0, #80]
    ldp x12, x13, [x0, #96]
    ldp x14, x15, [x0, #112]
    ldp x16, x17, [x0, #128]
    ldp x18, x19, [x0, #144]
    ldp x20, x21, [x0, #160]
    ldp x22, x23, [x0, #176]
    ldp x24, x25, [x0, #192]
    ldp x26, x27, [x0, #208]
    ldp x28, x29, [x0, #224]
    ldr x30, [x0, #240]
    ldp x0, x1, [x0]
    eret

leave_guest:
    str x0, [sp, #104]
    ldr x0, [sp, #96]
    stp x2, x3, [x0, #16]
    stp x4, x5, [x0, #32]
    stp x6, x7, [x0, #48]
    stp x8, x9, [x0, #64]
    stp x10, x11, [x0, #80]
    stp x12, x13, [x0, #96]
    stp x14, x15, [x0, #112]
    stp x16, x17, [x0, #128]
    stp x18, x19, [x0, #144]
    stp x20, x21, [x0, #160]
    stp x22, x23, [x0, #176]
    stp x24, x25, [x0, #192]
    stp x26, x27, [x0, #208]
    stp x28, x29, [x0, #224]
    str x30, [x0, #240]
    ldr x2, [sp, #104]
    stp x2, x1, [x0]
    mrs x1, elr_el2
    mrs x2, spsr_el2
    stp x1, x2, [x0, #248]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp x19, x20, [sp], #112
    ret

    /* PSCI SYSTEM_OFF: ends the machine. */
    .globl power_off
power_off:
    movz x0, #0x8400, lsl #16
    movk x0, #8
    smc #0
1:  wfi
    b 1b

    .balign 2048
vectors:
    .rept 8                         /* from EL2: a mistake of this program */
    .balign 128
    b oracle_broken
    .endr
    .rept 4                         /* from the guest */
    .balign 128
    b leave_guest
    .endr
    .rept 4                         /* 32-bit guests: there are none */
    .balign 128
    b oracle_broken
    .endr

    .bss
    .balign 4096
    .skip 16384
stack_top:
    .section .note.GNU-stack, "", @progbits
