/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_manual.h"
#include "cmocka_all.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_VCPUS = 64 };

static _Atomic(fake_guest) the_guest = fake_guest_exits;
static _Atomic(fake_vcpu *) the_vcpus[MAX_VCPUS];
static atomic_uint inside;

abx_capabilities fake_manual_capabilities;
struct fake_arguments fake_manual_arguments;

void fake_manual_guest(fake_guest guest)
{
    atomic_store(&the_guest, guest);
}

fake_vcpu *fake_manual_vcpu(uint32_t id)
{
    return atomic_load(&the_vcpus[id]);
}

unsigned fake_manual_inside(void)
{
    return atomic_load(&inside);
}

static abx_status leave(abx_exit *exit, abx_exit_kind kind)
{
    memset(exit, 0, sizeof(*exit));
    exit->kind = kind;
    exit->reason = 77;
    return ABX_OK;
}

abx_status fake_guest_exits(fake_vcpu *vcpu, abx_exit *exit)
{
    return leave(exit, atomic_load(&vcpu->kicked) ? ABX_EXIT_INTERRUPTED : ABX_EXIT_IO);
}

abx_status fake_guest_sleeps(fake_vcpu *vcpu, abx_exit *exit)
{
    while (!atomic_load(&vcpu->kicked))
        sem_wait(&vcpu->wake);
    return leave(exit, ABX_EXIT_INTERRUPTED);
}

abx_status fake_guest_signals(fake_vcpu *vcpu, abx_exit *exit)
{
    (void)vcpu;
    sched_yield();
    return leave(exit, ABX_EXIT_INTERRUPTED);
}

abx_status fake_guest_fails(fake_vcpu *vcpu, abx_exit *exit)
{
    (void)exit;
    return abx_fail(ABX_ERR_SYSTEM, EIO, NULL, "run fake vCPU %u", vcpu->id);
}

abx_status fake_guest_crosses(fake_vcpu *vcpu, abx_exit *exit)
{
    if (vcpu->pending_io == 0)
        vcpu->pending_io = 2;
    return leave(exit, ABX_EXIT_MMIO);
}

static abx_status fake_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    abx_status status = fake_log_enter("open");
    if (status != ABX_OK)
        return status;
    *caps = fake_manual_capabilities;
    *out = (void *)options;
    return ABX_OK;
}

static void fake_close(void *hypervisor)
{
    (void)hypervisor;
    fake_log_enter("close");
}

static void fake_validate(const void *hypervisor, const abx_vm_config *config, abx_config_report *report)
{
    (void)hypervisor;
    if (config->name && strcmp(config->name, "unwanted") == 0)
        abx_config_add_fault(report, "name", "the fake backend does not want it, %s", "really");
}

static abx_status fake_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    (void)hypervisor;
    (void)config;
    abx_status status = fake_log_enter("vm_create");
    if (status == ABX_OK)
        *out = vm;
    return status;
}

static abx_status fake_vm_seal(void *vm)
{
    (void)vm;
    return fake_log_enter("vm_seal");
}

static void fake_vm_destroy(void *vm)
{
    (void)vm;
    fake_log_enter("vm_destroy");
}

static abx_status fake_memory_map(void *vm, const abx_slot *slot)
{
    (void)vm;
    (void)slot;
    return fake_log_enter("memory_map");
}

static abx_status fake_memory_unmap(void *vm, const abx_slot *slot)
{
    (void)vm;
    (void)slot;
    return fake_log_enter("memory_unmap");
}

static abx_status fake_irq_set_line(void *vm, uint32_t gsi, bool level)
{
    (void)vm;
    fake_manual_arguments.number = gsi * 2u + level;
    return fake_log_enter("irq_set_line");
}

static abx_status fake_irq_send_msi(void *vm, const abx_msi *msi)
{
    (void)vm;
    fake_manual_arguments.number = msi->address;
    return fake_log_enter("irq_send_msi");
}

static abx_status fake_irq_set_routes(void *vm, const abx_route *routes, size_t count)
{
    (void)vm;
    fake_manual_arguments.pointer = routes;
    fake_manual_arguments.count = count;
    return fake_log_enter("irq_set_routes");
}

