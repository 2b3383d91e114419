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

/* What the caller has changed of the processor is the processor. */
static void a_changed_processor_fits_itself(void **state)
{
    hvf_rig *rig = *state;
    const abx_reg features = ABX_ARM64_SYSREG(3, 0, 0, 6, 0);
    assert_int_equal(abx_vcpu_write_register(rig->vcpu, features, 0x20), ABX_OK);
    size_t size;
    uint8_t *block = save(rig, &size);
    assert_int_equal(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_OK);
    assert_int_equal(abx_vcpu_write_register(rig->vcpu, features, 0), ABX_OK);
    assert_fails(abx_vcpu_restore_state(rig->vcpu, block, size), ABX_ERR_FORMAT, "processor with other features");
    free(block);
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        CASE(damaged_blocks_change_nothing),
        CASE(a_changed_processor_fits_itself),
        CASE(what_does_not_fit_is_refused),
        CASE(another_backends_block_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
