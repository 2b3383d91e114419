/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "memory_discard.h"

#include "fake_backend.h"
#include "memory_access.h"
#include "memory_dirty.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t *host_of(fake_space *fake, size_t index)
{
    abx_memory_info infos[FAKE_SLOTS];
    assert_in_range(index, 0, abx_memory_space_list(fake->space, infos, FAKE_SLOTS) - 1);
    return infos[index].host;
}

static void add_backed(fake_space *fake, abx_gpa gpa, uint64_t length, abx_backing backing, int fd)
{
    abx_memory_region region = region_at(gpa, length);
    region.backing = backing;
    region.fd = fd;
    assert_int_equal(abx_memory_space_add(fake->space, &region), ABX_OK);
}

static void pages_go_back_and_read_as_zeros(void **state)
{
    fake_space *fake = *state;
    static const abx_backing backings[] = { ABX_BACKING_ANONYMOUS, ABX_BACKING_MEMFD };
    for (size_t i = 0; i < 2; i++) {
        const uint64_t length = 256 * PAGE;
        add_backed(fake, 0, length, backings[i], -1);
        uint8_t *host = host_of(fake, 0);
        assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, length), ABX_OK);
        assert_int_equal(resident(host, length), length);
        assert_int_equal(abx_memory_space_discard(fake->space, PAGE, 254 * PAGE), ABX_OK);
        assert_int_equal(resident(host, length), 2 * PAGE);
        assert_int_equal(host[PAGE - 1], 1);
        assert_int_equal(host[PAGE], 0);
        assert_int_equal(host[255 * PAGE - 1], 0);
        assert_int_equal(host[255 * PAGE], 1);
        assert_int_equal(abx_memory_space_remove(fake->space, 0), ABX_OK);
    }
}

static void only_whole_pages_go(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 4 * PAGE, 0);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 4 * PAGE), ABX_OK);
    uint8_t *host = host_of(fake, 0);
    assert_int_equal(abx_memory_space_discard(fake->space, 1, PAGE), ABX_OK); /* parts of two pages */
    assert_int_equal(abx_memory_space_discard(fake->space, 10, 20), ABX_OK);
    assert_int_equal(abx_memory_space_discard(fake->space, 0, 0), ABX_OK);
    assert_int_equal(host[1], 1);
    assert_int_equal(host[PAGE], 1);
    assert_int_equal(abx_memory_space_discard(fake->space, 1, 3 * PAGE), ABX_OK);
    assert_int_equal(host[PAGE - 1], 1);
    assert_int_equal(host[PAGE], 0);
    assert_int_equal(host[3 * PAGE - 1], 0);
    assert_int_equal(host[3 * PAGE], 1);
}

static void private_file_pages_become_the_file(void **state)
{
    fake_space *fake = *state;
    int fd = temporary_file(4 * PAGE);
    add_backed(fake, 0, 4 * PAGE, ABX_BACKING_FILE_PRIVATE, fd);
    close(fd);
    uint8_t *host = host_of(fake, 0);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 99, 4 * PAGE), ABX_OK);
    assert_int_equal(abx_memory_space_discard(fake->space, PAGE, 2 * PAGE), ABX_OK);
    assert_int_equal(host[0], 99);
    assert_int_equal(host[PAGE], 2);
    assert_int_equal(host[2 * PAGE], 3);
    assert_int_equal(host[3 * PAGE], 99);
}

static void memory_files_get_holes(void **state)
{
    fake_space *fake = *state;
    add_backed(fake, 0, 4 * PAGE, ABX_BACKING_MEMFD, -1);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, 4 * PAGE), ABX_OK);
    abx_memory_info info;
    abx_memory_space_list(fake->space, &info, 1);
    uint8_t *other = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, info.fd, 0);
    assert_true(other != MAP_FAILED);
    assert_int_equal(other[PAGE], 1);
    assert_int_equal(abx_memory_space_discard(fake->space, PAGE, PAGE), ABX_OK);
    assert_int_equal(lseek(info.fd, 0, SEEK_HOLE), PAGE);
    assert_int_equal(other[PAGE], 0); /* gone for everybody */
    munmap(other, 4 * PAGE);
}

