/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Every allocation and system call of a life on KVM fails in turn. The step in which it comes says so, leaves its
 * outputs alone and gives back what it took; then it is taken again, and the life goes on to its end.
 */
#include "kvm_kernel.h"
#include "kvm_life.h"
#include "kvm_seam.h"
#include "process_census.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { MANY = 4000, UNWRITTEN = 0x77, MEMORY = 1 << 20, MORE = 1 << 21 };

void kvm_output(void *output, size_t size)
{
    memset(output, UNWRITTEN, size);
}

abx_status kvm_outcome(abx_status status, const void *output, size_t size)
{
    const uint8_t *bytes = output;
    for (size_t i = 0; status != ABX_OK && i < size; i++)
        assert_int_equal(bytes[i], UNWRITTEN);
    return status;
}

static abx_status open_kvm(kvm_life *life)
{
    abx_hypervisor_options options = ABX_HYPERVISOR_OPTIONS_INIT;
    abx_hypervisor *hypervisor;
    options.kvm_device = "/dev/null";
    kvm_output(&hypervisor, sizeof(hypervisor));
    abx_status status = kvm_outcome(abx_hypervisor_open(&hypervisor, "kvm", &options), &hypervisor, sizeof(hypervisor));
    life->hypervisor = status == ABX_OK ? hypervisor : NULL;
    return status;
}

static abx_status create_vm(kvm_life *life)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_vm *vm;
    config.memory_size = MEMORY;
    config.memory_backing = ABX_BACKING_MEMFD;
    config.dirty_log = ABX_YES;
    config.irqchip = ABX_IRQCHIP_KERNEL;
    kvm_life_configure(life->hypervisor, &config);
    kvm_output(&vm, sizeof(vm));
    abx_status status = kvm_outcome(abx_vm_create(&vm, life->hypervisor, &config), &vm, sizeof(vm));
    life->vm = status == ABX_OK ? vm : NULL;
    return status;
}

/* What a failure must not change. */
static size_t count_regions(const kvm_life *life)
{
    size_t count = 0;
    assert_int_equal(abx_memory_list(life->vm, NULL, 0, &count), ABX_OK);
    return count;
}

static abx_gpa more_memory(const kvm_life *life)
{
    abx_memory_info info;
    size_t count;
    assert_int_equal(abx_memory_list(life->vm, &info, 1, &count), ABX_OK);
    return info.gpa + MORE;
}

static abx_status add_memory(kvm_life *life)
{
    abx_memory_region region = ABX_MEMORY_REGION_INIT;
    region.gpa = more_memory(life);
    region.length = MEMORY;
    size_t before = count_regions(life);
    abx_status status = abx_memory_add(life->vm, &region);
    assert_int_equal(count_regions(life), before + (status == ABX_OK));
    return status;
}

/* Interrupt controllers, and on ARM64 vCPUs. */
static abx_status start_vm(kvm_life *life)
{
    abx_status status = abx_vm_start(life->vm);
    assert_int_equal(abx_vm_get_state(life->vm), status == ABX_OK ? ABX_VM_RUNNING : ABX_VM_CREATED);
    return status;
}

static abx_status create_vcpu(kvm_life *life)
{
    abx_vcpu *vcpu;
    kvm_output(&vcpu, sizeof(vcpu));
    abx_status status = kvm_outcome(abx_vcpu_create(&vcpu, life->vm, 0), &vcpu, sizeof(vcpu));
    life->vcpu = status == ABX_OK ? vcpu : NULL;
    return status;
}

static abx_status run_vcpu(kvm_life *life)
{
    abx_exit exit;
    kvm_output(&exit, sizeof(exit));
    abx_status status = kvm_outcome(abx_vcpu_run(life->vcpu, &exit), &exit, sizeof(exit));
    if (status == ABX_OK)
        assert_int_equal(exit.kind, ABX_EXIT_MMIO);
    return status;
}

static abx_status complete_io(kvm_life *life)
{
    return abx_vcpu_complete_io(life->vcpu);
}

static abx_status read_registers(kvm_life *life)
{
    abx_reg names[KVM_LIFE_BATCH];
    uint64_t values[KVM_LIFE_BATCH];
    kvm_life_registers(names);
    kvm_output(values, sizeof(values));
    return kvm_outcome(abx_vcpu_read_registers(life->vcpu, names, values, KVM_LIFE_BATCH), values, sizeof(values));
}

static abx_status write_registers(kvm_life *life)
{
    static const uint64_t values[KVM_LIFE_BATCH];
    abx_reg names[KVM_LIFE_BATCH];
    kvm_life_registers(names);
    return abx_vcpu_write_registers(life->vcpu, names, values, KVM_LIFE_BATCH);
}

static abx_status get_mp_state(kvm_life *life)
{
    abx_mp_state state;
    kvm_output(&state, sizeof(state));
    return kvm_outcome(abx_vcpu_get_mp_state(life->vcpu, &state), &state, sizeof(state));
}

static abx_status set_mp_state(kvm_life *life)
{
    return abx_vcpu_set_mp_state(life->vcpu, ABX_MP_RUNNABLE);
}

