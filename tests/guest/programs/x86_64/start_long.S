/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Start of guest programs in 64-bit mode: entered at the first byte, flat, identity-mapped. */
    .section .text.start, "ax"
    .code64
    .globl start
start:
    lea stack_top(%rip), %rsp
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
