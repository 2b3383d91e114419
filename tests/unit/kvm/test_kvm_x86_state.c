/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_guest.h"

#include <cpuid.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LEAVES = 256 };

static void fpu(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_x86_fpu set = { .fcw = 0x27f, .fsw = 0x3800, .ftw = 0x80, .mxcsr = 0x1fa0 }, got;
    for (uint8_t i = 0; i < 10; i++)
        set.st[0][i] = i;
    for (uint8_t i = 0; i < 16; i++)
        set.xmm[15][i] = (uint8_t)(0xf0 + i);
    assert_ok(abx_x86_set_fpu(guest.vcpu, &set));
    assert_ok(abx_x86_get_fpu(guest.vcpu, &got));
    assert_int_equal(got.fcw, set.fcw);
    assert_int_equal(got.fsw, set.fsw);
    assert_int_equal(got.ftw, set.ftw);
    assert_int_equal(got.mxcsr, set.mxcsr);
    assert_memory_equal(got.st[0], set.st[0], 10);
    assert_memory_equal(got.xmm, set.xmm, sizeof(set.xmm));
    guest_close(&guest);
}

static void xsave(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    size_t size = 0, got = 0;
    assert_ok(abx_x86_get_xsave(guest.vcpu, NULL, 0, &size));
    assert_in_range(size, 4096, 1 << 20);
    uint8_t *first = calloc(1, size), *second = calloc(1, size);
    assert_true(first && second);
    assert_ok(abx_x86_get_xsave(guest.vcpu, first, size, &got));
    assert_int_equal(got, size);
    /* XMM3 of the legacy area, and the header's bits that say that x87 and SSE are there (SDM vol. 1, 13.4). */
    memset(first + 160 + 3 * 16, 0xa5, 16);
    first[512] |= 3;
    assert_ok(abx_x86_set_xsave(guest.vcpu, first, size));
    assert_ok(abx_x86_get_xsave(guest.vcpu, second, size, &got));
    assert_memory_equal(second + 160, first + 160, 256);
    abx_x86_fpu fpu_state;
    assert_ok(abx_x86_get_fpu(guest.vcpu, &fpu_state));
    assert_memory_equal(fpu_state.xmm[3], first + 160 + 3 * 16, 16);

    got = 0;
    assert_status(abx_x86_get_xsave(guest.vcpu, second, size - 1, &got), ABX_ERR_LIMIT);
    assert_int_equal(got, size);
    assert_status(abx_x86_set_xsave(guest.vcpu, first, size - 1), ABX_ERR_INVALID);
    first[512 + 7] |= 0x40; /* a feature that there is not */
    assert_status(abx_x86_set_xsave(guest.vcpu, first, size), ABX_ERR_SYSTEM);
    free(first);
    free(second);
    guest_close(&guest);
}

static void lapic(void **state)
{
    (void)state;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_x86_lapic set, got;
    assert_ok(abx_x86_get_lapic(guest.vcpu, &set));
    assert_int_equal(set.page[0x20 + 3], 0); /* its id */
    set.page[0xf1] |= 1;                     /* software enable */
    set.page[0x80] = 0x30;                   /* task priority */
    assert_ok(abx_x86_set_lapic(guest.vcpu, &set));
    assert_ok(abx_x86_get_lapic(guest.vcpu, &got));
    assert_int_equal(got.page[0xf1] & 1, 1);
    assert_int_equal(got.page[0x80], 0x30);
    assert_int_equal(guest_get(&guest, ABX_X86_CR8), 3);
    guest_close(&guest);

    config = small_config(ABX_IRQCHIP_NONE);
    guest_open(&guest, &config, NULL, 0);
    assert_status(abx_x86_get_lapic(guest.vcpu, &got), ABX_ERR_STATE);
    guest_close(&guest);
}

