/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "validate.h"
#include "vz_api.h"

#include <stdio.h>
#include <sys/socket.h>

#define MIB (UINT64_C(1) << 20)

/* A fault where `method` of vz_api.def, on which `what` stands, is newer than this macOS. */
#define REQUIRE(report, field, what, method) require(report, field, what, method##_available(), method##_SINCE)

static void require(abx_config_report *report, const char *field, const char *what, bool available, const char *since)
{
    if (!available)
        abx_config_add_fault(report, field, "%s on backend vz: %s", what, since);
}

static void check_machine(const abx_vm_config *config, abx_config_report *report)
{
    uint64_t fewest = VZVirtualMachineConfiguration_minimumAllowedCPUCount();
    if (config->cpus && config->cpus < fewest)
        abx_config_add_fault(report, "cpus", "%u is less than the %llu that Virtualization.framework wants",
                             config->cpus, (unsigned long long)fewest);
    if (config->machine_id)
        REQUIRE(report, "machine_id", "a machine identifier", VZGenericPlatformConfiguration_setMachineIdentifier_);
    if (config->nested == ABX_YES)
        REQUIRE(report, "nested", "nested virtualization",
                VZGenericPlatformConfiguration_setNestedVirtualizationEnabled_);
}

static void check_memory(const abx_vm_config *config, abx_config_report *report)
{
    uint64_t size = config->memory_size;
    uint64_t least = VZVirtualMachineConfiguration_minimumAllowedMemorySize();
    uint64_t most = VZVirtualMachineConfiguration_maximumAllowedMemorySize();
    if (size % MIB)
        abx_config_add_fault(report, "memory_size", "%llu is not a multiple of 1 MiB, which backend vz wants",
                             (unsigned long long)size);
    if (size && (size < least || size > most))
        abx_config_add_fault(report, "memory_size", "%llu is not between %llu and %llu", (unsigned long long)size,
                             (unsigned long long)least, (unsigned long long)most);
    if (config->memory_backing == ABX_BACKING_MEMFD)
        abx_config_add_fault(report, "memory_backing", "backend vz maps the memory by itself: leave it ANONYMOUS");
    if (config->huge_pages == ABX_HUGE_2M || config->huge_pages == ABX_HUGE_1G)
        abx_config_add_fault(report, "huge_pages", "backend vz maps the memory by itself: NONE");
}

static void check_boot(const abx_vm_config *config, abx_config_report *report)
{
    if (config->boot.efi_variables)
        REQUIRE(report, "boot.efi_variables", "EFI boot", VZEFIBootLoader_init);
    else if (!config->boot.kernel)
        abx_config_add_fault(report, "boot.kernel", "backend vz needs a Linux kernel, or boot.efi_variables");
}

/* One device of the list. */
typedef struct subject {
    const abx_device_config *device;
    size_t index;
    abx_config_report *report;
} subject;

static const char *field(char buffer[64], const subject *s, const char *member)
{
    snprintf(buffer, 64, "devices[%zu]%s", s->index, member);
    return buffer;
}

#define REQUIRE_MEMBER(s, member, what, method) REQUIRE((s)->report, field((char[64]){ 0 }, s, member), what, method)

static void check_disk(const subject *s)
{
    const abx_block_config *block = &s->device->block;
    if (block->cache != ABX_CACHE_AUTOMATIC)
        REQUIRE_MEMBER(s, ".block.cache", "a kind of caching",
                       VZDiskImageStorageDeviceAttachment_initWithURL_readOnly_cachingMode_synchronizationMode_error_);
    if (block->sync != ABX_SYNC_FULL)
        REQUIRE_MEMBER(s, ".block.sync", "a kind of synchronisation",
                       VZDiskImageStorageDeviceAttachment_initWithURL_readOnly_cachingMode_synchronizationMode_error_);
    if (block->serial)
        REQUIRE_MEMBER(s, ".block.serial", "a serial number",
                       VZVirtioBlockDeviceConfiguration_setBlockDeviceIdentifier_);
}

static bool is_connected(int fd)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);
    return getpeername(fd, (struct sockaddr *)&peer, &size) == 0;
}

static void check_network(const subject *s)
{
    enum { USUAL_MTU = 1500 };
    const abx_net_config *net = &s->device->net;
    char buffer[64];
    if (net->kind == ABX_NET_DATAGRAM && !is_connected(net->fd))
        abx_config_add_fault(s->report, field(buffer, s, ".net.fd"), "%d is no connected socket", net->fd);
    if (net->mtu && net->mtu < USUAL_MTU)
        abx_config_add_fault(s->report, field(buffer, s, ".net.mtu"), "%u is less than 1500, backend vz's least",
                             net->mtu);
    if (net->mtu > USUAL_MTU)
        REQUIRE_MEMBER(s, ".net.mtu", "an MTU beyond 1500",
                       VZFileHandleNetworkDeviceAttachment_setMaximumTransmissionUnit_);
}

static void check_rosetta(const subject *s)
{
    REQUIRE_MEMBER(s, ".rosetta", "Rosetta", VZLinuxRosettaDirectoryShare_availability);
    if (s->device->rosetta.cache != ABX_ROSETTA_CACHE_NONE)
        REQUIRE_MEMBER(s, ".rosetta.cache", "Rosetta's cache", VZLinuxRosettaDirectoryShare_setOptions_);
}

static bool has_settings(const abx_balloon_config *balloon)
{
    return balloon->policy != ABX_BALLOON_MANUAL || balloon->free_page_reporting != ABX_DEFAULT ||
           balloon->deflate_on_oom != ABX_DEFAULT || balloon->target || balloon->minimum;
}

static void check_device(const subject *s)
{
    char buffer[64];
    switch (s->device->kind) {
    case ABX_DEVICE_DEBUG_EXIT:
        abx_config_add_fault(s->report, field(buffer, s, ""), "backend vz has no device of kind debug-exit");
        break;
    case ABX_DEVICE_CONSOLE:
        if (s->device->console.port_count)
            REQUIRE_MEMBER(s, ".console.ports", "a console with more ports",
                           VZVirtualMachineConfiguration_setConsoleDevices_);
        break;
    case ABX_DEVICE_BALLOON:
        if (has_settings(&s->device->balloon))
            abx_config_add_fault(s->report, field(buffer, s, ".balloon"), "the balloon of backend vz has no settings");
        break;
    case ABX_DEVICE_BLOCK:
        check_disk(s);
        break;
    case ABX_DEVICE_NET:
        check_network(s);
        break;
    case ABX_DEVICE_FS:
        REQUIRE_MEMBER(s, ".fs", "a shared directory", VZVirtioFileSystemDeviceConfiguration_initWithTag_);
        break;
    case ABX_DEVICE_ROSETTA:
        check_rosetta(s);
        break;
    default:
        break;
    }
}

void abx_vz_validate(const void *hypervisor, const abx_vm_config *config, abx_config_report *report)
{
    (void)hypervisor;
    void *pool = objc_autoreleasePoolPush();
    check_machine(config, report);
    check_memory(config, report);
    check_boot(config, report);
    /* It may have other faults than ours. */
    for (size_t i = 0; config->devices && i < config->device_count; i++)
        check_device(&(subject){ .device = &config->devices[i], .index = i, .report = report });
    objc_autoreleasePoolPop(pool);
}
