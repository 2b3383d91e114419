/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening, listing, and capabilities that tell the truth: a call is supported exactly if its bit is set. */
#include "contract.h"
#include "contract_os.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_open(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor = contract_open();
    assert_string_equal(abx_hypervisor_backend(hypervisor), contract_backend);
    const abx_capabilities *caps = abx_hypervisor_capabilities(hypervisor);
    assert_int_equal(caps->size, sizeof(*caps));
    assert_in_range(caps->max_vcpus, 1, UINT32_MAX);
    assert_int_equal(caps->page_size & (caps->page_size - 1), 0);
    assert_in_range(caps->page_size, 4096, 65536);
    assert_true(caps->guest_archs & (1u << abx_host_arch()));
    assert_true(*caps->detail);
    for (int cap = 0; cap < ABX_CAP_COUNT; cap++)
        assert_int_equal(abx_hypervisor_has(hypervisor, (abx_cap)cap), abx_capabilities_has(caps, (abx_cap)cap));
    assert_int_equal(abx_hypervisor_has(hypervisor, ABX_CAP_GUEST_MEMORY), caps->max_slots > 0);
    assert_int_equal(abx_hypervisor_has(hypervisor, ABX_CAP_IRQ_ROUTING), caps->max_gsi > 0);
    assert_int_equal(abx_hypervisor_has(hypervisor, ABX_CAP_HW_BREAKPOINTS), caps->breakpoints > 0);
    abx_hypervisor_close(hypervisor);
}

static void test_open_refuses(void **state)
{
    (void)state;
    abx_hypervisor *out = UNTOUCHED;
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    assert_status(abx_hypervisor_open(NULL, contract_backend, NULL), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    options.size = 1;
    assert_status(abx_hypervisor_open(&out, contract_backend, &options), ABX_ERR_INVALID);
    assert_record(ABX_ERR_INVALID);
    assert_status(abx_hypervisor_open(&out, "no-such-backend", NULL), ABX_ERR_NOT_FOUND);
    assert_advice(ABX_ERR_NOT_FOUND);
    assert_ptr_equal(out, UNTOUCHED);
    abx_hypervisor_close(NULL);
}

static void test_list_says_the_same(void **state)
{
    (void)state;
    size_t count = 0, again = 0, seen = 0;
    assert_ok(abx_hypervisor_list(NULL, NULL, 0, &count));
    abx_backend_report *reports = calloc(count, sizeof(*reports));
    assert_non_null(reports);
    assert_ok(abx_hypervisor_list(NULL, reports, count, &again));
    assert_int_equal(count, again);
    abx_hypervisor *hypervisor = contract_open();
    for (size_t i = 0; i < count; i++) {
        if (strcmp(reports[i].name, contract_backend) != 0)
            continue;
        seen++;
        assert_true(reports[i].usable);
        assert_int_equal(reports[i].status, ABX_OK);
        assert_true(*reports[i].reason);
        assert_int_equal(reports[i].managed, contract_managed(hypervisor));
        assert_memory_equal(reports[i].capabilities.bits, abx_hypervisor_capabilities(hypervisor)->bits,
                            sizeof(reports[i].capabilities.bits));
    }
    assert_int_equal(seen, 1);
    abx_hypervisor_close(hypervisor);
    free(reports);
}

/* One call per capability on a VM. What it answers matters only as far as "not supported". */
static abx_status set_line(abx_vm *vm)
{
    return abx_irq_set_line(vm, 4, false);
}

static abx_status send_msi(abx_vm *vm)
{
    const abx_msi msi = { .address = 0xfee00000, .data = 0x30 };
    return abx_irq_send_msi(vm, &msi);
}

static abx_status set_routes(abx_vm *vm)
{
    return abx_irq_set_routes(vm, NULL, 0);
}

static abx_status with_eventfds(abx_vm *vm, bool resample)
{
    int fd = contract_os_event();
    int resample_fd = resample ? contract_os_event() : -1;
    abx_status status = abx_irqfd_attach(vm, fd, 5, resample_fd);
    if (status == ABX_OK)
        assert_ok(abx_irqfd_detach(vm, fd, 5));
    if (resample)
        close(resample_fd);
    close(fd);
    return status;
}

static abx_status attach_irqfd(abx_vm *vm)
{
    return with_eventfds(vm, false);
}

static abx_status attach_resampled(abx_vm *vm)
{
    return with_eventfds(vm, true);
}

static abx_status attach_doorbell(abx_vm *vm, uint32_t length)
{
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = 0xd0000000;
    doorbell.length = length;
    doorbell.fd = contract_os_event();
    abx_status status = abx_ioeventfd_attach(vm, &doorbell);
    if (status == ABX_OK)
        assert_ok(abx_ioeventfd_detach(vm, &doorbell));
    close(doorbell.fd);
    return status;
}

static abx_status attach_sized(abx_vm *vm)
{
    return attach_doorbell(vm, 4);
}

static abx_status attach_any(abx_vm *vm)
{
    return attach_doorbell(vm, 0);
}

static abx_status write_memory(abx_vm *vm)
{
    return abx_memory_write(vm, 0x1000, "x", 1);
}

static abx_status discard(abx_vm *vm)
{
    return abx_memory_discard(vm, 0, 1u << 20);
}

static abx_status log_dirty(abx_vm *vm)
{
    return abx_memory_log_dirty(vm, 0, true);
}

static abx_status add_read_only(abx_vm *vm)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = 0xc0000000;
    region.length = 1u << 20;
    region.flags = ABX_MEMORY_READ_ONLY;
    abx_status status = abx_memory_add(vm, &region);
    return status != ABX_OK ? status : abx_memory_remove(vm, region.gpa);
}

