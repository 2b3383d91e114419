/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_backend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>

int abx_kvm_ioctl_value(int fd, unsigned long request, unsigned long value)
{
    int result;
    do
        result = ioctl(fd, request, value);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

int abx_kvm_ioctl(int fd, unsigned long request, const void *argument)
{
    return abx_kvm_ioctl_value(fd, request, (unsigned long)argument);
}

abx_status abx_kvm_check(int result, const char *operation, ...)
{
    if (result >= 0)
        return ABX_OK;
    char text[128];
    va_list arguments;
    va_start(arguments, operation);
    vsnprintf(text, sizeof(text), operation, arguments);
    va_end(arguments);
    return abx_fail(abx_status_of_errno(-result), -result, NULL, "%s", text);
}

int abx_kvm_extension(int fd, unsigned long capability)
{
    int result = abx_kvm_ioctl_value(fd, KVM_CHECK_EXTENSION, capability);
    return result < 0 ? 0 : result;
}

int abx_kvm_enable(int fd, uint32_t capability, uint64_t argument)
{
    const struct kvm_enable_cap request = { .cap = capability, .args = { argument } };
    return abx_kvm_ioctl(fd, KVM_ENABLE_CAP, &request);
}
