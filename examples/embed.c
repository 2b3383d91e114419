/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A virtual machine in thirty lines: sixteen bits of guest code that greet through a port. */
#include <arcbox/arcbox.h>
#include <stdio.h>

static const unsigned char guest[] = "\xba\xf8\x03\xbe\x0f\x10\xac\x84\xc0\x74\x03\xee\xeb\xf8\xf4"
                                     "Hello from the guest\n";

static int fail(void)
{
    fprintf(stderr, "%s\n", abx_last_error()->message);
    return 1;
}

int main(void)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 1 << 20;
    config.irqchip = ABX_IRQCHIP_NONE;
    const abx_reg names[] = { ABX_X86_RIP, ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_SELECTOR),
                              ABX_X86_SEG(ABX_X86_SEG_CS, ABX_X86_SEG_BASE) };
    const uint64_t values[] = { 0x1000, 0, 0 };
    if (abx_hypervisor_open(&hypervisor, "kvm", NULL) || abx_vm_create(&vm, hypervisor, &config) ||
        abx_memory_write(vm, 0x1000, guest, sizeof(guest)) || abx_vcpu_create(&vcpu, vm, 0) ||
        abx_vcpu_write_registers(vcpu, names, values, 3) || abx_vm_start(vm))
        return fail();
    for (abx_exit exit = { 0 }; exit.kind != ABX_EXIT_HALT;) {
        if (abx_vcpu_run(vcpu, &exit))
            return fail();
        if (exit.kind == ABX_EXIT_IO)
            fwrite(exit.io.data, exit.io.size, exit.io.count, stdout);
    }
    abx_vcpu_destroy(vcpu);
    abx_vm_destroy(vm);
    abx_hypervisor_close(hypervisor);
    return 0;
}
