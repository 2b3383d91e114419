/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include "fake_managed.h"
#include "thread.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static abx_hypervisor *hypervisor;

static abx_machine_config config_of(const abx_device_config *devices, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = "/boot/kernel";
    config.initrd = "/boot/initrd";
    config.cmdline = "quiet";
    config.vm.arch = ABX_ARCH_X86_64;
    config.vm.memory_size = 64 << 20;
    config.devices = devices;
    config.device_count = count;
    return config;
}

static int open_hypervisor(void **state)
{
    (void)state;
    fake_log_reset();
    fake_managed_at_start = NULL;
    return abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options);
}

static int close_hypervisor(void **state)
{
    (void)state;
    abx_hypervisor_close(hypervisor);
    return 0;
}

static abx_machine *create(const abx_machine_config *config)
{
    abx_machine *machine = NULL;
    if (abx_machine_create(&machine, hypervisor, config) != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return machine;
}

static void boot_and_devices_go_into_the_vm(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_SERIAL, .serial = { fds[0], fds[1] } },
        { .kind = ABX_DEVICE_DEBUG_EXIT },
        { .kind = ABX_DEVICE_I8042 },
        { .kind = ABX_DEVICE_RTC },
        { .kind = ABX_DEVICE_PVPANIC },
    };
    const abx_machine_config config = config_of(devices, 5);
    abx_machine *machine = create(&config);
    const abx_vm_config *vm = abx_vm_get_config(abx_machine_get_vm(machine));
    assert_string_equal(vm->boot.kernel, "/boot/kernel");
    assert_string_equal(vm->boot.initrd, "/boot/initrd");
    assert_string_equal(vm->boot.cmdline, "quiet");
    assert_int_equal(vm->device_count, 5);
    assert_ptr_not_equal(vm->devices, devices);
    assert_memory_equal(vm->devices, devices, sizeof(devices));
    abx_machine_destroy(machine);
    close(fds[0]);
    close(fds[1]);
}

static void one_life_for_both_kinds(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = create(&config);
    abx_machine_result result;
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_pause(machine), ABX_OK);
    assert_int_equal(abx_machine_resume(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 10, &result), ABX_ERR_TIMEOUT);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 0, &result), ABX_OK);
    assert_int_equal(result.end, ABX_END_STOPPED);
    abx_machine_destroy(machine);
    assert_non_null(strstr(fake_log_text(), "vm_create vm_start vm_pause vm_resume vm_stop vm_destroy"));
}

static void stop_works_before_start(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 0, NULL), ABX_OK);
    abx_machine_destroy(machine);
    abx_machine_destroy(create(&config));
}

static struct {
    abx_event events[2];
    abx_vm_state state;
} story;

/* What the backend's own thread does when its guest ends. */
static void *tell_story(void *argument)
{
    for (int i = 0; i < 2; i++) {
        if (story.events[i].kind)
            assert_int_equal(abx_event_post(argument, &story.events[i]), ABX_OK);
    }
    abx_backend_vm_ended(argument, story.state, "as told");
    return NULL;
}

static void the_first_event_says_how_it_ended(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, second;
        uint64_t code;
        abx_vm_state state;
        abx_machine_end end;
    } cases[] = {
        { ABX_EVENT_GUEST_SHUTDOWN, 0, 0, ABX_VM_STOPPED, ABX_END_SHUTDOWN },
        { ABX_EVENT_GUEST_RESET, ABX_EVENT_GUEST_SHUTDOWN, 0, ABX_VM_STOPPED, ABX_END_RESET },
        { ABX_EVENT_GUEST_PANIC, ABX_EVENT_GUEST_RESET, 1, ABX_VM_STOPPED, ABX_END_PANIC },
        { ABX_EVENT_GUEST_EXIT, 0, 33, ABX_VM_STOPPED, ABX_END_DEBUG_EXIT },
        { ABX_EVENT_BACKEND_LOST, 0, 0, ABX_VM_FAILED, ABX_END_FAILED },
        { ABX_EVENT_USER, 0, 0, ABX_VM_STOPPED, ABX_END_STOPPED },
        { 0, 0, 0, ABX_VM_FAILED, ABX_END_FAILED },
    };
    const abx_machine_config config = config_of(NULL, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        abx_machine *machine = create(&config);
        abx_machine_result result;
        assert_int_equal(abx_machine_start(machine), ABX_OK);
        story.events[0] = (abx_event){ .kind = cases[i].first, .code = cases[i].code };
        story.events[1] = (abx_event){ .kind = cases[i].second };
        story.state = cases[i].state;
        pthread_t backend;
        assert_int_equal(abx_thread_start(&backend, tell_story, abx_machine_get_vm(machine), "backend"), ABX_OK);
        assert_int_equal(abx_machine_wait(machine, -1, &result), ABX_OK);
        pthread_join(backend, NULL);
        assert_int_equal(result.end, cases[i].end);
        assert_int_equal(result.code, cases[i].code);
        /* All events are still there for whoever reads them. */
        abx_event event;
        do
            assert_int_equal(abx_event_next(abx_machine_get_vm(machine), &event), ABX_OK);
        while (event.kind != ABX_EVENT_STATE || event.state != (uint32_t)cases[i].state);
        abx_machine_destroy(machine);
    }
}

