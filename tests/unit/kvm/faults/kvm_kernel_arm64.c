/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_kernel.h"

#include "linux/arm64/register_access.h"

#include <errno.h>
#include <string.h>

/* One of each kind. */
static const uint64_t registers[] = {
    ABX_KVM_X(0),
    ABX_KVM_PC,
    KVM_REG_ARM64_SVE_ZREG(0, 0),
    KVM_REG_ARM64_SVE_VLS,
    ARM64_SYS_REG(3, 0, 0, 0, 5), /* MPIDR_EL1 */
    ARM64_SYS_REG(3, 0, 1, 0, 0), /* SCTLR_EL1 */
    KVM_REG_ARM_TIMER_CVAL,
};
enum { REGISTERS = sizeof(registers) / sizeof(registers[0]) };

void kvm_kernel_reset_arch(void)
{
}

static int list_registers(struct kvm_reg_list *list)
{
    uint64_t room = list->n;
    list->n = REGISTERS;
    if (room < REGISTERS)
        return E2BIG;
    memcpy(list->reg, registers, sizeof(registers));
    return 0;
}

static void get_register(const struct kvm_one_reg *access)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): that is what the kernel's structure has */
    memset((void *)(uintptr_t)access->addr, 0, KVM_REG_SIZE(access->id));
}

bool kvm_kernel_answer_arch(unsigned long request, unsigned long value, int *error, int *result)
{
    void *argument = (void *)value; /* NOLINT(performance-no-int-to-ptr): that is what ioctl(2) has */
    (void)result;
    switch (request) {
    case KVM_GET_REG_LIST:
        *error = list_registers(argument);
        return true;
    case KVM_GET_ONE_REG:
        get_register(argument);
        return true;
    default:
        return false;
    }
}
