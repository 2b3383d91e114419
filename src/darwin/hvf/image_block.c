/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "image.h"
#include "state_block.h"

#include <string.h>

/* Sections of a block. Numbers never change meaning, and none is another backend's. */
enum { TAG_GENERAL = 0x200, TAG_VECTORS, TAG_SYSREGS, TAG_VALUES, TAG_REST };

#define ISS_MASK UINT64_C(0x1ffffff) /* of ESR_ELx (D19.2) */

size_t abx_hvf_image_write(const abx_hvf_image *image, void *buffer, size_t capacity)
{
    const abx_sysreg_set *set = &image->sysregs;
    abx_state_writer writer;
    abx_state_begin(&writer, buffer, capacity, ABX_ARCH_ARM64);
    abx_state_add(&writer, TAG_GENERAL, image->general, sizeof(image->general));
    abx_state_add(&writer, TAG_VECTORS, image->vectors, sizeof(image->vectors));
    abx_state_add(&writer, TAG_SYSREGS, set->numbers, set->count * sizeof(set->numbers[0]));
    abx_state_add(&writer, TAG_VALUES, image->values, set->count * sizeof(image->values[0]));
    abx_state_add(&writer, TAG_REST, &image->rest, sizeof(image->rest));
    return abx_state_finish(&writer);
}

static abx_status bad(const char *advice)
{
    return abx_fail(ABX_ERR_FORMAT, 0, advice, "read the saved state of a vCPU of backend hvf");
}

/* Where `number` is in `set`; its count if it is not. */
static size_t place_of(const abx_sysreg_set *set, uint16_t number)
{
    size_t i = 0;
    while (i < set->count && set->numbers[i] != number)
        i++;
    return i;
}

/* In the vCPU's own order, whatever that of the block is; what the block has not, the vCPU keeps. */
static abx_status take_sysregs(abx_hvf_image *image, const abx_state_reader *reader)
{
    size_t length;
    const uint8_t *numbers = abx_state_find(reader, TAG_SYSREGS, &length);
    if (!numbers || length % sizeof(uint16_t) != 0 || length / sizeof(uint16_t) > ABX_SYSREGS)
        return bad("it has no list of registers");
    uint64_t values[ABX_SYSREGS];
    size_t count = length / sizeof(uint16_t);
    abx_status status = abx_state_take(reader, TAG_VALUES, values, count * sizeof(values[0]));
    for (size_t i = 0; i < count && status == ABX_OK; i++) {
        uint16_t number;
        memcpy(&number, numbers + i * sizeof(number), sizeof(number));
        size_t place = place_of(&image->sysregs, number);
        if (place == image->sysregs.count)
            return bad("it has a register that this host, or a vCPU of this configuration, does not have");
        /* A guest that has seen one processor cannot go on upon another. */
        if (abx_sysreg_is_identity(number) && image->values[place] != values[i])
            return bad("it was saved on a processor with other features, or of a vCPU of another number");
        image->values[place] = values[i];
    }
    return status;
}

static bool is_rest(const abx_image_rest *rest)
{
    bool state = rest->mp_state == ABX_MP_RUNNABLE || rest->mp_state == ABX_MP_STOPPED;
    bool flags = rest->timer_masked <= 1 && rest->serror <= 1 && rest->serror_has_syndrome <= 1 && rest->zero == 0;
    return state && flags && !(rest->serror_syndrome & ~ISS_MASK);
}

abx_status abx_hvf_image_read(abx_hvf_image *image, const abx_hvf_image *own, const void *block, size_t size)
{
    abx_state_reader reader;
    *image = *own;
    abx_status status = abx_state_open(&reader, block, size, ABX_ARCH_ARM64);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_GENERAL, image->general, sizeof(image->general));
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_VECTORS, image->vectors, sizeof(image->vectors));
    if (status == ABX_OK)
        status = take_sysregs(image, &reader);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_REST, &image->rest, sizeof(image->rest));
    if (status == ABX_OK && !is_rest(&image->rest))
        status = bad("it has a state that an ARM64 vCPU cannot be in");
    return status;
}
