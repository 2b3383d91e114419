/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "engine.h"
#include "gic.h"
#include "identity.h"
#include "memory.h"
#include "registers.h"
#include "turn.h"

#include <stdlib.h>
#include <string.h>

#define MPIDR UINT64_C(0x80000000)

model_vcpu *model_enter(const char *function, hv_vcpu_t id)
{
    turn_take();
    model_vcpu *vcpu = id < MODEL_VCPUS ? model.vcpus[id] : NULL;
    if (!vcpu)
        model_broken(function, "there is no such vCPU");
    if (!pthread_equal(vcpu->owner, pthread_self()))
        model_broken(function, "the vCPU belongs to another thread");
    return vcpu;
}

static bool has_one_already(void)
{
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        if (model.vcpus[i] && pthread_equal(model.vcpus[i]->owner, pthread_self()))
            return true;
    }
    return false;
}

static model_vcpu *create(hv_vcpu_t id)
{
    model_vcpu *vcpu = calloc(1, sizeof(*vcpu));
    if (!vcpu)
        model_broken("hv_vcpu_create", "out of memory");
    vcpu->id = id;
    vcpu->owner = pthread_self();
    vcpu->mpidr = MPIDR;
    identity_init(vcpu);
    sem_init(&vcpu->wake, 0, 0);
    engine_create(vcpu);
    return vcpu;
}

static hv_return_t find_room(hv_vcpu_t *id)
{
    hv_return_t status;
    if (model_fails("hv_vcpu_create", &status))
        return status;
    if (!model.exists)
        return HV_NO_DEVICE;
    if (has_one_already())
        return HV_BUSY;
    for (*id = 0; *id < MODEL_VCPUS; ++*id) {
        if (!model.vcpus[*id])
            return HV_SUCCESS;
    }
    return HV_NO_RESOURCES;
}

/* Changes to the table, for those who look at it without the turn. */
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

static void put(hv_vcpu_t id, model_vcpu *vcpu)
{
    pthread_mutex_lock(&table);
    model.vcpus[id] = vcpu;
    pthread_mutex_unlock(&table);
}

void model_wake(uint32_t cpu)
{
    pthread_mutex_lock(&table);
    for (size_t i = 0; i < MODEL_VCPUS; i++) {
        model_vcpu *vcpu = model.vcpus[i];
        if (vcpu && ((vcpu->mpidr & 0xf) | (vcpu->mpidr >> 8 & 0xff) << 4) == cpu)
            sem_post(&vcpu->wake);
    }
    pthread_mutex_unlock(&table);
}

hv_return_t hv_vcpu_create(hv_vcpu_t *id, hv_vcpu_exit_t **exit, hv_vcpu_config_t config)
{
    (void)config;
    turn_take();
    hv_vcpu_t free_id = 0;
    hv_return_t status = find_room(&free_id);
    if (status == HV_SUCCESS) {
        model_vcpu *vcpu = create(free_id);
        put(free_id, vcpu);
        *id = free_id;
        *exit = &vcpu->exit;
    }
    turn_give();
    return status;
}

hv_return_t hv_vcpu_destroy(hv_vcpu_t id)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    put(id, NULL);
    engine_destroy(vcpu);
    sem_destroy(&vcpu->wake);
    free(vcpu);
    turn_give();
    return HV_SUCCESS;
}

/* The caller keeps those vCPUs alive; so this needs no turn, and takes part in no lock. */
hv_return_t hv_vcpus_exit(hv_vcpu_t *vcpus, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        model_vcpu *vcpu = vcpus[i] < MODEL_VCPUS ? model.vcpus[vcpus[i]] : NULL;
        if (!vcpu)
            return HV_BAD_ARGUMENT;
        atomic_store(&vcpu->cancelled, true);
        sem_post(&vcpu->wake);
    }
    return HV_SUCCESS;
}

hv_return_t hv_vcpu_run(hv_vcpu_t id)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = HV_SUCCESS;
    if (!model_fails(__func__, &status)) {
        engine_run(vcpu);
        vcpu->irq = vcpu->fiq = false;
    }
    turn_give();
    return status;
}

hv_return_t hv_vcpu_set_pending_interrupt(hv_vcpu_t id, hv_interrupt_type_t type, bool pending)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = type > HV_INTERRUPT_TYPE_FIQ ? HV_BAD_ARGUMENT : gic_exists() ? HV_UNSUPPORTED : HV_SUCCESS;
    if (status == HV_SUCCESS && !model_fails(__func__, &status))
        *(type == HV_INTERRUPT_TYPE_IRQ ? &vcpu->irq : &vcpu->fiq) = pending;
    turn_give();
    return status;
}

hv_return_t hv_vcpu_get_pending_interrupt(hv_vcpu_t id, hv_interrupt_type_t type, bool *pending)
{
    model_vcpu *vcpu = model_enter(__func__, id);
    hv_return_t status = type > HV_INTERRUPT_TYPE_FIQ ? HV_BAD_ARGUMENT : HV_SUCCESS;
    if (status == HV_SUCCESS)
        *pending = type == HV_INTERRUPT_TYPE_IRQ ? vcpu->irq : vcpu->fiq;
    turn_give();
    return status;
}

struct hv_vcpu_config_s {
    uint64_t unused;
};

hv_vcpu_config_t hv_vcpu_config_create(void)
{
    return model_object(__func__, sizeof(struct hv_vcpu_config_s));
}

hv_return_t hv_vcpu_config_get_feature_reg(hv_vcpu_config_t config, hv_feature_reg_t reg, uint64_t *value)
{
    if (!config)
        return HV_BAD_ARGUMENT;
    switch (reg) {
    case HV_FEATURE_REG_ID_AA64DFR0_EL1:
        return identity_value(SYSREG(3, 0, 0, 5, 0), value) ? HV_SUCCESS : HV_BAD_ARGUMENT;
    case HV_FEATURE_REG_ID_AA64ISAR1_EL1:
        return identity_value(SYSREG(3, 0, 0, 6, 1), value) ? HV_SUCCESS : HV_BAD_ARGUMENT;
    case HV_FEATURE_REG_ID_AA64MMFR0_EL1:
        return identity_value(SYSREG_MMFR0_EL1, value) ? HV_SUCCESS : HV_BAD_ARGUMENT;
    default:
        return HV_BAD_ARGUMENT;
    }
}
