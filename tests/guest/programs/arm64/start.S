/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Start of guest programs in C: entered at the first byte, at EL1 and without address translation. */
    .section .text.start, "ax"
    .globl start
start:
    bl translation_on
    mrs x0, mpidr_el1
    and x0, x0, #0xff
    adrp x1, stack_top
    sub x1, x1, x0, lsl #12
    mov sp, x1
    mov x29, xzr
    bl guest_main
    movz x1, #0x0d00, lsl #16
    str w0, [x1, #0x14]
1:  wfi
    b 1b

/*
 * Flat and cached, so that the guest sees what the host writes on every processor: without translation all data accesses
 * would be those of a device (DDI 0487, D8.2.12).
 */
    .globl translation_on
translation_on:
    movz x9, #0xff00                /* MAIR_EL1: 0 device-nGnRnE, 1 normal, write-back */
    msr mair_el1, x9
    ldr x9, =0x200803519            /* TCR_EL1: 39 bits below by 4 KiB pages, write-back, inner shareable; none above */
    msr tcr_el1, x9
    adrp x9, level_1
    msr ttbr0_el1, x9
    isb
    mrs x9, sctlr_el1
    movz x10, #0x1005               /* I, C, M */
    orr x9, x9, x10
    msr sctlr_el1, x9
    isb
    ret

    .set NORMAL, 0x705              /* a block of normal memory, inner shareable, accessed */
    .set DEVICE, 0x60000000000401   /* … of a device, no code in it */
    .data
    .balign 4096
level_1:                            /* of 1 GiB each */
    .quad level_2 + 3
    .set address, 0x40000000
    .rept 511
    .quad address + NORMAL
    .set address, address + 0x40000000
    .endr
level_2:                            /* of 2 MiB each: devices from 128 MiB to 224 MiB */
    .set address, 0
    .rept 512
    .if address >= 0x08000000 && address < 0x0e000000
    .quad address + DEVICE
    .else
    .quad address + NORMAL
    .endif
    .set address, address + 0x200000
    .endr

    .bss
    .balign 4096
    .skip 4 * 4096                  /* one page for each of four vCPUs */
    .globl stack_top
stack_top:
    .section .note.GNU-stack, "", @progbits
