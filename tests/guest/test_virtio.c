/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Virtio devices of whole machines, driven by a driver of our own in the guest. */
#include "virtio.h"
#include "virtio_images.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void give_random_numbers(abx_loop_kind loop)
{
    rig r;
    const abx_device_config devices[] = { entropy() };
    rig_open(&r, "virtio", devices, 1, loop);
    for (uint32_t with = 0; with <= WITH_ALL; with++) {
        assert_int_equal(rig_order(&r, OPEN, 0, with), ID_ENTROPY);
        assert_int_equal(rig_order(&r, FILL, 0, 1024), 1024);
        assert_int_equal(rig_order(&r, FILL, 0, 64), 64);
        for (int i = 0; i < 5; i++) { /* once around the ring and more */
            assert_int_equal(rig_order(&r, SEND, 0, 8), 8);
            assert_int_equal(rig_order(&r, SEND, 0, 7), 7);
            assert_int_equal(rig_order(&r, COLLECT, 0), 15);
        }
    }
    assert_int_equal(rig_order(&r, OPEN, 1, 0), 0);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_entropy(void **state)
{
    (void)state;
    with_each_loop(give_random_numbers);
}

static uint64_t first_word(const char *path)
{
    uint64_t word = 0;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, &word, sizeof(word)), sizeof(word));
    close(fd);
    return word;
}

static void keep_data(abx_loop_kind loop)
{
    rig r;
    const abx_device_config devices[] = { disk(0) };
    rig_open(&r, "virtio", devices, 1, loop);
    for (uint32_t with = 0; with <= WITH_ALL; with++) {
        uint32_t seed = 100 * loop + with + 1;
        assert_int_equal(rig_order(&r, OPEN, 0, with), ID_BLOCK);
        assert_int_equal(rig_order(&r, CAPACITY, 0), IMAGE_SECTORS);
        assert_int_equal(rig_order(&r, WRITE, 0, 0, 2, seed), 0);
        assert_int_equal(rig_order(&r, WRITE, 0, IMAGE_SECTORS - 1, 1, seed), 0);
        assert_int_equal(rig_order(&r, FLUSH, 0), 0);
        assert_int_equal(first_word(image_path(0)), ((uint64_t)seed << 32) * 0x9e3779b97f4a7c15u);
        assert_int_equal(rig_order(&r, READ, 0, 0, 2, seed), 0);
        assert_int_equal(rig_order(&r, READ, 0, IMAGE_SECTORS - 1, 1, seed), 0);
        assert_int_equal(rig_order(&r, READ, 0, IMAGE_SECTORS - 2, 1, seed), MISMATCH);
        assert_int_equal(rig_order(&r, READ, 0, IMAGE_SECTORS, 1, seed), 1);
        assert_int_equal(rig_order(&r, IDENTIFY, 0), 'd' | 'i' << 8 | 's' << 16 | 'k' << 24);
    }
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_disk(void **state)
{
    (void)state;
    with_each_loop(keep_data);
}

static void work_side_by_side(abx_loop_kind loop)
{
    rig r;
    const abx_device_config devices[] = { entropy(), disk(0), disk(1) };
    rig_open(&r, "virtio", devices, 3, loop);
    assert_int_equal(rig_order(&r, OPEN, 0, WITH_EVENTS), ID_ENTROPY);
    assert_int_equal(rig_order(&r, OPEN, 1, WITH_PACKED), ID_BLOCK);
    assert_int_equal(rig_order(&r, OPEN, 2, WITH_INDIRECT), ID_BLOCK);
    assert_int_equal(rig_order(&r, WRITE, 1, 8, 2, 1), 0);
    assert_int_equal(rig_order(&r, WRITE, 2, 8, 2, 2), 0);
    for (uint32_t slot = 0; slot < 3; slot++)
        assert_int_equal(rig_order(&r, SEND, slot, 8), 8);
    for (uint32_t slot = 0; slot < 3; slot++)
        assert_int_equal(rig_order(&r, COLLECT, slot), 8);
    assert_int_equal(rig_order(&r, READ, 1, 8, 2, 1), 0);
    assert_int_equal(rig_order(&r, READ, 2, 8, 2, 2), 0);
    assert_int_equal(rig_order(&r, READ, 2, 8, 2, 1), MISMATCH);
    /* One that rests keeps nobody. */
    assert_int_equal(rig_order(&r, RESET, 1), 0);
    assert_int_equal(rig_order(&r, FILL, 0, 100), 100);
    assert_int_equal(rig_order(&r, READ, 2, 8, 2, 2), 0);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_several_devices(void **state)
{
    (void)state;
    with_each_loop(work_side_by_side);
}

/* At any moment, while requests are in flight: what the driver does with its buffers then is nobody else's. */
static void stop_at_a_reset(abx_loop_kind loop)
{
    rig r;
    const abx_device_config devices[] = { disk(0), entropy() };
    rig_open(&r, "virtio", devices, 2, loop);
    for (uint32_t round = 0; round < 64; round++) {
        uint32_t slot = round % 2;
        if (round % 8 < 2)
            rig_order(&r, OPEN, slot, round / 8);
        assert_int_equal(rig_order(&r, SEND_AND_RESET, slot, 8, round * round), 0);
    }
    assert_int_equal(rig_order(&r, WRITE, 0, 0, 1, 77), 0);
    assert_int_equal(rig_order(&r, READ, 0, 0, 1, 77), 0);
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_reset(void **state)
{
    (void)state;
    with_each_loop(stop_at_a_reset);
}

static void rest_when_broken(abx_loop_kind loop)
{
    rig r;
    const abx_device_config devices[] = { disk(0), entropy() };
    rig_open(&r, "virtio", devices, 2, loop);
    for (uint32_t with = 0; with <= WITH_ALL; with++) {
        for (uint32_t slot = 0; slot < 2; slot++) {
            assert_int_equal(rig_order(&r, OPEN, slot, with), slot ? ID_ENTROPY : ID_BLOCK);
            rig_tell(&r, BREAK, slot);
            abx_event event = rig_await_event(&r, ABX_EVENT_DEVICE_NEEDS_RESET);
            assert_non_null(strstr(event.text, slot ? "entropy" : "block"));
            assert_true(rig_hear(&r) & 64);
            assert_int_equal(rig_order(&r, RESET, slot), 0);
            assert_int_equal(rig_order(&r, OPEN, slot, with), slot ? ID_ENTROPY : ID_BLOCK);
            assert_false(rig_order(&r, STATUS, slot) & 64);
        }
        assert_int_equal(rig_order(&r, FLUSH, 0), 0);
        assert_int_equal(rig_order(&r, FILL, 1, 32), 32);
    }
    rig_tell(&r, FINISH);
    rig_end(&r);
}

static void test_broken_queue(void **state)
{
    (void)state;
    with_each_loop(rest_when_broken);
}

int main(void)
{
    require_backend();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entropy), cmocka_unit_test(test_disk),         cmocka_unit_test(test_several_devices),
        cmocka_unit_test(test_reset),   cmocka_unit_test(test_broken_queue),
    };
    return cmocka_run_group_tests(tests, make_images, remove_images);
}
