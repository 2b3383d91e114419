/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fills registers with known values, asks the test to look at them and change them, and tells what it then finds. */
    .section .text.start, "ax"
    .code64
    .globl start
start:
    mov $0x0101010101010101, %rbx
    mov $0x0202020202020202, %rcx
    mov $0x0404040404040404, %rsi
    mov $0x0505050505050505, %rdi
    mov $0x0606060606060606, %rbp
    mov $0x0808080808080808, %r8
    mov $0x1515151515151515, %r15
    mov $0x200000, %rsp
    mov %r8, %dr0
    out %al, $0x20
    /* The test has changed R15 and DR0. */
    mov %r15, %rax
    out %eax, $0x21
    mov %dr0, %rax
    out %eax, $0x23
    mov $0xc0000102, %ecx
    rdmsr
    out %eax, $0x25
    mov $0x40000000, %eax
    cpuid
    mov %ebx, %eax
    out %eax, $0x26
    hlt
    .section .note.GNU-stack, "", @progbits