/* The end comes through although nobody reads events and the queue is full. */
static void a_full_queue_hides_no_end(void **state)
{
    (void)state;
    abx_machine_config config = config_of(NULL, 0);
    config.vm.event_capacity = 16;
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    const abx_event noise = { .kind = ABX_EVENT_USER };
    for (int i = 0; i < 100; i++)
        assert_int_equal(abx_event_post(abx_machine_get_vm(machine), &noise), ABX_OK);
    story.events[0] = (abx_event){ .kind = ABX_EVENT_GUEST_RESET };
    story.events[1] = (abx_event){ 0 };
    story.state = ABX_VM_STOPPED;
    tell_story(abx_machine_get_vm(machine));
    abx_machine_result result;
    assert_int_equal(abx_machine_wait(machine, -1, &result), ABX_OK);
    assert_int_equal(result.end, ABX_END_RESET);
    abx_machine_destroy(machine);
}

static void what_it_cannot_do_is_named(void **state)
{
    (void)state;
    const abx_device_config devices[] = {
        { .kind = ABX_DEVICE_FW_CFG },
        { .kind = ABX_DEVICE_I8042 },
        { .kind = ABX_DEVICE_DEBUG_EXIT, .debug_exit.port = 0x501 },
    };
    const char *const modules[] = { "module" };
    abx_machine_config config = config_of(devices, 3);
    config.modules = modules;
    config.module_count = 1;
    config.kernel_options.kind = ABX_IMAGE_FLAT;
    config.acpi = ABX_NO;
    config.vm.boot.kernel = "other";
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_CONFIG);
    static const char *const fields[] = { "devices[0]", "devices[2].debug_exit.port",
                                          "modules",    "kernel_options.kind",
                                          "acpi",       "vm.boot" };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        assert_non_null(strstr(abx_last_error()->advice, fields[i]));
    assert_null(machine);
}

static void the_power_button_is_the_backends(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_ERR_STATE);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_non_null(strstr(fake_log_text(), "vm_request_stop"));
    abx_machine_destroy(machine);
}

static void all_devices_go_into_the_vm(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_BLOCK, .block.path = "disk" },
                                          { .kind = ABX_DEVICE_VSOCK } };
    abx_machine_config config = config_of(devices, 2);
    config.kernel = config.initrd = config.cmdline = NULL;
    config.efi_variables = "variables";
    abx_machine *machine = create(&config);
    const abx_vm_config *vm = abx_vm_get_config(abx_machine_get_vm(machine));
    assert_string_equal(vm->boot.efi_variables, "variables");
    assert_null(vm->boot.kernel);
    assert_int_equal(vm->device_count, 2);
    assert_string_equal(vm->devices[0].block.path, "disk");
    abx_machine_destroy(machine);
}

static void faults_of_devices_are_the_machines(void **state)
{
    (void)state;
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_BLOCK }, { .kind = ABX_DEVICE_RTC } };
    abx_machine_config config = config_of(devices, 2);
    config.vm.devices = devices;
    config.vm.device_count = 1;
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_CONFIG);
    assert_non_null(strstr(abx_last_error()->advice, "vm.devices: the machine's own"));
    assert_non_null(strstr(abx_last_error()->advice, "; devices[0].block.path: there is none"));
    assert_null(machine);
}

static void a_backend_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    const abx_machine_config config = config_of(NULL, 0);
    abx_machine *machine = NULL;
    fake_log_fail("vm_create", ABX_ERR_NOT_FOUND);
    assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_NOT_FOUND);
    assert_null(machine);
    fake_log_fail("vm_start", ABX_ERR_TIMEOUT);
    machine = create(&config);
    assert_int_equal(abx_machine_start(machine), ABX_ERR_TIMEOUT);
    abx_machine *launched = NULL;
    assert_int_equal(abx_machine_launch(&launched, hypervisor, &config), ABX_ERR_TIMEOUT);
    assert_null(launched);
    fake_log_fail("vm_stop", ABX_ERR_LOST);
    assert_int_equal(abx_machine_stop(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 0, NULL), ABX_OK);
    abx_machine_destroy(machine);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_hypervisor, close_hypervisor)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(boot_and_devices_go_into_the_vm),
        TEST(all_devices_go_into_the_vm),
        TEST(faults_of_devices_are_the_machines),
        TEST(the_power_button_is_the_backends),
        TEST(one_life_for_both_kinds),
        TEST(stop_works_before_start),
        TEST(the_first_event_says_how_it_ended),
        TEST(a_full_queue_hides_no_end),
        TEST(what_it_cannot_do_is_named),
        TEST(a_backend_that_fails_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
