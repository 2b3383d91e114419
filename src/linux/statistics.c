/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* KVM_GET_STATS_FD: Linux, Documentation/virt/kvm/api.rst, section 4.133. */
#include "kvm_backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than this the kernel has not: what says so is not what we know. */
enum { MOST_STATISTICS = 1024, LONGEST_NAME = 256, LARGEST_DATA = 1 << 20 };

/* What can be read of one descriptor. */
typedef struct layout {
    struct kvm_stats_header header;
    size_t stride; /* of descriptors */
    size_t size;   /* of the data */
    char *descriptors;
} layout;

void abx_kvm_statistics_init(abx_kvm_statistics *statistics)
{
    statistics->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    statistics->vcpus = NULL;
}

/* All vCPUs are gone. */
void abx_kvm_statistics_end(abx_kvm_statistics *statistics)
{
    free(statistics->vcpus);
    pthread_mutex_destroy(&statistics->lock);
}

void abx_kvm_statistics_forget(abx_kvm_statistics *statistics, uint32_t id)
{
    pthread_mutex_lock(&statistics->lock);
    if (statistics->vcpus && statistics->vcpus[id] >= 0) {
        close(statistics->vcpus[id]);
        statistics->vcpus[id] = -1;
    }
    pthread_mutex_unlock(&statistics->lock);
}

/* Under the lock. All vCPUs' descriptors; NULL for want of memory. */
static int *make_room(abx_kvm_vm *vm)
{
    if (vm->statistics.vcpus)
        return vm->statistics.vcpus;
    int *fds = malloc(vm->config->cpus * sizeof(*fds));
    for (uint32_t i = 0; fds && i < vm->config->cpus; i++)
        fds[i] = -1;
    vm->statistics.vcpus = fds;
    return fds;
}

static abx_status open_vcpu(abx_kvm_vcpu *vcpu)
{
    abx_kvm_vm *vm = vcpu->vm;
    if (vm->statistics.vcpus && vm->statistics.vcpus[vcpu->id] >= 0)
        return ABX_OK;
    int fd = abx_kvm_ioctl_value(vcpu->fd, KVM_GET_STATS_FD, 0);
    abx_status status = abx_kvm_check(fd, "get the statistics of vCPU %" PRIu32, vcpu->id);
    if (status != ABX_OK)
        return status;
    int *fds = make_room(vm);
    if (!fds) {
        close(fd);
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "share the kernel's statistics");
    }
    fds[vcpu->id] = fd;
    return ABX_OK;
}

abx_status abx_kvm_vcpu_share_statistics(void *object)
{
    abx_kvm_vcpu *vcpu = object;
    pthread_mutex_lock(&vcpu->vm->statistics.lock);
    abx_status status = open_vcpu(vcpu);
    pthread_mutex_unlock(&vcpu->vm->statistics.lock);
    return status;
}

static abx_status fetch(int fd, void *buffer, size_t size, uint32_t offset)
{
    ssize_t got;
    do
        got = pread(fd, buffer, size, offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return abx_kvm_check(-errno, "read the kernel's statistics");
    if ((size_t)got < size)
        return abx_fail(ABX_ERR_FORMAT, 0, NULL, "read the kernel's statistics");
    return ABX_OK;
}

static struct kvm_stats_desc *descriptor(const layout *of, uint32_t index)
{
    return (struct kvm_stats_desc *)(void *)(of->descriptors + index * of->stride);
}

/* How much data the descriptors speak of; each name gets its end. */
static bool measure(layout *of)
{
    of->size = 0;
    for (uint32_t i = 0; i < of->header.num_desc; i++) {
        struct kvm_stats_desc *each = descriptor(of, i);
        uint64_t end = (uint64_t)each->offset + (uint64_t)each->size * sizeof(uint64_t);
        if (each->offset % sizeof(uint64_t) || end > LARGEST_DATA)
            return false;
        of->size = end > of->size ? (size_t)end : of->size;
        each->name[of->header.name_size - 1] = '\0';
    }
    return true;
}

static abx_status read_layout(layout *of, int fd)
{
    const struct kvm_stats_header *header = &of->header;
    abx_status status = fetch(fd, &of->header, sizeof(of->header), 0);
    if (status != ABX_OK)
        return status;
    if (header->name_size == 0 || header->name_size > LONGEST_NAME ||
        header->name_size % _Alignof(struct kvm_stats_desc) || header->num_desc > MOST_STATISTICS)
        return abx_fail(ABX_ERR_FORMAT, 0, NULL, "read the kernel's statistics");
    of->stride = sizeof(struct kvm_stats_desc) + header->name_size;
    of->descriptors = malloc(of->stride * header->num_desc + 1);
    if (!of->descriptors)
        return abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "read the kernel's statistics");
    status = fetch(fd, of->descriptors, of->stride * header->num_desc, header->desc_offset);
    if (status == ABX_OK && !measure(of))
        status = abx_fail(ABX_ERR_FORMAT, 0, NULL, "read the kernel's statistics");
    if (status != ABX_OK)
        free(of->descriptors);
    return status;
}

