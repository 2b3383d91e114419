/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The machine of an ARM64 guest, on any host: devices in memory, a device tree, ends by PSCI. */
#include "machine_test.h"

#include "fake_manual.h"
#include "process_census.h"

#include <arcbox/arm64.h>

#include <fcntl.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char flat_path[] = "/tmp/abx-machine-XXXXXX";
static char image_path[] = "/tmp/abx-machine-XXXXXX";
static abx_hypervisor *hypervisor;
static process_census before;

/* What the guest's vCPU 0 does, exit by exit; afterwards it sleeps, as the others do at once. */
static struct {
    const abx_exit *exits;
    size_t count;
    size_t next;
} script;

static sem_t played; /* the script has come to its end */

static abx_status play(fake_vcpu *vcpu, abx_exit *exit)
{
    if (vcpu->id != 0)
        return fake_guest_sleeps(vcpu, exit);
    if (script.next == script.count) {
        sem_post(&played);
        return fake_guest_sleeps(vcpu, exit);
    }
    *exit = script.exits[script.next++];
    return ABX_OK;
}

static void set_script(const abx_exit *exits, size_t count)
{
    script.exits = exits;
    script.count = count;
    script.next = 0;
    fake_manual_guest(play);
}

static abx_exit store(uint64_t address, uint8_t size, void *data)
{
    return (abx_exit){ .kind = ABX_EXIT_MMIO,
                       .mmio = { .address = address, .size = size, .direction = ABX_WRITE, .data = data } };
}

static abx_exit load(uint64_t address, uint8_t size, void *data)
{
    return (abx_exit){ .kind = ABX_EXIT_MMIO,
                       .mmio = { .address = address, .size = size, .direction = ABX_READ, .data = data } };
}

static abx_exit system_event(abx_system_event event)
{
    return (abx_exit){ .kind = ABX_EXIT_SYSTEM_EVENT, .system_event.event = event };
}

static int open_hypervisor(void **state)
{
    (void)state;
    abx_hypervisor_options options = fake_manual_options;
    fake_manual_reset();
    fake_manual_capabilities.guest_archs = 1u << ABX_ARCH_ARM64;
    options.guest_arch = ABX_ARCH_ARM64;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    set_script(NULL, 0);
    sem_init(&played, 0, 0);
    before = process_census_take();
    return 0;
}

static int close_hypervisor(void **state)
{
    (void)state;
    process_census_await(&before);
    sem_destroy(&played);
    abx_hypervisor_close(hypervisor);
    return 0;
}

static abx_machine_config config_of(const char *kernel, const abx_device_config *devices, size_t count)
{
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = kernel;
    config.kernel_options.cache = "";
    config.kernel_options.kind = kernel == flat_path ? ABX_IMAGE_FLAT : ABX_IMAGE_AUTO;
    config.vm.memory_size = 4 << 20;
    config.devices = devices;
    config.device_count = count;
    return config;
}

static abx_machine *create(const abx_machine_config *config)
{
    abx_machine *machine = NULL;
    if (abx_machine_create(&machine, hypervisor, config) != ABX_OK)
        fail_msg("%s", abx_last_error()->message);
    return machine;
}

static abx_machine_result run(const abx_machine_config *config)
{
    abx_machine_result result = { 0 };
    abx_machine *machine = create(config);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 60000, &result), ABX_OK);
    abx_machine_destroy(machine);
    return result;
}

/* The device tree lies behind the Image, at the end of what RAM there is. */
static void *find_tree(abx_vm *vm)
{
    const abx_gpa end = ABX_ARM64_RAM + (4 << 20);
    for (abx_gpa gpa = end - 4096; gpa >= ABX_ARM64_RAM; gpa -= 4096) {
        uint8_t head[8];
        assert_int_equal(abx_memory_read(vm, gpa, head, sizeof(head)), ABX_OK);
        if (memcmp(head, "\xd0\x0d\xfe\xed", 4) != 0)
            continue;
        size_t size = (size_t)head[4] << 24 | (size_t)head[5] << 16 | (size_t)head[6] << 8 | head[7];
        void *tree = malloc(size);
        assert_non_null(tree);
        assert_int_equal(abx_memory_read(vm, gpa, tree, size), ABX_OK);
        assert_int_equal(fdt_check_full(tree, size), 0);
        return tree;
    }
    return NULL;
}

