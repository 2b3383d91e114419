/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/command_line.h"

#include <string.h>

static abx_vm_config complete(abx_arch arch)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.name = "test";
    config.arch = arch;
    config.cpus = 2;
    config.memory_size = 96u << 20;
    config.nested = ABX_NO;
    return config;
}

static abx_command_line build(const abx_vm_config *config, const char *accel, int console_fd)
{
    abx_command_line_options options = { "/bin/qemu", accel, 7, console_fd };
    abx_command_line line;
    assert_ok(abx_command_line_build(&line, config, &options));
    assert_null(line.arguments[line.count]);
    assert_string_equal(line.arguments[0], "/bin/qemu");
    return line;
}

static bool has(const abx_command_line *line, const char *argument)
{
    for (size_t i = 1; i < line->count; i++) {
        if (strcmp(line->arguments[i], argument) == 0)
            return true;
    }
    return false;
}

/* Whether `option` is followed by `value`, anywhere. */
static bool has_pair(const abx_command_line *line, const char *option, const char *value)
{
    for (size_t i = 1; i + 1 < line->count; i++) {
        if (strcmp(line->arguments[i], option) == 0 && strcmp(line->arguments[i + 1], value) == 0)
            return true;
    }
    return false;
}

static bool mentions(const abx_command_line *line, const char *text)
{
    for (size_t i = 1; i < line->count; i++) {
        if (strstr(line->arguments[i], text))
            return true;
    }
    return false;
}

static void test_it_is_built_but_not_started(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_command_line line = build(&config, "tcg", -1);
    assert_true(has(&line, "-S"));
    assert_true(has(&line, "-nodefaults"));
    assert_true(has(&line, "-no-user-config"));
    assert_true(has_pair(&line, "-display", "none"));
    assert_true(has_pair(&line, "-name", "guest=test"));
    assert_true(has_pair(&line, "-smp", "2"));
    assert_true(has_pair(&line, "-m", "98304k"));
    abx_command_line_free(&line);
}

static void test_every_end_of_the_guest_ends_qemu(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_command_line line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-action", "reboot=shutdown,shutdown=poweroff,panic=shutdown"));
    abx_command_line_free(&line);
}

static void test_connections_go_by_descriptor(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_command_line line = build(&config, "tcg", 9);
    assert_true(has_pair(&line, "-chardev", "socket,id=qmp,fd=7"));
    assert_true(has_pair(&line, "-mon", "chardev=qmp,mode=control"));
    assert_true(has_pair(&line, "-chardev", "socket,id=console,fd=9"));
    assert_true(has_pair(&line, "-serial", "chardev:console"));
    abx_command_line_free(&line);

    line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-chardev", "null,id=console"));
    assert_true(has_pair(&line, "-serial", "chardev:console"));
    abx_command_line_free(&line);
}

static void test_x86_64_machine(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_command_line line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "q35,accel=tcg"));
    assert_true(has_pair(&line, "-cpu", "Nehalem,rdrand=on"));
    assert_true(has_pair(&line, "-device", "pvpanic"));
    assert_false(mentions(&line, "isa-debug-exit"));
    abx_command_line_free(&line);

    const abx_device_config debug_exit = { .kind = ABX_DEVICE_DEBUG_EXIT };
    config.devices = &debug_exit;
    config.device_count = 1;
    line = build(&config, "kvm", -1);
    assert_true(mentions(&line, "q35,accel=kvm"));
    assert_true(has_pair(&line, "-cpu", "host,svm=off,vmx=off"));
    assert_true(has_pair(&line, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"));
    abx_command_line_free(&line);
}

static void test_arm64_machine(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_ARM64);
    abx_command_line line = build(&config, "tcg", -1);
    assert_true(has_pair(&line, "-machine", "virt,accel=tcg,gic-version=max"));
    assert_true(has_pair(&line, "-cpu", "cortex-a72"));
    assert_true(has_pair(&line, "-device", "pvpanic-pci"));
    abx_command_line_free(&line);

    line = build(&config, "hvf", -1);
    assert_true(has_pair(&line, "-machine", "virt,accel=hvf"));
    assert_true(has_pair(&line, "-cpu", "host"));
    abx_command_line_free(&line);
}

static void test_nested_is_given_only_when_asked_for(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    config.nested = ABX_YES;
    abx_command_line line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "svm=on,npt=on"));
    abx_command_line_free(&line);
    line = build(&config, "kvm", -1);
    assert_true(has_pair(&line, "-cpu", "host"));
    abx_command_line_free(&line);

    config = complete(ABX_ARCH_ARM64);
    config.nested = ABX_YES;
    line = build(&config, "tcg", -1);
    assert_true(mentions(&line, "virtualization=on"));
    abx_command_line_free(&line);
}

/* Each is an argument of its own that QEMU does not take apart: nothing in it has a meaning. */
static void test_boot_values_go_unchanged(void **state)
{
    (void)state;
    static const char *const odd[] = { "/a b/c,d=e,,f", "-S", "", "%s%n \"quoted\" \\ $(x) \xc3\xa4" };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        abx_vm_config config = complete(ABX_ARCH_X86_64);
        config.boot = (abx_boot_config){ .kernel = odd[i], .initrd = odd[i], .cmdline = odd[i] };
        abx_command_line line = build(&config, "tcg", -1);
        assert_true(has_pair(&line, "-kernel", odd[i]));
        assert_true(has_pair(&line, "-initrd", odd[i]));
        assert_true(has_pair(&line, "-append", odd[i]));
        abx_command_line_free(&line);
    }
}

static void test_nothing_to_boot_is_left_out(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    abx_command_line line = build(&config, "tcg", -1);
    assert_false(has(&line, "-kernel"));
    assert_false(has(&line, "-initrd"));
    assert_false(has(&line, "-append"));
    abx_command_line_free(&line);
}

static void test_the_fullest_configuration_fits(void **state)
{
    (void)state;
    abx_vm_config config = complete(ABX_ARCH_X86_64);
    const abx_device_config debug_exit = { .kind = ABX_DEVICE_DEBUG_EXIT };
    config.devices = &debug_exit;
    config.device_count = 1;
    config.nested = ABX_YES;
    config.cpus = UINT32_MAX;
    config.memory_size = UINT64_MAX;
    config.boot = (abx_boot_config){ "k", "i", "c", NULL };
    abx_command_line line = build(&config, "tcg", 2147483647);
    assert_true(line.count < ABX_COMMAND_LINE_MAX);
    assert_true(has_pair(&line, "-m", "18014398509481983k"));
    abx_command_line_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_built_but_not_started),
        cmocka_unit_test(test_every_end_of_the_guest_ends_qemu),
        cmocka_unit_test(test_connections_go_by_descriptor),
        cmocka_unit_test(test_x86_64_machine),
        cmocka_unit_test(test_arm64_machine),
        cmocka_unit_test(test_nested_is_given_only_when_asked_for),
        cmocka_unit_test(test_boot_values_go_unchanged),
        cmocka_unit_test(test_nothing_to_boot_is_left_out),
        cmocka_unit_test(test_the_fullest_configuration_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
