/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "devices/ged.h"
#include "fake_manual.h"
#include "process_census.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char kernel_path[] = "/tmp/abx-machine-XXXXXX";
static abx_hypervisor *hypervisor;

/* What the guest's vCPU 0 does, exit by exit; afterwards it sleeps. The others sleep at once. */
static struct script {
    const abx_exit *exits;
    size_t count;
    size_t next;
    uint32_t vcpu; /* who plays it */
} script;

static abx_status play(fake_vcpu *vcpu, abx_exit *exit)
{
    if (vcpu->id != script.vcpu || script.next == script.count)
        return fake_guest_sleeps(vcpu, exit);
    *exit = script.exits[script.next++];
    return ABX_OK;
}

static void set_script(const abx_exit *exits, size_t count)
{
    script = (struct script){ exits, count, 0, 0 };
    fake_manual_guest(play);
}

static abx_exit out(uint16_t port, uint8_t *data, uint32_t count)
{
    return (abx_exit){ .kind = ABX_EXIT_IO,
                       .io = { .port = port, .size = 1, .direction = ABX_WRITE, .count = count, .data = data } };
}

static abx_machine_config config_of(const abx_device_config *devices, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel_path;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.vm.memory_size = 2 << 20;
    config.devices = devices;
    config.device_count = count;
    return config;
}

static abx_machine *create(const abx_machine_config *config)
{
    abx_machine *machine = NULL;
    abx_status status = abx_machine_create(&machine, hypervisor, config);
    if (status != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return machine;
}

static abx_machine *start(const abx_machine_config *config)
{
    abx_machine *machine = create(config);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    return machine;
}

static abx_machine_result wait_for(abx_machine *machine)
{
    abx_machine_result result = { 0 };
    assert_int_equal(abx_machine_wait(machine, 60000, &result), ABX_OK);
    return result;
}

static bool had_event(abx_machine *machine, uint32_t kind, uint32_t vcpu, uint64_t code)
{
    abx_event event;
    while (abx_event_next(abx_machine_get_vm(machine), &event) == ABX_OK) {
        if (event.kind == kind && event.vcpu == vcpu && event.code == code)
            return true;
    }
    return false;
}

static process_census before;

static int open_hypervisor(void **state)
{
    (void)state;
    fake_manual_reset();
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &fake_manual_options), ABX_OK);
    set_script(NULL, 0);
    before = process_census_take();
    return 0;
}

static int close_hypervisor(void **state)
{
    (void)state;
    process_census_await(&before);
    abx_hypervisor_close(hypervisor);
    return 0;
}

/* In the order of the configuration, before the machine starts. */
static void devices_are_told_of(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_RTC }, { .kind = ABX_DEVICE_DEBUG_EXIT } };
    const abx_machine_config config = config_of(devices, 2);
    abx_machine *machine = create(&config);
    abx_event event;
    unsigned told = 0;
    while (abx_event_next(abx_machine_get_vm(machine), &event) == ABX_OK) {
        if (event.kind != ABX_EVENT_DEVICE_ATTACHED)
            continue;
        assert_in_range(told, 0, 1);
        assert_int_equal(event.code, told);
        assert_int_equal(event.vcpu, UINT32_MAX);
        assert_string_equal(event.text, abx_device_kind_name(devices[told++].kind));
    }
    assert_int_equal(told, 2);
    abx_machine_destroy(machine);
}

static void a_halt_ends_a_flat_guest(void **state)
{
    (void)state;
    uint8_t text[] = "hi";
    const abx_exit exits[] = { out(0x3f8, text, 2), { .kind = ABX_EXIT_HALT } };
    int output[2];
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    const abx_device_config serial = { .kind = ABX_DEVICE_SERIAL, .serial = { -1, output[1] } };
    const abx_machine_config config = config_of(&serial, 1);
    set_script(exits, 2);
    abx_machine *machine = start(&config);
    abx_machine_result result = wait_for(machine);
    assert_int_equal(result.end, ABX_END_HALT);
    assert_int_equal(abx_vm_get_state(abx_machine_get_vm(machine)), ABX_VM_STOPPED);
    char seen[8];
    assert_int_equal(read(output[0], seen, sizeof(seen)), 2);
    assert_memory_equal(seen, "hi", 2);
    abx_machine_destroy(machine);
    close(output[0]);
    close(output[1]);
}