static const abx_device_config all_devices[] = {
    { .kind = ABX_DEVICE_SERIAL, .serial = { -1, -1 } },
    { .kind = ABX_DEVICE_RTC },
    { .kind = ABX_DEVICE_DEBUG_EXIT },
    { .kind = ABX_DEVICE_FW_CFG },
    { .kind = ABX_DEVICE_PVPANIC },
    { .kind = ABX_DEVICE_POWER_BUTTON },
};
enum { ALL_DEVICES = sizeof(all_devices) / sizeof(all_devices[0]) };

static void linux_is_given_a_device_tree(void **state)
{
    (void)state;
    static const char *const nodes[] = { "/serial@9000000", "/rtc@9010000", "/fw-cfg@9020000",
                                         "/gpio@9030000",   "/gpio-keys",   "/pvpanic@9070000",
                                         "/cpus/cpu@2",     "/timer",       "/memory@40000000" };
    abx_machine_config config = config_of(image_path, all_devices, ALL_DEVICES);
    config.cmdline = "console=ttyAMA0";
    config.vm.cpus = 3;
    abx_machine *machine = create(&config);
    void *tree = find_tree(abx_machine_get_vm(machine));
    assert_non_null(tree);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        assert_true(fdt_path_offset(tree, nodes[i]) > 0);
    assert_int_equal(fdt_path_offset(tree, "/cpus/cpu@3"), -FDT_ERR_NOTFOUND);
    int gic = fdt_path_offset(tree, "/interrupt-controller@8000000");
    assert_int_equal(fdt_node_check_compatible(tree, gic, "arm,gic-v3"), 0);
    assert_true(fdt_subnode_offset(tree, gic, "msi-controller@8080000") > 0);
    assert_string_equal(fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", NULL), "console=ttyAMA0");
    free(tree);
    abx_machine_destroy(machine);

    config = config_of(image_path, NULL, 0);
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    machine = create(&config);
    tree = find_tree(abx_machine_get_vm(machine));
    assert_int_equal(fdt_path_offset(tree, "/serial@9000000"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(tree, "/interrupt-controller@8000000"), -FDT_ERR_NOTFOUND);
    free(tree);
    abx_machine_destroy(machine);
}

static void lack(abx_cap cap)
{
    fake_manual_capabilities.bits[cap / 64] &= ~(UINT64_C(1) << cap % 64);
}

/* As open_hypervisor(), of a backend without interrupt controllers. */
static void reopen_without_controllers(void)
{
    abx_hypervisor_options options = fake_manual_options;
    abx_hypervisor_close(hypervisor);
    lack(ABX_CAP_IRQCHIP);
    lack(ABX_CAP_PSCI);
    options.guest_arch = ABX_ARCH_ARM64;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
}

static void a_controller_of_its_own_is_in_the_tree(void **state)
{
    (void)state;
    reopen_without_controllers();
    abx_machine_config config = config_of(image_path, all_devices, ALL_DEVICES);
    config.vm.cpus = 3;
    abx_machine *machine = create(&config);
    assert_int_equal(abx_vm_get_config(abx_machine_get_vm(machine))->irqchip, ABX_IRQCHIP_NONE);
    void *tree = find_tree(abx_machine_get_vm(machine));
    assert_non_null(tree);
    int gic = fdt_path_offset(tree, "/interrupt-controller@8000000");
    int psci = fdt_path_offset(tree, "/psci");
    assert_int_equal(fdt_node_check_compatible(tree, gic, "arm,gic-v3"), 0);
    assert_int_equal(fdt_first_subnode(tree, gic), -FDT_ERR_NOTFOUND); /* no ITS */
    assert_string_equal(fdt_getprop(tree, psci, "method", NULL), "hvc");
    assert_true(fdt_path_offset(tree, "/timer") > 0);
    free(tree);
    abx_machine_destroy(machine);
}

static void expect_fault(const abx_machine_config *config, const char *fault)
{
    abx_machine *machine = NULL;
    assert_int_equal(abx_machine_create(&machine, hypervisor, config), ABX_ERR_CONFIG);
    assert_null(machine);
    assert_non_null(strstr(abx_last_error()->advice, fault));
}

static void controllers_are_checked(void **state)
{
    (void)state;
    fake_manual_capabilities.max_vcpus = 1000;
    reopen_without_controllers();
    abx_machine_config config = config_of(flat_path, NULL, 0);
    config.vm.cpus = 124;
    expect_fault(&config, "vm.cpus: the machine's interrupt controller has room for 123");
    config.vm.cpus = 2;
    config.vm.irqchip = ABX_IRQCHIP_NONE;
    expect_fault(&config, "vm.cpus: more than one needs interrupt controllers");
    config.vm.irqchip = ABX_IRQCHIP_KERNEL;
    expect_fault(&config, "vm.irqchip: backend fake has none in the kernel here");

    /* Nor can one be brought to a backend whose vCPUs have no inputs. */
    static abx_backend_arm64 poor;
    static abx_backend backend;
    const abx_backend *const list[] = { &backend };
    abx_hypervisor_options options = fake_manual_options;
    poor = fake_manual_arm64;
    poor.set_irq = NULL;
    backend = fake_manual;
    backend.arm64 = &poor;
    options.guest_arch = ABX_ARCH_ARM64;
    options.backends = list;
    abx_hypervisor_close(hypervisor);
    assert_int_equal(abx_hypervisor_open(&hypervisor, "fake", &options), ABX_OK);
    config.vm.irqchip = ABX_IRQCHIP_DEFAULT;
    expect_fault(&config, "vm.cpus: more than one needs interrupt controllers");
    config.vm.cpus = 1;
    abx_machine_destroy(create(&config));
}

static void a_flat_image_has_controllers_and_no_tree(void **state)
{
    (void)state;
    abx_machine_config config = config_of(flat_path, all_devices, ALL_DEVICES);
    config.vm.cpus = 2;
    abx_machine *machine = create(&config);
    abx_vm *vm = abx_machine_get_vm(machine);
    uint8_t loaded[4];
    assert_int_equal(abx_memory_read(vm, ABX_ARM64_RAM, loaded, 4), ABX_OK);
    assert_memory_equal(loaded, "\x7f\x20\x03\xd5", 4);
    assert_int_not_equal(abx_vm_get_config(vm)->irqchip, ABX_IRQCHIP_NONE);
    assert_int_equal(abx_vm_get_config(vm)->arch, ABX_ARCH_ARM64);
    assert_null(find_tree(vm));
    abx_machine_destroy(machine);
}

static void every_exit_has_its_end(void **state)
{
    (void)state;
    uint8_t panicked = 1;
    uint32_t status = 0x10;
    const struct {
        abx_exit exit;
        abx_machine_end end;
        uint64_t code;
        const char *text;
    } endings[] = {
        { system_event(ABX_SYSTEM_SHUTDOWN), ABX_END_SHUTDOWN, 0, "shutdown" },
        { system_event(ABX_SYSTEM_RESET), ABX_END_RESET, 0, "reset" },
        { { .kind = ABX_EXIT_SYSTEM_EVENT,
            .system_event = { .event = ABX_SYSTEM_RESET, .raw_type = 2, .data_count = 2, .data = { 5, 6 } } },
          ABX_END_RESET,
          5,
          "reset (2): 0x5, 0x6" },
        { system_event(ABX_SYSTEM_CRASH), ABX_END_PANIC, 0, "crash" },
        { store(ABX_ARM64_PVPANIC, 1, &panicked), ABX_END_PANIC, 1, "" },
        { store(ABX_ARM64_DEBUG_EXIT, 4, &status), ABX_END_DEBUG_EXIT, 0x21, "" },
        { { .kind = ABX_EXIT_DATA_ABORT, .data_abort.address = 0x1234 }, ABX_END_FAILED, 0, "0x1234" },
    };
    const abx_machine_config config = config_of(flat_path, all_devices, ALL_DEVICES);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        set_script(&endings[i].exit, 1);
        abx_machine_result result = run(&config);
        assert_int_equal(result.end, endings[i].end);
        assert_int_equal(result.code, endings[i].code);
        assert_non_null(strstr(result.text, endings[i].text));
    }
}

static unsigned count_events(abx_machine *machine, abx_event_kind kind)
{
    abx_event event;
    unsigned count = 0;
    while (abx_event_next(abx_machine_get_vm(machine), &event) == ABX_OK)
        count += event.kind == (uint32_t)kind && event.vcpu == 0;
    return count;
}

/* Asleep at its first system event, awake at the second one. */
static abx_machine_result sleep_and_wake(abx_event_kind counted, unsigned count)
{
    const abx_exit exits[] = { system_event(ABX_SYSTEM_SUSPEND), system_event(ABX_SYSTEM_WAKEUP),
                               system_event(ABX_SYSTEM_SHUTDOWN) };
    const abx_machine_config config = config_of(flat_path, NULL, 0);
    abx_machine_result result = { 0 };
    set_script(exits, sizeof(exits) / sizeof(exits[0]));
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    assert_int_equal(abx_machine_wait(machine, 60000, &result), ABX_OK);
    assert_int_equal(count_events(machine, counted), count);
    abx_machine_destroy(machine);
    return result;
}

static void the_machine_sleeps_when_the_guest_says_so(void **state)
{
    (void)state;
    fake_log_reset();
    assert_int_equal(sleep_and_wake(ABX_EVENT_GUEST_SUSPEND, 1).end, ABX_END_SHUTDOWN);
    assert_non_null(strstr(fake_log_text(), "vcpu_set_mp_state vcpu_read_registers reset vcpu_write_registers "
                                            "vcpu_set_mp_state"));
    assert_int_equal(fake_manual_arguments.number, ABX_MP_RUNNABLE);
    assert_int_equal(sleep_and_wake(ABX_EVENT_GUEST_WAKEUP, 1).end, ABX_END_SHUTDOWN);

    fake_log_fail("reset", ABX_ERR_BUSY);
    assert_int_equal(sleep_and_wake(ABX_EVENT_GUEST_WAKEUP, 0).end, ABX_END_FAILED);
    fake_log_fail("vcpu_read_registers", ABX_ERR_BUSY);
    assert_int_equal(sleep_and_wake(ABX_EVENT_GUEST_WAKEUP, 0).end, ABX_END_FAILED);
    fake_log_fail("vcpu_set_mp_state", ABX_ERR_BUSY);
    assert_int_equal(sleep_and_wake(ABX_EVENT_GUEST_SUSPEND, 1).end, ABX_END_FAILED);
    fake_log_fail(NULL, ABX_OK);
}

static void the_guest_gets_answers(void **state)
{
    (void)state;
    uint32_t id = 0, nothing = 0, text = 'h', more = 'i';
    uint64_t signature = 0, smccc = 0;
    const abx_exit exits[] = {
        load(ABX_ARM64_SERIAL + 0xfe0, 4, &id),
        load(ABX_ARM64_FW_CFG + 16, 8, &signature),
        load(ABX_ARM64_VIRTIO, 4, &nothing),
        store(ABX_ARM64_SERIAL, 4, &text),
        store(ABX_ARM64_SERIAL, 4, &more),
        { .kind = ABX_EXIT_HYPERCALL, .hypercall = { .number = 0x86000001, .result = &smccc } },
        system_event(ABX_SYSTEM_SHUTDOWN),
    };
    int output[2];
    char seen[8];
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    const abx_device_config devices[] = { { .kind = ABX_DEVICE_SERIAL, .serial = { -1, output[1] } },
                                          { .kind = ABX_DEVICE_FW_CFG } };
    const abx_machine_config config = config_of(flat_path, devices, 2);
    set_script(exits, sizeof(exits) / sizeof(exits[0]));
    assert_int_equal(run(&config).end, ABX_END_SHUTDOWN);
    assert_int_equal(id, 0x11);
    assert_int_equal(signature, 0x47464320554d4551);
    assert_int_equal(nothing, 0xffffffff);
    assert_true(smccc == UINT64_MAX); /* SMCCC: not supported */
    assert_int_equal(read(output[0], seen, sizeof(seen)), 2);
    assert_memory_equal(seen, "hi", 2);
    close(output[0]);
    close(output[1]);
}

static void the_power_button_interrupts(void **state)
{
    (void)state;
    uint32_t button = 8;
    const abx_exit exits[] = { store(ABX_ARM64_GPIO + 0x40c, 4, &button), store(ABX_ARM64_GPIO + 0x410, 4, &button) };
    abx_machine_config config = config_of(flat_path, all_devices, ALL_DEVICES);
    set_script(exits, 2);
    abx_machine *machine = create(&config);
    assert_int_equal(abx_machine_start(machine), ABX_OK);
    sem_wait(&played);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_OK);
    assert_int_equal(fake_manual_arguments.number, ABX_ARM64_SPI_GPIO * 2 + 1);
    abx_machine_destroy(machine);

    config.device_count = 1;
    machine = create(&config);
    assert_int_equal(abx_machine_press_power_button(machine), ABX_ERR_NOT_SUPPORTED);
    abx_machine_destroy(machine);
    assert_int_equal(abx_machine_press_power_button(NULL), ABX_ERR_INVALID);
}

