/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Start of guest programs in 32-bit protected mode without paging: entered at the first byte. */
    .section .text.start, "ax"
    .code32
    .globl start
start:
    mov $stack_top, %esp
    xor %ebp, %ebp
    call guest_main
    outl %eax, $0x11
1:  cli
    hlt
    jmp 1b

    .bss
    .balign 16
    .skip 16384
stack_top:
    .section .note.GNU-stack, "", @progbits