typedef struct ending {
    abx_exit exit;
    abx_machine_end end;
    abx_event_kind event;
    uint32_t vcpu;
    uint64_t code;
    const char *text;
} ending;

static void every_exit_has_its_end(void **state)
{
    (void)state;
    uint8_t reset = 0xfe, panicked = 1, status = 0x10, sleep = 0x20, one = 1;
    const ending endings[] = {
        { out(0x64, &reset, 1), ABX_END_RESET, ABX_EVENT_GUEST_RESET, UINT32_MAX, 0, "keyboard" },
        { out(0x505, &panicked, 1), ABX_END_PANIC, ABX_EVENT_GUEST_PANIC, UINT32_MAX, 1, "panic" },
        { out(0xf4, &status, 1), ABX_END_DEBUG_EXIT, ABX_EVENT_GUEST_EXIT, UINT32_MAX, 0x21, "" },
        { out(0x605, &sleep, 1), ABX_END_SHUTDOWN, ABX_EVENT_GUEST_SHUTDOWN, UINT32_MAX, 0, "ACPI" },
        { out(0x606, &one, 1), ABX_END_RESET, ABX_EVENT_GUEST_RESET, UINT32_MAX, 0, "ACPI" },
        { { .kind = ABX_EXIT_SHUTDOWN }, ABX_END_FAULT, ABX_EVENT_GUEST_FAULT, 0, 0, "triple" },
        { { .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = ABX_SYSTEM_SHUTDOWN },
          ABX_END_SHUTDOWN,
          ABX_EVENT_GUEST_SHUTDOWN,
          0,
          0,
          "" },
        { { .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = ABX_SYSTEM_RESET },
          ABX_END_RESET,
          ABX_EVENT_GUEST_RESET,
          0,
          0,
          "" },
        { { .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = ABX_SYSTEM_CRASH },
          ABX_END_PANIC,
          ABX_EVENT_GUEST_PANIC,
          0,
          0,
          "" },
        { { .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = ABX_SYSTEM_TERMINATE },
          ABX_END_FAULT,
          ABX_EVENT_GUEST_FAULT,
          0,
          0,
          "" },
        { { .kind = ABX_EXIT_FAIL_ENTRY, .fail_entry.hardware_reason = 0x80000021 },
          ABX_END_FAILED,
          ABX_EVENT_STATE,
          UINT32_MAX,
          0,
          "80000021" },
        { { .kind = ABX_EXIT_INTERNAL_ERROR, .internal_error.suberror = 1 },
          ABX_END_FAILED,
          ABX_EVENT_STATE,
          UINT32_MAX,
          0,
          "internal" },
        { { .kind = ABX_EXIT_UNKNOWN, .reason = 99 }, ABX_END_FAILED, ABX_EVENT_STATE, UINT32_MAX, 0, "99" },
    };
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_I8042 },
                                          { .kind = ABX_DEVICE_PVPANIC },
                                          { .kind = ABX_DEVICE_DEBUG_EXIT } };
    abx_machine_config config = config_of(devices, 3);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.acpi = ABX_YES;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        set_script(&endings[i].exit, 1);
        abx_machine *machine = start(&config);
        abx_machine_result result = wait_for(machine);
        assert_int_equal(result.end, endings[i].end);
        assert_int_equal(result.code, endings[i].code);
        assert_non_null(strstr(result.text, endings[i].text));
        assert_true(had_event(machine, endings[i].event, endings[i].vcpu, endings[i].code));
        abx_machine_destroy(machine);
    }
}

static uint64_t msr_value, hypercall_result;
static uint8_t msr_error, read_bytes[4], mmio_bytes[8];

static abx_status ask_everything(fake_vcpu *vcpu, abx_exit *exit)
{
    static const abx_exit questions[] = {
        { .kind = ABX_EXIT_MSR_READ, .msr = { .index = 0x123, .data = &msr_value, .error = &msr_error } },
        { .kind = ABX_EXIT_HYPERCALL, .hypercall = { .number = 77, .result = &hypercall_result } },
        { .kind = ABX_EXIT_IO,
          .io = { .port = 0x1234, .size = 2, .direction = ABX_READ, .count = 2, .data = read_bytes } },
        { .kind = ABX_EXIT_MMIO,
          .mmio = { .address = 0xd0000000, .size = 8, .direction = ABX_READ, .data = mmio_bytes } },
        { .kind = ABX_EXIT_NMI },
        { .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = ABX_SYSTEM_WAKEUP },
        { .kind = ABX_EXIT_HALT },
    };
    if (script.next < sizeof(questions) / sizeof(questions[0])) {
        *exit = questions[script.next++];
        return ABX_OK;
    }
    return fake_guest_sleeps(vcpu, exit);
}