static void events(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_x86_events set, got;
    assert_ok(abx_x86_get_events(guest.vcpu, &set));
    assert_false(set.exception_injected || set.nmi_pending || set.interrupt_injected || set.triple_fault_pending);
    set.nmi_masked = true;
    set.nmi_pending = true;
    set.interrupt_injected = true;
    set.interrupt_vector = 0x41;
    assert_ok(abx_x86_set_events(guest.vcpu, &set));
    assert_ok(abx_x86_get_events(guest.vcpu, &got));
    assert_true(got.nmi_masked && got.nmi_pending && got.interrupt_injected);
    assert_int_equal(got.interrupt_vector, 0x41);

    abx_x86_events fault = { .exception_pending = true,
                             .exception_vector = 14,
                             .exception_has_error_code = true,
                             .exception_error_code = 2,
                             .exception_has_payload = true,
                             .exception_payload = 0x1234 };
    assert_ok(abx_x86_set_events(guest.vcpu, &fault));
    assert_ok(abx_x86_get_events(guest.vcpu, &got));
    assert_true(got.exception_pending && got.exception_has_payload && !got.exception_injected);
    assert_int_equal(got.exception_vector, 14);
    assert_int_equal(got.exception_payload, 0x1234);
    abx_x86_events triple = { .triple_fault_pending = true };
    assert_ok(abx_x86_set_events(guest.vcpu, &triple));
    assert_ok(abx_x86_get_events(guest.vcpu, &got));
    assert_true(got.triple_fault_pending);
    assert_ok(abx_vm_start(guest.vm));
    assert_ok(abx_vcpu_run(guest.vcpu, &guest.exit));
    assert_int_equal(guest.exit.kind, ABX_EXIT_SHUTDOWN);
    guest_close(&guest);
}

static void mp_states(void **state)
{
    (void)state;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    config.cpus = 2;
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    abx_vcpu *other;
    assert_ok(abx_vcpu_create(&other, guest.vm, 1));
    abx_mp_state mp;
    assert_ok(abx_vcpu_get_mp_state(guest.vcpu, &mp));
    assert_int_equal(mp, ABX_MP_RUNNABLE);
    assert_ok(abx_vcpu_get_mp_state(other, &mp));
    assert_int_equal(mp, ABX_MP_UNINITIALIZED);
    assert_ok(abx_vcpu_set_mp_state(other, ABX_MP_HALTED));
    assert_ok(abx_vcpu_get_mp_state(other, &mp));
    assert_int_equal(mp, ABX_MP_HALTED);
    assert_status(abx_vcpu_set_mp_state(other, ABX_MP_STOPPED), ABX_ERR_NOT_SUPPORTED);
    assert_ok(abx_vcpu_destroy(other));
    guest_close(&guest);
}

static const abx_x86_cpuid *leaf(const abx_x86_cpuid *leaves, size_t count, uint32_t number, uint32_t subleaf)
{
    for (size_t i = 0; i < count; i++) {
        if (leaves[i].leaf == number && (!leaves[i].has_subleaf || leaves[i].subleaf == subleaf))
            return &leaves[i];
    }
    fail_msg("CPUID has no leaf %#x, %u", number, subleaf);
    return NULL;
}

