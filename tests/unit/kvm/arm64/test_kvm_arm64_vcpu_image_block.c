/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks that are sound as such and hold what does not fit: each is refused before anything is changed. */
#include "arm64_guest.h"
#include "state_block.h"

#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>

/* Sections, as in vcpu_image_block.c. */
enum { FEATURES = 1, MP_STATE, EVENTS, IDS, VALUES, TAGS };

static arm64_guest guest;
static uint8_t saved[1 << 16], forged[1 << 17];
static abx_state_reader reader;

GUEST(nothing, "b .");

static int open_guest(void **state)
{
    (void)state;
    size_t size;
    guest_open(&guest, NULL, nothing);
    assert_ok(abx_vcpu_save_state(guest.vcpu, saved, sizeof(saved), &size));
    assert_ok(abx_state_open(&reader, saved, size, ABX_ARCH_ARM64));
    return 0;
}

static int close_guest(void **state)
{
    (void)state;
    guest_close(&guest);
    return 0;
}

/* The saved block again, with these bytes for one section; NULL leaves it out. */
static size_t forge(uint32_t tag, const void *bytes, size_t length)
{
    abx_state_writer writer;
    abx_state_begin(&writer, forged, sizeof(forged), ABX_ARCH_ARM64);
    for (uint32_t i = FEATURES; i < TAGS; i++) {
        size_t present;
        const void *data = abx_state_find(&reader, i, &present);
        assert_non_null(data);
        if (i != tag)
            abx_state_add(&writer, i, data, present);
        else if (bytes)
            abx_state_add(&writer, i, bytes, length);
    }
    return abx_state_finish(&writer);
}

static void *copy_of(uint32_t tag, size_t *length)
{
    const void *data = abx_state_find(&reader, tag, length);
    void *copy = malloc(*length + 64);
    assert_true(data && copy);
    memset(copy, 0, *length + 64);
    return memcpy(copy, data, *length);
}

static void expect(abx_status status, size_t size)
{
    guest_set(&guest, ABX_ARM64_X(7), 0x7777);
    assert_status(abx_vcpu_restore_state(guest.vcpu, forged, size), status);
    assert_int_equal(guest_get(&guest, ABX_ARM64_X(7)), status == ABX_OK ? 0 : 0x7777);
}

static void the_forge_works(void **state)
{
    (void)state;
    expect(ABX_OK, forge(0, NULL, 0));
}

static void every_section_must_be_there(void **state)
{
    (void)state;
    for (uint32_t tag = FEATURES; tag < TAGS; tag++)
        expect(ABX_ERR_FORMAT, forge(tag, NULL, 0));
}

static void sections_have_their_lengths(void **state)
{
    (void)state;
    for (uint32_t tag = FEATURES; tag < TAGS; tag++) {
        size_t length;
        void *bytes = copy_of(tag, &length);
        expect(ABX_ERR_FORMAT, forge(tag, bytes, length + 4));
        expect(ABX_ERR_FORMAT, forge(tag, bytes, length - 4));
        free(bytes);
    }
}

static void features_must_be_the_vcpus_own(void **state)
{
    (void)state;
    size_t length;
    struct kvm_vcpu_init *init = copy_of(FEATURES, &length);
    init->features[0] |= 1u << KVM_ARM_VCPU_EL1_32BIT;
    expect(ABX_ERR_FORMAT, forge(FEATURES, init, length));
    free(init);
}

static void mp_states_are_those_of_arm64(void **state)
{
    (void)state;
    for (uint32_t mp = 0; mp < 16; mp++) {
        const struct kvm_mp_state wanted = { .mp_state = mp };
        bool known = mp == KVM_MP_STATE_RUNNABLE || mp == KVM_MP_STATE_STOPPED || mp == KVM_MP_STATE_SUSPENDED;
        expect(known ? ABX_OK : ABX_ERR_FORMAT, forge(MP_STATE, &wanted, sizeof(wanted)));
    }
}

static void registers_must_be_known(void **state)
{
    (void)state;
    size_t length;
    uint64_t *ids = copy_of(IDS, &length);
    const uint64_t present = ids[0];
    ids[0] = 0x603000000013ffff;
    expect(ABX_ERR_FORMAT, forge(IDS, ids, length));
    ids[0] = present ^ UINT64_C(3) << KVM_REG_SIZE_SHIFT; /* of another size */
    expect(ABX_ERR_FORMAT, forge(IDS, ids, length));
    ids[0] = present;
    ids[length / sizeof(*ids)] = present; /* one more than there are */
    expect(ABX_ERR_FORMAT, forge(IDS, ids, length + sizeof(*ids)));
    free(ids);
}

/* Where the value of a register is. */
static size_t offset_of(uint64_t wanted)
{
    size_t length, offset = 0;
    uint64_t *ids = copy_of(IDS, &length);
    size_t i = 0;
    for (; ids[i] != wanted; i++) {
        assert_true(i < length / sizeof(*ids));
        offset += KVM_REG_SIZE(ids[i]);
    }
    free(ids);
    return offset;
}

static void the_processor_must_be_the_same(void **state)
{
    (void)state;
    /* MPIDR_EL1, ID_AA64PFR0_EL1, CTR_EL0 where it is listed. */
    static const uint64_t identity[] = { ARM64_SYS_REG(3, 0, 0, 0, 5), ARM64_SYS_REG(3, 0, 0, 4, 0) };
    size_t length;
    uint8_t *values = copy_of(VALUES, &length);
    for (size_t i = 0; i < sizeof(identity) / sizeof(identity[0]); i++) {
        size_t at = offset_of(identity[i]);
        values[at] ^= 1;
        expect(ABX_ERR_FORMAT, forge(VALUES, values, length));
        values[at] ^= 1;
    }
    expect(ABX_OK, forge(VALUES, values, length));
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_forge_works, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(every_section_must_be_there, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(sections_have_their_lengths, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(features_must_be_the_vcpus_own, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(mp_states_are_those_of_arm64, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(registers_must_be_known, open_guest, close_guest),
        cmocka_unit_test_setup_teardown(the_processor_must_be_the_same, open_guest, close_guest),
    };
    require_backend();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
