/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The backend on the stand-in next to the oracle: what comes out of abx_vcpu_run() for the same guest code, and what
 * the guest finds in its registers after the answers. As far as the first exit that the two answer differently by
 * intention: an instruction abort, which the backend gives to the guest.
 */
#include "actions.h"
#include "oracle_run.h"

#include <arcbox/arcbox.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_ok(status) assert_int_equal(status, ABX_OK)

typedef struct rig {
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vcpu *vcpu;
    abx_exit exit;
} rig;

static void set_up(rig *r)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = ORACLE_RAM_SIZE;
    config.irqchip = ABX_IRQCHIP_NONE;
    assert_ok(abx_hypervisor_open(&r->hypervisor, "hvf", NULL));
    assert_ok(abx_vm_create(&r->vm, r->hypervisor, &config));
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = ORACLE_READ_ONLY;
    region.length = ORACLE_RAM_SIZE;
    region.flags = ABX_MEMORY_READ_ONLY;
    assert_ok(abx_memory_add(r->vm, &region));
    size_t size;
    char *payload = oracle_payload(&size);
    assert_ok(abx_memory_write(r->vm, ORACLE_RAM, payload, size));
    free(payload);
    assert_ok(abx_vcpu_create(&r->vcpu, r->vm, 0));
    assert_ok(abx_vcpu_write_register(r->vcpu, ABX_ARM64_PC, ORACLE_RAM));
    assert_ok(abx_vm_start(r->vm));
}

static void tear_down(rig *r)
{
    assert_ok(abx_vcpu_destroy(r->vcpu));
    abx_vm_destroy(r->vm);
    abx_hypervisor_close(r->hypervisor);
}

static void expect_registers(const rig *r, const oracle_registers *expected)
{
    for (uint32_t i = 0; i < 31; i++) {
        uint64_t value;
        assert_ok(abx_vcpu_read_register(r->vcpu, ABX_ARM64_X(i), &value));
        if (value != expected->x[i])
            fail_msg("X%u is 0x%llx, and 0x%llx on ARM64, at 0x%llx", i, (unsigned long long)value,
                     (unsigned long long)expected->x[i], (unsigned long long)expected->pc);
    }
    uint64_t pc, pstate;
    assert_ok(abx_vcpu_read_register(r->vcpu, ABX_ARM64_PC, &pc));
    assert_ok(abx_vcpu_read_register(r->vcpu, ABX_ARM64_PSTATE, &pstate));
    assert_int_equal(pc, expected->pc);
    assert_int_equal(pstate, expected->pstate);
}

/* An access that the hardware describes: DDI 0487, ISS of a data abort. */
static void expect_access(rig *r, const oracle_exit *expected, const oracle_registers *registers)
{
    const abx_exit_mmio *mmio = &r->exit.mmio;
    uint32_t reg = expected->esr >> 16 & 31;
    assert_int_equal(r->exit.kind, ABX_EXIT_MMIO);
    assert_int_equal(mmio->address, expected->ipa);
    assert_int_equal(mmio->size, 1u << (expected->esr >> 22 & 3));
    assert_int_equal(mmio->direction, expected->esr >> 6 & 1 ? ABX_WRITE : ABX_READ);
    const uint64_t stored = reg == 31 ? 0 : registers->x[reg], answer = ORACLE_DATA;
    if (mmio->direction == ABX_WRITE)
        assert_memory_equal(mmio->data, &stored, mmio->size);
    else
        memcpy(mmio->data, &answer, mmio->size);
}

/* One that it does not describe: this program skips it. */
static void expect_abort(rig *r, const oracle_exit *expected, const oracle_registers *registers)
{
    assert_int_equal(r->exit.kind, ABX_EXIT_DATA_ABORT);
    assert_int_equal(r->exit.data_abort.address, expected->ipa);
    /* But for the level of the host's tables. */
    assert_int_equal(r->exit.data_abort.syndrome | 3, (expected->esr & 0x1ffffff) | 3);
    assert_ok(abx_vcpu_write_register(r->vcpu, ABX_ARM64_PC, registers->pc + 4));
}

static void expect_call(rig *r, const oracle_registers *registers)
{
    assert_int_equal(r->exit.kind, ABX_EXIT_HYPERCALL);
    assert_int_equal(r->exit.hypercall.number, registers->x[0]);
    assert_int_equal(r->exit.hypercall.flags, 0);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(r->exit.hypercall.arguments[i], registers->x[i + 1]);
    *r->exit.hypercall.result = registers->x[0]; /* as it was */
}

static void test_exits_and_answers(void **state)
{
    rig r = { 0 };
    char line[ORACLE_LINE], *text = oracle_run(), *rest = text;
    oracle_registers registers = { 0 };
    unsigned count = 0;
    (void)state;
    set_up(&r);
    while (oracle_next_line(&rest, line)) {
        oracle_exit expected;
        oracle_parse(line, &expected, &registers);
        uint32_t class = ORACLE_CLASS(expected.esr);
        if (class == EC_INSTRUCTION_ABORT)
            break;
        assert_ok(abx_vcpu_run(r.vcpu, &r.exit));
        expect_registers(&r, &registers);
        if (class == EC_HVC)
            expect_call(&r, &registers);
        else if (class != EC_DATA_ABORT)
            fail_msg("an exit of class 0x%x", class);
        else if (expected.esr >> 24 & 1)
            expect_access(&r, &expected, &registers);
        else
            expect_abort(&r, &expected, &registers);
        count++;
    }
    assert_in_range(count, 50, 1000);
    print_message("%u exits are as on ARM64\n", count);
    tear_down(&r);
    free(text);
}

int main(int argc, char **argv)
{
    oracle_options(argc, argv);
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_exits_and_answers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
