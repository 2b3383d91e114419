/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/x86_64/vcpu_image.h"

#include "cmocka_kvm.h"

#include <stdlib.h>
#include <string.h>

/* A host with a few features and MSRs, and a vCPU on it: enough for blocks, which make no system call. */
typedef struct fake {
    abx_kvm_hypervisor hypervisor;
    abx_kvm_vm vm;
    abx_kvm_vcpu vcpu;
    abx_vm_config config;
    abx_cpuid_table *cpuid;  /* what the host supports */
    abx_cpuid_table present; /* what the vCPU has; ends in an array: last */
} fake;

static const uint32_t indices[] = { 0x10, 0xc0000081, 0xc0000082 };

static fake *make_fake(abx_irqchip irqchip)
{
    fake *f = calloc(1, sizeof(*f));
    abx_cpuid_table *cpuid = calloc(1, sizeof(*cpuid));
    struct kvm_msr_list *list = calloc(1, sizeof(*list) + sizeof(indices));
    assert_true(f && cpuid && list);
    list->nmsrs = 3;
    memcpy(list->indices, indices, sizeof(indices));
    cpuid->kvm.nent = 2;
    cpuid->kvm.entries[0] = (struct kvm_cpuid_entry2){ .function = 0, .eax = 0xd, .ebx = 1 };
    cpuid->kvm.entries[1] = (struct kvm_cpuid_entry2){ .function = 1, .edx = 0x10 };
    f->cpuid = cpuid;
    f->present = *cpuid;
    f->hypervisor.arch.cpuid = &cpuid->kvm;
    f->hypervisor.arch.msrs = list;
    f->hypervisor.arch.sregs2 = true;
    f->config.irqchip = irqchip;
    f->vm.hypervisor = &f->hypervisor;
    f->vm.config = &f->config;
    f->vcpu.vm = &f->vm;
    return f;
}

static void free_fake(fake *f)
{
    free(f->hypervisor.arch.msrs);
    free(f->cpuid);
    free(f);
}

static abx_vcpu_image *make_image(const fake *f)
{
    abx_vcpu_image *image;
    assert_int_equal(abx_vcpu_image_new(&image, &f->vcpu), ABX_OK);
    memcpy(&image->cpuid, f->cpuid, sizeof(*f->cpuid));
    image->tsc_khz = 2000000;
    image->general.rip = 0x1234;
    image->sregs2.cr3 = 0x5000;
    image->xcrs.nr_xcrs = 1;
    image->xcrs.xcrs[0].value = 3;
    image->events.flags = KVM_VCPUEVENT_VALID_SHADOW;
    image->msr_count = 2;
    image->msrs[0] = (struct kvm_msr_entry){ .index = 0x10, .data = 77 };
    image->msrs[1] = (struct kvm_msr_entry){ .index = 0xc0000082, .data = 88 };
    memset(image->xsave, 0xab, image->xsave_size);
    return image;
}

/* Writes `image` as a block and reads it into a new image. */
static abx_status pass_on(const fake *f, const abx_vcpu_image *image, abx_vcpu_image **out)
{
    size_t size = abx_vcpu_image_write(image, NULL, 0);
    uint8_t *block = malloc(size);
    assert_non_null(block);
    assert_int_equal(abx_vcpu_image_write(image, block, size), size);
    assert_int_equal(abx_vcpu_image_new(out, &f->vcpu), ABX_OK);
    abx_status status = abx_vcpu_image_parse(*out, &f->hypervisor, &f->present.kvm, block, size);
    free(block);
    return status;
}

static void refused(const fake *f, abx_vcpu_image *image)
{
    abx_vcpu_image *read;
    assert_int_equal(pass_on(f, image, &read), ABX_ERR_FORMAT);
    free(read);
    free(image);
}

static void images_come_back(void **state)
{
    (void)state;
    for (abx_irqchip irqchip = ABX_IRQCHIP_NONE; irqchip <= ABX_IRQCHIP_SPLIT; irqchip++) {
        fake *f = make_fake(irqchip);
        abx_vcpu_image *image = make_image(f), *read;
        assert_int_equal(image->has_lapic, irqchip != ABX_IRQCHIP_NONE);
        image->lapic.regs[0x20] = 5;
        assert_int_equal(pass_on(f, image, &read), ABX_OK);
        assert_int_equal(read->tsc_khz, 2000000);
        assert_memory_equal(&read->general, &image->general, sizeof(image->general));
        assert_memory_equal(&read->sregs2, &image->sregs2, sizeof(image->sregs2));
        assert_memory_equal(&read->xcrs, &image->xcrs, sizeof(image->xcrs));
        assert_memory_equal(read->xsave, image->xsave, image->xsave_size);
        assert_int_equal(read->msr_count, 2);
        assert_int_equal(read->msrs[1].index, 0xc0000082);
        assert_int_equal(read->msrs[1].data, 88);
        assert_int_equal(read->cpuid.kvm.nent, 2);
        assert_int_equal(read->lapic.regs[0x20], irqchip != ABX_IRQCHIP_NONE ? 5 : 0);
        free(read);
        free(image);
        free_fake(f);
    }
}