static void shared_files_and_the_callers_memory_are_refused(void **state)
{
    fake_space *fake = *state;
    int fd = temporary_file(2 * PAGE);
    add(fake, 0, PAGE, 0);
    add_backed(fake, PAGE, 2 * PAGE, ABX_BACKING_FILE_SHARED, fd);
    close(fd);
    assert_int_equal(abx_memory_space_fill(fake->space, 0, 1, PAGE), ABX_OK);
    assert_failed(abx_memory_space_discard(fake->space, PAGE, PAGE), ABX_ERR_NOT_SUPPORTED, "shared file");
    /* All or nothing: the anonymous page before it stays. */
    assert_failed(abx_memory_space_discard(fake->space, 0, 2 * PAGE), ABX_ERR_NOT_SUPPORTED, "shared file");
    assert_failed(abx_memory_space_discard(fake->space, 0, 4 * PAGE), ABX_ERR_RANGE, "discard");
    assert_int_equal(host_of(fake, 0)[0], 1);
    fake->caps.bits[0] &= ~(UINT64_C(1) << ABX_CAP_DISCARD);
    assert_failed(abx_memory_space_discard(fake->space, 0, PAGE), ABX_ERR_NOT_SUPPORTED, "backend");
}

static void discarded_pages_are_in_the_dirty_log(void **state)
{
    fake_space *fake = *state;
    add(fake, 0, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    add(fake, 8 * PAGE, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    assert_int_equal(abx_memory_space_discard(fake->space, 6 * PAGE + 1, 3 * PAGE), ABX_OK);
    uint64_t word;
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
    assert_int_equal(word, 0x80);
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 8 * PAGE, &word, 1), ABX_OK);
    assert_int_equal(word, 1);
}

static uint64_t asked_offset, asked_length;
static uint32_t asked;

static abx_status remember(void *vm, const abx_slot *slot, uint64_t offset, uint64_t length)
{
    const fake_space *fake = vm;
    assert_true(fake->mapped[slot->index]);
    asked_offset = offset;
    asked_length = length;
    asked++;
    return fake->fail_in ? abx_fail(ABX_ERR_SYSTEM, 0, NULL, "the backend's discard") : ABX_OK;
}

static void a_backend_may_discard_anonymous_memory_itself(void **state)
{
    fake_space *fake = *state;
    fake->table.memory_discard = remember;
    asked = 0;
    add(fake, 0, 8 * PAGE, ABX_MEMORY_LOG_DIRTY);
    assert_int_equal(abx_memory_space_discard(fake->space, PAGE + 1, 4 * PAGE), ABX_OK);
    assert_int_equal(asked, 1);
    assert_int_equal(asked_offset, 2 * PAGE);
    assert_int_equal(asked_length, 3 * PAGE);
    uint64_t word;
    assert_int_equal(abx_memory_space_get_dirty(fake->space, 0, &word, 1), ABX_OK);
    assert_int_equal(word, 0x1c);
    assert_int_equal(abx_memory_space_discard(fake->space, 1, PAGE), ABX_OK); /* no whole page */
    assert_int_equal(asked, 1);
    fake->fail_in = 1;
    assert_failed(abx_memory_space_discard(fake->space, 0, PAGE), ABX_ERR_SYSTEM, "the backend's discard");
    fake->fail_in = 0;
    add_backed(fake, 8 * PAGE, 8 * PAGE, ABX_BACKING_MEMFD, -1);
    assert_int_equal(abx_memory_space_discard(fake->space, 8 * PAGE, PAGE), ABX_OK);
    assert_int_equal(asked, 2); /* a memory file is the host's to discard */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pages_go_back_and_read_as_zeros, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(only_whole_pages_go, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(private_file_pages_become_the_file, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(memory_files_get_holes, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(shared_files_and_the_callers_memory_are_refused, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(discarded_pages_are_in_the_dirty_log, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(a_backend_may_discard_anonymous_memory_itself, fake_setup, fake_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
