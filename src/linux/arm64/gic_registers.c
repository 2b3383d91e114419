/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gic_registers.h"
#include "device.h"
#include "gic.h"

/*
 * Offsets: GIC architecture, IHI 0069 (GICv3: 12.9 to 12.11, 12.19) and IHI 0048 (GICv2: 4.3 and 4.4). Which are state,
 * and their order: Documentation/virt/kvm/devices/arm-vgic-v3.rst, arm-vgic.rst and arm-vgic-its.rst.
 */
enum {
    GICD_CTLR = 0x0,
    GICD_IIDR = 0x8,
    GICD_IGROUPR = 0x80, /* the following: a bit for each interrupt */
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_ISPENDR = 0x200,
    GICD_ICPENDR = 0x280,
    GICD_ISACTIVER = 0x300,
    GICD_ICACTIVER = 0x380,
    GICD_IPRIORITYR = 0x400, /* a byte */
    GICD_ITARGETSR = 0x800,  /* a byte, GICv2 */
    GICD_ICFGR = 0xc00,      /* two bits */
    GICD_CPENDSGIR = 0xf10,  /* a byte for each SGI, GICv2 */
    GICD_SPENDSGIR = 0xf20,
    GICD_IROUTER = 0x6000, /* 64 bits, GICv3 */
    GICR_CTLR = 0x0,
    GICR_PROPBASER = 0x70,
    GICR_PENDBASER = 0x78,
    GICR_PRIVATE = 0x10000, /* SGIs and PPIs, at the distributor's offsets */
    GICC_CTLR = 0x0,
    GICC_PMR = 0x4,
    GICC_BPR = 0x8,
    GICC_ABPR = 0x1c,
    GICC_APR = 0xd0,
    GITS_CTLR = 0x0,
    GITS_IIDR = 0x4,
    GITS_CBASER = 0x80,
    GITS_CWRITER = 0x88,
    GITS_CREADR = 0x90,
    GITS_BASER = 0x100,
};

enum { WORD = 4, INTERRUPTS = ABX_GIC_FIRST_SPI + ABX_GIC_SPIS, PER_BANK = 32 };

#define SYSREG(op0, op1, crn, crm, op2) ABX_ARM64_SYSREG_NUMBER(op0, op1, crn, crm, op2)
#define ICC_PMR_EL1                     SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0_EL1                    SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R_EL1(n)                 SYSREG(3, 0, 12, 8, 4 + (n))
#define ICC_AP1R_EL1(n)                 SYSREG(3, 0, 12, 9, n)
#define ICC_BPR1_EL1                    SYSREG(3, 0, 12, 12, 3)
#define ICC_CTLR_EL1                    SYSREG(3, 0, 12, 12, 4)
#define ICC_SRE_EL1                     SYSREG(3, 0, 12, 12, 5)
#define ICC_IGRPEN0_EL1                 SYSREG(3, 0, 12, 12, 6)
#define ICC_IGRPEN1_EL1                 SYSREG(3, 0, 12, 12, 7)

typedef struct walk {
    abx_gic_visitor visitor;
    void *payload;
    int device;
    int result; /* of the first visit that failed */
} walk;

static void show(walk *w, uint32_t group, uint64_t attribute, uint32_t width, bool clears)
{
    const abx_gic_register at = { w->device, group, attribute, width, clears };
    if (w->result >= 0)
        w->result = w->visitor(w->payload, &at);
}

static void show_words(walk *w, uint32_t group, uint64_t attribute, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        show(w, group, attribute + (uint64_t)i * WORD, WORD, false);
}

/* A register of bits that is written by one that sets and one that clears them. */
static void show_bits(walk *w, uint32_t group, uint64_t set, uint64_t clear)
{
    show(w, group, clear, WORD, true);
    show(w, group, set, WORD, false);
}

/* What 32 interrupts have: `base` is the attribute of their frame, `bank` their number divided by 32. */
static void show_bank(walk *w, uint32_t group, uint64_t base, uint32_t bank)
{
    uint64_t bits = base + (uint64_t)bank * WORD;
    show_words(w, group, bits + GICD_IGROUPR, 1);
    show_words(w, group, base + GICD_ICFGR + (uint64_t)bank * 2 * WORD, 2);
    show_words(w, group, base + GICD_IPRIORITYR + (uint64_t)bank * PER_BANK, PER_BANK / WORD);
    show_bits(w, group, bits + GICD_ISENABLER, bits + GICD_ICENABLER);
}

/* The same once lines have their levels. */
static void show_pending(walk *w, uint32_t group, uint64_t base, uint32_t bank)
{
    uint64_t bits = base + (uint64_t)bank * WORD;
    show_bits(w, group, bits + GICD_ISPENDR, bits + GICD_ICPENDR);
    show_bits(w, group, bits + GICD_ISACTIVER, bits + GICD_ICACTIVER);
}

static void show_levels(walk *w, uint64_t vcpu, uint32_t bank)
{
    uint64_t what = (uint64_t)VGIC_LEVEL_INFO_LINE_LEVEL << KVM_DEV_ARM_VGIC_LINE_LEVEL_INFO_SHIFT;
    show(w, KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, vcpu | what | (uint64_t)bank * PER_BANK, WORD, false);
}

/* A vCPU in an attribute of GICv3: its affinity. */
static uint64_t vcpu_attribute(uint32_t vcpu)
{
    return (uint64_t)ABX_ARM64_AFFINITY(vcpu) << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT;
}

