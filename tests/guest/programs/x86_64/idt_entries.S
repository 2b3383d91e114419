/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One entry for each vector, 16 bytes apart: make all stack frames alike, save what C may change, call interrupt_dispatch(vector, error code, address of RIP). */
    .text
    .code64
    .globl interrupt_entries
    .balign 16
interrupt_entries:
    .set vector, 0
    .rept 256
    .balign 16
    /* Vectors at which the processor itself pushes an error code (SDM vol. 3, table 6-1). */
    .if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21
    push $0
    .endif
    push $vector
    jmp common
    .set vector, vector + 1
    .endr

common:
    push %rax
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %r8
    push %r9
    push %r10
    push %r11
    mov 72(%rsp), %rdi
    mov 80(%rsp), %rsi
    lea 88(%rsp), %rdx
    cld
    call interrupt_dispatch
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rax
    add $16, %rsp
    iretq
    .section .note.GNU-stack, "", @progbits
