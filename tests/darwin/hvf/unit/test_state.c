/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"
#include "state_block.h"

#include <stdlib.h>
#include <string.h>

/* A block in memory of exactly its size, so that a sanitizer sees each byte read beyond. */
static uint8_t *save(hvf_rig *rig, size_t *size)
{
    assert_int_equal(abx_vcpu_save_state(rig->vcpu, NULL, 0, size), ABX_OK);
    uint8_t *block = malloc(*size);
    assert_non_null(block);
    assert_int_equal(abx_vcpu_save_state(rig->vcpu, block, *size, size), ABX_OK);
    return block;
}

static void all_of_it_comes_back(void **state)
{
    hvf_rig *rig = *state;
    fake.absolute += 1000;
    fake.continuous += 1000;
    for (uint32_t i = 0; i < 35; i++)
        rig->hv->general[i] = 1000 + i;
    for (uint32_t i = 0; i < 32; i++)
        rig->hv->vectors[i][5] = (uint8_t)(i + 1);
    rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1)] = 0x40080000;
    rig->hv->sysregs[ABX_SYSREG_SP_EL1] = 0x41000000;
    rig->hv->timer_masked = true;
    const abx_arm64_events events = { .serror_pending = true, .serror_has_syndrome = true, .serror_syndrome = 9 };
    assert_int_equal(abx_arm64_set_events(rig->vcpu, &events), ABX_OK);
    size_t size;
    uint8_t *block = save(rig, &size);

    assert_int_equal(abx_arm64_reset(rig->vcpu), ABX_OK);
    assert_int_equal(abx_vcpu_set_mp_state(rig->vcpu, ABX_MP_STOPPED), ABX_OK);
    fake.absolute += 5000;
    fake.continuous += 5000;
    assert_int_equal(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_OK);
    free(block);
    for (uint32_t i = 0; i < 35; i++)
        assert_int_equal(rig->hv->general[i], 1000 + i);
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(rig->hv->vectors[i][5], i + 1);
    assert_int_equal(rig->hv->sysregs[ABX_REG_NUMBER(ABX_ARM64_VBAR_EL1)], 0x40080000);
    assert_int_equal(rig->hv->sysregs[ABX_SYSREG_SP_EL1], 0x41000000);
    assert_true(rig->hv->timer_masked);
    abx_arm64_events now;
    assert_int_equal(abx_arm64_get_events(rig->vcpu, &now), ABX_OK);
    assert_true(now.serror_pending);
    assert_int_equal(now.serror_syndrome, 9);
    abx_mp_state mp_state;
    assert_int_equal(abx_vcpu_get_mp_state(rig->vcpu, &mp_state), ABX_OK);
    assert_int_equal(mp_state, ABX_MP_RUNNABLE);
    uint64_t count;
    assert_int_equal(abx_vcpu_read_register(rig->vcpu, ABX_ARM64_CNTVCT_EL0, &count), ABX_OK);
    assert_int_equal(count, 1000);
}

static void pending_io_is_completed_first(void **state)
{
    hvf_rig *rig = *state;
    rig_script(rig, LOAD(0, 4), RIG_DEVICE);
    abx_exit exit = rig_run(rig);
    *exit.mmio.data = 42;
    size_t size;
    uint8_t *block = save(rig, &size);
    assert_int_equal(rig->hv->general[4], 42);
    assert_int_equal(rig_pc(rig), 4);
    free(block);
}

static void small_buffers_are_told(void **state)
{
    hvf_rig *rig = *state;
    uint8_t small[64];
    size_t size = 0;
    assert_fails(abx_vcpu_save_state(rig->vcpu, small, sizeof(small), &size), ABX_ERR_LIMIT,
                 "of a vCPU's state into 64");
    assert_in_range(size, 1000, 10000);
}

static void damaged_blocks_change_nothing(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t *block = save(rig, &size);
    rig->hv->general[1] = 77;
    for (size_t i = 0; i < size; i += 7) {
        block[i] ^= 0x40;
        assert_int_equal(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_ERR_FORMAT);
        block[i] ^= 0x40;
    }
    for (size_t cut = 0; cut < size; cut += 13) {
        uint8_t *shorter = malloc(cut + 1);
        assert_non_null(shorter);
        memcpy(shorter, block, cut);
        assert_int_equal(abx_vcpu_restore_state(rig->vcpu, shorter, cut), ABX_ERR_FORMAT);
        free(shorter);
    }
    assert_int_equal(rig->hv->general[1], 77);
    free(block);
}