static void failures_while_building_leave_nothing_behind(void **state)
{
    (void)state;
    static const char *const functions[] = { "vm_create",   "memory_map", "vm_seal",
                                             "vcpu_create", "get_gic",    "vcpu_write_registers" };
    const abx_machine_config config = config_of(image_path, all_devices, ALL_DEVICES);
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        abx_machine *machine = NULL;
        fake_log_fail(functions[i], ABX_ERR_BUSY);
        assert_int_equal(abx_machine_create(&machine, hypervisor, &config), ABX_ERR_BUSY);
        assert_null(machine);
        assert_non_null(strstr(abx_last_error()->operation, functions[i]));
        process_census_await(&before);
    }
    fake_log_fail(NULL, ABX_OK);
}

static int write_kernels(void **state)
{
    (void)state;
    static const uint32_t loop[] = { 0xd503207f, 0x17ffffff }; /* wfi; b . - 4 */
    uint8_t image[8192] = "MZ";
    image[18] = 0x10; /* image_size: 1 MiB */
    memcpy(image + 56, "ARM\x64", 4);
    process_census_begin();
    int flat = mkstemp(flat_path), file = mkstemp(image_path);
    assert_int_equal(write(flat, loop, sizeof(loop)), sizeof(loop));
    assert_int_equal(write(file, image, sizeof(image)), sizeof(image));
    return close(flat) + close(file);
}

static int remove_kernels(void **state)
{
    (void)state;
    return unlink(flat_path) + unlink(image_path);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_hypervisor, close_hypervisor)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(linux_is_given_a_device_tree),
        TEST(a_flat_image_has_controllers_and_no_tree),
        TEST(a_controller_of_its_own_is_in_the_tree),
        TEST(controllers_are_checked),
        TEST(every_exit_has_its_end),
        TEST(the_machine_sleeps_when_the_guest_says_so),
        TEST(the_guest_gets_answers),
        TEST(the_power_button_interrupts),
        TEST(failures_while_building_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, write_kernels, remove_kernels);
}
