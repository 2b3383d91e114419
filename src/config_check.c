/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backends.h"
#include "config_internal.h"
#include "device_check.h"

#include <string.h>

/* What the rules look at: the configuration, and what is known of its backend. */
typedef struct subject {
    const abx_vm_config *config;
    const abx_hypervisor *hypervisor; /* NULL: any backend */
    const abx_capabilities *caps;     /* NULL: any backend */
    abx_arch arch;                    /* of the guest; ABX_ARCH_HOST: any */
    bool managed;                     /* known to be so */
    bool manual;                      /* known to be so */
    abx_config_report *report;
} subject;

static bool lacks(const subject *s, abx_cap cap)
{
    return s->caps && !abx_capabilities_has(s->caps, cap);
}

static const char *backend_name(const subject *s)
{
    return abx_hypervisor_backend(s->hypervisor);
}

static bool is_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strnlen(name, 64);
    return length >= 1 && length <= 63 && strspn(name, allowed) == length;
}

static void check_identity(const subject *s)
{
    const abx_vm_config *c = s->config;
    if (c->name && !is_name(c->name))
        abx_config_add_fault(s->report, "name", "must be 1 to 63 letters, digits, '-', '_' or '.'");
    if (c->arch > ABX_ARCH_ARM64)
        abx_config_add_fault(s->report, "arch", "%u is no architecture", (unsigned)c->arch);
    else if (s->caps && !(s->caps->guest_archs & (1u << s->arch)))
        abx_config_add_fault(s->report, "arch", "backend %s has no %s guests", backend_name(s), abx_arch_name(s->arch));
    if (s->caps && c->cpus > s->caps->max_vcpus)
        abx_config_add_fault(s->report, "cpus", "%u is more than the %u that backend %s offers", c->cpus,
                             s->caps->max_vcpus, backend_name(s));
    if (c->event_capacity && (c->event_capacity < 16 || c->event_capacity > 65536))
        abx_config_add_fault(s->report, "event_capacity", "%u is not between 16 and 65536", c->event_capacity);
}

static uint64_t page_size(const subject *s)
{
    switch (s->config->huge_pages) {
    case ABX_HUGE_2M:
        return UINT64_C(2) << 20;
    case ABX_HUGE_1G:
        return UINT64_C(1) << 30;
    default:
        return s->caps ? s->caps->page_size : 4096;
    }
}

static void check_memory_size(const subject *s)
{
    uint64_t size = s->config->memory_size;
    if (size % page_size(s))
        abx_config_add_fault(s->report, "memory_size", "%llu is not a multiple of the page size %llu",
                             (unsigned long long)size, (unsigned long long)page_size(s));
    /* x86_64 RAM leaves the last GiB below 4 GiB to devices, so it ends at most that much higher. */
    if (s->caps && s->caps->phys_bits && s->caps->phys_bits < 64) {
        uint64_t space = UINT64_C(1) << s->caps->phys_bits;
        uint64_t hole = UINT64_C(1) << 30;
        if (size > space - hole)
            abx_config_add_fault(s->report, "memory_size", "%llu does not fit guest addresses of %u bits",
                                 (unsigned long long)size, s->caps->phys_bits);
    }
}

static void check_memory(const subject *s)
{
    const abx_vm_config *c = s->config;
    if (c->no_memory && c->memory_size)
        abx_config_add_fault(s->report, "memory_size", "must be 0 together with no_memory");
    else
        check_memory_size(s);
    if (c->no_memory && s->managed)
        abx_config_add_fault(s->report, "no_memory", "backend %s maps the memory by itself", backend_name(s));
    if (c->memory_backing != ABX_BACKING_ANONYMOUS && c->memory_backing != ABX_BACKING_MEMFD)
        abx_config_add_fault(s->report, "memory_backing", "RAM is ANONYMOUS or MEMFD; add other regions yourself");
    if (c->huge_pages > ABX_HUGE_NEVER)
        abx_config_add_fault(s->report, "huge_pages", "%u is no kind of huge pages", (unsigned)c->huge_pages);
    if (c->dirty_log > ABX_NO)
        abx_config_add_fault(s->report, "dirty_log", "must be DEFAULT, YES or NO");
    else if (c->dirty_log == ABX_YES && lacks(s, ABX_CAP_DIRTY_LOG))
        abx_config_add_fault(s->report, "dirty_log", "backend %s has no dirty log here", backend_name(s));
}