static abx_status save_state(kvm_life *life)
{
    size_t size;
    kvm_output(&size, sizeof(size));
    kvm_output(life->state, sizeof(life->state));
    abx_status status = abx_vcpu_save_state(life->vcpu, life->state, sizeof(life->state), &size);
    kvm_outcome(status, &size, sizeof(size));
    life->state_size = status == ABX_OK ? size : 0;
    return kvm_outcome(status, life->state, sizeof(life->state));
}

static abx_status restore_state(kvm_life *life)
{
    return abx_vcpu_restore_state(life->vcpu, life->state, life->state_size);
}

static abx_status set_debug(kvm_life *life)
{
    abx_debug_config debug = ABX_DEBUG_CONFIG_INIT;
    debug.single_step = true;
    return abx_vcpu_set_debug(life->vcpu, &debug);
}

static abx_status set_line(kvm_life *life)
{
    return abx_irq_set_line(life->vm, 5, true);
}

static abx_status send_msi(kvm_life *life)
{
    const abx_msi msi = { .address = 0xfee00000, .data = 0x20 };
    return abx_irq_send_msi(life->vm, &msi);
}

static abx_status set_routes(kvm_life *life)
{
    const abx_route routes[] = { { .gsi = 1, .kind = ABX_ROUTE_IRQCHIP, .pin = 1 },
                                 { .gsi = 30, .kind = ABX_ROUTE_MSI, .msi = { .address = 0xfee00000, .data = 0x20 } } };
    return abx_irq_set_routes(life->vm, routes, 2);
}

static abx_status attach_irqfd(kvm_life *life)
{
    return abx_irqfd_attach(life->vm, life->events[0], 1, life->events[1]);
}

static abx_status detach_irqfd(kvm_life *life)
{
    return abx_irqfd_detach(life->vm, life->events[0], 1);
}

static abx_ioeventfd doorbell_of(const kvm_life *life)
{
    abx_ioeventfd doorbell = ABX_IOEVENTFD_INIT;
    doorbell.address = 0xd0000000;
    doorbell.length = 4;
    doorbell.fd = life->events[0];
    return doorbell;
}

static abx_status attach_doorbell(kvm_life *life)
{
    const abx_ioeventfd doorbell = doorbell_of(life);
    return abx_ioeventfd_attach(life->vm, &doorbell);
}

static abx_status detach_doorbell(kvm_life *life)
{
    const abx_ioeventfd doorbell = doorbell_of(life);
    return abx_ioeventfd_detach(life->vm, &doorbell);
}

static abx_status log_dirty(kvm_life *life)
{
    return abx_memory_log_dirty(life->vm, more_memory(life), true);
}

static abx_status get_dirty(kvm_life *life)
{
    uint64_t bitmap[MEMORY / 4096 / 64];
    kvm_output(bitmap, sizeof(bitmap));
    abx_status status = abx_memory_get_dirty(life->vm, more_memory(life), bitmap, sizeof(bitmap) / sizeof(bitmap[0]));
    if (status == ABX_OK)
        assert_int_equal(bitmap[0] & 1, 1);
    return kvm_outcome(status, bitmap, sizeof(bitmap));
}

static abx_status clear_dirty(kvm_life *life)
{
    const uint64_t bitmap[MEMORY / 4096 / 64] = { 1 };
    return abx_memory_clear_dirty(life->vm, more_memory(life), bitmap, sizeof(bitmap) / sizeof(bitmap[0]));
}

static abx_status share_statistics(kvm_life *life)
{
    return abx_vcpu_share_statistics(life->vcpu);
}

static void count_statistic(void *payload, const abx_statistic *statistic)
{
    assert_string_equal(statistic->name, "exits");
    assert_int_equal(statistic->values[0], 7);
    *(unsigned *)payload += 1;
}

static abx_status get_statistics(kvm_life *life)
{
    unsigned count = 0;
    abx_status status = abx_vm_get_statistics(life->vm, count_statistic, &count);
    if (status == ABX_OK)
        assert_int_equal(count, 2);
    return status;
}

static abx_status discard_memory(kvm_life *life)
{
    return abx_memory_discard(life->vm, more_memory(life) - MORE, MEMORY);
}

static abx_status remove_memory(kvm_life *life)
{
    size_t before = count_regions(life);
    abx_status status = abx_memory_remove(life->vm, more_memory(life));
    assert_int_equal(count_regions(life), before - (status == ABX_OK));
    return status;
}

