/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "identity.h"

#include "registers.h"

#include <stddef.h>

/* Fields as in DDI 0487, D19.2. */
static const struct {
    hv_sys_reg_t reg;
    uint64_t value;
} table[MODEL_IDENTITY] = {
    { SYSREG(3, 0, 0, 0, 0), 0x610f0000 },         /* MIDR_EL1: Apple */
    { SYSREG(3, 0, 0, 4, 0), 0x11 },               /* ID_AA64PFR0: EL1 and EL0 in 64 bits, no EL2, no SVE */
    { SYSREG(3, 0, 0, 4, 1), 0 },                  /* ID_AA64PFR1 */
    { SYSREG(3, 0, 0, 5, 0), 0x10305006 },         /* ID_AA64DFR0: 6 breakpoints, 4 watchpoints, no monitors */
    { SYSREG(3, 0, 0, 5, 1), 0 },                  /* ID_AA64DFR1 */
    { SYSREG(3, 0, 0, 6, 0), 0x0021100110212120 }, /* ID_AA64ISAR0: cryptography, atomics, CRC, dot product … */
    { SYSREG(3, 0, 0, 6, 1), 0x0000001001011002 }, /* ID_AA64ISAR1: without pointer authentication */
    { SYSREG(3, 0, 0, 7, 0), 0x0f100020 },         /* ID_AA64MMFR0: 4 and 16 KiB; PARange is added */
    { SYSREG(3, 0, 0, 7, 1), 0x00010020 },         /* ID_AA64MMFR1: no PAN, no EL2 */
    { SYSREG(3, 0, 0, 7, 2), 0x00000001 },         /* ID_AA64MMFR2 */
};

static uint64_t physical_range(void)
{
    return model.ipa_bits > 36 ? 2 : model.ipa_bits > 32 ? 1 : 0;
}

static uint64_t value_of(size_t index)
{
    return table[index].value | (table[index].reg == SYSREG_MMFR0_EL1 ? physical_range() : 0);
}

void identity_init(model_vcpu *vcpu)
{
    for (size_t i = 0; i < MODEL_IDENTITY; i++)
        vcpu->identity[i] = value_of(i);
}

static bool find(hv_sys_reg_t reg, size_t *index)
{
    for (*index = 0; *index < MODEL_IDENTITY; ++*index) {
        if (table[*index].reg == reg)
            return true;
    }
    return false;
}

uint64_t *identity_of(model_vcpu *vcpu, hv_sys_reg_t reg)
{
    size_t index;
    return find(reg, &index) ? &vcpu->identity[index] : NULL;
}

bool identity_value(hv_sys_reg_t reg, uint64_t *value)
{
    size_t index;
    if (!find(reg, &index))
        return false;
    *value = value_of(index);
    return true;
}
