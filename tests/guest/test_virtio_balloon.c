/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine's memory comes back, as the kernel counts it, when a driver of our own says so in the guest. */
#include "virtio.h"
#include "virtio_images.h"

#include <arcbox/machine_balloon.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, INFLATE = 0, DEFLATE = 1 };

#define MIB UINT64_C(0x100000)

static const abx_device_config balloon = { .kind = ABX_DEVICE_BALLOON };

/* Where the guest's page `number` is. */
static char *find(const rig *r, uint64_t number)
{
    abx_memory_info infos[8];
    size_t count;
    assert_ok(abx_memory_list(r->vm, infos, 8, &count));
    for (size_t i = 0; i < count && i < 8; i++) {
        if (number * PAGE >= infos[i].gpa && number * PAGE - infos[i].gpa < infos[i].length)
            return (char *)infos[i].host + (number * PAGE - infos[i].gpa);
    }
    fail_msg("page %#llx is no memory", (unsigned long long)number);
    return NULL;
}

static unsigned resident(const char *pages, unsigned first, unsigned count)
{
    unsigned char there[SPARE_PAGES];
    unsigned found = 0;
    assert_int_equal(mincore((void *)(pages + PAGE * (size_t)first), PAGE * (size_t)count, (void *)there), 0);
    for (unsigned i = 0; i < count; i++)
        found += there[i] & 1;
    return found;
}

static abx_balloon_info look(const rig *r)
{
    abx_balloon_info info = ABX_BALLOON_INFO_INIT;
    assert_ok(abx_machine_balloon_get_info(r->machine, &info));
    return info;
}