static abx_status fake_irqfd_attach(void *vm, int fd, uint32_t gsi, int resample_fd)
{
    (void)vm;
    (void)fd;
    (void)resample_fd;
    fake_manual_arguments.number = gsi;
    return fake_log_enter("irqfd_attach");
}

static abx_status fake_irqfd_detach(void *vm, int fd, uint32_t gsi)
{
    (void)vm;
    (void)fd;
    fake_manual_arguments.number = gsi;
    return fake_log_enter("irqfd_detach");
}

static abx_status fake_ioeventfd_attach(void *vm, const abx_ioeventfd *doorbell)
{
    (void)vm;
    fake_manual_arguments.pointer = doorbell;
    return fake_log_enter("ioeventfd_attach");
}

static abx_status fake_ioeventfd_detach(void *vm, const abx_ioeventfd *doorbell)
{
    (void)vm;
    fake_manual_arguments.pointer = doorbell;
    return fake_log_enter("ioeventfd_detach");
}

static abx_status fake_vcpu_create(void **out, void *vm, uint32_t id)
{
    (void)vm;
    abx_status status = fake_log_enter("vcpu_create");
    if (status != ABX_OK)
        return status;
    fake_vcpu *vcpu = calloc(1, sizeof(*vcpu));
    if (!vcpu || sem_init(&vcpu->wake, 0, 0) < 0) {
        free(vcpu);
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "create fake vCPU %u", id);
    }
    vcpu->id = id;
    atomic_store(&the_vcpus[id], vcpu);
    *out = vcpu;
    return ABX_OK;
}

static void fake_vcpu_destroy(void *object)
{
    fake_vcpu *vcpu = object;
    fake_log_enter("vcpu_destroy");
    atomic_store(&the_vcpus[vcpu->id], NULL);
    sem_destroy(&vcpu->wake);
    free(vcpu);
}

static abx_status fake_vcpu_run(void *object, abx_exit *exit)
{
    fake_vcpu *vcpu = object;
    if (vcpu->pending_io == 1)
        return leave(exit, ABX_EXIT_MMIO);
    atomic_fetch_add(&inside, 1);
    atomic_fetch_add(&vcpu->entries, 1);
    abx_status status = atomic_load(&the_guest)(vcpu, exit);
    atomic_fetch_sub(&inside, 1);
    return status;
}

static void fake_vcpu_kick(void *object)
{
    fake_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, true);
    sem_post(&vcpu->wake);
}

static void fake_vcpu_clear_kick(void *object)
{
    fake_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, false);
}

/* Uses up a kick, as real ones may: the core gives it back. */
static abx_status fake_vcpu_complete_io(void *object)
{
    fake_vcpu *vcpu = object;
    abx_status status = fake_log_enter("vcpu_complete_io");
    if (status != ABX_OK)
        return status;
    atomic_store(&vcpu->kicked, false);
    if (vcpu->pending_io == 0)
        return ABX_OK;
    return --vcpu->pending_io ? ABX_ERR_BUSY : ABX_OK;
}

static abx_status fake_read_registers(void *vcpu, const abx_reg *names, uint64_t *values, size_t count)
{
    (void)vcpu;
    abx_status status = fake_log_enter("vcpu_read_registers");
    for (size_t i = 0; status == ABX_OK && i < count; i++)
        values[i] = ~names[i];
    return status;
}

static abx_status fake_write_registers(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    (void)vcpu;
    (void)names;
    if (count)
        fake_manual_arguments.number = values[0];
    return fake_log_enter("vcpu_write_registers");
}

static abx_status fake_get_mp_state(void *vcpu, abx_mp_state *state)
{
    (void)vcpu;
    *state = ABX_MP_HALTED;
    return fake_log_enter("vcpu_get_mp_state");
}

static abx_status fake_set_mp_state(void *vcpu, abx_mp_state state)
{
    (void)vcpu;
    fake_manual_arguments.number = state;
    return fake_log_enter("vcpu_set_mp_state");
}

static abx_status fake_save_state(void *object, void *buffer, size_t capacity, size_t *size)
{
    fake_vcpu *vcpu = object;
    atomic_store(&vcpu->kicked, false);
    abx_status status = fake_log_enter("vcpu_save_state");
    if (status != ABX_OK)
        return status;
    *size = 4;
    if (capacity < 4)
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "save the state");
    memcpy(buffer, "fake", 4);
    return ABX_OK;
}

