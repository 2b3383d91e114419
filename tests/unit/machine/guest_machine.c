/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest_machine.h"

#include "process_census.h"

#include <arcbox/arm64.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char kernel_path[] = "/tmp/abx-guest-XXXXXX";
static process_census before;
static sem_t arrived;

int guest_machine_prepare(void **state)
{
    (void)state;
    process_census_begin();
    int fd = mkstemp(kernel_path);
    assert_int_equal(write(fd, "\x7f\x20\x03\xd5", 4), 4);
    assert_int_equal(close(fd), 0);
    before = process_census_take();
    return 0;
}

int guest_machine_clean_up(void **state)
{
    (void)state;
    return unlink(kernel_path);
}

static void lack(abx_cap cap)
{
    fake_manual_capabilities.bits[cap / 64] &= ~(UINT64_C(1) << cap % 64);
}

static abx_hypervisor *open_hypervisor(guest_code boot, bool kernel_gic)
{
    abx_hypervisor *hypervisor;
    abx_hypervisor_options options = fake_manual_options;
    fake_manual_reset();
    const abx_backend *const list[] = { guest_begin(boot) };
    fake_manual_capabilities.guest_archs = 1u << ABX_ARCH_ARM64;
    fake_manual_capabilities.max_vcpus = GUESTS;
    lack(ABX_CAP_PSCI);
    if (!kernel_gic)
        lack(ABX_CAP_IRQCHIP);
    options.guest_arch = ABX_ARCH_ARM64;
    options.backends = list;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    return hypervisor;
}

abx_machine *guest_machine(guest_code boot, uint32_t cpus, abx_irqchip irqchip, bool kernel_gic)
{
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_POWER_BUTTON }, { .kind = ABX_DEVICE_DEBUG_EXIT } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    abx_machine *machine = NULL;
    config.kernel = kernel_path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.kernel_options.cache = "";
    config.vm.memory_size = 4 << 20;
    config.vm.cpus = cpus;
    config.vm.irqchip = irqchip;
    config.devices = devices;
    config.device_count = 2;
    sem_init(&arrived, 0, 0);
    abx_hypervisor *hypervisor = open_hypervisor(boot, kernel_gic);
    abx_status status = abx_machine_create(&machine, hypervisor, &config);
    abx_hypervisor_close(hypervisor);
    if (status != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return machine;
}

abx_machine *guest_machine_started(guest_code boot, uint32_t cpus)
{
    abx_machine *machine = guest_machine(boot, cpus, ABX_IRQCHIP_DEFAULT, false);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    return machine;
}

abx_machine_result guest_machine_end(abx_machine *machine)
{
    abx_machine_result result = { 0 };
    assert_int_equal(abx_machine_wait(machine, 60000, &result), ABX_OK);
    abx_machine_destroy(machine);
    process_census_await(&before);
    sem_destroy(&arrived);
    if (guest_failure())
        fail_msg("a check of the guest's failed in line %d", guest_failure());
    return result;
}

void guest_arrive(void)
{
    sem_post(&arrived);
}

void guest_machine_await(unsigned count)
{
    while (count > 0) {
        if (sem_wait(&arrived) == 0)
            count--;
        else
            assert_int_equal(errno, EINTR);
    }
}

void guest_open_gic(guest *self)
{
    const uint64_t distributor = ABX_ARM64_GIC_DISTRIBUTOR;
    const uint64_t own = ABX_ARM64_GIC_REDISTRIBUTORS + guest_id(self) * ABX_ARM64_GIC_REDISTRIBUTOR + 0x10000;
    guest_write(self, distributor, 4, 3);
    guest_write(self, distributor + 0x84, 4, UINT32_MAX);
    guest_write(self, distributor + 0x104, 4, 1u << ABX_ARM64_SPI_GPIO);
    guest_write(self, own + 0x80, 4, UINT32_MAX);
    guest_write(self, own + 0x100, 4, UINT32_MAX);
    guest_msr(self, ABX_ARM64_SYSREG_NUMBER(3, 0, 4, 6, 0), 0xff);
    guest_msr(self, ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 12, 7), 1);
}

uint32_t guest_take(guest *self)
{
    return (uint32_t)guest_mrs(self, ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 12, 0));
}

void guest_end_of(guest *self, uint32_t intid)
{
    guest_msr(self, ABX_ARM64_SYSREG_NUMBER(3, 0, 12, 12, 1), intid);
}

void guest_switch_off(guest *self)
{
    guest_hvc(self, PSCI_SYSTEM_OFF, 0, 0, 0);
}
