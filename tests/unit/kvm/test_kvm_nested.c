/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/nested.h"

#include "cmocka_kvm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The CPU that the tests pretend to have. */
static struct {
    bool hypervisor, vmx, svm, extended;
    const char *first, *second; /* signatures at 0x40000000 and 0x40000100 */
} cpu;

static void fake_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4])
{
    (void)subleaf;
    memset(registers, 0, 4 * sizeof(*registers));
    const char *signature = leaf == 0x40000000 ? cpu.first : leaf == 0x40000100 ? cpu.second : NULL;
    if (signature)
        memcpy(&registers[1], signature, strnlen(signature, 12));
    if (leaf == 1)
        registers[2] = (cpu.hypervisor ? 1u << 31 : 0) | (cpu.vmx ? 1u << 5 : 0);
    if (leaf == 0x80000000)
        registers[0] = cpu.extended ? 0x80000008 : 0;
    if (leaf == 0x80000001)
        registers[2] = cpu.svm ? 1u << 2 : 0;
}

static char root[] = "/tmp/abx-nested-XXXXXX";
static const abx_nested_sources sources = { .root = root, .cpuid = fake_cpuid };

static void make_folder(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", root, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void remove_path(const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", root, name);
    assert_int_equal(remove(path), 0);
}

static const char *const folders[] = { "/sys",
                                       "/sys/module",
                                       "/sys/module/kvm_intel",
                                       "/sys/module/kvm_intel/parameters",
                                       "/sys/module/kvm_amd",
                                       "/sys/module/kvm_amd/parameters" };
enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };
static const char intel_nested[] = "/sys/module/kvm_intel/parameters/nested";
static const char amd_nested[] = "/sys/module/kvm_amd/parameters/nested";

static int make_root(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(root));
    for (size_t i = 0; i < FOLDERS; i++)
        make_folder(folders[i]);
    write_file(intel_nested, "Y\n");
    write_file(amd_nested, "1\n");
    return 0;
}

static int remove_root(void **state)
{
    (void)state;
    remove_path(intel_nested);
    remove_path(amd_nested);
    for (size_t i = FOLDERS; i-- > 0;)
        remove_path(folders[i]);
    return rmdir(root);
}

static void bare_metal_has_no_signature(void **state)
{
    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    cpu.first = "rubbish";
    char signature[16] = "old";
    assert_int_equal(abx_nested_host(&sources, signature), ABX_NESTING_BARE_METAL);
    assert_string_equal(signature, "");
}

static void a_guest_sees_the_hypervisor(void **state)
{
    (void)state;
    const struct {
        const char *first, *second, *seen;
    } cases[] = {
        { "KVMKVMKVM", NULL, "KVMKVMKVM" },
        { "VMwareVMware", NULL, "VMwareVMware" },
        { "Microsoft Hv", "KVMKVMKVM", "KVMKVMKVM" },
        { "Microsoft Hv", NULL, "Microsoft Hv" },
        { "XenVMMXenVMM", "KVMKVMKVM", "XenVMMXenVMM" },
        { " lrpepyh  vr", NULL, " lrpepyh  vr" },
        { "a\nb\x7f\xff"
          "c",
          NULL, "abc" },
        { NULL, NULL, "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char signature[16] = "old";
        memset(&cpu, 0, sizeof(cpu));
        cpu.hypervisor = true;
        cpu.first = cases[i].first;
        cpu.second = cases[i].second;
        assert_int_equal(abx_nested_host(&sources, signature), ABX_NESTING_GUEST);
        assert_string_equal(signature, cases[i].seen);
    }
}

static void says_why_guests_are_given_none(void **state)
{
    (void)state;
    memset(&cpu, 0, sizeof(cpu));
    assert_string_equal(abx_nested_obstacle(&sources), "there is none to pass on");

    cpu.vmx = true;
    assert_string_equal(abx_nested_obstacle(&sources), "this KVM does not offer it");
    write_file(intel_nested, "N\n");
    assert_string_equal(abx_nested_obstacle(&sources), "module kvm_intel is loaded with nested=0");
    write_file(intel_nested, ""); /* not readable */
    assert_string_equal(abx_nested_obstacle(&sources), "this KVM does not offer it");

    cpu.vmx = false;
    cpu.svm = cpu.extended = true;
    assert_string_equal(abx_nested_obstacle(&sources), "this KVM does not offer it");
    write_file(amd_nested, "0\n");
    assert_string_equal(abx_nested_obstacle(&sources), "module kvm_amd is loaded with nested=0");
    cpu.extended = false; /* the leaf with SVM's bit is not there */
    assert_string_equal(abx_nested_obstacle(&sources), "there is none to pass on");
}

static void names_how_guests_run(void **state)
{
    (void)state;
    bool hardware;
    memset(&cpu, 0, sizeof(cpu));
    cpu.vmx = true;
    assert_string_equal(abx_nested_technology(&sources, &hardware), "Intel VMX");
    assert_true(hardware);
    cpu.vmx = false;
    cpu.svm = cpu.extended = true;
    assert_string_equal(abx_nested_technology(&sources, &hardware), "AMD SVM");
    assert_true(hardware);
    cpu.svm = false;
    assert_string_equal(abx_nested_technology(&sources, &hardware), "software");
    assert_false(hardware);
    make_folder("/sys/module/kvm_pvm");
    assert_string_equal(abx_nested_technology(&sources, &hardware), "PVM (software)");
    assert_false(hardware);
    assert_string_equal(abx_nested_technology(&sources, NULL), "PVM (software)");
    remove_path("/sys/module/kvm_pvm");
}

static void unreadable_parameters_fall_back(void **state)
{
    (void)state;
    assert_true(abx_nested_module_flag(&sources, "kvm_none", "nested", true));
    assert_false(abx_nested_module_flag(&sources, "kvm_none", "nested", false));
    assert_true(abx_nested_has_module(&sources, "kvm_amd"));
    assert_false(abx_nested_has_module(&sources, "kvm_none"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_metal_has_no_signature),     cmocka_unit_test(a_guest_sees_the_hypervisor),
        cmocka_unit_test(says_why_guests_are_given_none),  cmocka_unit_test(names_how_guests_run),
        cmocka_unit_test(unreadable_parameters_fall_back),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