static void check_irqchip(const subject *s)
{
    abx_irqchip irqchip = s->config->irqchip;
    if (irqchip > ABX_IRQCHIP_SPLIT)
        abx_config_add_fault(s->report, "irqchip", "%u is no kind of interrupt controller", (unsigned)irqchip);
    else if (irqchip != ABX_IRQCHIP_DEFAULT && s->managed)
        abx_config_add_fault(s->report, "irqchip", "backend %s has interrupt controllers of its own", backend_name(s));
    else if (irqchip == ABX_IRQCHIP_KERNEL && lacks(s, ABX_CAP_IRQCHIP))
        abx_config_add_fault(s->report, "irqchip", "backend %s has none in the kernel here", backend_name(s));
    else if (irqchip == ABX_IRQCHIP_SPLIT && lacks(s, ABX_CAP_SPLIT_IRQCHIP))
        abx_config_add_fault(s->report, "irqchip", "backend %s has no split one here", backend_name(s));
}

static void check_pit(const subject *s)
{
    const abx_vm_config *c = s->config;
    if (c->pit > ABX_NO)
        abx_config_add_fault(s->report, "pit", "must be DEFAULT, YES or NO");
    if (c->pit != ABX_YES)
        return;
    if (lacks(s, ABX_CAP_PIT))
        abx_config_add_fault(s->report, "pit", "backend %s has none in the kernel here", backend_name(s));
    else if (c->irqchip == ABX_IRQCHIP_NONE || c->irqchip == ABX_IRQCHIP_SPLIT)
        abx_config_add_fault(s->report, "pit", "needs all interrupt controllers in the kernel: irqchip KERNEL");
}

/* What a guest may be given, if the host has it. */
static void check_gifts(const subject *s)
{
    const abx_vm_config *c = s->config;
    const struct {
        const char *field;
        abx_choice choice;
        abx_cap cap;
    } gifts[] = {
        { "nested", c->nested, ABX_CAP_NESTED },
        { "pmu", c->pmu, ABX_CAP_PMU },
        { "sve", c->sve, ABX_CAP_SVE },
        { "pointer_auth", c->pointer_auth, ABX_CAP_POINTER_AUTH },
    };
    for (size_t i = 0; i < sizeof(gifts) / sizeof(gifts[0]); i++) {
        if (gifts[i].choice > ABX_NO)
            abx_config_add_fault(s->report, gifts[i].field, "must be DEFAULT, YES or NO");
        else if (gifts[i].choice == ABX_YES && lacks(s, gifts[i].cap))
            abx_config_add_fault(s->report, gifts[i].field, "backend %s cannot give it to guests here",
                                 backend_name(s));
    }
}

static void check_processor(const subject *s)
{
    const abx_vm_config *c = s->config;
    check_gifts(s);
    if (c->msr_exits && lacks(s, ABX_CAP_MSR_EXITS))
        abx_config_add_fault(s->report, "msr_exits", "backend %s has no such exits here", backend_name(s));
    if (c->hypercall_exits && lacks(s, ABX_CAP_HYPERCALL_EXITS))
        abx_config_add_fault(s->report, "hypercall_exits", "backend %s has no such exits here", backend_name(s));
    if (c->tsc_khz && lacks(s, ABX_CAP_TSC_CONTROL) && c->tsc_khz != s->caps->tsc_khz)
        abx_config_add_fault(s->report, "tsc_khz", "backend %s cannot set it here", backend_name(s));
}