static abx_status get_clock(abx_vm *vm)
{
    uint64_t nanoseconds;
    return abx_x86_get_clock(vm, &nanoseconds);
}

static abx_status create_vcpu(abx_vm *vm)
{
    abx_vcpu *vcpu;
    abx_status status = abx_vcpu_create(&vcpu, vm, 0);
    return status != ABX_OK ? status : abx_vcpu_destroy(vcpu);
}

static abx_status pause_running(abx_vm *vm)
{
    assert_ok(abx_vm_start(vm));
    return abx_vm_pause(vm);
}

static void test_calls_match_capabilities(void **state)
{
    (void)state;
    static const struct {
        abx_cap cap;
        abx_status (*call)(abx_vm *vm);
    } calls[] = {
        { ABX_CAP_GUEST_MEMORY, write_memory },
        { ABX_CAP_READ_ONLY_MEMORY, add_read_only },
        { ABX_CAP_DISCARD, discard },
        { ABX_CAP_DIRTY_LOG, log_dirty },
        { ABX_CAP_IRQ_LINES, set_line },
        { ABX_CAP_MSI, send_msi },
        { ABX_CAP_IRQ_ROUTING, set_routes },
        { ABX_CAP_IRQFD, attach_irqfd },
        { ABX_CAP_IRQFD_RESAMPLE, attach_resampled },
        { ABX_CAP_IOEVENTFD, attach_sized },
        { ABX_CAP_IOEVENTFD_ANY_LENGTH, attach_any },
        { ABX_CAP_GUEST_CLOCK, get_clock },
        { ABX_CAP_MANUAL, create_vcpu },
        { ABX_CAP_PAUSE, pause_running },
    };
    abx_hypervisor *hypervisor = contract_open();
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        abx_vm *vm = contract_vm(hypervisor, ABX_VM_CREATED);
        bool supported = calls[i].call(vm) != ABX_ERR_NOT_SUPPORTED;
        if (supported != abx_hypervisor_has(hypervisor, calls[i].cap))
            fail_msg("capability %s: %s", abx_cap_name(calls[i].cap), abx_last_error()->message);
        if (!supported)
            assert_advice(ABX_ERR_NOT_SUPPORTED);
        abx_vm_destroy(vm);
    }
    abx_hypervisor_close(hypervisor);
}

/* The same for configurations: what asks for a capability is a fault exactly if the bit is not set. */
static void test_configurations_match_capabilities(void **state)
{
    (void)state;
    abx_vm_config configs[8];
    for (size_t i = 0; i < 8; i++)
        configs[i] = contract_config();
    configs[0].irqchip = ABX_IRQCHIP_KERNEL;
    configs[1].irqchip = ABX_IRQCHIP_SPLIT;
    configs[2].irqchip = ABX_IRQCHIP_KERNEL;
    configs[2].pit = ABX_YES;
    configs[3].nested = ABX_YES;
    configs[4].dirty_log = ABX_YES;
    configs[5].msr_exits = true;
    configs[6].hypercall_exits = true;
    configs[7].tsc_khz = 1234567;
    static const abx_cap needed[] = { ABX_CAP_IRQCHIP,         ABX_CAP_SPLIT_IRQCHIP, ABX_CAP_PIT,
                                      ABX_CAP_NESTED,          ABX_CAP_DIRTY_LOG,     ABX_CAP_MSR_EXITS,
                                      ABX_CAP_HYPERCALL_EXITS, ABX_CAP_TSC_CONTROL };
    abx_hypervisor *hypervisor = contract_open();
    for (size_t i = 0; i < 8; i++) {
        abx_status status = abx_vm_config_validate(&configs[i], hypervisor, NULL, 0, NULL);
        if ((status == ABX_OK) != abx_hypervisor_has(hypervisor, needed[i]))
            fail_msg("capability %s: %s", abx_cap_name(needed[i]), abx_status_name(status));
        if (status != ABX_OK)
            assert_advice(ABX_ERR_CONFIG);
    }
    abx_hypervisor_close(hypervisor);
}

int run_capability_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_open_refuses),
        cmocka_unit_test(test_list_says_the_same),
        cmocka_unit_test(test_calls_match_capabilities),
        cmocka_unit_test(test_configurations_match_capabilities),
    };
    return cmocka_run_group_tests_name("capabilities", tests, NULL, NULL);
}