static void cpuid(void **state)
{
    (void)state;
    static abx_x86_cpuid leaves[MAX_LEAVES], again[MAX_LEAVES];
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    config.cpus = 4;
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    size_t count = 0, needed = 0;
    assert_ok(abx_x86_supported_cpuid(guest.hypervisor, NULL, 0, &needed));
    assert_in_range(needed, 10, MAX_LEAVES);
    assert_ok(abx_x86_supported_cpuid(guest.hypervisor, leaves, MAX_LEAVES, &count));
    assert_int_equal(count, needed);

    abx_vcpu *other;
    assert_ok(abx_vcpu_create(&other, guest.vm, 3));
    assert_ok(abx_x86_get_cpuid(other, leaves, MAX_LEAVES, &count));
    assert_int_equal(leaf(leaves, count, 1, 0)->ebx >> 24, 3);
    assert_int_equal(leaf(leaves, count, 1, 0)->ecx >> 31, 1);             /* hypervisor */
    assert_int_equal(leaf(leaves, count, 1, 0)->ecx >> 24 & 1, 1);         /* TSC deadline */
    assert_int_equal(leaf(leaves, count, 1, 0)->ecx >> 5 & 1, 0);          /* VMX */
    assert_int_equal(leaf(leaves, count, 0x80000001, 0)->ecx >> 2 & 1, 0); /* SVM */
    assert_int_equal(leaf(leaves, count, 0x40000000, 0)->ebx, 0x4b4d564b); /* "KVMK" */
    /* The clock, its newer registers, and that it is stable across processors. */
    assert_int_equal(leaf(leaves, count, 0x40000001, 0)->eax & 0x01000009, 0x01000009);
    uint32_t khz;
    assert_ok(abx_x86_get_tsc_khz(other, &khz));
    assert_int_equal(leaf(leaves, count, 0x40000010, 0)->eax, khz);

    for (size_t i = 0; i < count; i++) {
        if (leaves[i].leaf == 0x80000002)
            memcpy(&leaves[i].eax, "abx.", 4); /* of the processor's name */
    }
    assert_ok(abx_x86_set_cpuid(other, leaves, count));
    assert_ok(abx_x86_get_cpuid(other, again, MAX_LEAVES, &needed));
    assert_int_equal(needed, count);
    assert_memory_equal(&leaf(again, count, 0x80000002, 0)->eax, "abx.", 4);
    assert_status(abx_x86_set_cpuid(other, leaves, 257), ABX_ERR_LIMIT);
    assert_ok(abx_vcpu_destroy(other));
    guest_close(&guest);
}

/* mov eax, 1; cpuid; shr ebx, 24; mov al, bl; out 0x10, al */
static const uint8_t asking[] = { 0x66, 0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0x66, 0xc1, 0xeb, 24, 0x88, 0xd8, 0xe6, 0x10 };

static void cpuid_is_fixed_by_running(void **state)
{
    (void)state;
    static abx_x86_cpuid leaves[MAX_LEAVES];
    size_t count;
    const abx_vm_config config = small_config(ABX_IRQCHIP_NONE);
    kvm_guest guest;
    guest_open(&guest, &config, asking, sizeof(asking));
    assert_ok(abx_vm_start(guest.vm));
    assert_int_equal(guest_run_to_out(&guest, 0x10), 0);
    assert_ok(abx_x86_get_cpuid(guest.vcpu, leaves, MAX_LEAVES, &count));
    assert_ok(abx_x86_set_cpuid(guest.vcpu, leaves, count));
    assert_status(abx_x86_set_cpuid(guest.vcpu, leaves, count - 1), ABX_ERR_STATE);
    guest_close(&guest);
}

static void nested_virtualization_on_request(void **state)
{
    (void)state;
    static abx_x86_cpuid leaves[MAX_LEAVES];
    size_t count;
    abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    config.nested = ABX_YES;
    kvm_guest guest = { 0 };
    assert_ok(abx_hypervisor_open(&guest.hypervisor, "kvm", NULL));
    bool able = abx_hypervisor_has(guest.hypervisor, ABX_CAP_NESTED);
    abx_hypervisor_close(guest.hypervisor);
    if (!able) {
        print_message("this host's KVM gives guests no hardware virtualization\n");
        skip();
    }
    guest_open(&guest, &config, NULL, 0);
    assert_ok(abx_x86_get_cpuid(guest.vcpu, leaves, MAX_LEAVES, &count));
    bool vmx = leaf(leaves, count, 1, 0)->ecx >> 5 & 1, svm = leaf(leaves, count, 0x80000001, 0)->ecx >> 2 & 1;
    assert_true(vmx || svm);
    guest_close(&guest);
}