/* LPIs' tables come before they are enabled. */
static void show_redistributor(walk *w, uint32_t vcpu)
{
    const uint32_t group = KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;
    uint64_t base = vcpu_attribute(vcpu);
    show_words(w, group, base + GICR_PROPBASER, 2);
    show_words(w, group, base + GICR_PENDBASER, 2);
    show_words(w, group, base + GICR_CTLR, 1);
    show_bank(w, group, base + GICR_PRIVATE, 0);
    show_levels(w, base, 0);
    show_pending(w, group, base + GICR_PRIVATE, 0);
}

static void show_distributor3(walk *w)
{
    const uint32_t group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
    for (uint32_t bank = 1; bank < INTERRUPTS / PER_BANK; bank++) {
        show_words(w, group, GICD_IROUTER + (uint64_t)bank * PER_BANK * 2 * WORD, PER_BANK * 2);
        show_bank(w, group, 0, bank);
        show_levels(w, 0, bank);
        show_pending(w, group, 0, bank);
    }
}

/* How many registers of active priorities there are (IHI 0069, 12.2.1 and 12.2.4). */
static uint32_t active_priority_registers(uint64_t icc_ctlr)
{
    uint32_t bits = (uint32_t)(icc_ctlr >> 8 & 7) + 1;
    if (bits > 6)
        return 4;
    return bits == 6 ? 2 : 1;
}

static void show_cpu_interface3(walk *w, uint32_t vcpu, uint32_t active)
{
    static const uint32_t registers[] = { ICC_SRE_EL1,  ICC_CTLR_EL1,    ICC_PMR_EL1,    ICC_BPR0_EL1,
                                          ICC_BPR1_EL1, ICC_IGRPEN0_EL1, ICC_IGRPEN1_EL1 };
    const uint32_t group = KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS;
    uint64_t base = vcpu_attribute(vcpu);
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
        show(w, group, base | registers[i], sizeof(uint64_t), false);
    for (uint32_t i = 0; i < active; i++) {
        show(w, group, base | ICC_AP0R_EL1(i), sizeof(uint64_t), false);
        show(w, group, base | ICC_AP1R_EL1(i), sizeof(uint64_t), false);
    }
}

static int visit3(walk *w, uint32_t cpus)
{
    uint64_t icc_ctlr = 0;
    int result = abx_device_get(w->device, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, ICC_CTLR_EL1, &icc_ctlr);
    if (result < 0)
        return result;
    /* The revision that the guest sees decides what other registers mean. */
    show_words(w, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR, 1);
    show_words(w, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, 1);
    for (uint32_t i = 0; i < cpus; i++)
        show_redistributor(w, i);
    show_distributor3(w);
    for (uint32_t i = 0; i < cpus; i++)
        show_cpu_interface3(w, i, active_priority_registers(icc_ctlr));
    return w->result;
}

static void show_private2(walk *w, uint32_t vcpu)
{
    const uint32_t group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
    uint64_t base = (uint64_t)vcpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
    show_bank(w, group, base, 0);
    show_pending(w, group, base, 0);
    for (uint32_t i = 0; i < 4; i++)
        show_bits(w, group, base + GICD_SPENDSGIR + i * WORD, base + GICD_CPENDSGIR + i * WORD);
}

static void show_distributor2(walk *w)
{
    const uint32_t group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
    for (uint32_t bank = 1; bank < INTERRUPTS / PER_BANK; bank++) {
        show_words(w, group, GICD_ITARGETSR + (uint64_t)bank * PER_BANK, PER_BANK / WORD);
        show_bank(w, group, 0, bank);
        show_pending(w, group, 0, bank);
    }
}

static void show_cpu_interface2(walk *w, uint32_t vcpu)
{
    static const uint32_t offsets[] = { GICC_CTLR, GICC_PMR, GICC_BPR, GICC_ABPR, GICC_APR };
    uint64_t base = (uint64_t)vcpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
        show_words(w, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, base + offsets[i], 1);
}

static int visit2(walk *w, uint32_t cpus)
{
    show_words(w, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_IIDR, 1);
    show_words(w, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, GICD_CTLR, 1);
    for (uint32_t i = 0; i < cpus; i++)
        show_private2(w, i);
    show_distributor2(w);
    for (uint32_t i = 0; i < cpus; i++)
        show_cpu_interface2(w, i);
    return w->result;
}

int abx_gic_visit(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload)
{
    walk w = { .visitor = visitor, .payload = payload, .device = vm->arch.gic };
    return vm->hypervisor->arch.gic_version == 3 ? visit3(&w, vm->config->cpus) : visit2(&w, vm->config->cpus);
}

/* GITS_CBASER first: writing it resets the others of the command queue. */
int abx_its_visit(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload)
{
    static const uint32_t offsets[] = { GITS_CBASER,       GITS_IIDR,         GITS_CREADR,       GITS_CWRITER,
                                        GITS_BASER,        GITS_BASER + 0x8,  GITS_BASER + 0x10, GITS_BASER + 0x18,
                                        GITS_BASER + 0x20, GITS_BASER + 0x28, GITS_BASER + 0x30, GITS_BASER + 0x38 };
    walk w = { .visitor = visitor, .payload = payload, .device = vm->arch.its };
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
        show(&w, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, offsets[i], sizeof(uint64_t), false);
    return w.result;
}

int abx_its_visit_control(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload)
{
    walk w = { .visitor = visitor, .payload = payload, .device = vm->arch.its };
    show(&w, KVM_DEV_ARM_VGIC_GRP_ITS_REGS, GITS_CTLR, sizeof(uint64_t), false);
    return w.result;
}
