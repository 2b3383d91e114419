/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest code that makes every kind of exit, for EL1 without address translation. HVCs are orders to the host
 * (actions.h); "hvc #ACTION_LOOK" shows what the exits before it have written back.
 */
#include "actions.h"

    .arch armv8.3-a+lse
    .macro look
    hvc #ACTION_LOOK
    .endm
    .macro load register, value
    movz \register, #((\value) >> 16), lsl #16
    .endm
    /* RET and not BLR, which leaves a mark in PSTATE (BTYPE). */
    .macro call register
    adr x30, 9f
    ret \register
9:
    .endm

    .text
    .globl start
start:
    adr x0, vectors
    msr vbar_el1, x0
    mov x0, #(3 << 20)
    msr cpacr_el1, x0
    isb
    adr x0, stack
    mov sp, x0
    ldr x2, =0x8182838485868788
    load x1, ORACLE_DEVICE

stores:
    strb w2, [x1]
    strh w2, [x1, #2]
    str w2, [x1, #4]
    str x2, [x1, #8]
    strb wzr, [x1]
    str wzr, [x1, #4]
    str xzr, [x1, #8]
    sturb w2, [x1, #1]
    stur x2, [x1, #17]
    mov x3, #4
    str w2, [x1, x3]
    str w2, [x1, x3, lsl #2]
    str x2, [x1, w3, sxtw #3]
    sttr w2, [x1]
    stlrb w2, [x1]
    stlr w2, [x1]
    stlr x2, [x1]
    str x30, [x1, #0x7ff8]

loads:
    ldrb w4, [x1]
    ldrh w5, [x1, #2]
    ldr w6, [x1, #4]
    ldr x7, [x1, #8]
    ldrsb w8, [x1]
    ldrsb x9, [x1]
    ldrsh w10, [x1]
    ldrsh x11, [x1]
    ldrsw x12, [x1]
    look
    ldrb wzr, [x1]
    ldr wzr, [x1]
    ldr xzr, [x1]
    ldrsb xzr, [x1]
    ldrsw xzr, [x1]
    ldurh w4, [x1, #3]
    ldursb w5, [x1, #-1]
    ldr x6, [x1, x3]
    ldrsh w7, [x1, w3, uxtw #1]
    ldtrsb x8, [x1]
    ldarb w9, [x1]
    ldar w10, [x1]
    ldar x11, [x1]
    ldaprh w12, [x1]
    ldr x30, [x1]
    ldr x1, [x1]                    /* over its own address */
    look
    load x1, ORACLE_DEVICE

undescribed:
    str w2, [x1], #4
    look
    str w2, [x1, #4]!
    ldr x3, [x1], #8
    look
    stp w2, w3, [x1]
    ldp x4, x5, [x1, #16]
    look
    stp x2, x3, [x1, #-16]!
    look
    fmov d1, x2
    str q1, [x1]
    ldr q0, [x1]
    str d1, [x1, #8]
    st1 {v1.4s}, [x1]
    look

exclusives:
    ldxr w4, [x1]
    ldaxr x5, [x1]
    ldxrb w6, [x1]
    stxr w7, w2, [x1]               /* without a monitor: fails before it gets there */
    look
    swp x2, x3, [x1]
    ldadd w2, w3, [x1]
    cas w3, w2, [x1]
    look

memory:
    load x3, ORACLE_READ_ONLY
    ldr x4, [x3, #8]
    str x2, [x3, #8]
    strb w2, [x3, #5]
    str w2, [x3], #4
    stp x2, x2, [x3]
    ldr x4, [x3, #8]
    look
    load x3, (ORACLE_RAM + ORACLE_RAM_SIZE)
    ldr w4, [x3]
    str w2, [x3, #4]
    look
    movz x3, #0x000f, lsl #32       /* beyond all */
    ldr w4, [x3]
    look

instruction_aborts:
    load x3, ORACLE_NOTHING
    call x3
    look
    load x3, ORACLE_DEVICE
    add x3, x3, #0x100
    call x3
    look

calls:
    hvc #0x1234
    smc #0
    smc #0x4321
    look
    wfi
    sevl
    wfe
    wfe                             /* no exit: the processor goes on */
    look

system_registers:
    mrs x4, pmccntr_el0
    msr pmccntr_el0, x2
    mrs xzr, pmccntr_el0
    msr pmccntr_el0, xzr
    mrs x30, pmcr_el0
    msr pmcr_el0, x30
    look

own_exceptions:                     /* the vectors show ESR, ELR, SPSR and FAR */
    svc #7
    .inst 0
    brk #8
    look
    svc #0xffff
    look

interrupts:
    hvc #ACTION_IRQ                 /* shut: nothing comes */
    look
    msr daifclr, #2
    hvc #ACTION_IRQ
    look
    hvc #ACTION_FIQ                 /* shut */
    look
    msr daifset, #2
    msr daifclr, #1
    hvc #ACTION_FIQ
    look
    msr daifset, #3
    hvc #ACTION_IRQ                 /* is let in later in the same run */
    mov x4, #1
    mov x4, #2
    msr daifclr, #2
    mov x4, #3
    look
    msr daifset, #2
    msr spsel, #0
    msr daifclr, #2
    hvc #ACTION_IRQ
    msr spsel, #1
    msr daifset, #2

user:
    adr x4, 1f
    msr elr_el1, x4
    mov x4, #0
    msr spsr_el1, x4
    eret
1:  ldr w5, [x1]                    /* at EL0 */
    strb w5, [x1]
    svc #9                          /* … comes back in EL1 */
    look

debug:
    brk #1
    hvc #ACTION_TRAP_DEBUG
    brk #2
    brk #0xffff
    hvc #ACTION_STEP
    mov x4, #4
    look
    hvc #ACTION_STEP                /* over a load that exits itself */
    ldr w4, [x1]
    look
    adr x1, 1f
    hvc #ACTION_BREAKPOINT
    mov x4, #5
1:  mov x4, #6
    mov x1, #0
    hvc #ACTION_BREAKPOINT
    adr x1, watched
    hvc #ACTION_WATCHPOINT
    mov x4, x1
    ldr x5, [x4, #8]
    ldr x5, [x4]
    strb w5, [x4, #7]
    ldp x5, x6, [x4, #-8]
    look
    mov x1, #0
    hvc #ACTION_WATCHPOINT
    ldr x5, [x4]
    hvc #ACTION_GUEST_DEBUG
    load x1, ORACLE_DEVICE

translation:                        /* from now on 2 GiB are at 0 again, and 1 GiB is itself */
    adr x3, tables
    load x4, ORACLE_RAM
    mov x5, #0x701                  /* a block of normal memory, accessed */
    orr x5, x5, x4
    str x5, [x3, #8]
    mov x5, #0x405                  /* … of a device */
    str x5, [x3, #16]
    mov x5, #0x44ff
    msr mair_el1, x5
    movz x5, #0x0080, lsl #16       /* 32 bits of addresses in TTBR0, none in TTBR1 */
    movk x5, #0x0020
    msr tcr_el1, x5
    msr ttbr0_el1, x3
    isb
    mrs x5, sctlr_el1
    orr x5, x5, #1
    msr sctlr_el1, x5
    isb
    load x1, (0x80000000 + ORACLE_DEVICE)
    ldr w4, [x1]
    ldrsh x5, [x1, #6]
    str w2, [x1], #4
    stp w2, w2, [x1]
    look
    load x1, 0x8c000000
    str x2, [x1, #16]
    ldr x3, [x1, #0xff8]
    look
    call x1
    look
    load x3, 0xc0000000             /* no translation: the guest's own abort */
    ldr w4, [x3, #12]
    str w4, [x3, #16]
    stp x4, x4, [x3, #32]
    look
    call x3
    look
    hvc #ACTION_END
    b .

    /* What each vector does: shows why it was entered, and goes on behind the instruction. */
    .macro synchronous number
    .balign 128
    mov x23, #\number
    mrs x24, esr_el1
    mrs x25, elr_el1
    mrs x26, spsr_el1
    mrs x27, far_el1
    b synchronous_end
    .endm
    .macro interrupt number
    .balign 128
    mov x23, #\number
    mrs x25, elr_el1
    mrs x26, spsr_el1
    look
    eret
    .endm

    .balign 2048
vectors:
    .set number, 0
    .rept 4
    synchronous number
    interrupt (number + 1)
    interrupt (number + 2)
    interrupt (number + 3)
    .set number, number + 4
    .endr

synchronous_end:
    lsr x24, x24, #26
    cmp x24, #0x21                  /* an instruction abort: on at X30 */
    mrs x24, esr_el1
    b.eq 2f
    movz x28, #0x5600, lsl #16
    add x28, x28, #9
    cmp x24, x28                    /* svc #9 */
    b.eq 1f
    lsr x28, x24, #26
    cmp x28, #0x15                  /* SVC: ELR is behind it */
    b.eq 3f
    add x25, x25, #4
    msr elr_el1, x25
3:  look
    eret
1:  mov x28, #0x3c5
    msr spsr_el1, x28
    look
    eret
2:  msr elr_el1, x30
    look
    eret

    .balign 16
    .quad 0
watched:
    .quad 0x1122334455667788, 0x99aabbccddeeff00
    .balign 4096
tables:
    .fill 512, 8, 0
    .skip 4096
stack:
    .section .note.GNU-stack, "", @progbits
