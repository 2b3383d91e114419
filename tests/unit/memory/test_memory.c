/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/memory.h>

#include "fake_backend.h"
#include "fake_vm.h"

#include <arcbox/event.h>

#include <string.h>

static void next_memory_event(abx_vm *vm, const char *text)
{
    abx_event event = { .kind = ABX_EVENT_NONE };
    do {
        assert_int_equal(abx_event_next(vm, &event), ABX_OK);
    } while (event.kind != ABX_EVENT_MEMORY);
    assert_string_equal(event.text, text);
    assert_int_equal(event.code, 0x4000);
    assert_int_equal(event.vcpu, UINT32_MAX);
}

static void regions_come_and_go_while_it_runs(void **state)
{
    (void)state;
    abx_vm *vm = fake_vm_manual(true);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    abx_memory_region region = region_at(0x4000, 4 * PAGE);
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    next_memory_event(vm, "region added at 0x4000");
    assert_failed(abx_memory_add(vm, &region), ABX_ERR_EXISTS, "0x4000");
    abx_memory_info info;
    size_t count = 0;
    assert_int_equal(abx_memory_list(vm, &info, 1, &count), ABX_OK);
    assert_int_equal(count, 1);
    assert_int_equal(info.length, 4 * PAGE);
    assert_int_equal(abx_memory_remove(vm, 0x4000), ABX_OK);
    next_memory_event(vm, "region removed at 0x4000");
    assert_int_equal(abx_memory_list(vm, NULL, 0, &count), ABX_OK);
    assert_int_equal(count, 0);
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_failed(abx_memory_add(vm, &region), ABX_ERR_STATE, "ended");
    abx_vm_destroy(vm);
}

static void without_hotplug_before_the_start_only(void **state)
{
    (void)state;
    abx_vm *vm = fake_vm_manual(false);
    abx_memory_region region = region_at(0x4000, PAGE);
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    assert_int_equal(abx_vm_start(vm), ABX_OK);
    region.gpa = 0x8000;
    assert_failed(abx_memory_add(vm, &region), ABX_ERR_NOT_SUPPORTED, "before the VM starts");
    assert_failed(abx_memory_remove(vm, 0x4000), ABX_ERR_NOT_SUPPORTED, "after the VM has stopped");
    assert_int_equal(abx_vm_stop(vm), ABX_OK);
    assert_int_equal(abx_memory_remove(vm, 0x4000), ABX_OK);
    abx_vm_destroy(vm);
}

static void every_function_reaches_the_memory(void **state)
{
    (void)state;
    abx_vm *vm = fake_vm_manual(true);
    abx_memory_region region = region_at(0, 4 * PAGE);
    assert_int_equal(abx_memory_add(vm, &region), ABX_OK);
    uint64_t value = 0;
    assert_int_equal(abx_memory_write(vm, 16, "memory", 7), ABX_OK);
    char text[7];
    assert_int_equal(abx_memory_read(vm, 16, text, 7), ABX_OK);
    assert_string_equal(text, "memory");
    assert_int_equal(abx_memory_fill(vm, 0, 1, 8), ABX_OK);
    assert_int_equal(abx_memory_load(vm, 0, 2, &value), ABX_OK);
    assert_int_equal(value, 0x101);
    assert_int_equal(abx_memory_store(vm, 0, 8, 5), ABX_OK);
    bool swapped = false;
    value = 5;
    assert_int_equal(abx_memory_compare_swap(vm, 0, 8, &value, 6, &swapped), ABX_OK);
    assert_true(swapped);

    assert_int_equal(abx_memory_log_dirty(vm, 0, true), ABX_OK);
    abx_memory_guard outer = abx_memory_enter(vm);
    abx_memory_guard inner = abx_memory_enter(vm);
    uint64_t *host = abx_memory_at(vm, 0, 8, true);
    assert_int_equal(*host, 6);
    uint64_t available = 0;
    assert_ptr_equal(abx_memory_span(vm, 0, UINT64_MAX, false, &available), host);
    assert_int_equal(available, 4 * PAGE);
    abx_memory_leave(vm, inner);
    abx_memory_leave(vm, outer);
    assert_int_equal(abx_memory_mark_dirty(vm, 2 * PAGE, 1), ABX_OK);
    assert_int_equal(abx_memory_get_dirty(vm, 0, &value, 1), ABX_OK);
    assert_int_equal(value, 5);
    assert_int_equal(abx_memory_clear_dirty(vm, 0, &value, 1), ABX_OK);
    assert_int_equal(abx_memory_get_dirty(vm, 0, &value, 1), ABX_OK);
    assert_int_equal(value, 0);
    assert_int_equal(abx_memory_discard(vm, 0, PAGE), ABX_OK);
    assert_int_equal(abx_memory_load(vm, 0, 8, &value), ABX_OK);
    assert_int_equal(value, 0);
    abx_vm_destroy(vm);
}