static void give_memory_back(abx_loop_kind loop)
{
    rig r;
    rig_open(&r, "virtio", &balloon, 1, loop);
    for (uint32_t with = 0; with <= WITH_ALL; with++) {
        assert_int_equal(rig_order(&r, OPEN, 0, with), ID_BALLOON);
        const char *pages = find(&r, rig_order(&r, SPARE, 0));
        assert_int_equal(rig_order(&r, TOUCH, 0), SPARE_PAGES);
        assert_int_equal(resident(pages, 0, SPARE_PAGES), SPARE_PAGES);
        uint64_t before = look(&r).discarded;
        assert_int_equal(rig_order(&r, GIVE, 0, INFLATE, 0, SPARE_PAGES), 0);
        assert_int_equal(resident(pages, 0, SPARE_PAGES), 0);
        assert_int_equal(look(&r).discarded - before, SPARE_PAGES * PAGE);
        assert_int_equal(rig_order(&r, GIVE, 0, DEFLATE, 0, SPARE_PAGES), 0);
        assert_int_equal(rig_order(&r, TOUCHED, 0), 0);
        assert_int_equal(rig_order(&r, TOUCH, 0), SPARE_PAGES);
        assert_int_equal(rig_order(&r, TOUCHED, 0), SPARE_PAGES);
        uint64_t reported = look(&r).reported;
        assert_int_equal(rig_order(&r, REPORT, 0, 16, 32), 0);
        assert_int_equal(look(&r).reported - reported, 32 * PAGE);
        assert_int_equal(resident(pages, 16, 32), 0);
        assert_int_equal(resident(pages, 0, 16) + resident(pages, 48, 16), 32);
        assert_int_equal(rig_order(&r, TOUCHED, 0), SPARE_PAGES - 32);
    }
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_pages(void **state)
{
    (void)state;
    with_each_loop(give_memory_back);
}

static void follow_the_target(abx_loop_kind loop)
{
    rig r;
    rig_open(&r, "virtio", &balloon, 1, loop);
    assert_int_equal(rig_order(&r, OPEN, 0, WITH_EVENTS), ID_BALLOON);
    uint64_t all = look(&r).target;
    assert_ok(abx_machine_balloon_set_target(r.machine, all - MIB));
    rig_tell(&r, KEEP, 0, MIB / PAGE);
    abx_event event = rig_await_event(&r, ABX_EVENT_BALLOON);
    assert_int_equal(event.code, all - MIB);
    assert_int_equal(rig_hear(&r), MIB / PAGE);
    assert_int_equal(look(&r).actual, all - MIB);
    assert_true(look(&r).actual_known);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_target(void **state)
{
    (void)state;
    with_each_loop(follow_the_target);
}

static void answer_when_asked(abx_loop_kind loop)
{
    rig r;
    rig_open(&r, "virtio", &balloon, 1, loop);
    assert_int_equal(rig_order(&r, OPEN, 0, WITH_PACKED), ID_BALLOON);
    assert_int_equal(rig_order(&r, TELL, 0, 1), 0);
    for (uint32_t round = 0; round < 3; round++) {
        /* One at a time: the device has the buffer of the last one. */
        while (look(&r).statistics[ABX_BALLOON_AVAILABLE] != 1 + round)
            rig_order(&r, STATUS, 0);
        assert_ok(abx_machine_balloon_ask(r.machine));
        assert_int_equal(rig_order(&r, AWAIT_QUESTION, 0), 0);
        rig_tell(&r, TELL, 0, 2 + round);
        abx_event event = rig_await_event(&r, ABX_EVENT_BALLOON);
        assert_string_equal(event.text, "statistics");
        assert_int_equal(rig_hear(&r), 0);
        assert_int_equal(look(&r).known, 1u << ABX_BALLOON_AVAILABLE);
        assert_int_equal(look(&r).statistics[ABX_BALLOON_AVAILABLE], 2 + round);
    }
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_statistics(void **state)
{
    (void)state;
    with_each_loop(answer_when_asked);
}

/* What came of a run: by the loop, for the test. */
typedef struct hints {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    abx_status status;
    size_t count;
    abx_balloon_range first;
} hints;

static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    hints *into = payload;
    pthread_mutex_lock(&into->lock);
    into->done = true;
    into->status = status;
    into->count = count;
    if (count > 0)
        into->first = ranges[0];
    pthread_cond_broadcast(&into->changed);
    pthread_mutex_unlock(&into->lock);
}

/* How many of the spare pages from `first` on are in the log of written pages. */
static unsigned written(const rig *r, uint64_t number, unsigned first, unsigned count)
{
    abx_memory_info infos[8];
    size_t regions, at = 0;
    unsigned found = 0;
    assert_ok(abx_memory_list(r->vm, infos, 8, &regions));
    while (at < regions && (number * PAGE < infos[at].gpa || number * PAGE - infos[at].gpa >= infos[at].length))
        at++;
    assert_true(at < regions);
    uint64_t page = abx_hypervisor_capabilities(abx_vm_get_hypervisor(r->vm))->page_size;
    size_t words = (size_t)(infos[at].length / page / 64 + 1);
    uint64_t *bitmap = calloc(words, sizeof(*bitmap));
    assert_ok(abx_memory_get_dirty(r->vm, infos[at].gpa, bitmap, words));
    for (unsigned i = first; i < first + count; i++) {
        uint64_t bit = ((number + i) * PAGE - infos[at].gpa) / page;
        found += bitmap[bit / 64] >> bit % 64 & 1;
    }
    free(bitmap);
    return found;
}

static void log_writes(const rig *r, bool on)
{
    abx_memory_info infos[8];
    size_t regions;
    assert_ok(abx_memory_list(r->vm, infos, 8, &regions));
    for (size_t i = 0; i < regions && i < 8; i++)
        if (!(infos[i].flags & ABX_MEMORY_READ_ONLY))
            assert_ok(abx_memory_log_dirty(r->vm, infos[i].gpa, on));
}

/* What is named as free is not written by that: a log that began before tells what of it was written since. */
static void name_what_is_free(abx_loop_kind loop)
{
    rig r;
    hints got = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    rig_open(&r, "virtio", &balloon, 1, loop);
    assert_int_equal(abx_machine_balloon_hint(r.machine, hinted, &got), ABX_ERR_STATE);
    assert_int_equal(rig_order(&r, OPEN, 0, WITH_EVENTS), ID_BALLOON);
    uint64_t spare = rig_order(&r, SPARE, 0);
    uint32_t last = 0;
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(rig_order(&r, TOUCH, 0), SPARE_PAGES);
        log_writes(&r, true);
        assert_ok(abx_machine_balloon_hint(r.machine, hinted, &got));
        rig_tell(&r, HINT, 0, 16, 32);
        abx_event event = rig_await_event(&r, ABX_EVENT_BALLOON);
        assert_string_equal(event.text, "hints");
        uint32_t id = rig_hear(&r);
        assert_true(id > 1 && id != last);
        last = id;
        pthread_mutex_lock(&got.lock);
        assert_true(got.done);
        assert_int_equal(got.status, ABX_OK);
        assert_int_equal(got.count, 1);
        assert_int_equal(got.first.gpa, (spare + 16) * PAGE);
        assert_int_equal(got.first.length, 32 * PAGE);
        got.done = false;
        pthread_mutex_unlock(&got.lock);
        assert_int_equal(written(&r, spare, 16, 32), 0);
        assert_int_equal(rig_order(&r, COMMAND, 0), 1); /* DONE */
        assert_int_equal(rig_order(&r, TOUCHED, 0), SPARE_PAGES);
        assert_int_equal(rig_order(&r, TOUCH, 0), SPARE_PAGES);
        assert_int_equal(written(&r, spare, 16, 32), 32);
        log_writes(&r, false);
    }
    assert_int_equal(look(&r).hint_runs, 3);
    assert_int_equal(look(&r).hinted, 3 * 32 * PAGE);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_hints(void **state)
{
    (void)state;
    with_each_loop(name_what_is_free);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_target),
        cmocka_unit_test(test_statistics),
        cmocka_unit_test(test_hints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
