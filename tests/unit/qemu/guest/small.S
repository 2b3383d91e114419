/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A Multiboot 1 kernel that does one thing: the last character of its command line says which (see test_qemu_vm.c).
 * Registers at entry: Multiboot Specification 0.6.96, section 3.2.
 */
#define COM1      0x3f8
#define PM1A_STS  0x600 /* of q35, as its firmware sets it up */
#define PM1A_EN   0x602
#define PM1A_CNT  0x604
#define BUTTON    0x100
#define SLEEP_OFF 0x2000
#define PVPANIC   0x505

    .set MAGIC, 0x1badb002
    .section .multiboot, "a"
    .balign 4
    .long MAGIC
    .long 0
    .long -MAGIC

    .text
    .globl _start
_start:
    mov $stack_end, %esp
    mov 16(%ebx), %esi      /* multiboot_info.cmdline */
    xor %ecx, %ecx
1:  lodsb
    test %al, %al
    jz 2f
    mov %al, %cl
    jmp 1b
2:  cmp $'d', %cl
    je debug_exit
    cmp $'z', %cl
    je debug_exit_zero
    cmp $'r', %cl
    je reset
    cmp $'t', %cl
    je triple_fault
    cmp $'p', %cl
    je panic
    cmp $'e', %cl
    je echo
    cmp $'m', %cl
    je much
    cmp $'l', %cl
    je dots
    cmp $'b', %cl
    je button
    mov $hello, %esi
    call print
    cmp $'s', %cl
    je power_off
    cli
3:  hlt
    jmp 3b

debug_exit:
    mov $0x21, %al
    out %al, $0xf4
    hlt
debug_exit_zero:
    xor %al, %al
    out %al, $0xf4
    hlt
reset:
    mov $0xfe, %al
    out %al, $0x64
    hlt
triple_fault:
    lidt no_idt
    int3
panic:
    mov $PVPANIC, %dx
    mov $1, %al
    out %al, %dx
    cli
    hlt
/* Once the last byte has left the transmitter: what it still holds goes with the machine. */
power_off:
    mov $COM1 + 5, %dx
8:  in %dx, %al
    test $0x40, %al
    jz 8b
    mov $PM1A_CNT, %dx
    mov $SLEEP_OFF, %ax
    out %ax, %dx
    cli
    hlt

/* Sends back what comes in, until a 'q'. */
echo:
    mov $hello, %esi
    call print
4:  mov $COM1 + 5, %dx
    in %dx, %al
    test $1, %al
    jz 4b
    mov $COM1, %dx
    in %dx, %al
    cmp $'q', %al
    je power_off
    call put
    jmp 4b

/* 5000 lines of ten bytes, and off. */
much:
    mov $5000, %edi
5:  mov $ten, %esi
    call print
    dec %edi
    jnz 5b
    jmp power_off

/* Waits for the power button, and off. */
button:
    mov $BUTTON, %ax
    mov $PM1A_EN, %dx
    out %ax, %dx
    mov $hello, %esi
    call print
    mov $PM1A_STS, %dx
9:  in %dx, %ax
    test $BUTTON, %ax
    jz 9b
    jmp power_off

dots:
    mov $'.', %al
    call put
    jmp dots

print:
    lodsb
    test %al, %al
    jz 6f
    call put
    jmp print
6:  ret

/* Sends %al when the transmitter is ready for it. */
put:
    push %eax
    mov $COM1 + 5, %dx
7:  in %dx, %al
    test $0x20, %al
    jz 7b
    pop %eax
    mov $COM1, %dx
    out %al, %dx
    ret

    .section .rodata
hello:
    .asciz "hello\n"
ten:
    .asciz "123456789\n"
no_idt:
    .word 0
    .long 0

    .bss
    .balign 16
    .skip 4096
stack_end:
    .section .note.GNU-stack, "", @progbits