static void the_guest_gets_answers(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    fake_manual_guest(ask_everything);
    abx_machine *machine = start(&config);
    assert_int_equal(wait_for(machine).end, ABX_END_HALT);
    assert_int_equal(msr_error, 1);
    assert_true(hypercall_result == (uint64_t)-1000);
    assert_memory_equal(read_bytes, "\xff\xff\xff\xff", 4);
    assert_memory_equal(mmio_bytes, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    abx_machine_destroy(machine);
}

static void a_vcpu_that_cannot_run_ends_it(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    fake_manual_guest(fake_guest_fails);
    abx_machine *machine = start(&config);
    abx_machine_result result = wait_for(machine);
    assert_int_equal(result.end, ABX_END_FAILED);
    assert_non_null(strstr(result.text, "run fake vCPU 0"));
    abx_machine_destroy(machine);
}

static void stop_ends_it_in_every_state(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    for (int steps = 0; steps < 4; steps++) {
        abx_machine *machine = create(&config);
        abx_machine_result result = { .code = 7 };
        assert_int_equal(abx_machine_wait(machine, 0, &result), ABX_ERR_TIMEOUT);
        assert_int_equal(result.code, 7);
        if (steps > 0)
            assert_int_equal(abx_machine_start(machine), ABX_OK);
        if (steps > 1)
            assert_int_equal(abx_machine_pause(machine), ABX_OK);
        if (steps > 2)
            assert_int_equal(abx_machine_resume(machine), ABX_OK);
        assert_int_equal(abx_machine_wait(machine, 20, NULL), ABX_ERR_TIMEOUT);
        assert_int_equal(abx_machine_stop(machine), ABX_OK);
        assert_int_equal(abx_machine_wait(machine, 0, &result), ABX_OK);
        assert_int_equal(result.end, ABX_END_STOPPED);
        assert_int_equal(abx_machine_stop(machine), ABX_OK);
        assert_int_equal(abx_machine_start(machine), ABX_ERR_STATE);
        abx_machine_destroy(machine);
    }
}

static void destroy_ends_it_in_every_state(void **state)
{
    (void)state;
    abx_machine_config config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 4;
    for (int steps = 0; steps < 3; steps++) {
        abx_machine *machine = create(&config);
        if (steps > 0)
            assert_int_equal(abx_machine_start(machine), ABX_OK);
        if (steps > 1)
            assert_int_equal(abx_machine_pause(machine), ABX_OK);
        abx_machine_destroy(machine);
    }
    abx_machine_destroy(NULL);
}

static void any_vcpu_ends_the_machine(void **state)
{
    (void)state;
    uint8_t code = 5;
    const abx_exit exits[] = { out(0xf4, &code, 1) };
    const abx_device_config device = { .kind = ABX_DEVICE_DEBUG_EXIT };
    abx_machine_config config = config_of(&device, 1);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 8;
    for (uint32_t vcpu = 0; vcpu < 8; vcpu++) {
        set_script(exits, 1);
        script.vcpu = vcpu;
        abx_machine *machine = start(&config);
        abx_machine_result result = wait_for(machine);
        assert_int_equal(result.end, ABX_END_DEBUG_EXIT);
        assert_int_equal(result.code, 11);
        assert_int_equal(fake_manual_inside(), 0);
        abx_machine_destroy(machine);
    }
}

static void a_launched_machine_runs(void **state)
{
    (void)state;
    uint8_t code = 5;
    const abx_exit exits[] = { out(0xf4, &code, 1) };
    const abx_device_config device = { .kind = ABX_DEVICE_DEBUG_EXIT };
    abx_machine_config config = config_of(&device, 1);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 4;
    set_script(exits, 1);
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_launch(&machine, hypervisor, &config), ABX_OK);
    assert_int_equal(wait_for(machine).end, ABX_END_DEBUG_EXIT);
    assert_int_equal(abx_machine_start(machine), ABX_ERR_STATE);
    abx_machine_destroy(machine);
}

