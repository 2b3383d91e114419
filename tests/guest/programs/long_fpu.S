/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fills an SSE register and the top of the x87's stack, lets the test look and change them, and tells what it finds. */
    .section .text.start, "ax"
    .code64
    .globl start
start:
    mov %cr4, %rax
    or $0x600, %rax         /* OSFXSR and OSXMMEXCPT: SSE is there */
    mov %rax, %cr4
    mov $0x0101010101010101, %rbx
    movq %rbx, %xmm7
    fninit
    fld1
    out %al, $0x20
    /* The test has changed XMM7 and ST0. */
    movq %xmm7, %rax
    out %eax, $0x22
    fistpl 0x201000
    mov 0x201000, %eax
    out %eax, $0x24
    hlt
    .section .note.GNU-stack, "", @progbits
