/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_space.h"

#include "fake_backend.h"
#include "memory_access.h"
#include "memory_dirty.h"
#include "memory_space_internal.h"

#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>

static const uint64_t GIB = UINT64_C(1) << 30;

static void lists_regions_in_order(void **state)
{
    fake_space *fake = *state;
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 0);
    add(fake, 0x5000, PAGE, ABX_MEMORY_READ_ONLY);
    add(fake, 0x1000, 2 * PAGE, 0);
    abx_memory_info infos[3] = { { .gpa = 1 }, { .gpa = 2 }, { .gpa = 3 } };
    assert_int_equal(abx_memory_space_list(fake->space, infos, 3), 2);
    assert_int_equal(infos[0].gpa, 0x1000);
    assert_int_equal(infos[0].length, 2 * PAGE);
    assert_int_equal(infos[0].slot, 1);
    assert_int_equal(infos[1].gpa, 0x5000);
    assert_int_equal(infos[1].slot, 0);
    assert_int_equal(infos[1].flags, ABX_MEMORY_READ_ONLY);
    assert_int_equal(infos[2].gpa, 3);
    infos[1].gpa = 9;
    assert_int_equal(abx_memory_space_list(fake->space, infos, 1), 2);
    assert_int_equal(infos[1].gpa, 9);
    /* The backend was told the same. */
    assert_int_equal(fake->slots[1].gpa, 0x1000);
    assert_ptr_equal(fake->slots[1].host, infos[0].host);
    assert_int_equal(fake->slots[0].flags, ABX_MEMORY_READ_ONLY);
}

static void names_the_region_in_the_way(void **state)
{
    fake_space *fake = *state;
    add(fake, 0x4000, 2 * PAGE, 0);
    static const abx_memory_region others[] = {
        { .size = sizeof(abx_memory_region), .gpa = 0x3000, .length = 2 * PAGE },
        { .size = sizeof(abx_memory_region), .gpa = 0x5000, .length = PAGE },
        { .size = sizeof(abx_memory_region), .gpa = 0x1000, .length = 16 * PAGE },
    };
    for (size_t i = 0; i < 3; i++) {
        assert_failed(abx_memory_space_add(fake->space, &others[i]), ABX_ERR_EXISTS, "0x4000");
    }
    assert_int_equal(fake->calls, 1);
    add(fake, 0x3000, PAGE, 0);
    add(fake, 0x6000, PAGE, 0);
}

static void slots_are_limited_and_used_again(void **state)
{
    fake_space *fake = *state;
    for (uint64_t i = 0; i < FAKE_SLOTS; i++) {
        add(fake, i * PAGE, PAGE, 0);
    }
    abx_memory_region more = region_at(FAKE_SLOTS * PAGE, PAGE);
    assert_failed(abx_memory_space_add(fake->space, &more), ABX_ERR_LIMIT, "8 slots");
    assert_int_equal(abx_memory_space_remove(fake->space, 5 * PAGE), ABX_OK);
    assert_int_equal(abx_memory_space_remove(fake->space, 2 * PAGE), ABX_OK);
    add(fake, FAKE_SLOTS * PAGE, PAGE, 0);
    assert_int_equal(fake->slots[2].gpa, FAKE_SLOTS * PAGE);
    assert_int_equal(fake_mapped(fake), FAKE_SLOTS - 1);
}

static void removes_by_the_first_address_only(void **state)
{
    fake_space *fake = *state;
    add(fake, 0x4000, 2 * PAGE, 0);
    assert_failed(abx_memory_space_remove(fake->space, 0x5000), ABX_ERR_NOT_FOUND, "0x5000");
    assert_failed(abx_memory_space_remove(fake->space, 0), ABX_ERR_NOT_FOUND, "at 0x0");
    assert_int_equal(abx_memory_space_remove(fake->space, 0x4000), ABX_OK);
    assert_failed(abx_memory_space_remove(fake->space, 0x4000), ABX_ERR_NOT_FOUND, "0x4000");
    assert_int_equal(fake_mapped(fake), 0);
}

static void removing_gives_the_memory_back(void **state)
{
    fake_space *fake = *state;
    uint64_t before = address_space();
    size_t descriptors = open_descriptors();
    abx_memory_region region = region_at(0, GIB);
    region.backing = ABX_BACKING_MEMFD;
    assert_int_equal(abx_memory_space_add(fake->space, &region), ABX_OK);
    assert_true(address_space() - before >= GIB);
    assert_int_equal(abx_memory_space_remove(fake->space, 0), ABX_OK);
    assert_true(address_space() < before + GIB / 2);
    assert_int_equal(open_descriptors(), descriptors);
}

static void a_failing_backend_changes_nothing(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    uint64_t before = address_space();
    size_t descriptors = open_descriptors();
    abx_memory_region region = region_at(GIB, GIB);
    region.backing = ABX_BACKING_MEMFD;
    region.flags = ABX_MEMORY_LOG_DIRTY;
    fake->fail_in = 1;
    assert_failed(abx_memory_space_add(fake->space, &region), ABX_ERR_SYSTEM, "fake backend");
    assert_true(address_space() < before + GIB / 2);
    assert_int_equal(open_descriptors(), descriptors);
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 1);
    fake->fail_in = 1;
    assert_failed(abx_memory_space_remove(fake->space, 0), ABX_ERR_SYSTEM, "fake backend");
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 1);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, PAGE), ABX_OK);
    /* The slot that was not used is the next one. */
    add(fake, GIB, PAGE, 0);
    assert_int_equal(fake->slots[1].gpa, GIB);
}

