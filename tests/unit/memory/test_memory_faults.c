/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every system call and every allocation fails once, in turn; afterwards all is as it was. */
#include "fake_backend.h"
#include "faults.h"
#include "memory_access.h"
#include "memory_dirty.h"
#include "memory_discard.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const uint64_t LARGE = UINT64_C(1) << 30;

enum { MOST = 40 };

typedef abx_status (*fallible)(fake_space *fake, void *context);

/* Lets `operation` fail at each of its calls until it succeeds; returns how often it failed. */
static int fail_each(fake_space *fake, fallible operation, void *context)
{
    for (int n = 1; n < MOST; n++) {
        abx_memory_info before[FAKE_SLOTS] = { { .gpa = 0 } };
        abx_memory_info after[FAKE_SLOTS] = { { .gpa = 0 } };
        size_t count = abx_memory_space_list(fake->space, before, FAKE_SLOTS);
        size_t mapped = fake_mapped(fake);
        size_t descriptors = open_descriptors();
        uint64_t space = address_space();
        fault_arm(n);
        abx_status status = operation(fake, context);
        bool hit = fault_disarm();
        if (!hit) {
            assert_int_equal(status, ABX_OK);
            return n - 1;
        }
        assert_true(status < 0);
        assert_int_equal(abx_last_error()->status, status);
        assert_true(strlen(abx_last_error()->message) > 0);
        assert_int_equal(abx_memory_space_list(fake->space, after, FAKE_SLOTS), count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(after[i].gpa, before[i].gpa);
            assert_int_equal(after[i].flags, before[i].flags);
            assert_ptr_equal(after[i].host, before[i].host);
        }
        assert_int_equal(fake_mapped(fake), mapped);
        assert_int_equal(open_descriptors(), descriptors);
        assert_true(address_space() < space + LARGE / 2);
    }
    fail_msg("it fails for ever");
    return 0;
}

static abx_status add_region(fake_space *fake, void *context)
{
    return abx_memory_space_add(fake->space, context);
}

static abx_status remove_region(fake_space *fake, void *context)
{
    const abx_gpa *gpa = context;
    return abx_memory_space_remove(fake->space, *gpa);
}

/* How often a file is asked for: kernels before 6.3 do not know a flag, and get it again without. */
static int file_calls(void)
{
    int fd = memfd_create("probe", MFD_CLOEXEC | 8u /* MFD_NOEXEC_SEAL */);
    if (fd < 0) {
        return 2;
    }
    close(fd);
    return 1;
}

static void adding_takes_everything_back(void **state)
{
    fake_space *fake = *state;
    int fd = temporary_file(0);
    assert_int_equal(ftruncate(fd, (off_t)LARGE), 0);
    const struct {
        abx_backing backing;
        int calls;
    } cases[] = {
        /* region, log, slots (once), map; reserve, map, advise; the file: create, length, seals or look at it */
        { ABX_BACKING_ANONYMOUS, 7 },
        { ABX_BACKING_MEMFD, 8 + file_calls() },
        { ABX_BACKING_FILE_SHARED, 7 },
        { ABX_BACKING_FILE_PRIVATE, 7 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_memory_region region = region_at(i * 2 * LARGE + PAGE, LARGE);
        region.backing = cases[i].backing;
        region.flags = ABX_MEMORY_LOG_DIRTY;
        if (region.backing == ABX_BACKING_FILE_SHARED || region.backing == ABX_BACKING_FILE_PRIVATE) {
            region.fd = fd;
        }
        assert_int_equal(fail_each(fake, add_region, &region), cases[i].calls);
    }
    close(fd);
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 4);
}

static void removing_may_fail_before_the_guest_loses_it(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    fault_arm(1);
    assert_failed(abx_memory_space_remove(fake->space, 0), ABX_ERR_NO_MEMORY, "remove memory");
    assert_true(fault_disarm());
    assert_int_equal(fake_mapped(fake), 1);
    abx_gpa gpa = 0;
    assert_int_equal(remove_region(fake, &gpa), ABX_OK);
}

static abx_status add_ram(fake_space *fake, void *context)
{
    return abx_memory_space_add_ram(fake->space, context, ABX_ARCH_X86_64);
}

static void ram_is_all_there_or_not_at_all(void **state)
{
    fake_space *fake = *state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = 4 * LARGE;
    config.memory_backing = ABX_BACKING_MEMFD;
    config.dirty_log = ABX_YES;
    assert_true(fail_each(fake, add_ram, &config) >= 16);
    assert_int_equal(abx_memory_space_list(fake->space, NULL, 0), 2);
}

static abx_status start_log(fake_space *fake, void *context)
{
    (void)context;
    return abx_memory_space_log_dirty(fake->space, 0, true);
}

static void the_log_starts_or_does_not(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    assert_int_equal(fail_each(fake, start_log, NULL), 1);
}

static abx_status discard(fake_space *fake, void *context)
{
    (void)context;
    return abx_memory_space_discard(fake->space, 0, 2 * PAGE);
}

static void discarding_reports_the_host(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, PAGE, 0);
    abx_memory_region region = region_at(PAGE, PAGE);
    region.backing = ABX_BACKING_MEMFD;
    assert_int_equal(abx_memory_space_add(fake->space, &region), ABX_OK);
    assert_int_equal(fail_each(fake, discard, NULL), 2);
}

static abx_status make_space(fake_space *fake, void *context)
{
    abx_memory_space **out = context;
    return abx_memory_space_new(out, &fake->table, fake, &fake->caps);
}

static void a_space_is_made_or_not(void **state)
{
    fake_space *fake = *state;
    abx_memory_space *space = NULL;
    assert_int_equal(fail_each(fake, make_space, &space), 6);
    abx_memory_space_free(space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(adding_takes_everything_back, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(removing_may_fail_before_the_guest_loses_it, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(ram_is_all_there_or_not_at_all, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(the_log_starts_or_does_not, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(discarding_reports_the_host, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_space_is_made_or_not, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
