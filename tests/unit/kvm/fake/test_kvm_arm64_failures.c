/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Saving and restoring, and what else asks for registers, with each call to the kernel failing in turn. */
#include "backends.h"
#include "fake_kvm.h"
#include "linux/kvm_registers.h"

#include <stdlib.h>
#include <string.h>

static abx_kvm_hypervisor *hypervisor;
static abx_kvm_vm *vm;
static abx_kvm_vcpu *vcpu;
static abx_vm_config config;

static int make_vcpu(void **state)
{
    (void)state;
    config = (abx_vm_config)ABX_VM_CONFIG_INIT;
    config.cpus = 2;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    fake_reset();
    hypervisor = fake_open();
    vm = fake_vm(hypervisor, &config);
    assert_int_equal(abx_kvm_vm_seal(vm), ABX_OK);
    vcpu = fake_vcpu(vm);
    return 0;
}

static int end_vcpu(void **state)
{
    (void)state;
    abx_kvm_vcpu_destroy(vcpu);
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
    return 0;
}

typedef abx_status (*saver)(void *object, void *buffer, size_t capacity, size_t *size);
typedef abx_status (*restorer)(void *object, const void *buffer, size_t size);

/* The calls of one good save; the block is the caller's. */
static size_t save(saver function, void *object, uint8_t **block, size_t *size)
{
    assert_int_equal(function(object, NULL, 0, size), ABX_OK);
    *block = malloc(*size);
    assert_non_null(*block);
    fake.count = 0;
    assert_int_equal(function(object, *block, *size, size), ABX_OK);
    return fake.count;
}

/* A save that fails leaves the buffer and the size as they were. */
static void fail_saving(saver function, void *object, size_t calls, size_t size)
{
    uint8_t *buffer = malloc(size);
    assert_non_null(buffer);
    memset(buffer, 0x77, size);
    for (size_t n = 1; n <= calls; n++) {
        size_t given = 3;
        fake.count = 0;
        fake.fail_call = n;
        abx_status status = function(object, buffer, size, &given);
        assert_int_equal(status, ABX_ERR_NO_MEMORY);
        assert_int_equal(abx_last_error()->status, ABX_ERR_NO_MEMORY);
        assert_int_equal(given, 3);
        assert_int_equal(buffer[0], 0x77);
        assert_int_equal(buffer[size - 1], 0x77);
    }
    fake.fail_call = 0;
    free(buffer);
}

static void fail_restoring(restorer function, void *object, const uint8_t *block, size_t size)
{
    fake.count = 0;
    assert_int_equal(function(object, block, size), ABX_OK);
    size_t calls = fake.count;
    for (size_t n = 1; n <= calls; n++) {
        fake.count = 0;
        fake.fail_call = n;
        assert_int_equal(function(object, block, size), ABX_ERR_NO_MEMORY);
    }
    fake.fail_call = 0;
}

static void controllers(void **state)
{
    (void)state;
    const abx_backend_arm64 *arm64 = abx_backend_kvm.arm64;
    uint8_t *block;
    size_t size;
    size_t calls = save(arm64->save_gic, vm, &block, &size);
    assert_true(calls > 100);
    fail_saving(arm64->save_gic, vm, calls, size);
    fail_restoring(arm64->restore_gic, vm, block, size);
    free(block);
}

/* A register that cannot be set is no failure while it has the value already: here it has another one. */
static void vcpus(void **state)
{
    (void)state;
    uint8_t *block;
    size_t size;
    fake.fill = 0x11;
    size_t calls = save(abx_kvm_vcpu_save_state, vcpu, &block, &size);
    fail_saving(abx_kvm_vcpu_save_state, vcpu, calls, size);
    fake.fill = 0x22;
    fail_restoring(abx_kvm_vcpu_restore_state, vcpu, block, size);
    free(block);
}

static void fail_next(void)
{
    fake.count = 0;
    fake.fail_call = 1;
}

/* Calls of one request each: outputs stay as they were. */
static void registers_and_events(void **state)
{
    (void)state;
    const abx_backend_arm64 *arm64 = abx_backend_kvm.arm64;
    const abx_reg name = ABX_ARM64_X(0);
    const abx_debug_config debug = { .single_step = true };
    abx_arm64_events events = { .data_abort_pending = true };
    abx_mp_state mp = ABX_MP_HALTED;
    uint64_t value = 5;
    fail_next();
    assert_int_equal(abx_kvm_vcpu_read_registers(vcpu, &name, &value, 1), ABX_ERR_NO_MEMORY);
    assert_int_equal(value, 5);
    fail_next();
    assert_int_equal(abx_kvm_vcpu_write_registers(vcpu, &name, &value, 1), ABX_ERR_NO_MEMORY);
    fail_next();
    assert_int_equal(arm64->get_events(vcpu, &events), ABX_ERR_NO_MEMORY);
    assert_true(events.data_abort_pending);
    fail_next();
    assert_int_equal(arm64->set_events(vcpu, &events), ABX_ERR_NO_MEMORY);
    fail_next();
    assert_int_equal(abx_kvm_vcpu_set_debug(vcpu, &debug), ABX_ERR_NO_MEMORY);
    fail_next();
    assert_int_equal(abx_kvm_vcpu_get_mp_state(vcpu, &mp), ABX_ERR_NO_MEMORY);
    assert_int_equal(mp, ABX_MP_HALTED);
    fail_next();
    assert_int_equal(abx_kvm_vcpu_set_mp_state(vcpu, ABX_MP_STOPPED), ABX_ERR_NO_MEMORY);
}

static void lists_of_registers(void **state)
{
    (void)state;
    const abx_backend_arm64 *arm64 = abx_backend_kvm.arm64;
    abx_reg names[8] = { 5 };
    size_t count = 7;
    for (size_t n = 1; n <= 2; n++) {
        fake.count = 0;
        fake.fail_call = n;
        assert_int_equal(arm64->sysreg_list(vcpu, names, 8, &count), ABX_ERR_NO_MEMORY);
        assert_int_equal(count, 7);
        assert_int_equal(names[0], 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(controllers, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(vcpus, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(registers_and_events, make_vcpu, end_vcpu),
        cmocka_unit_test_setup_teardown(lists_of_registers, make_vcpu, end_vcpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
