/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rig.h"
#include "backends.h"
#include "vcpu_internal.h"

#include <stdlib.h>
#include <string.h>

abx_status rig_open(hvf_rig *rig)
{
    static const abx_backend *const own[] = { &abx_backend_hvf };
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    options.guest_arch = ABX_ARCH_ARM64;
    options.backends = own;
    options.backend_count = 1;
    return abx_hypervisor_open(&rig->hypervisor, "hvf", &options);
}

void rig_start(hvf_rig *rig, abx_irqchip irqchip, uint32_t cpus)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.cpus = cpus;
    config.memory_size = RIG_RAM_SIZE;
    config.irqchip = irqchip;
    assert_int_equal(rig_open(rig), ABX_OK);
    assert_int_equal(abx_vm_create(&rig->vm, rig->hypervisor, &config), ABX_OK);
    assert_int_equal(abx_vcpu_create(&rig->vcpu, rig->vm, 0), ABX_OK);
    assert_int_equal(abx_vm_start(rig->vm), ABX_OK);
    rig->object = rig->vcpu->object;
    for (size_t i = 0; i < FAKE_VCPUS; i++) {
        if (rig->object->exit == &fake.vcpus[i].exit)
            rig->hv = &fake.vcpus[i];
    }
}

void rig_end(hvf_rig *rig)
{
    fake.fail_at = 0;
    fake.run = NULL;
    assert_int_equal(abx_vcpu_destroy(rig->vcpu), ABX_OK);
    abx_vm_destroy(rig->vm);
    abx_hypervisor_close(rig->hypervisor);
    fake_end();
}

int rig_setup(void **state)
{
    hvf_rig *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    fake_reset();
    rig_start(made, ABX_IRQCHIP_NONE, 2);
    *state = made;
    return 0;
}

int rig_teardown(void **state)
{
    rig_end(*state);
    free(*state);
    return 0;
}

abx_exit rig_run(hvf_rig *rig)
{
    abx_exit exit;
    memset(&exit, 0xaa, sizeof(exit));
    assert_int_equal(abx_vcpu_run(rig->vcpu, &exit), ABX_OK);
    return exit;
}

void rig_script(const hvf_rig *rig, uint64_t syndrome, hv_ipa_t ipa)
{
    fake_exception(rig->object->id, syndrome, ipa | UINT64_C(1) << 40, ipa);
}

uint64_t rig_pc(const hvf_rig *rig)
{
    return rig->hv->general[HV_REG_PC];
}

void assert_fails(abx_status status, abx_status expected, const char *text)
{
    assert_string_equal(abx_status_name(status), abx_status_name(expected));
    const char *message = abx_last_error()->message;
    if (!strstr(message, text))
        fail_msg("\"%s\" does not mention \"%s\"", message, text);
}