static abx_status fake_restore_state(void *vcpu, const void *buffer, size_t size)
{
    (void)vcpu;
    fake_manual_arguments.pointer = buffer;
    fake_manual_arguments.count = size;
    return fake_log_enter("vcpu_restore_state");
}

static abx_status fake_inject_vector(void *vcpu, uint32_t vector)
{
    (void)vcpu;
    fake_manual_arguments.number = vector;
    return fake_log_enter("vcpu_inject_vector");
}

static bool fake_interrupt_ready(const void *vcpu)
{
    (void)vcpu;
    return true;
}

static abx_status fake_request_irq_window(void *vcpu, bool on)
{
    (void)vcpu;
    fake_manual_arguments.number = on;
    return fake_log_enter("vcpu_request_irq_window");
}

static abx_status fake_inject_nmi(void *vcpu)
{
    (void)vcpu;
    return fake_log_enter("vcpu_inject_nmi");
}

static abx_status fake_set_debug(void *vcpu, const abx_debug_config *config)
{
    (void)vcpu;
    fake_manual_arguments.pointer = config;
    return fake_log_enter("vcpu_set_debug");
}

const abx_backend fake_manual = {
    .size = sizeof(abx_backend),
    .name = "fake",
    .description = "a backend without a guest",
    .open = fake_open,
    .close = fake_close,
    .validate = fake_validate,
    .vm_create = fake_vm_create,
    .vm_seal = fake_vm_seal,
    .vm_destroy = fake_vm_destroy,
    .memory_map = fake_memory_map,
    .memory_unmap = fake_memory_unmap,
    .irq_set_line = fake_irq_set_line,
    .irq_send_msi = fake_irq_send_msi,
    .irq_set_routes = fake_irq_set_routes,
    .irqfd_attach = fake_irqfd_attach,
    .irqfd_detach = fake_irqfd_detach,
    .ioeventfd_attach = fake_ioeventfd_attach,
    .ioeventfd_detach = fake_ioeventfd_detach,
    .vcpu_create = fake_vcpu_create,
    .vcpu_destroy = fake_vcpu_destroy,
    .vcpu_run = fake_vcpu_run,
    .vcpu_kick = fake_vcpu_kick,
    .vcpu_clear_kick = fake_vcpu_clear_kick,
    .vcpu_complete_io = fake_vcpu_complete_io,
    .vcpu_read_registers = fake_read_registers,
    .vcpu_write_registers = fake_write_registers,
    .vcpu_get_mp_state = fake_get_mp_state,
    .vcpu_set_mp_state = fake_set_mp_state,
    .vcpu_save_state = fake_save_state,
    .vcpu_restore_state = fake_restore_state,
    .vcpu_inject_vector = fake_inject_vector,
    .vcpu_interrupt_ready = fake_interrupt_ready,
    .vcpu_request_irq_window = fake_request_irq_window,
    .vcpu_inject_nmi = fake_inject_nmi,
    .vcpu_set_debug = fake_set_debug,
    .x86_64 = &fake_manual_x86_64,
    .arm64 = &fake_manual_arm64,
};

void fake_manual_reset(void)
{
    fake_log_reset();
    fake_manual_guest(fake_guest_exits);
    fake_manual_arguments.number = 0;
    fake_manual_arguments.pointer = NULL;
    fake_manual_arguments.count = 0;
    fake_manual_capabilities = (abx_capabilities){
        .bits = { UINT64_MAX, 0 },
        .guest_archs = 1u << ABX_ARCH_X86_64,
        .max_vcpus = MAX_VCPUS,
        .max_slots = 32,
        .max_gsi = 64,
        .phys_bits = 40,
        .breakpoints = 4,
        .page_size = 4096,
        .tsc_khz = 2000000,
        .detail = "no guest at all",
    };
}

static const abx_backend *const list[] = { &fake_manual };

const abx_hypervisor_options fake_manual_options = {
    .size = sizeof(abx_hypervisor_options),
    .guest_arch = ABX_ARCH_X86_64,
    .backends = list,
    .backend_count = 1,
};

abx_vm *fake_manual_vm(uint32_t cpus)
{
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.cpus = cpus;
    config.no_memory = true;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return vm;
}

void fake_manual_end(abx_vm *vm)
{
    abx_vm_destroy(vm);
}
