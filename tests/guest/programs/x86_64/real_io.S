/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Real mode: port I/O of every size and direction, string instructions with a count, then a halt. */
    .section .text.start, "ax"
    .code16
    .globl start
start:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x8000, %sp
    cld

    mov $0x5a, %al
    out %al, $0x20
    mov $0x1234, %ax
    out %ax, $0x21
    mov $0x89abcdef, %eax
    out %eax, $0x22
    in $0x23, %al
    out %al, $0x24          /* what was read comes back */
    in $0x25, %ax
    out %ax, $0x26
    in $0x27, %eax
    out %eax, $0x28

    mov $text, %si
    mov $text_end - text, %cx
    mov $0x3f8, %dx
    rep outsb
    mov $0x9000, %di
    mov $5, %cx
    mov $0x310, %dx
    rep insw
    mov $0x9000, %si
    mov $5, %cx
    mov $0x320, %dx
    rep outsw

    hlt
    jmp start
text:
    .ascii "strings"
text_end:
    .section .note.GNU-stack, "", @progbits