static void a_backend_without_memory_says_so(void **state)
{
    fake_space *fake = *state;
    fake->table.memory_map = NULL;
    fake->table.memory_unmap = NULL;
    abx_memory_region region = region_at(0, PAGE);
    assert_failed(abx_memory_space_add(fake->space, &region), ABX_ERR_NOT_SUPPORTED, "backend");
    assert_failed(abx_memory_space_remove(fake->space, 0), ABX_ERR_NOT_SUPPORTED, "backend");
}

static void ram_lies_around_the_hole(void **state)
{
    fake_space *fake = *state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 4 * GIB;
    config.dirty_log = ABX_YES;
    config.memory_backing = ABX_BACKING_MEMFD;
    assert_int_equal(abx_memory_space_add_ram(fake->space, &config, ABX_ARCH_X86_64), ABX_OK);
    abx_memory_info infos[2];
    assert_int_equal(abx_memory_space_list(fake->space, infos, 2), 2);
    assert_int_equal(infos[0].gpa, 0);
    assert_int_equal(infos[0].length, 3 * GIB);
    assert_int_equal(infos[1].gpa, 4 * GIB);
    assert_int_equal(infos[1].length, GIB);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(infos[i].flags, ABX_MEMORY_LOG_DIRTY);
        assert_int_equal(infos[i].backing, ABX_BACKING_MEMFD);
        assert_int_equal(infos[i].slot, i);
        assert_int_equal(resident(infos[i].host, infos[i].length), 0);
    }
}

static void no_ram_where_none_is_wanted(void **state)
{
    fake_space *fake = *state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.no_memory = true;
    assert_int_equal(abx_memory_space_add_ram(fake->space, &config, ABX_ARCH_ARM64), ABX_OK);
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 0);
}

static void ram_is_all_there_or_not_at_all(void **state)
{
    fake_space *fake = *state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 4 * GIB;
    fake->fail_in = 2;
    uint64_t before = address_space();
    assert_failed(abx_memory_space_add_ram(fake->space, &config, ABX_ARCH_X86_64), ABX_ERR_SYSTEM, "fake backend");
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 0);
    assert_int_equal(fake_mapped(fake), 0);
    assert_true(address_space() < before + GIB / 2);
}

static void freeing_needs_no_backend(void **state)
{
    fake_space *fake = *state;
    uint64_t before = address_space();
    abx_memory_space *space;
    assert_int_equal(abx_memory_space_new(&space, &fake->table, fake, &fake->caps), ABX_OK);
    abx_memory_region region = region_at(0, GIB);
    assert_int_equal(abx_memory_space_add(space, &region), ABX_OK);
    int calls = fake->calls;
    abx_memory_space_free(space);
    abx_memory_space_free(NULL);
    assert_int_equal(fake->calls, calls);
    assert_true(address_space() < before + GIB / 2);
}

static void old_maps_do_not_pile_up(void **state)
{
    fake_space *fake = *state;
    uint32_t stay = abx_memory_space_enter(fake->space);
    add(fake, 0, PAGE, 0); /* allowed within a stay */
    add(fake, PAGE, PAGE, 0);
    assert_non_null(fake->space->retired);
    abx_memory_space_leave(fake->space, stay);
    add(fake, 2 * PAGE, PAGE, 0);
    assert_null(fake->space->retired);
}

typedef struct remove_job {
    fake_space *fake;
    sem_t begun;
    atomic_bool done;
} remove_job;

static void *remove_first(void *context)
{
    remove_job *remover = context;
    sem_post(&remover->begun);
    assert_int_equal(abx_memory_space_remove(remover->fake->space, 0), ABX_OK);
    atomic_store(&remover->done, true);
    return NULL;
}

static void removing_waits_for_a_reader(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 4 * PAGE, 0);
    remove_job remover = { .fake = fake };
    assert_int_equal(sem_init(&remover.begun, 0, 0), 0);
    uint32_t stay = abx_memory_space_enter(fake->space);
    volatile uint8_t *host = abx_memory_space_at(fake->space, 0, 4 * PAGE, true);
    assert_non_null(host);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, remove_first, &remover), 0);
    sem_wait(&remover.begun);
    while (abx_memory_space_at(fake->space, 0, 1, false)) {
        sched_yield(); /* until the guest has lost it */
    }
    assert_false(fake->mapped[0]);
    for (int i = 0; i < 1000; i++) {
        host[i] = 1; /* still there for us */
        assert_false(atomic_load(&remover.done));
    }
    /* Others can work in the meantime, also from within a stay. */
    add(fake, 0, PAGE, 0);
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 1);
    abx_memory_space_leave(fake->space, stay);
    pthread_join(thread, NULL);
    unsigned char in[4];
    assert_int_equal(mincore((void *)(uintptr_t)host, 4 * PAGE, in), -1);
    sem_destroy(&remover.begun);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_regions_in_order, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(names_the_region_in_the_way, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(slots_are_limited_and_used_again, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(removes_by_the_first_address_only, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(removing_gives_the_memory_back, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_failing_backend_changes_nothing, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_backend_without_memory_says_so, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(ram_lies_around_the_hole, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(no_ram_where_none_is_wanted, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(ram_is_all_there_or_not_at_all, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(freeing_needs_no_backend, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(old_maps_do_not_pile_up, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(removing_waits_for_a_reader, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
