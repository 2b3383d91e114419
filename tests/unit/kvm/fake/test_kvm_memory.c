/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Slots and their dirty log, as the kernel is asked for them. */
#include "fake_kvm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static abx_kvm_hypervisor *hypervisor;
static abx_kvm_vm *vm;
static const abx_vm_config config = ABX_VM_CONFIG_INIT;

static int make_vm(void **state)
{
    (void)state;
    fake_reset();
    hypervisor = fake_open();
    vm = fake_vm(hypervisor, &config);
    fake.count = 0;
    return 0;
}

static int end_vm(void **state)
{
    (void)state;
    abx_kvm_vm_destroy(vm);
    abx_kvm_close(hypervisor);
    return 0;
}

static struct kvm_userspace_memory_region last_region(void)
{
    struct kvm_userspace_memory_region region;
    const fake_call *call = fake_last(KVM_SET_USER_MEMORY_REGION);
    assert_non_null(call);
    assert_int_equal(call->fd, vm->fd);
    memcpy(&region, call->copy, sizeof(region));
    return region;
}

static char memory[8192] __attribute__((aligned(4096)));

static abx_slot slot_with(uint32_t flags)
{
    return (abx_slot){ .index = 7, .flags = flags, .gpa = 0x100000, .length = sizeof(memory), .host = memory };
}

static void slots_come_and_go(void **state)
{
    (void)state;
    abx_slot slot = slot_with(0);
    assert_int_equal(abx_kvm_memory_map(vm, &slot), ABX_OK);
    struct kvm_userspace_memory_region region = last_region();
    assert_int_equal(region.slot, 7);
    assert_int_equal(region.flags, 0);
    assert_int_equal(region.guest_phys_addr, 0x100000);
    assert_int_equal(region.memory_size, sizeof(memory));
    assert_int_equal(region.userspace_addr, (uintptr_t)memory);

    assert_int_equal(abx_kvm_memory_unmap(vm, &slot), ABX_OK);
    region = last_region();
    assert_int_equal(region.slot, 7);
    assert_int_equal(region.memory_size, 0);
}

/* Turning the dirty log on must not make read-only memory writable. */
static void flags_are_independent(void **state)
{
    (void)state;
    static const struct {
        uint32_t flags, expected;
    } cases[] = {
        { ABX_MEMORY_READ_ONLY, KVM_MEM_READONLY },
        { ABX_MEMORY_LOG_DIRTY, KVM_MEM_LOG_DIRTY_PAGES },
        { ABX_MEMORY_READ_ONLY | ABX_MEMORY_LOG_DIRTY, KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_slot slot = slot_with(cases[i].flags);
        assert_int_equal(abx_kvm_memory_map(vm, &slot), ABX_OK);
        assert_int_equal(last_region().flags, cases[i].expected);
        assert_int_equal(abx_kvm_memory_set_flags(vm, &slot), ABX_OK);
        assert_int_equal(last_region().flags, cases[i].expected);
        assert_int_equal(last_region().memory_size, sizeof(memory));
    }
}

static void refusals_are_reported(void **state)
{
    (void)state;
    abx_slot slot = slot_with(0);
    fake.fail_request = KVM_SET_USER_MEMORY_REGION;
    fake.fail_error = EEXIST;
    assert_int_equal(abx_kvm_memory_map(vm, &slot), ABX_ERR_EXISTS);
    assert_non_null(strstr(abx_last_error()->operation, "0x100000"));
    fake.fail_error = ENOMEM;
    fake.fail_after = 0;
    assert_int_equal(abx_kvm_memory_set_flags(vm, &slot), ABX_ERR_NO_MEMORY);
}

static void dirty_bits_are_added(void **state)
{
    (void)state;
    abx_slot slot = slot_with(ABX_MEMORY_LOG_DIRTY);
    uint64_t bitmap = 1;
    fake.dirty_word = 2;
    assert_int_equal(abx_kvm_memory_get_dirty(vm, &slot, &bitmap), ABX_OK);
    assert_int_equal(bitmap, 3);
    fake.fail_request = KVM_GET_DIRTY_LOG;
    fake.fail_error = ENOENT;
    assert_int_equal(abx_kvm_memory_get_dirty(vm, &slot, &bitmap), ABX_ERR_NOT_FOUND);
    assert_int_equal(bitmap, 3);
}

static void clearing_covers_the_slot(void **state)
{
    (void)state;
    abx_slot slot = slot_with(ABX_MEMORY_LOG_DIRTY);
    uint64_t bitmap = 3;
    assert_int_equal(abx_kvm_memory_clear_dirty(vm, &slot, &bitmap), ABX_OK);
    struct kvm_clear_dirty_log log;
    memcpy(&log, fake_last(KVM_CLEAR_DIRTY_LOG)->copy, sizeof(log));
    assert_int_equal(log.slot, 7);
    assert_int_equal(log.first_page, 0);
    assert_int_equal(log.num_pages, 2);
    assert_ptr_equal(log.dirty_bitmap, &bitmap);
}

/* Sixteen TiB and some: more pages than one call can name. */
static void clearing_goes_in_steps(void **state)
{
    (void)state;
    const uint64_t pages = (UINT64_C(1) << 32) + 100;
    abx_slot slot = { .index = 1, .length = pages * 4096 };
    size_t size = (size_t)(pages / 64 + 1) * sizeof(uint64_t); /* nobody looks into it */
    uint64_t *bitmap = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(bitmap, MAP_FAILED);
    assert_int_equal(abx_kvm_memory_clear_dirty(vm, &slot, bitmap), ABX_OK);
    uint64_t next = 0;
    for (size_t i = 0; i < fake.count; i++) {
        struct kvm_clear_dirty_log log;
        assert_int_equal(fake.calls[i].request, KVM_CLEAR_DIRTY_LOG);
        memcpy(&log, fake.calls[i].copy, sizeof(log));
        assert_int_equal(log.first_page, next);
        assert_int_equal(log.first_page % 64, 0);
        assert_ptr_equal(log.dirty_bitmap, bitmap + next / 64);
        next += log.num_pages;
        assert_true(log.num_pages % 64 == 0 || next == pages);
    }
    assert_int_equal(next, pages);
    munmap(bitmap, size);
}

static void logs_that_clear_themselves_are_not_used(void **state)
{
    (void)state;
    abx_slot slot = slot_with(ABX_MEMORY_LOG_DIRTY);
    uint64_t bitmap = 0;
    hypervisor->manual_clear = 0;
    assert_int_equal(abx_kvm_memory_get_dirty(vm, &slot, &bitmap), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(abx_kvm_memory_clear_dirty(vm, &slot, &bitmap), ABX_ERR_NOT_SUPPORTED);
    assert_int_equal(fake.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slots_come_and_go, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(flags_are_independent, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(refusals_are_reported, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(dirty_bits_are_added, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(clearing_covers_the_slot, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(clearing_goes_in_steps, make_vm, end_vm),
        cmocka_unit_test_setup_teardown(logs_that_clear_themselves_are_not_used, make_vm, end_vm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