/* Those that could be made may run by then. */
static void a_launch_that_fails_ends_the_others(void **state)
{
    (void)state;
    const process_census now = process_census_take();
    abx_machine_config config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 3;
    const char *const functions[] = { "vm_create", "memory_map", "vcpu_create" };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_machine *machine = NULL;
        fake_log_fail(functions[i], ABX_ERR_BUSY);
        assert_int_equal(abx_machine_launch(&machine, hypervisor, &config), ABX_ERR_BUSY);
        assert_null(machine);
        assert_int_equal(fake_manual_inside(), 0);
        process_census_await(&now);
    }
    fake_log_fail(NULL, ABX_OK);
}

static void nothing_runs_before_start(void **state)
{
    (void)state;
    const abx_exit exits[] = { { .kind = ABX_EXIT_HALT } };
    const abx_machine_config config = config_of(NULL, 0);
    set_script(exits, 1);
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_wait(machine, 20, NULL), ABX_ERR_TIMEOUT);
    assert_int_equal(script.next, 0);
    uint8_t loaded[4];
    assert_int_equal(abx_memory_read(abx_machine_get_vm(machine), 0x1000, loaded, 4), ABX_OK);
    assert_memory_equal(loaded, "\xf4\xf4\xf4\xf4", 4);
    assert_int_equal(abx_machine_pause(machine), ABX_ERR_STATE);
    assert_int_equal(abx_machine_resume(machine), ABX_ERR_STATE);
    abx_machine_destroy(machine);
}

static abx_status print_for_ever(fake_vcpu *vcpu, abx_exit *exit)
{
    static uint8_t line[64];
    (void)vcpu;
    *exit = out(0x3f8, line, sizeof(line));
    return ABX_OK;
}

/* Nobody drains the output: pausing and stopping work all the same. */
static void a_full_pipe_holds_nobody_up(void **state)
{
    (void)state;
    int output[2];
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    const abx_device_config serial = { .kind = ABX_DEVICE_SERIAL, .serial = { output[0], output[1] } };
    abx_machine_config config = config_of(&serial, 1);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    fake_manual_guest(print_for_ever);
    abx_machine *machine = start(&config);
    struct timespec moment = { .tv_nsec = 50000000 };
    nanosleep(&moment, NULL);
    assert_int_equal(abx_machine_pause(machine), ABX_OK);
    assert_int_equal(abx_machine_resume(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 0, NULL), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    abx_machine_destroy(machine);
    close(output[0]);
    close(output[1]);
}

static void *wait_in_thread(void *argument)
{
    abx_machine_result *result = malloc(sizeof(*result));
    assert_non_null(result);
    assert_int_equal(abx_machine_wait(argument, -1, result), ABX_OK);
    return result;
}

static void several_may_wait(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = start(&config);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(abx_thread_start(&threads[i], wait_in_thread, machine, "waiter"), ABX_OK);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_int_equal(((abx_machine_result *)result)->end, ABX_END_STOPPED);
        free(result);
    }
    abx_machine_destroy(machine);
}

static void *stop_in_thread(void *argument)
{
    assert_int_equal(abx_machine_stop(argument), ABX_OK);
    return NULL;
}