static void other_cpus_are_refused(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    abx_vcpu_image *image = make_image(f);
    image->cpuid.kvm.entries[0].ebx = 2; /* another vendor */
    refused(f, image);
    image = make_image(f);
    image->cpuid.kvm.entries[1].edx |= 0x20; /* one feature more */
    refused(f, image);
    image = make_image(f);
    image->cpuid.kvm.nent = 0;
    refused(f, image);
    free_fake(f);
}

/* A KVM that cannot hide the host's features gives vCPUs more than it says. */
static void what_the_vcpu_has_is_there(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    f->present.kvm.entries[1].edx |= 0x20;
    abx_vcpu_image *image = make_image(f), *read;
    image->cpuid.kvm.entries[1].edx |= 0x20;
    assert_int_equal(pass_on(f, image, &read), ABX_OK);
    free(read);
    image->cpuid.kvm.entries[1].edx |= 0x40;
    refused(f, image);
    free_fake(f);
}

static void msrs_are_checked(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    abx_vcpu_image *image = make_image(f);
    image->msrs[0].index = 0x11;
    refused(f, image);

    /* More than the host lists: the block is written from a larger array. */
    struct kvm_msr_entry many[4] = { { .index = 0x10 }, { .index = 0x10 }, { .index = 0x10 }, { .index = 0x10 } };
    image = make_image(f);
    image->msrs = many;
    image->msr_count = 4;
    refused(f, image);
    free_fake(f);
}

static void events_states_and_xcrs_are_checked(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    abx_vcpu_image *image = make_image(f);
    image->events.flags = 1u << 30;
    refused(f, image);
    image = make_image(f);
    image->events.flags = KVM_VCPUEVENT_VALID_PAYLOAD; /* which this host does not have */
    refused(f, image);
    image = make_image(f);
    image->events.flags = KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
    refused(f, image);
    image = make_image(f);
    image->mp_state.mp_state = KVM_MP_STATE_STOPPED;
    refused(f, image);
    image = make_image(f);
    image->xcrs.nr_xcrs = KVM_MAX_XCRS + 1;
    refused(f, image);
    free_fake(f);
}

static void other_vms_are_refused(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    abx_vcpu_image *image = make_image(f);
    image->has_lapic = true;
    refused(f, image);
    image = make_image(f);
    image->has_sregs2 = false; /* of an older kernel */
    refused(f, image);
    image = make_image(f);
    image->xsave_size -= 64;
    refused(f, image);
    struct kvm_nested_state nested = { .size = sizeof(nested) };
    image = make_image(f);
    image->nested = &nested;
    image->nested_size = sizeof(nested);
    refused(f, image);
    free_fake(f);
}

static void nested_state_has_its_own_size(void **state)
{
    (void)state;
    fake *f = make_fake(ABX_IRQCHIP_NONE);
    struct kvm_nested_state nested = { .size = sizeof(nested) }, room = { 0 };
    const uint32_t sizes[] = { sizeof(nested), 0, sizeof(nested) + 1, UINT32_MAX };
    for (size_t i = 0; i < 4; i++) {
        abx_vcpu_image *image = make_image(f), *read;
        nested.size = sizes[i];
        image->nested = &nested;
        image->nested_size = sizeof(nested);
        size_t size = abx_vcpu_image_write(image, NULL, 0);
        uint8_t *block = malloc(size);
        assert_non_null(block);
        abx_vcpu_image_write(image, block, size);
        assert_int_equal(abx_vcpu_image_new(&read, &f->vcpu), ABX_OK);
        read->nested = &room;
        read->nested_capacity = sizeof(room);
        assert_int_equal(abx_vcpu_image_parse(read, &f->hypervisor, &f->present.kvm, block, size),
                         i == 0 ? ABX_OK : ABX_ERR_FORMAT);
        assert_int_equal(read->nested_size, i == 0 ? sizeof(nested) : 0);
        free(block);
        free(read);
        free(image);
    }
    free_fake(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_come_back),
        cmocka_unit_test(other_cpus_are_refused),
        cmocka_unit_test(what_the_vcpu_has_is_there),
        cmocka_unit_test(msrs_are_checked),
        cmocka_unit_test(events_states_and_xcrs_are_checked),
        cmocka_unit_test(other_vms_are_refused),
        cmocka_unit_test(nested_state_has_its_own_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
