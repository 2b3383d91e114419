/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A vCPU on real KVM with a few bytes of real-mode code, through the public API. Everything here asserts. */
#ifndef ABX_TESTS_KVM_GUEST_H
#define ABX_TESTS_KVM_GUEST_H

#include <arcbox/arcbox.h>

#include "backend_host.h"
#include "cmocka_kvm.h"

enum { CODE = 0x1000 };

typedef struct kvm_guest {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    abx_exit exit;
} kvm_guest;

#define assert_status(call, status) assert_status_(call, status, #call, __FILE__, __LINE__)
#define assert_ok(call)             assert_status(call, ABX_OK)
void assert_status_(abx_status got, abx_status wanted, const char *call, const char *file, int line);

/* 1 MiB of RAM, one vCPU, this interrupt controller. */
abx_vm_config small_config(abx_irqchip irqchip);

/* A VM with `length` bytes of code at CODE and vCPU 0 before it in real mode. Not started. */
void guest_open(kvm_guest *guest, const abx_vm_config *config, const void *code, size_t length);
void guest_close(kvm_guest *guest);

/* Runs to an OUT of one byte to `port` and returns the byte. */
uint8_t guest_run_to_out(kvm_guest *guest, uint16_t port);

uint64_t guest_get(kvm_guest *guest, abx_reg name);
void guest_set(kvm_guest *guest, abx_reg name, uint64_t value);

/* Writes, reads back and compares. */
void guest_round_trip(kvm_guest *guest, abx_reg name, uint64_t value);

#endif
