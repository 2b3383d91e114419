/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"

#include <string.h>
#include <sys/mman.h>

enum { HOST_PAGE = 4096 };

static char *host_of(hv_ipa_t ipa)
{
    return fake_mapping(ipa)->host;
}

static size_t resident(char *address, size_t length)
{
    unsigned char in[RIG_RAM_SIZE / HOST_PAGE];
    assert_int_equal(mincore(address, length, in), 0);
    size_t count = 0;
    for (size_t i = 0; i < length / HOST_PAGE; i++)
        count += in[i] & 1;
    return count * HOST_PAGE;
}

static void pages_go_back_and_read_as_zeros(void **state)
{
    hvf_rig *rig = *state;
    char *ram = host_of(RIG_RAM);
    assert_int_equal(abx_memory_fill(rig->vm, RIG_RAM, 1, RIG_RAM_SIZE), ABX_OK);
    assert_int_equal(resident(ram, RIG_RAM_SIZE), RIG_RAM_SIZE);
    assert_int_equal(abx_memory_discard(rig->vm, RIG_RAM + FAKE_PAGE, RIG_RAM_SIZE - 2 * FAKE_PAGE), ABX_OK);
    assert_int_equal(resident(ram, RIG_RAM_SIZE), 2 * FAKE_PAGE);
    assert_int_equal(ram[FAKE_PAGE - 1], 1);
    assert_int_equal(ram[FAKE_PAGE], 0);
    assert_int_equal(ram[RIG_RAM_SIZE - FAKE_PAGE], 1);
    /* The guest has all of it again, at the same place. */
    assert_int_equal(fake_mapped(), RIG_RAM_SIZE / FAKE_PAGE);
    assert_int_equal(fake.unmaps, 1);
    assert_ptr_equal(host_of(RIG_RAM + FAKE_PAGE), ram + FAKE_PAGE);
}

static void only_whole_pages_of_16_kib_go(void **state)
{
    hvf_rig *rig = *state;
    char *ram = host_of(RIG_RAM);
    assert_int_equal(abx_memory_fill(rig->vm, RIG_RAM, 1, RIG_RAM_SIZE), ABX_OK);
    assert_int_equal(abx_memory_discard(rig->vm, RIG_RAM + HOST_PAGE, 2 * FAKE_PAGE - 2 * HOST_PAGE), ABX_OK);
    assert_int_equal(fake.unmaps, 0);
    assert_int_equal(resident(ram, RIG_RAM_SIZE), RIG_RAM_SIZE);
    assert_int_equal(abx_memory_discard(rig->vm, RIG_RAM + HOST_PAGE, 3 * FAKE_PAGE - 2 * HOST_PAGE), ABX_OK);
    assert_int_equal(resident(ram, RIG_RAM_SIZE), RIG_RAM_SIZE - FAKE_PAGE);
    assert_int_equal(ram[2 * FAKE_PAGE], 1);
    assert_int_equal(ram[FAKE_PAGE], 0);
}

static hvf_rig *current;
static uint32_t runs;

/* The guest comes to a page that is being discarded: it is gone when the abort happens, and back afterwards. */
static hv_return_t run_into_a_gap(fake_vcpu *vcpu)
{
    vcpu->exit = (hv_vcpu_exit_t){ .reason = HV_EXIT_REASON_EXCEPTION };
    if (runs++ == 0) {
        assert_int_equal(abx_memory_discard(current->vm, RIG_RAM, FAKE_PAGE), ABX_OK);
        vcpu->exit.exception = (hv_vcpu_exit_exception_t){ LOAD(3, 1), RIG_RAM, RIG_RAM };
    } else {
        vcpu->exit.exception.syndrome = WFI;
    }
    return HV_SUCCESS;
}

static void a_vcpu_that_comes_into_the_gap_sees_nothing(void **state)
{
    current = *state;
    runs = 0;
    fake.run = run_into_a_gap;
    assert_int_equal(rig_run(current).kind, ABX_EXIT_HALT);
    assert_int_equal(runs, 2);
    assert_int_equal(rig_pc(current), 4);
}

static hv_return_t touch_a_device_meanwhile(fake_vcpu *vcpu)
{
    assert_int_equal(abx_memory_discard(current->vm, RIG_RAM, FAKE_PAGE), ABX_OK);
    vcpu->exit = (hv_vcpu_exit_t){ HV_EXIT_REASON_EXCEPTION, { LOAD(3, 1), RIG_DEVICE, RIG_DEVICE } };
    return HV_SUCCESS;
}

static void other_aborts_are_exits_all_the_same(void **state)
{
    current = *state;
    fake.run = touch_a_device_meanwhile;
    assert_int_equal(rig_run(current).kind, ABX_EXIT_MMIO);
}

static void an_unmapping_that_fails_changes_nothing(void **state)
{
    hvf_rig *rig = *state;
    assert_int_equal(abx_memory_fill(rig->vm, RIG_RAM, 1, FAKE_PAGE), ABX_OK);
    fake.fail_at = fake.calls + 1;
    assert_fails(abx_memory_discard(rig->vm, RIG_RAM, FAKE_PAGE), ABX_ERR_SYSTEM, "0x40000000 away to discard it");
    assert_int_equal(host_of(RIG_RAM)[0], 1);
}

static void memory_that_does_not_come_back_is_told(void **state)
{
    hvf_rig *rig = *state;
    fake.fail_at = fake.calls + 2;
    assert_fails(abx_memory_discard(rig->vm, RIG_RAM, FAKE_PAGE), ABX_ERR_SYSTEM, "lost, destroy the VM");
    /* The next access is an exit and no endless loop. */
    rig_script(rig, LOAD(3, 1), RIG_RAM);
    assert_int_equal(rig_run(rig).kind, ABX_EXIT_MMIO);
}

static void removed_memory_stays_away(void **state)
{
    hvf_rig *rig = *state;
    const abx_slot gone = { .index = 3, .gpa = 0x41000000, .length = FAKE_PAGE };
    char *memory = mmap(NULL, 2 * FAKE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    abx_slot slot = gone;
    slot.host = memory;
    memory[0] = 1;
    assert_int_equal(abx_hvf_memory_discard(rig->object->vm, &slot, 0, FAKE_PAGE), ABX_OK);
    assert_int_equal(memory[0], 0);
    assert_null(fake_mapping(0x41000000));
    munmap(memory, 2 * FAKE_PAGE);
}

static void other_backings_go_their_own_way(void **state)
{
    hvf_rig *rig = *state;
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = 0x41000000;
    region.length = RIG_RAM_SIZE;
    region.backing = ABX_BACKING_MEMFD;
    assert_int_equal(abx_memory_add(rig->vm, &region), ABX_OK);
    assert_int_equal(abx_memory_fill(rig->vm, region.gpa, 1, FAKE_PAGE), ABX_OK);
    assert_int_equal(abx_memory_discard(rig->vm, region.gpa, FAKE_PAGE), ABX_OK);
    assert_int_equal(fake.unmaps, 0);
    assert_int_equal(host_of(region.gpa)[0], 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(pages_go_back_and_read_as_zeros),
        CASE(only_whole_pages_of_16_kib_go),
        CASE(a_vcpu_that_comes_into_the_gap_sees_nothing),
        CASE(other_aborts_are_exits_all_the_same),
        CASE(an_unmapping_that_fails_changes_nothing),
        CASE(memory_that_does_not_come_back_is_told),
        CASE(removed_memory_stays_away),
        CASE(other_backings_go_their_own_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
