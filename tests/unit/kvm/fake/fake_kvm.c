/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_kvm.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

fake_kvm fake;

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

void fake_reset(void)
{
    memset(&fake, 0, sizeof(fake));
    fake.version = KVM_API_VERSION;
    fake.taken = 1;
    for (size_t i = 0; i < sizeof(fake.extensions) / sizeof(fake.extensions[0]); i++)
        fake.extensions[i] = 1;
    fake.extensions[KVM_CAP_NR_MEMSLOTS] = 32764;
    fake.extensions[KVM_CAP_IRQ_ROUTING] = 4096;
    fake.extensions[KVM_CAP_MAX_VCPUS] = 1024;
    fake.extensions[KVM_CAP_MSI_DEVID] = 0;
    fake_reset_arch();
}

const fake_call *fake_last(unsigned long request)
{
    for (size_t i = fake.count; i > 0; i--) {
        if (fake.calls[i - 1].request == request)
            return &fake.calls[i - 1];
    }
    return NULL;
}

size_t fake_count(unsigned long request)
{
    size_t count = 0;
    for (size_t i = 0; i < fake.count; i++)
        count += fake.calls[i].request == request;
    return count;
}

static void remember(int fd, unsigned long request, unsigned long value)
{
    assert_true(fake.count < FAKE_CALLS);
    fake_call *call = &fake.calls[fake.count++];
    call->fd = fd;
    call->request = request;
    call->value = value;
    size_t size = _IOC_DIR(request) & _IOC_WRITE ? _IOC_SIZE(request) : 0;
    if (request == KVM_SET_GSI_ROUTING)
        size += ((const struct kvm_irq_routing *)value)->nr * sizeof(struct kvm_irq_routing_entry);
    if (size > sizeof(call->copy))
        size = sizeof(call->copy);
    if (size > 0)
        memcpy(call->copy, (const void *)value, size);
}

int fake_descriptor(void)
{
    int fd = memfd_create("fake-kvm", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, FAKE_RUN_SIZE), 0);
    return fd;
}

/* The page may be mapped by nobody else: the kernel's view of a vCPU's descriptor. */
static int enter(int fd)
{
    fake.page = mmap(NULL, FAKE_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(fake.page, MAP_FAILED);
    int error = fake.run ? fake.run(fake.page) : EINTR;
    munmap(fake.page, FAKE_RUN_SIZE);
    return error;
}

static int answer(int fd, unsigned long request, unsigned long value, int *result)
{
    *result = 0;
    switch (request) {
    case KVM_GET_API_VERSION:
        *result = fake.version;
        return fake.version < 0 ? ENOTTY : 0;
    case KVM_CHECK_EXTENSION:
        *result = fake.extensions[value];
        return 0;
    case KVM_GET_VCPU_MMAP_SIZE:
        *result = FAKE_RUN_SIZE;
        return 0;
    case KVM_CREATE_VM:
    case KVM_CREATE_VCPU:
        *result = fake_descriptor();
        return 0;
    case KVM_GET_DIRTY_LOG:
        *(uint64_t *)((struct kvm_dirty_log *)value)->dirty_bitmap = fake.dirty_word;
        return 0;
    case KVM_SIGNAL_MSI:
        *result = fake.taken;
        return 0;
    case KVM_RUN:
        return enter(fd);
    default:
        return fake_answer_arch(request, value, result);
    }
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    unsigned long value = va_arg(arguments, unsigned long);
    va_end(arguments);
    if (_IOC_TYPE(request) != KVMIO)
        return __real_ioctl(fd, request, value);
    remember(fd, request, value);
    int result = 0;
    int error = 0;
    if (fake.count == fake.fail_call)
        error = ENOMEM;
    else if (request == fake.fail_request && fake.fail_error && fake.fail_after-- == 0)
        error = fake.fail_error;
    else
        error = answer(fd, request, value, &result);
    if (!error)
        return result;
    errno = error;
    return -1;
}

abx_kvm_hypervisor *fake_open(void)
{
    void *hypervisor = NULL;
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    abx_capabilities caps = { .size = sizeof(caps) };
    options.kvm_device = "/dev/null";
    assert_int_equal(abx_kvm_open(&hypervisor, &options, &caps), ABX_OK);
    return hypervisor;
}

abx_kvm_vm *fake_vm(abx_kvm_hypervisor *hypervisor, const abx_vm_config *config)
{
    void *vm = NULL;
    assert_int_equal(abx_kvm_vm_create(&vm, hypervisor, config, NULL), ABX_OK);
    return vm;
}

int fake_enter(int fd)
{
    return __wrap_ioctl(fd, KVM_RUN, 0ul) < 0 ? -errno : 0;
}

abx_kvm_vcpu *fake_vcpu(abx_kvm_vm *vm)
{
    void *vcpu = NULL;
    assert_int_equal(abx_kvm_vcpu_create(&vcpu, vm, fake.vcpus++), ABX_OK);
    return vcpu;
}

size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}
