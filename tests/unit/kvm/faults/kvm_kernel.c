/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "kvm_kernel.h"
#include "kvm_seam.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* The seam is in front of it. */
#define __wrap_ioctl fake_ioctl
#include "../fake/fake_kvm.c"
#undef __wrap_ioctl

/* An exit at once, unless it is only to complete I/O. */
static int run(struct kvm_run *page)
{
    if (page->immediate_exit)
        return EINTR;
    page->exit_reason = KVM_EXIT_MMIO;
    page->mmio.phys_addr = 0x1000;
    page->mmio.len = 4;
    return 0;
}

void kvm_kernel_reset(void)
{
    fake_reset();
    kvm_kernel_reset_arch();
    fake.run = run;
    fake.dirty_word = 1;
}

/* One counter, of which each VM and vCPU has a file (Documentation/virt/kvm/api.rst, 4.133). */
static int statistics(void)
{
    static const struct {
        struct kvm_stats_header header;
        struct {
            uint32_t flags;
            int16_t exponent;
            uint16_t size;
            uint32_t offset;
            uint32_t bucket_size;
            char name[48];
        } descriptor;
        uint64_t value;
    } file = {
        .header = { .name_size = 48, .num_desc = 1, .desc_offset = 24, .data_offset = 88 },
        .descriptor = { .size = 1, .name = "exits" },
        .value = 7,
    };
    int fd = memfd_create("fake-statistics", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, &file, sizeof(file)), sizeof(file));
    return fd;
}

int kvm_kernel_ioctl(int fd, unsigned long request, unsigned long value)
{
    int error = 0;
    int result = 0;
    fake.count = 0; /* nobody looks at the calls' record */
    if (request == KVM_GET_STATS_FD)
        return statistics();
    if (!kvm_kernel_answer_arch(request, value, &error, &result)) {
        if (_IOC_TYPE(request) == KVMIO && _IOC_DIR(request) == _IOC_READ)
            memset((void *)value, 0, _IOC_SIZE(request));
        return fake_ioctl(fd, request, value);
    }
    if (!error)
        return result;
    errno = error;
    return -1;
}
