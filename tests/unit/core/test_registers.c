/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <string.h>

static abx_vm *vm;
static abx_vcpu *vcpu;

static int create(void **state)
{
    (void)state;
    vm = fake_manual_vm(1);
    return abx_vcpu_create(&vcpu, vm, 0);
}

static int destroy(void **state)
{
    (void)state;
    abx_status status = abx_vcpu_destroy(vcpu);
    abx_vm_destroy(vm);
    return status;
}

static void names_have_their_parts(void **state)
{
    (void)state;
    assert_int_equal(ABX_REG_ARCH(ABX_X86_CR3), ABX_ARCH_X86_64);
    assert_int_equal(ABX_REG_CLASS(ABX_X86_CR3), ABX_X86_CLASS_SYSTEM);
    assert_int_equal(ABX_REG_NUMBER(ABX_X86_MSR(0xc0000080)), 0xc0000080);
}

static void batches_reach_the_backend(void **state)
{
    (void)state;
    const abx_reg names[] = { ABX_X86_RAX, ABX_X86_MSR(0x10) };
    uint64_t values[] = { 0, 0 };
    assert_int_equal(abx_vcpu_read_registers(vcpu, names, values, 2), ABX_OK);
    assert_true(values[0] == ~ABX_X86_RAX && values[1] == ~ABX_X86_MSR(0x10));
    assert_int_equal(abx_vcpu_write_registers(vcpu, names, values, 2), ABX_OK);
    assert_true(fake_manual_arguments.number == ~ABX_X86_RAX);
    assert_int_equal(abx_vcpu_read_registers(vcpu, NULL, NULL, 0), ABX_OK);
    assert_int_equal(abx_vcpu_write_register(vcpu, ABX_X86_RBX, 99), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, 99);
    assert_int_equal(abx_vcpu_read_register(vcpu, ABX_X86_RBX, values), ABX_OK);
    assert_true(values[0] == ~ABX_X86_RBX);
}

static void mp_state_and_state_blocks(void **state)
{
    (void)state;
    abx_mp_state mp = ABX_MP_RUNNABLE;
    char block[8] = "";
    size_t size = 0;
    assert_int_equal(abx_vcpu_get_mp_state(vcpu, &mp), ABX_OK);
    assert_int_equal(mp, ABX_MP_HALTED);
    assert_int_equal(abx_vcpu_set_mp_state(vcpu, ABX_MP_STOPPED), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, ABX_MP_STOPPED);
    assert_int_equal(abx_vcpu_save_state(vcpu, NULL, 0, &size), ABX_ERR_LIMIT);
    assert_int_equal(size, 4);
    assert_int_equal(abx_vcpu_save_state(vcpu, block, sizeof(block), &size), ABX_OK);
    assert_string_equal(block, "fake");
    assert_int_equal(abx_vcpu_restore_state(vcpu, block, size), ABX_OK);
    assert_ptr_equal(fake_manual_arguments.pointer, block);
    assert_int_equal(fake_manual_arguments.count, 4);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    abx_reg name = ABX_X86_RAX;
    uint64_t value = 0;
    size_t size = 0;
    assert_int_equal(abx_vcpu_read_registers(NULL, &name, &value, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_read_registers(vcpu, NULL, &value, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_read_register(vcpu, name, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_write_registers(vcpu, &name, NULL, 1), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_get_mp_state(vcpu, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_set_mp_state(vcpu, (abx_mp_state)17), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_save_state(vcpu, NULL, 4, &size), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_save_state(vcpu, &value, 8, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_vcpu_restore_state(vcpu, NULL, 4), ABX_ERR_INVALID);
}

static void failures_come_through(void **state)
{
    (void)state;
    uint64_t value = 5;
    fake_log_fail("vcpu_read_registers", ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_vcpu_read_register(vcpu, ABX_X86_RAX, &value), ABX_ERR_NOT_FOUND);
    assert_int_equal(value, 5);
    assert_string_equal(abx_last_error()->operation, "fake vcpu_read_registers");
}

/* What a backend's table lacks is absent, in one voice. */
static void absent_functions_are_not_supported(void **state)
{
    (void)state;
    abx_backend backend = fake_manual;
    const abx_backend *const list[] = { &backend };
    abx_hypervisor_options options = fake_manual_options;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_hypervisor *hypervisor;
    abx_vm *poor_vm;
    abx_vcpu *poor;
    uint64_t value = 0;
    size_t size = 0;
    backend.vcpu_read_registers = NULL;
    backend.vcpu_get_mp_state = NULL;
    backend.vcpu_restore_state = NULL;
    backend.vcpu_complete_io = NULL;
    options.backends = list;
    config.no_memory = true;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    assert_int_equal(abx_vm_create(&poor_vm, hypervisor, &config), ABX_OK);
    assert_int_equal(abx_vcpu_create(&poor, poor_vm, 0), ABX_OK);
    assert_int_equal(abx_vcpu_read_register(poor, ABX_X86_RAX, &value), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_get_mp_state(poor, &(abx_mp_state){ 0 }), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_complete_io(poor), ABX_ERR_NOT_SUPPORTED);
    /* Half of a capability is none. */
    assert_int_equal(abx_vcpu_write_register(poor, ABX_X86_RAX, 1), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_vcpu_save_state(poor, NULL, 0, &size), ABX_ERR_NOT_SUPPORTED);
    assert_non_null(strstr(abx_last_error()->advice, "fake cannot"));
    assert_int_equal(abx_vcpu_destroy(poor), ABX_OK);
    abx_vm_destroy(poor_vm);
    abx_hypervisor_close(hypervisor);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(names_have_their_parts),      CASE(batches_reach_the_backend), CASE(mp_state_and_state_blocks),
        CASE(wrong_arguments_are_refused), CASE(failures_come_through),     CASE(absent_functions_are_not_supported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
