/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_backend.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static abx_status call(fake_space *fake)
{
    fake->calls++;
    if (fake->fail_in > 0 && --fake->fail_in == 0) {
        return abx_fail(ABX_ERR_SYSTEM, 0, NULL, "the fake backend's call");
    }
    return ABX_OK;
}

static abx_status fake_map(void *vm, const abx_slot *slot)
{
    fake_space *fake = vm;
    assert_in_range(slot->index, 0, FAKE_SLOTS - 1);
    assert_false(fake->mapped[slot->index]);
    abx_status status = call(fake);
    if (status == ABX_OK) {
        fake->slots[slot->index] = *slot;
        fake->mapped[slot->index] = true;
        memset(fake->dirty[slot->index], 0, sizeof(fake->dirty[0]));
    }
    return status;
}

static void assert_known(const fake_space *fake, const abx_slot *slot)
{
    assert_true(fake->mapped[slot->index]);
    assert_int_equal(slot->gpa, fake->slots[slot->index].gpa);
    assert_int_equal(slot->length, fake->slots[slot->index].length);
}

static abx_status fake_unmap(void *vm, const abx_slot *slot)
{
    fake_space *fake = vm;
    assert_known(fake, slot);
    abx_status status = call(fake);
    if (status == ABX_OK) {
        fake->mapped[slot->index] = false;
    }
    return status;
}

static abx_status fake_set_flags(void *vm, const abx_slot *slot)
{
    fake_space *fake = vm;
    assert_known(fake, slot);
    abx_status status = call(fake);
    if (status == ABX_OK) {
        fake->slots[slot->index].flags = slot->flags;
    }
    return status;
}

static size_t words_of(const abx_slot *slot)
{
    return (size_t)((slot->length / PAGE + 63) / 64);
}

static abx_status fake_get_dirty(void *vm, const abx_slot *slot, uint64_t *bitmap)
{
    fake_space *fake = vm;
    assert_known(fake, slot);
    abx_status status = call(fake);
    for (size_t i = 0; status == ABX_OK && i < words_of(slot); i++) {
        bitmap[i] |= fake->dirty[slot->index][i];
    }
    return status;
}

static abx_status fake_clear_dirty(void *vm, const abx_slot *slot, const uint64_t *bitmap)
{
    fake_space *fake = vm;
    assert_known(fake, slot);
    abx_status status = call(fake);
    for (size_t i = 0; status == ABX_OK && i < words_of(slot); i++) {
        fake->dirty[slot->index][i] &= ~bitmap[i];
    }
    return status;
}

static void set_cap(abx_capabilities *caps, abx_cap cap)
{
    caps->bits[cap / 64] |= UINT64_C(1) << cap % 64;
}

int fake_setup(void **state)
{
    fake_space *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    made->table = (abx_backend){
        .size = sizeof(abx_backend),
        .name = "fake",
        .memory_map = fake_map,
        .memory_unmap = fake_unmap,
        .memory_set_flags = fake_set_flags,
        .memory_get_dirty = fake_get_dirty,
        .memory_clear_dirty = fake_clear_dirty,
    };
    made->caps = (abx_capabilities){
        .size = sizeof(abx_capabilities),
        .max_slots = FAKE_SLOTS,
        .phys_bits = 40,
        .page_size = PAGE,
    };
    set_cap(&made->caps, ABX_CAP_READ_ONLY_MEMORY);
    set_cap(&made->caps, ABX_CAP_DIRTY_LOG);
    set_cap(&made->caps, ABX_CAP_DISCARD);
    assert_int_equal(abx_memory_space_new(&made->space, &made->table, made, &made->caps), ABX_OK);
    *state = made;
    return 0;
}

int fake_teardown(void **state)
{
    fake_space *fake = *state;
    abx_memory_space_free(fake->space);
    free(fake);
    return 0;
}

size_t fake_mapped(const fake_space *fake)
{
    size_t count = 0;
    for (size_t i = 0; i < FAKE_SLOTS; i++) {
        count += fake->mapped[i];
    }
    return count;
}

abx_memory_region region_at(abx_gpa gpa, uint64_t length)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = gpa;
    region.length = length;
    return region;
}

void add(fake_space *fake, abx_gpa gpa, uint64_t length, uint32_t flags)
{
    abx_memory_region region = region_at(gpa, length);
    region.flags = flags;
    assert_int_equal(abx_memory_space_add(fake->space, &region), ABX_OK);
}

int temporary_file(uint64_t length)
{
    char name[] = "/tmp/memory-test-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    for (uint64_t done = 0; done < length; done += PAGE) {
        uint8_t page[PAGE];
        memset(page, (uint8_t)(done / PAGE + 1), sizeof(page));
        size_t part = length - done < PAGE ? (size_t)(length - done) : PAGE;
        assert_int_equal(write(fd, page, part), part);
    }
    return fd;
}

void assert_failed(abx_status got, abx_status expected, const char *text)
{
    assert_string_equal(abx_status_name(got), abx_status_name(expected));
    const abx_error *error = abx_last_error();
    assert_string_equal(abx_status_name(error->status), abx_status_name(expected));
    if (!strstr(error->message, text)) {
        fail_msg("\"%s\" does not mention \"%s\"", error->message, text);
    }
}

size_t open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    size_t count = 0;
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count;
}

uint64_t address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    assert_non_null(file);
    uint64_t pages;
    assert_int_equal(fscanf(file, "%" SCNu64, &pages), 1);
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

size_t resident(const void *address, size_t length)
{
    size_t pages = length / PAGE;
    unsigned char *in = malloc(pages);
    assert_non_null(in);
    assert_int_equal(mincore((void *)(uintptr_t)address, length, in), 0);
    size_t count = 0;
    for (size_t i = 0; i < pages; i++) {
        count += in[i] & 1;
    }
    free(in);
    return count * PAGE;
}