/* A block with a right checksum whose image is `change`d. */
static void assert_refused(hvf_rig *rig, void (*change)(abx_hvf_image *image), const char *text)
{
    abx_hvf_image *image = calloc(1, sizeof(*image));
    assert_non_null(image);
    *image = rig->object->initial;
    change(image);
    size_t size = abx_hvf_image_write(image, NULL, 0);
    uint8_t *block = malloc(size);
    assert_non_null(block);
    abx_hvf_image_write(image, block, size);
    assert_fails(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_ERR_FORMAT, text);
    free(block);
    free(image);
}

static void other_processor(abx_hvf_image *image)
{
    for (size_t i = 0; i < image->sysregs.count; i++) {
        if (image->sysregs.numbers[i] == ABX_REG_NUMBER(ABX_ARM64_MPIDR_EL1))
            image->values[i] = 5;
    }
}

static void other_register(abx_hvf_image *image)
{
    image->sysregs.numbers[0] = 0x1234;
}

static void other_state(abx_hvf_image *image)
{
    image->rest.mp_state = ABX_MP_HALTED;
}

static void other_flag(abx_hvf_image *image)
{
    image->rest.timer_masked = 2;
}

static void other_syndrome(abx_hvf_image *image)
{
    image->rest.serror_syndrome = UINT64_MAX;
}

static void what_does_not_fit_is_refused(void **state)
{
    hvf_rig *rig = *state;
    assert_refused(rig, other_processor, "processor with other features");
    assert_refused(rig, other_register, "a register that this host");
    assert_refused(rig, other_state, "cannot be in");
    assert_refused(rig, other_flag, "cannot be in");
    assert_refused(rig, other_syndrome, "cannot be in");
}

static void another_backends_block_is_refused(void **state)
{
    hvf_rig *rig = *state;
    uint8_t block[256];
    abx_state_writer writer;
    abx_state_begin(&writer, block, sizeof(block), ABX_ARCH_ARM64);
    abx_state_add(&writer, 1, "abcdefgh", 8);
    size_t size = abx_state_finish(&writer);
    assert_fails(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_ERR_FORMAT, "missing");
}

/* A register that cannot be written is no trouble while it has its value already. */
static void fixed_registers_may_stay(void **state)
{
    hvf_rig *rig = *state;
    const uint32_t cssel = ABX_ARM64_SYSREG_NUMBER(3, 2, 0, 0, 0);
    size_t size;
    uint8_t *block = save(rig, &size);
    fake.fixed_sysreg = (uint16_t)cssel;
    assert_int_equal(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_OK);
    rig->hv->sysregs[cssel] = 1;
    assert_fails(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_ERR_SYSTEM, "store the state of vCPU 0");
    free(block);
}

static void every_failing_call_is_told(void **state)
{
    hvf_rig *rig = *state;
    size_t size;
    uint8_t *block = save(rig, &size);
    uint32_t failures = 0;
    for (uint32_t at = 1;; at++) {
        uint32_t first = fake.calls;
        fake.fail_at = first + at;
        size_t needed = 0;
        abx_status status = abx_vcpu_save_state(rig->vcpu, NULL, 0, &needed);
        bool reached = fake.calls >= first + at;
        assert_int_equal(status, reached ? ABX_ERR_SYSTEM : ABX_OK);
        assert_int_equal(needed, reached ? 0 : size);
        if (!reached)
            break;
        failures++;
    }
    assert_in_range(failures, 120, 300);
    fake.fail_at = 0;
    free(block);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(all_of_it_comes_back),         CASE(pending_io_is_completed_first),
        CASE(small_buffers_are_told),       CASE(damaged_blocks_change_nothing),
        CASE(what_does_not_fit_is_refused), CASE(another_backends_block_is_refused),
        CASE(fixed_registers_may_stay),     CASE(every_failing_call_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