static bool kind_of(uint32_t flags, abx_statistic_kind *kind)
{
    uint32_t type = (flags & KVM_STATS_TYPE_MASK) >> KVM_STATS_TYPE_SHIFT;
    *kind = (abx_statistic_kind)type;
    return type <= ABX_STATISTIC_LOG_HISTOGRAM;
}

static void show(const struct kvm_stats_desc *from, uint32_t vcpu, const uint64_t *data, abx_statistic_visitor visitor,
                 void *payload)
{
    abx_statistic statistic = {
        .name = from->name,
        .vcpu = vcpu,
        .bucket_size = from->bucket_size,
        .count = from->size,
        .values = data + from->offset / sizeof(uint64_t),
    };
    if (from->size > 0 && kind_of(from->flags, &statistic.kind))
        visitor(payload, &statistic);
}

/* Those of one kind: the VM itself, or its vCPUs, which are described alike. */
static abx_status show_all(const int *fds, const uint32_t *ids, uint32_t count, abx_statistic_visitor visitor,
                           void *payload)
{
    layout of;
    abx_status status = read_layout(&of, fds[0]);
    if (status != ABX_OK)
        return status;
    size_t words = of.size / sizeof(uint64_t);
    uint64_t *data = malloc(count * of.size + 1);
    if (!data)
        status = abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "read the kernel's statistics");
    for (uint32_t i = 0; i < count && status == ABX_OK; i++)
        status = fetch(fds[i], data + i * words, of.size, of.header.data_offset);
    for (uint32_t i = 0; i < of.header.num_desc && status == ABX_OK; i++)
        for (uint32_t each = 0; each < count; each++)
            show(descriptor(&of, i), ids[each], data + each * words, visitor, payload);
    free(data);
    free(of.descriptors);
    return status;
}

static abx_status show_vm(const abx_kvm_vm *vm, abx_statistic_visitor visitor, void *payload)
{
    const uint32_t whole = UINT32_MAX;
    int fd = abx_kvm_ioctl_value(vm->fd, KVM_GET_STATS_FD, 0);
    abx_status status = abx_kvm_check(fd, "get the kernel's statistics of a VM");
    if (status != ABX_OK)
        return status;
    status = show_all(&fd, &whole, 1, visitor, payload);
    close(fd);
    return status;
}

/* Under the lock, so that none of them goes meanwhile. */
static uint32_t list_vcpus(const abx_kvm_vm *vm, int *fds, uint32_t *ids)
{
    uint32_t count = 0;
    for (uint32_t id = 0; id < vm->config->cpus; id++) {
        if (vm->statistics.vcpus[id] < 0)
            continue;
        fds[count] = vm->statistics.vcpus[id];
        ids[count++] = id;
    }
    return count;
}

/* Likewise. */
static abx_status show_vcpus(const abx_kvm_vm *vm, abx_statistic_visitor visitor, void *payload)
{
    if (!vm->statistics.vcpus)
        return ABX_OK;
    int *fds = malloc(vm->config->cpus * sizeof(*fds));
    uint32_t *ids = malloc(vm->config->cpus * sizeof(*ids));
    abx_status status = ABX_OK;
    if (fds && ids) {
        uint32_t count = list_vcpus(vm, fds, ids);
        if (count > 0)
            status = show_all(fds, ids, count, visitor, payload);
    } else {
        status = abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "read the kernel's statistics");
    }
    free(ids);
    free(fds);
    return status;
}

abx_status abx_kvm_vm_get_statistics(void *object, abx_statistic_visitor visitor, void *payload)
{
    abx_kvm_vm *vm = object;
    abx_status status = show_vm(vm, visitor, payload);
    if (status != ABX_OK)
        return status;
    pthread_mutex_lock(&vm->statistics.lock);
    status = show_vcpus(vm, visitor, payload);
    pthread_mutex_unlock(&vm->statistics.lock);
    return status;
}
