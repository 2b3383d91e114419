/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "register_access.h"
#include "register_map.h"
#include "vcpu_image.h"

#include <string.h>

/* Sections of a block. Numbers never change meaning. */
enum { TAG_FEATURES = 1, TAG_MP_STATE, TAG_EVENTS, TAG_IDS, TAG_VALUES };

#define ISS_MASK UINT64_C(0x1ffffff) /* of ESR_ELx (D19.2) */

size_t abx_vcpu_image_write(const abx_vcpu_image *image, void *buffer, size_t capacity)
{
    abx_state_writer writer;
    abx_state_begin(&writer, buffer, capacity, ABX_ARCH_ARM64);
    abx_state_add(&writer, TAG_FEATURES, &image->init, sizeof(image->init));
    abx_state_add(&writer, TAG_MP_STATE, &image->mp_state, sizeof(image->mp_state));
    abx_state_add(&writer, TAG_EVENTS, &image->events, sizeof(image->events));
    abx_state_add(&writer, TAG_IDS, image->ids, image->count * sizeof(*image->ids));
    abx_state_add(&writer, TAG_VALUES, image->values, image->size);
    return abx_state_finish(&writer);
}

static abx_status bad(const char *advice)
{
    return abx_fail(ABX_ERR_FORMAT, 0, advice, "read an ARM64 vCPU's saved state");
}

/* Feature registers (DDI 0487, D19.2: op0 3, op1 0, 1 or 3, CRn 0), caches, and the vector lengths that SVE was
 * finalised with. */
bool abx_vcpu_image_is_identity(uint64_t id)
{
    switch (id & KVM_REG_ARM_COPROC_MASK) {
    case KVM_REG_ARM_DEMUX:
        return true;
    case KVM_REG_ARM64_SVE:
        return id == KVM_REG_ARM64_SVE_VLS;
    case KVM_REG_ARM64_SYSREG:
        break;
    default:
        return false;
    }
    uint64_t op0 = (id & KVM_REG_ARM64_SYSREG_OP0_MASK) >> KVM_REG_ARM64_SYSREG_OP0_SHIFT;
    uint64_t op1 = (id & KVM_REG_ARM64_SYSREG_OP1_MASK) >> KVM_REG_ARM64_SYSREG_OP1_SHIFT;
    return op0 == 3 && (op1 == 0 || op1 == 1 || op1 == 3) && !(id & KVM_REG_ARM64_SYSREG_CRN_MASK);
}

static bool is_listed(const struct kvm_reg_list *list, uint64_t id)
{
    for (uint64_t i = 0; i < list->n; i++) {
        if (list->reg[i] == id)
            return true;
    }
    return false;
}

/* The names of registers; their sizes lie in them. */
static abx_status take_ids(abx_vcpu_image *image, const abx_state_reader *reader)
{
    size_t length;
    const void *ids = abx_state_find(reader, TAG_IDS, &length);
    if (!ids || length % sizeof(*image->ids) != 0 || length / sizeof(*image->ids) > image->capacity)
        return bad("it has no list of registers that this host has room for");
    memcpy(image->ids, ids, length);
    image->count = length / sizeof(*image->ids);
    image->size = 0;
    for (size_t i = 0; i < image->count; i++) {
        if (!is_listed(image->list, image->ids[i]))
            return bad("it has a register that this host, or a vCPU of this configuration, does not have");
        image->size += KVM_REG_SIZE(image->ids[i]);
    }
    return image->size <= image->most ? ABX_OK : bad("it has a register more than once");
}

/*
 * Whether there is an interrupt controller: not the processor's feature but the VM's, and in a VM without one newer
 * kernels clear it at the first run (DDI 0487, D19.2, ID_AA64PFR0_EL1 and ID_PFR1_EL1).
 */
static uint64_t gic_field(uint64_t id)
{
    switch (id) {
    case ARM64_SYS_REG(3, 0, 0, 4, 0):
        return UINT64_C(0xf) << 24;
    case ARM64_SYS_REG(3, 0, 0, 1, 1):
        return UINT64_C(0xf) << 28;
    default:
        return 0;
    }
}

static bool is_same(uint64_t id, const uint8_t *present, const uint8_t *saved)
{
    uint64_t field = gic_field(id), here, there;
    if (field == 0)
        return memcmp(present, saved, KVM_REG_SIZE(id)) == 0;
    memcpy(&here, present, sizeof(here));
    memcpy(&there, saved, sizeof(there));
    return ((here ^ there) & ~field) == 0;
}

/* A guest that has seen one processor cannot go on upon another. */
static abx_status check_identity(const abx_vcpu_image *image, const abx_kvm_vcpu *vcpu)
{
    uint8_t present[ABX_REGISTER_MOST];
    const uint8_t *value = image->values;
    for (size_t i = 0; i < image->count; value += KVM_REG_SIZE(image->ids[i]), i++) {
        if (!abx_vcpu_image_is_identity(image->ids[i]))
            continue;
        int result = abx_register_get(vcpu->fd, image->ids[i], present);
        if (result < 0)
            return abx_kvm_check(result, "ask which processor vCPU %u is", vcpu->id);
        if (!is_same(image->ids[i], present, value))
            return bad("it was saved on a processor with other features, or of a vCPU of another number");
    }
    return ABX_OK;
}

static abx_status take_events(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu, const abx_state_reader *reader)
{
    struct kvm_vcpu_events saved;
    abx_status status = abx_state_take(reader, TAG_EVENTS, &saved, sizeof(saved));
    if (status != ABX_OK)
        return status;
    if (saved.exception.serror_has_esr && !vcpu->vm->hypervisor->arch.serror_syndrome)
        return bad("it has events that this host does not know");
    image->events = (struct kvm_vcpu_events){
        .exception.serror_pending = saved.exception.serror_pending != 0,
        .exception.serror_has_esr = saved.exception.serror_has_esr != 0,
        .exception.serror_esr = saved.exception.serror_has_esr ? saved.exception.serror_esr & ISS_MASK : 0,
    };
    return ABX_OK;
}

abx_status abx_vcpu_image_read(abx_vcpu_image *image, const abx_kvm_vcpu *vcpu, const void *block, size_t size)
{
    abx_state_reader reader;
    abx_status status = abx_state_open(&reader, block, size, ABX_ARCH_ARM64);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_FEATURES, &image->init, sizeof(image->init));
    if (status == ABX_OK && memcmp(&image->init, &vcpu->arch.init, sizeof(image->init)) != 0)
        status = bad("it was saved from a vCPU of another configuration or processor");
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_MP_STATE, &image->mp_state, sizeof(image->mp_state));
    if (status == ABX_OK && image->mp_state.mp_state != KVM_MP_STATE_RUNNABLE &&
        image->mp_state.mp_state != KVM_MP_STATE_STOPPED && image->mp_state.mp_state != KVM_MP_STATE_SUSPENDED)
        status = bad("it has an MP state that ARM64 does not have");
    if (status == ABX_OK)
        status = take_events(image, vcpu, &reader);
    if (status == ABX_OK)
        status = take_ids(image, &reader);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_VALUES, image->values, image->size);
    return status == ABX_OK ? check_identity(image, vcpu) : status;
}
