/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_manual.h"

#include <arcbox/builder.h>

#include <string.h>

static void it_starts_from_the_defaults(void **state)
{
    (void)state;
    const abx_vm_config defaults = ABX_VM_CONFIG_INIT;
    abx_vm_builder *builder = abx_vm_builder_new();
    assert_memory_equal(abx_vm_builder_config(builder), &defaults, sizeof(defaults));
    abx_vm_builder_free(builder);
    abx_vm_builder_free(NULL);
}

static void every_field_has_a_setter(void **state)
{
    (void)state;
    abx_vm_builder *b = abx_vm_builder_new();
    const abx_vm_config *c = abx_vm_builder_config(b);
    abx_vm_builder_name(b, "one");
    abx_vm_builder_arch(b, ABX_ARCH_ARM64);
    abx_vm_builder_cpus(b, 3);
    abx_vm_builder_memory(b, 4096);
    abx_vm_builder_no_memory(b);
    abx_vm_builder_memory_backing(b, ABX_BACKING_MEMFD, ABX_HUGE_2M);
    abx_vm_builder_irqchip(b, ABX_IRQCHIP_SPLIT);
    abx_vm_builder_pit(b, ABX_YES);
    abx_vm_builder_nested(b, ABX_NO);
    abx_vm_builder_pmu(b, ABX_YES);
    abx_vm_builder_sve(b, ABX_NO);
    abx_vm_builder_pointer_auth(b, ABX_YES);
    abx_vm_builder_dirty_log(b, ABX_YES);
    abx_vm_builder_msr_exits(b, true);
    abx_vm_builder_hypercall_exits(b, true);
    abx_vm_builder_tsc_khz(b, 17);
    abx_vm_builder_event_capacity(b, 99);
    abx_vm_builder_boot(b, "kernel", NULL, "cmdline");
    abx_vm_builder_efi_variables(b, "variables");
    abx_vm_builder_machine_id(b, "me", 2);
    abx_vm_builder_device(b, &(abx_device_config){ ABX_DEVICE_SERIAL, .serial = { 5, 6 } });

    assert_string_equal(c->name, "one");
    assert_int_equal(c->arch, ABX_ARCH_ARM64);
    assert_int_equal(c->cpus, 3);
    assert_int_equal(c->memory_size, 4096);
    assert_true(c->no_memory);
    assert_int_equal(c->memory_backing, ABX_BACKING_MEMFD);
    assert_int_equal(c->huge_pages, ABX_HUGE_2M);
    assert_int_equal(c->irqchip, ABX_IRQCHIP_SPLIT);
    assert_int_equal(c->pit, ABX_YES);
    assert_int_equal(c->nested, ABX_NO);
    assert_int_equal(c->pmu, ABX_YES);
    assert_int_equal(c->sve, ABX_NO);
    assert_int_equal(c->pointer_auth, ABX_YES);
    assert_int_equal(c->dirty_log, ABX_YES);
    assert_true(c->msr_exits);
    assert_true(c->hypercall_exits);
    assert_int_equal(c->tsc_khz, 17);
    assert_int_equal(c->event_capacity, 99);
    assert_string_equal(c->boot.kernel, "kernel");
    assert_null(c->boot.initrd);
    assert_string_equal(c->boot.cmdline, "cmdline");
    assert_string_equal(c->boot.efi_variables, "variables");
    assert_int_equal(c->machine_id_size, 2);
    assert_memory_equal(c->machine_id, "me", 2);
    assert_int_equal(c->device_count, 1);
    assert_int_equal(c->devices[0].kind, ABX_DEVICE_SERIAL);
    assert_int_equal(c->devices[0].serial.input_fd, 5);
    assert_int_equal(c->devices[0].serial.output_fd, 6);
    abx_vm_builder_free(b);
}

static void texts_are_copied_and_replaced(void **state)
{
    (void)state;
    abx_vm_builder *builder = abx_vm_builder_new();
    char name[] = "first";
    abx_vm_builder_name(builder, name);
    name[0] = '!';
    assert_string_equal(abx_vm_builder_config(builder)->name, "first");
    abx_vm_builder_name(builder, abx_vm_builder_config(builder)->name + 1);
    assert_string_equal(abx_vm_builder_config(builder)->name, "irst");
    abx_vm_builder_name(builder, NULL);
    assert_null(abx_vm_builder_config(builder)->name);
    abx_vm_builder_free(builder);
}

static void devices_come_one_by_one(void **state)
{
    (void)state;
    abx_vm_builder *builder = abx_vm_builder_new();
    const abx_vm_config *config = abx_vm_builder_config(builder);
    char path[] = "/0";
    const abx_device_config disk = { .kind = ABX_DEVICE_BLOCK, .block.path = path };
    for (; path[1] < '5'; path[1]++)
        abx_vm_builder_device(builder, &disk);
    assert_int_equal(config->device_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(config->devices[i].kind, ABX_DEVICE_BLOCK);
        assert_int_equal(config->devices[i].block.path[1], '0' + (int)i);
    }
    abx_vm_builder_machine_id(builder, "one", 3);
    abx_vm_builder_machine_id(builder, NULL, 0);
    assert_null(config->machine_id);
    assert_int_equal(config->machine_id_size, 0);
    abx_vm_builder_free(builder);
}

static void one_builder_makes_many(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *vms[2];
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    abx_vm_builder *builder = abx_vm_builder_new();
    abx_vm_builder_no_memory(builder);
    for (int i = 0; i < 2; i++) {
        abx_vm_builder_name(builder, i ? "second" : "first");
        assert_int_equal(abx_vm_builder_create(builder, &vms[i], hypervisor), ABX_OK);
    }
    abx_vm_builder_free(builder);
    assert_string_equal(abx_vm_get_config(vms[0])->name, "first");
    assert_string_equal(abx_vm_get_config(vms[1])->name, "second");
    abx_vm_destroy(vms[0]);
    abx_vm_destroy(vms[1]);
    abx_hypervisor_close(hypervisor);
}

static void faults_come_out_at_creation(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    abx_vm *vm = NULL;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    abx_vm_builder *builder = abx_vm_builder_new();
    abx_vm_builder_name(builder, "a b");
    abx_vm_builder_cpus(builder, 1000);
    assert_int_equal(abx_vm_builder_create(builder, &vm, hypervisor), ABX_ERR_CONFIG);
    assert_non_null(strstr(abx_last_error()->advice, "name: "));
    assert_non_null(strstr(abx_last_error()->advice, "cpus: "));
    assert_int_equal(abx_vm_builder_create(NULL, &vm, hypervisor), ABX_ERR_INVALID);
    assert_null(vm);
    abx_vm_builder_free(builder);
    abx_hypervisor_close(hypervisor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_from_the_defaults),   cmocka_unit_test(every_field_has_a_setter),
        cmocka_unit_test(texts_are_copied_and_replaced), cmocka_unit_test(one_builder_makes_many),
        cmocka_unit_test(devices_come_one_by_one),       cmocka_unit_test(faults_come_out_at_creation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
