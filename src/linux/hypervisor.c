/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"
#include "nested.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *open_advice(int os_error)
{
    switch (os_error) {
    case EACCES:
    case EPERM:
        return "Add the user to group kvm (sudo usermod -aG kvm $USER) and log in again.";
    case ENOENT:
        return ABX_KVM_ARCH_ADVICE_MISSING;
    case ENODEV:
    case ENXIO:
        return ABX_KVM_ARCH_ADVICE_NO_HARDWARE;
    default:
        return NULL;
    }
}

static abx_status open_device(int *fd, const char *path)
{
    int opened;
    do
        opened = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
    while (opened < 0 && errno == EINTR);
    if (opened < 0) {
        int os_error = errno;
        return abx_fail(abx_status_of_errno(os_error), os_error, open_advice(os_error), "open %s", path);
    }
    int version = abx_kvm_ioctl_value(opened, KVM_GET_API_VERSION, 0);
    if (version != KVM_API_VERSION) {
        close(opened);
        return abx_fail(ABX_ERR_NOT_SUPPORTED, version < 0 ? -version : 0,
                        version < 0 ? "This is not a KVM device; the usual one is /dev/kvm."
                                    : "Use Linux 4.13 or newer.",
                        "ask %s for its version", path);
    }
    *fd = opened;
    return ABX_OK;
}

static abx_status probe_essentials(abx_kvm_hypervisor *hypervisor)
{
    static const struct {
        unsigned long capability;
        const char *name;
    } essentials[] = {
        { KVM_CAP_USER_MEMORY, "memory of the process for guests" },
        { KVM_CAP_DESTROY_MEMORY_REGION_WORKS, "removal of memory" },
        { KVM_CAP_IMMEDIATE_EXIT, "immediate exits" },
    };
    for (size_t i = 0; i < sizeof(essentials) / sizeof(essentials[0]); i++) {
        if (abx_kvm_extension(hypervisor->fd, essentials[i].capability) == 0)
            return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 4.13 or newer.", "ask KVM for %s", essentials[i].name);
    }
    int size = abx_kvm_ioctl_value(hypervisor->fd, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (size < 0)
        return abx_kvm_check(size, "ask KVM for the size of a vCPU's mapping");
    if ((size_t)size < sizeof(struct kvm_run))
        return abx_fail(ABX_ERR_NOT_SUPPORTED, 0, "Use Linux 4.13 or newer.", "map a vCPU of %d bytes", size);
    hypervisor->run_size = (size_t)size;
    return ABX_OK;
}

static abx_status choose_signal(abx_kvm_hypervisor *hypervisor, int signal_number)
{
    int chosen = signal_number ? signal_number : SIGRTMAX;
    if (chosen < 1 || chosen > SIGRTMAX || chosen == SIGKILL || chosen == SIGSTOP)
        return abx_fail(ABX_ERR_INVALID, 0, "Choose one that can be caught, or 0 for the last real-time signal.",
                        "use signal %d for kicks", chosen);
    hypervisor->kick_signal = chosen;
    return ABX_OK;
}

/* Dirty ring and coalesced I/O are not reported: no function of the table offers them. */
static void probe_capabilities(abx_kvm_hypervisor *hypervisor, abx_capabilities *caps)
{
    static const struct {
        abx_cap cap;
        unsigned long capability;
    } simple[] = {
        { ABX_CAP_READ_ONLY_MEMORY, KVM_CAP_READONLY_MEM },
        { ABX_CAP_DISCARD, KVM_CAP_SYNC_MMU },
        { ABX_CAP_MSI, KVM_CAP_SIGNAL_MSI },
        { ABX_CAP_IRQFD, KVM_CAP_IRQFD },
        { ABX_CAP_IRQFD_RESAMPLE, KVM_CAP_IRQFD_RESAMPLE },
        { ABX_CAP_IOEVENTFD, KVM_CAP_IOEVENTFD },
        { ABX_CAP_IOEVENTFD_ANY_LENGTH, KVM_CAP_IOEVENTFD_ANY_LENGTH },
        { ABX_CAP_BINARY_STATS, KVM_CAP_BINARY_STATS_FD },
        { ABX_CAP_SINGLE_STEP, KVM_CAP_SET_GUEST_DEBUG },
    };
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
        abx_kvm_set_cap(caps, simple[i].cap, abx_kvm_extension(hypervisor->fd, simple[i].capability) > 0);

    /* What comes with the essentials above, and what this backend does by itself. */
    static const abx_cap always[] = { ABX_CAP_GUEST_MEMORY, ABX_CAP_MEMORY_HOTPLUG, ABX_CAP_IMMEDIATE_EXIT,
                                      ABX_CAP_MANUAL,       ABX_CAP_REGISTERS,      ABX_CAP_VCPU_STATE,
                                      ABX_CAP_PAUSE };
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        abx_kvm_set_cap(caps, always[i], true);
    hypervisor->manual_clear = (uint64_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2);
    abx_kvm_set_cap(caps, ABX_CAP_DIRTY_LOG, hypervisor->manual_clear != 0);
    hypervisor->sync_regs = (uint64_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_SYNC_REGS);
    abx_kvm_set_cap(caps, ABX_CAP_SYNC_REGISTERS, hypervisor->sync_regs != 0);
    bool hardware;
    /* Not by printf, here and in all that every start goes through: it takes longer than the rest of this function. */
    strncpy(caps->detail, abx_nested_technology(&abx_nested_this_host, &hardware), sizeof(caps->detail) - 1);
    abx_kvm_set_cap(caps, ABX_CAP_HARDWARE, hardware);

    caps->guest_archs = 1u << abx_host_arch();
    caps->max_gsi = (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_IRQ_ROUTING);
    abx_kvm_set_cap(caps, ABX_CAP_IRQ_ROUTING, caps->max_gsi > 0);
    caps->max_slots = (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_NR_MEMSLOTS);
    caps->max_vcpus = (uint32_t)abx_kvm_extension(hypervisor->fd, KVM_CAP_MAX_VCPUS);
    caps->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
    caps->nesting = abx_kvm_nested_host(caps->host_hypervisor);
}

abx_status abx_kvm_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    abx_kvm_hypervisor *hypervisor = calloc(1, sizeof(*hypervisor));
    if (!hypervisor)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "open KVM");
    abx_status status = choose_signal(hypervisor, options->kick_signal);
    if (status != ABX_OK)
        goto free_hypervisor;
    status = open_device(&hypervisor->fd, options->kvm_device ? options->kvm_device : "/dev/kvm");
    if (status != ABX_OK)
        goto free_hypervisor;
    status = probe_essentials(hypervisor);
    if (status != ABX_OK)
        goto close_device;
    hypervisor->caps.size = sizeof(hypervisor->caps);
    probe_capabilities(hypervisor, &hypervisor->caps);
    status = abx_kvm_arch_open(hypervisor, &hypervisor->caps);
    if (status != ABX_OK)
        goto close_device;
    *caps = hypervisor->caps;
    *out = hypervisor;
    return ABX_OK;

close_device:
    close(hypervisor->fd);
free_hypervisor:
    free(hypervisor);
    return status;
}

void abx_kvm_close(void *object)
{
    abx_kvm_hypervisor *hypervisor = object;
    abx_kvm_arch_close(hypervisor);
    close(hypervisor->fd);
    free(hypervisor);
}