static const kvm_step common_steps[] = {
    { "open", open_kvm, KVM_STEP_ASKS },
    { "create a VM", create_vm },
    { "add memory", add_memory },
    { "prepare the VM", kvm_life_prepare },
    { "start", start_vm },
#ifdef __aarch64__
    /* The kernel made it when the VM was started, and it is gone with the failure. */
    { "create a vCPU", create_vcpu, KVM_STEP_ONCE },
#else
    { "create a vCPU", create_vcpu, KVM_STEP_ASKS },
#endif
    { "read registers before the first run", read_registers },
    { "run", run_vcpu },
    { "complete I/O", complete_io },
    { "read registers", read_registers },
    { "write registers", write_registers },
    { "get the MP state", get_mp_state },
    { "set the MP state", set_mp_state },
    { "save the state", save_state },
    { "restore the state", restore_state },
    { "debug", set_debug },
    { "set a line", set_line },
    { "send an MSI", send_msi },
    { "set routes", set_routes },
    { "attach an irqfd", attach_irqfd },
    { "detach an irqfd", detach_irqfd },
    { "attach a doorbell", attach_doorbell },
    { "detach a doorbell", detach_doorbell },
    { "start the dirty log", log_dirty },
    { "get the dirty log", get_dirty },
    { "clear the dirty log", clear_dirty },
    { "share statistics", share_statistics },
    { "get statistics", get_statistics },
    { "discard memory", discard_memory },
    { "remove memory", remove_memory },
};

enum { COMMON = sizeof(common_steps) / sizeof(common_steps[0]) };

static size_t count_steps(void)
{
    return COMMON + kvm_life_step_count_arch;
}

static const kvm_step *step_at(size_t index)
{
    return index < COMMON ? &common_steps[index] : &kvm_life_steps_arch[index - COMMON];
}

static void end(const kvm_life *life)
{
    assert_int_equal(abx_vcpu_destroy(life->vcpu), ABX_OK);
    abx_vm_destroy(life->vm);
    abx_hypervisor_close(life->hypervisor);
    /* As if the process had created no vCPU yet. */
    signal(SIGRTMAX, SIG_DFL);
}

/* What the process holds. */
typedef struct census {
    process_census process;
    long blocks;
    long mapped;
} census;

static census take_census(void)
{
    return (census){ process_census_take(), kvm_seam_blocks(), kvm_seam_mapped() };
}

static void expect_census(const census *expected)
{
    process_census_await(&expected->process);
    assert_int_equal(kvm_seam_blocks(), expected->blocks);
    assert_int_equal(kvm_seam_mapped(), expected->mapped);
}

/* stat, open and read of the parameters of the kernel's modules, which need not be there. */
static bool is_of_modules(const char *name)
{
    return strcmp(name, "stat64") == 0 || strcmp(name, "open64") == 0 || strcmp(name, "read") == 0;
}

/* Whether the failure may pass for an answer, such as that KVM does not know an extension. */
static bool is_answer(const kvm_step *step, kvm_seam_call call)
{
    bool asked = step->kind == KVM_STEP_ASKS;
    return kvm_life_is_answer(asked, call.request) ||
           (asked && (call.request == KVM_CHECK_EXTENSION || is_of_modules(call.name)));
}

static void expect_record(abx_status status)
{
    assert_int_equal(abx_last_error()->status, status);
    assert_int_not_equal(strlen(abx_last_error()->operation), 0);
    assert_int_not_equal(strlen(abx_last_error()->message), 0);
}

static void take_steps(kvm_life *life, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        if (step_at(i)->take(life) != ABX_OK)
            fail_msg("%s: %s", step_at(i)->name, abx_last_error()->message);
    }
}

/* One life in which the n-th call of the step at `index` fails. False when the step has fewer calls than that. */
static bool try(size_t index, unsigned n, const int events[2])
{
    static kvm_life life;
    const kvm_step *step = step_at(index);
    const census before = take_census();
    life = (kvm_life){ .events = { events[0], events[1] } };
    kvm_kernel_reset();
    take_steps(&life, 0, index);

    const census here = take_census();
    kvm_seam_fail(n);
    abx_status status = step->take(&life);
    const kvm_seam_call failed = kvm_seam_failed();
    kvm_seam_fail(0);
    if (status != ABX_OK) {
        if (!failed.name)
            fail_msg("%s: %s", step->name, abx_last_error()->message);
        expect_record(status);
        if (step->kind != KVM_STEP_ONCE) {
            expect_census(&here);
            take_steps(&life, index, count_steps());
        }
    } else if (failed.name && !is_answer(step, failed)) {
        fail_msg("%s: nobody minds that %s (request %#lx) fails", step->name, failed.name, failed.request);
    }
    end(&life);
    expect_census(&before);
    return failed.name;
}

/* Of a long step's calls those at the beginning, and then some. */
static unsigned next_call(const kvm_step *step, unsigned n)
{
    return step->kind == KVM_STEP_LONG && n >= 10 ? n + 61 : n + 1;
}

static void every_call_fails_in_turn(void **state)
{
    const int *events = *state;
    unsigned total = 0;
    for (size_t index = 0; index < count_steps(); index++) {
        unsigned n = 1;
        for (; n < MANY && try(index, n, events); n = next_call(step_at(index), n))
            total++;
        assert_in_range(n, 1, MANY - 1);
    }
    print_message("%u calls can fail\n", total);
    assert_true(total > 100);
}

static int set_up(void **state)
{
    static int events[2];
    for (size_t i = 0; i < 2; i++)
        events[i] = eventfd(0, EFD_CLOEXEC);
    *state = events;
    process_census_begin();
    return events[0] < 0 || events[1] < 0;
}

static int tear_down(void **state)
{
    const int *events = *state;
    return close(events[0]) | close(events[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(every_call_fails_in_turn, set_up, tear_down) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
