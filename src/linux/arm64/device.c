/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "linux/kvm_backend.h"

bool abx_device_offered(int vm, uint32_t type)
{
    const struct kvm_create_device request = { .type = type, .flags = KVM_CREATE_DEVICE_TEST };
    return abx_kvm_ioctl(vm, KVM_CREATE_DEVICE, &request) >= 0;
}

int abx_device_create(int vm, uint32_t type)
{
    struct kvm_create_device request = { .type = type };
    int result = abx_kvm_ioctl(vm, KVM_CREATE_DEVICE, &request);
    return result < 0 ? result : (int)request.fd;
}

static int access_attribute(int fd, unsigned long request, uint32_t group, uint64_t attribute, const void *value)
{
    const struct kvm_device_attr access = { .group = group, .attr = attribute, .addr = (uintptr_t)value };
    return abx_kvm_ioctl(fd, request, &access);
}

bool abx_device_has(int fd, uint32_t group, uint64_t attribute)
{
    return access_attribute(fd, KVM_HAS_DEVICE_ATTR, group, attribute, NULL) >= 0;
}

int abx_device_get(int fd, uint32_t group, uint64_t attribute, void *value)
{
    return access_attribute(fd, KVM_GET_DEVICE_ATTR, group, attribute, value);
}

int abx_device_set(int fd, uint32_t group, uint64_t attribute, const void *value)
{
    return access_attribute(fd, KVM_SET_DEVICE_ATTR, group, attribute, value);
}