/* The fields that only one architecture has. */
static void check_architecture(const subject *s)
{
    const abx_vm_config *c = s->config;
    if (s->arch == ABX_ARCH_HOST)
        return;
    const struct {
        const char *field;
        abx_arch arch;
        bool used;
    } fields[] = {
        { "pit", ABX_ARCH_X86_64, c->pit == ABX_YES },   { "msr_exits", ABX_ARCH_X86_64, c->msr_exits },
        { "tsc_khz", ABX_ARCH_X86_64, c->tsc_khz != 0 }, { "pmu", ABX_ARCH_ARM64, c->pmu == ABX_YES },
        { "sve", ABX_ARCH_ARM64, c->sve == ABX_YES },    { "pointer_auth", ABX_ARCH_ARM64, c->pointer_auth == ABX_YES },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].used && fields[i].arch != s->arch)
            abx_config_add_fault(s->report, fields[i].field, "only %s guests have it", abx_arch_name(fields[i].arch));
    }
}

static void check_path(const subject *s, const char *field, const char *value)
{
    if (value && s->manual)
        abx_config_add_fault(s->report, field, "backend %s does not boot kernels: the VMM does", backend_name(s));
    else if (value && s->config->boot.efi_variables)
        abx_config_add_fault(s->report, field, "must be NULL together with boot.efi_variables");
    else if (value && !s->config->boot.kernel)
        abx_config_add_fault(s->report, field, "needs boot.kernel");
}

static void check_efi(const subject *s)
{
    const char *variables = s->config->boot.efi_variables;
    if (variables && lacks(s, ABX_CAP_EFI))
        abx_config_add_fault(s->report, "boot.efi_variables", "backend %s does not boot by EFI here", backend_name(s));
    else if (variables && !*variables)
        abx_config_add_fault(s->report, "boot.efi_variables", "must be a file's path");
}

static void check_machine_id(const subject *s)
{
    const abx_vm_config *c = s->config;
    if (!c->machine_id != !c->machine_id_size)
        abx_config_add_fault(s->report, "machine_id", "it and machine_id_size go together");
    else if (c->machine_id && s->hypervisor &&
             !abx_table_has(abx_hypervisor_table(s->hypervisor), offsetof(abx_backend, vm_get_machine_id)))
        abx_config_add_fault(s->report, "machine_id", "backend %s has no machine identifiers", backend_name(s));
}

static void check_managed_fields(const subject *s)
{
    const abx_vm_config *c = s->config;
    check_path(s, "boot.kernel", c->boot.kernel);
    check_path(s, "boot.initrd", c->boot.initrd);
    check_path(s, "boot.cmdline", c->boot.cmdline);
    check_efi(s);
    abx_devices_check(c, s->hypervisor, s->report);
    check_machine_id(s);
}

void abx_config_check(const abx_vm_config *config, const abx_hypervisor *hypervisor, abx_config_report *report)
{
    subject s = { .config = config, .hypervisor = hypervisor, .report = report, .arch = config->arch };
    if (hypervisor) {
        s.caps = abx_hypervisor_capabilities(hypervisor);
        s.manual = abx_capabilities_has(s.caps, ABX_CAP_MANUAL);
        s.managed = !s.manual;
        if (s.arch == ABX_ARCH_HOST)
            s.arch = abx_hypervisor_guest_arch(hypervisor);
    }
    check_identity(&s);
    check_memory(&s);
    check_irqchip(&s);
    check_pit(&s);
    check_processor(&s);
    check_architecture(&s);
    check_managed_fields(&s);

    const abx_backend *backend = hypervisor ? abx_hypervisor_table(hypervisor) : NULL;
    if (backend && backend->validate)
        backend->validate(abx_hypervisor_object(hypervisor), config, report);
}