/* The guest ends by itself, is stopped, paused and resumed, all at once. */
static void ends_may_race(void **state)
{
    (void)state;
    const abx_exit exits[] = { { .kind = ABX_EXIT_NMI }, { .kind = ABX_EXIT_SHUTDOWN } };
    abx_machine_config config = config_of(NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 3;
    for (int i = 0; i < 200; i++) {
        set_script(exits, 2);
        abx_machine *machine = start(&config);
        pthread_t stopper;
        assert_int_equal(abx_thread_start(&stopper, stop_in_thread, machine, "stopper"), ABX_OK);
        if (abx_machine_pause(machine) == ABX_OK)
            (void)!abx_machine_resume(machine);
        abx_machine_result result = wait_for(machine);
        assert_true(result.end == ABX_END_FAULT || result.end == ABX_END_STOPPED);
        pthread_join(stopper, NULL);
        abx_machine_destroy(machine);
    }
}

static void failures_while_building_leave_nothing_behind(void **state)
{
    (void)state;
    static const char *const functions[] = { "vm_create", "memory_map", "vm_seal", "vcpu_create",
                                             "vcpu_write_registers" };
    int input[2];
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    const abx_device_config serial = { .kind = ABX_DEVICE_SERIAL, .serial = { input[0], input[1] } };
    abx_machine_config config = config_of(&serial, 1);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    config.vm.cpus = 3;
    const process_census now = process_census_take();
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_machine *machine = NULL;
        fake_log_fail(functions[i], ABX_ERR_BUSY);
        assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_BUSY);
        assert_null(machine);
        assert_non_null(strstr(abx_last_error()->operation, functions[i]));
        assert_string_equal(abx_last_error()->advice, "As the test wants it.");
        process_census_await(&now);
    }
    fake_log_fail(NULL, ABX_OK);
    config.kernel = "/nonexistent/kernel";
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_NOT_FOUND);
    config = config_of(NULL, 0);
    config.kernel_options.flat_mode = ABX_FLAT_LONG;
    config.kernel_options.flat_address = 1 << 30;
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_RANGE);
    assert_null(machine);
    close(input[0]);
    close(input[1]);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_create(NULL, hypervisor, &config), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_create(&machine, NULL, &config), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_create(&machine, hypervisor, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_launch(NULL, hypervisor, &config), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_launch(&machine, NULL, &config), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_launch(&machine, hypervisor, NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_start(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_pause(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_resume(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_stop(NULL), ABX_ERR_INVALID);
    assert_int_equal(abx_machine_wait(NULL, 0, NULL), ABX_ERR_INVALID);
    machine = create(&config);
    assert_int_equal(abx_machine_wait(machine, -2, NULL), ABX_ERR_INVALID);
    abx_machine_destroy(machine);
}

static void ends_have_names(void **state)
{
    (void)state;
    for (int end = ABX_END_NONE; end <= ABX_END_FAILED; end++)
        assert_string_not_equal(abx_machine_end_name((abx_machine_end)end), "unknown");
    assert_string_equal(abx_machine_end_name(ABX_END_DEBUG_EXIT), "debug-exit");
    assert_string_equal(abx_machine_end_name((abx_machine_end)1000), "unknown");
}

/* A flat image's machine has ACPI only where it is asked for. */
static void the_power_button_interrupts(void **state)
{
    (void)state;
    const abx_device_config button = { .kind = ABX_DEVICE_POWER_BUTTON };
    abx_machine_config config = config_of(&button, 1);
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_ERR_NOT_SUPPORTED);
    assert_null(strstr(fake_log_text(), "irq_set_line"));
    abx_machine_destroy(machine);

    config.acpi = ABX_YES;
    machine = create(&config);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_non_null(strstr(fake_log_text(), "irq_set_line irq_set_line"));
    assert_int_equal(fake_manual_arguments.number, ABX_GED_LINE * 2);
    abx_machine_destroy(machine);
}

static int write_kernel(void **state)
{
    (void)state;
    process_census_begin();
    uint8_t halts[512];
    memset(halts, 0xf4, sizeof(halts));
    int fd = mkstemp(kernel_path);
    assert_int_equal(write(fd, halts, sizeof(halts)), sizeof(halts));
    return close(fd);
}

static int remove_kernel(void **state)
{
    (void)state;
    return unlink(kernel_path);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_hypervisor, close_hypervisor)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(devices_are_told_of),
        TEST(a_halt_ends_a_flat_guest),
        TEST(every_exit_has_its_end),
        TEST(the_guest_gets_answers),
        TEST(a_vcpu_that_cannot_run_ends_it),
        TEST(stop_ends_it_in_every_state),
        TEST(destroy_ends_it_in_every_state),
        TEST(any_vcpu_ends_the_machine),
        TEST(a_launched_machine_runs),
        TEST(a_launch_that_fails_ends_the_others),
        TEST(nothing_runs_before_start),
        TEST(a_full_pipe_holds_nobody_up),
        TEST(several_may_wait),
        TEST(ends_may_race),
        TEST(failures_while_building_leave_nothing_behind),
        TEST(wrong_arguments_are_refused),
        TEST(the_power_button_interrupts),
        cmocka_unit_test(ends_have_names),
    };
    return cmocka_run_group_tests(tests, write_kernel, remove_kernel);
}
