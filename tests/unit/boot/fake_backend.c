/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_backend.h"
#include "boot_test.h"

enum { MAX_REGISTERS = 512 };

static struct {
    size_t count;
    abx_reg names[MAX_REGISTERS];
    uint64_t values[MAX_REGISTERS];
} written;

static int object; /* that backend objects point to */

static abx_status fake_open(void **hypervisor, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    (void)options;
    *hypervisor = &object;
    caps->guest_archs = 1u << ABX_ARCH_X86_64 | 1u << ABX_ARCH_ARM64;
    caps->max_vcpus = 1;
    caps->max_slots = 4096;
    caps->phys_bits = 46;
    caps->page_size = 4096;
    memset(caps->bits, 0xff, sizeof(caps->bits));
    return ABX_OK;
}

static void fake_close(void *hypervisor)
{
    (void)hypervisor;
}

static abx_status fake_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    (void)hypervisor;
    (void)config;
    (void)vm;
    *out = &object;
    return ABX_OK;
}

static void fake_vm_destroy(void *vm)
{
    (void)vm;
}

static abx_status fake_memory(void *vm, const abx_slot *slot)
{
    (void)vm;
    (void)slot;
    return ABX_OK;
}

static abx_status fake_vcpu_create(void **out, void *vm, uint32_t id)
{
    (void)vm;
    (void)id;
    written.count = 0;
    *out = &object;
    return ABX_OK;
}

static void fake_vcpu(void *vcpu)
{
    (void)vcpu;
}

static abx_status fake_vcpu_run(void *vcpu, abx_exit *exit)
{
    (void)vcpu;
    (void)exit;
    return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, NULL, "run a fake vCPU");
}

static abx_status fake_write(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    (void)vcpu;
    assert_true(written.count + count <= MAX_REGISTERS);
    memcpy(written.names + written.count, names, count * sizeof(*names));
    memcpy(written.values + written.count, values, count * sizeof(*values));
    written.count += count;
    return ABX_OK;
}

static abx_status fake_read(void *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    (void)vcpu;
    for (size_t i = 0; i < count; i++) {
        values[i] = fake_register(names[i]);
    }
    return ABX_OK;
}

static const abx_backend backend = {
    .size = sizeof(abx_backend),
    .name = "fake-boot",
    .description = "memory without a guest",
    .open = fake_open,
    .close = fake_close,
    .vm_create = fake_vm_create,
    .vm_destroy = fake_vm_destroy,
    .memory_map = fake_memory,
    .memory_unmap = fake_memory,
    .memory_set_flags = fake_memory,
    .vcpu_create = fake_vcpu_create,
    .vcpu_destroy = fake_vcpu,
    .vcpu_run = fake_vcpu_run,
    .vcpu_kick = fake_vcpu,
    .vcpu_clear_kick = fake_vcpu,
    .vcpu_read_registers = fake_read,
    .vcpu_write_registers = fake_write,
};

abx_vm *fake_vm(uint64_t memory)
{
    return fake_vm_for(ABX_ARCH_X86_64, memory);
}

abx_vm *fake_vm_for(abx_arch arch, uint64_t memory)
{
    static const abx_backend *const backends[] = { &backend };
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    options.backends = backends;
    options.backend_count = 1;
    options.guest_arch = arch;
    config.memory_size = memory;
    config.no_memory = memory == 0;
    assert_ok(abx_hypervisor_open(&hypervisor, "fake-boot", &options));
    assert_ok(abx_vm_create(&vm, hypervisor, &config));
    abx_hypervisor_close(hypervisor);
    return vm;
}

void fake_vm_end(abx_vm *vm)
{
    abx_vm_destroy(vm);
}

void fake_add(abx_vm *vm, abx_gpa gpa, uint64_t length, uint32_t flags)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = gpa;
    region.length = length;
    region.flags = flags;
    assert_ok(abx_memory_add(vm, &region));
}

static bool find(abx_reg name, uint64_t *value)
{
    for (size_t i = written.count; i-- > 0;) {
        if (written.names[i] == name) {
            *value = written.values[i];
            return true;
        }
    }
    return false;
}

uint64_t fake_register(abx_reg name)
{
    uint64_t value = 0;
    if (!find(name, &value)) {
        fail_msg("register 0x%llx was not written", (unsigned long long)name);
    }
    return value;
}

bool fake_register_written(abx_reg name)
{
    uint64_t value;
    return find(name, &value);
}

void assert_guest(abx_vm *vm, abx_gpa gpa, const void *expected, size_t length)
{
    uint8_t *there = malloc(length + 1);
    assert_non_null(there);
    assert_ok(abx_memory_read(vm, gpa, there, length));
    assert_memory_equal(there, expected, length);
    free(there);
}

void assert_guest_zero(abx_vm *vm, abx_gpa gpa, uint64_t length)
{
    blob zeros = { 0 };
    blob_resize(&zeros, length);
    assert_guest(vm, gpa, zeros.data, length);
    blob_free(&zeros);
}

uint64_t guest_le(abx_vm *vm, abx_gpa gpa, unsigned width)
{
    uint8_t bytes[8];
    assert_ok(abx_memory_read(vm, gpa, bytes, width));
    return abx_get_le(bytes, width);
}