static void msr_list(void **state)
{
    (void)state;
    static uint32_t indices[1024];
    size_t count, needed;
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
    assert_ok(abx_x86_msr_list(hypervisor, NULL, 0, &needed));
    assert_in_range(needed, 20, 1024);
    assert_ok(abx_x86_msr_list(hypervisor, indices, 1024, &count));
    assert_int_equal(count, needed);
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        known += indices[i] == 0xc0000081 || indices[i] == 0x10 || indices[i] == 0x4b564d01;
    assert_int_equal(known, 3); /* STAR, the TSC, kvm-clock's */
    abx_hypervisor_close(hypervisor);
}

static void clocks(void **state)
{
    (void)state;
    const abx_vm_config config = small_config(ABX_IRQCHIP_SPLIT);
    kvm_guest guest;
    guest_open(&guest, &config, NULL, 0);
    uint64_t now;
    assert_ok(abx_x86_set_clock(guest.vm, UINT64_C(1000000000000)));
    assert_ok(abx_x86_get_clock(guest.vm, &now));
    assert_in_range(now, UINT64_C(1000000000000), UINT64_C(1060000000000));
    uint32_t khz, after;
    assert_ok(abx_x86_get_tsc_khz(guest.vcpu, &khz));
    assert_true(khz > 0);
    if (abx_hypervisor_has(guest.hypervisor, ABX_CAP_TSC_CONTROL)) {
        static abx_x86_cpuid leaves[MAX_LEAVES];
        size_t count;
        assert_ok(abx_x86_set_tsc_khz(guest.vcpu, khz / 2));
        assert_ok(abx_x86_get_tsc_khz(guest.vcpu, &after));
        assert_int_equal(after, khz / 2);
        assert_ok(abx_x86_get_cpuid(guest.vcpu, leaves, MAX_LEAVES, &count));
        assert_int_equal(leaf(leaves, count, 0x40000010, 0)->eax, khz / 2);
    } else {
        assert_status(abx_x86_set_tsc_khz(guest.vcpu, khz / 2), ABX_ERR_NOT_SUPPORTED);
    }
    guest_close(&guest);
}

static void capabilities_tell_the_truth(void **state)
{
    (void)state;
    abx_hypervisor *hypervisor;
    assert_ok(abx_hypervisor_open(&hypervisor, "kvm", NULL));
    const abx_capabilities *caps = abx_hypervisor_capabilities(hypervisor);
    uint32_t eax, ebx, ecx, edx;
    __cpuid(1, eax, ebx, ecx, edx);
    assert_int_equal(caps->nesting, ecx >> 31 ? ABX_NESTING_GUEST : ABX_NESTING_BARE_METAL);
    assert_int_equal(caps->host_hypervisor[0] != 0, ecx >> 31);
    bool vmx = ecx >> 5 & 1;
    __cpuid(0x80000001, eax, ebx, ecx, edx);
    bool svm = ecx >> 2 & 1;
    assert_int_equal(abx_capabilities_has(caps, ABX_CAP_HARDWARE), vmx || svm);
    if (vmx || svm)
        assert_string_equal(caps->detail, vmx ? "Intel VMX" : "AMD SVM");
    print_message("guests run on: %s; hypervisor below us: \"%s\"\n", caps->detail, caps->host_hypervisor);
    abx_hypervisor_close(hypervisor);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fpu),
        cmocka_unit_test(xsave),
        cmocka_unit_test(lapic),
        cmocka_unit_test(events),
        cmocka_unit_test(mp_states),
        cmocka_unit_test(cpuid),
        cmocka_unit_test(cpuid_is_fixed_by_running),
        cmocka_unit_test(nested_virtualization_on_request),
        cmocka_unit_test(msr_list),
        cmocka_unit_test(clocks),
        cmocka_unit_test(capabilities_tell_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