/* Every function with the same status; `text` is in each message. */
static void all_fail(abx_vm *vm, abx_status status, const char *text)
{
    abx_memory_region region = region_at(0, PAGE);
    uint64_t value = 0;
    bool swapped = false;
    size_t count = 77;
    assert_failed(abx_memory_add(vm, &region), status, text);
    assert_failed(abx_memory_remove(vm, 0), status, text);
    assert_failed(abx_memory_list(vm, NULL, 0, &count), status, text);
    assert_failed(abx_memory_read(vm, 0, &value, 8), status, text);
    assert_failed(abx_memory_write(vm, 0, &value, 8), status, text);
    assert_failed(abx_memory_fill(vm, 0, 0, 8), status, text);
    assert_failed(abx_memory_load(vm, 0, 8, &value), status, text);
    assert_failed(abx_memory_store(vm, 0, 8, 0), status, text);
    assert_failed(abx_memory_compare_swap(vm, 0, 8, &value, 0, &swapped), status, text);
    assert_failed(abx_memory_discard(vm, 0, PAGE), status, text);
    assert_failed(abx_memory_log_dirty(vm, 0, true), status, text);
    assert_failed(abx_memory_get_dirty(vm, 0, &value, 1), status, text);
    assert_failed(abx_memory_clear_dirty(vm, 0, &value, 1), status, text);
    assert_failed(abx_memory_mark_dirty(vm, 0, 1), status, text);
    assert_int_equal(count, 77);
    abx_memory_guard guard = abx_memory_enter(vm);
    assert_null(abx_memory_at(vm, 0, 1, false));
    assert_null(abx_memory_span(vm, 0, 1, false, &value));
    abx_memory_leave(vm, guard);
}

static void managed_vms_have_no_memory_to_reach(void **state)
{
    (void)state;
    abx_vm *vm = fake_vm_managed();
    all_fail(vm, ABX_ERR_NOT_SUPPORTED, "manages this VM by itself");
    abx_vm_destroy(vm);
}

static void null_is_refused(void **state)
{
    (void)state;
    all_fail(NULL, ABX_ERR_INVALID, "Give a VM.");
    abx_vm *vm = fake_vm_manual(true);
    uint64_t value = 0;
    bool swapped = false;
    size_t count = 0;
    assert_failed(abx_memory_add(vm, NULL), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_list(vm, NULL, 1, &count), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_list(vm, NULL, 0, NULL), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_read(vm, 0, NULL, 1), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_write(vm, 0, NULL, 1), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_load(vm, 0, 8, NULL), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_compare_swap(vm, 0, 8, NULL, 0, &swapped), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_compare_swap(vm, 0, 8, &value, 0, NULL), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_get_dirty(vm, 0, NULL, 1), ABX_ERR_INVALID, "NULL");
    assert_failed(abx_memory_clear_dirty(vm, 0, NULL, 1), ABX_ERR_INVALID, "NULL");
    assert_null(abx_memory_span(vm, 0, 1, false, NULL));
    abx_vm_destroy(vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_come_and_go_while_it_runs),
        cmocka_unit_test(without_hotplug_before_the_start_only),
        cmocka_unit_test(every_function_reaches_the_memory),
        cmocka_unit_test(managed_vms_have_no_memory_to_reach),
        cmocka_unit_test(null_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
