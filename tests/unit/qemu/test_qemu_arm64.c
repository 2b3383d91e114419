/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Guests of another architecture: a few ARM64 instructions on bare metal. */
#include "qemu_rig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By PSCI (Arm DEN 0022), section 5.1: function numbers of the 32-bit calling convention. */
#define SYSTEM_OFF   0x8
#define SYSTEM_RESET 0x9

/* Prints "ok\n" on the PL011 of QEMU's "virt" machine and makes PSCI call `function`. */
static void write_kernel(int fd, uint32_t function)
{
    const uint32_t code[] = {
        0xd2a12001,                   /* mov  x1, #0x09000000 */
        0x52800de0,                   /* mov  w0, #'o' */
        0xb9000020,                   /* str  w0, [x1] */
        0x52800d60,                   /* mov  w0, #'k' */
        0xb9000020,                   /* str  w0, [x1] */
        0x52800140,                   /* mov  w0, #'\n' */
        0xb9000020,                   /* str  w0, [x1] */
        0x52b08000,                   /* mov  w0, #0x84000000 */
        0x72800000 | (function << 5), /* movk w0, #function */
        0xd4000002,                   /* hvc  #0 */
        0x14000000,                   /* b    . */
    };
    assert_int_equal(write(fd, code, sizeof(code)), sizeof(code));
    assert_int_equal(close(fd), 0);
}

static void expect_end(uint32_t function, abx_event_kind kind)
{
    qemu_rig rig;
    char path[] = "/tmp/abx-arm64-XXXXXX";
    write_kernel(mkstemp(path), function);
    qemu_rig_open(&rig, ABX_ARCH_ARM64);
    abx_vm_config config = qemu_rig_config(&rig, "");
    config.boot = (abx_boot_config){ .kernel = path };
    config.memory_size = 64u << 20;
    config.device_count = 1;
    config.cpus = 2;
    assert_ok(abx_vm_create(&rig.vm, rig.hypervisor, &config));
    assert_int_equal(abx_vm_get_config(rig.vm)->arch, ABX_ARCH_ARM64);
    assert_ok(abx_vm_start(rig.vm));
    qemu_rig_expect(&rig, "ok\n");
    abx_event event = qemu_rig_wait_state(&rig, ABX_VM_STOPPED);
    assert_string_equal(abx_event_kind_name(event.kind), abx_event_kind_name(kind));
    unlink(path);
    qemu_rig_close(&rig);
}

static void test_power_off(void **state)
{
    (void)state;
    expect_end(SYSTEM_OFF, ABX_EVENT_GUEST_SHUTDOWN);
}

static void test_reset(void **state)
{
    (void)state;
    expect_end(SYSTEM_RESET, ABX_EVENT_GUEST_RESET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_off),
        cmocka_unit_test(test_reset),
    };
    if (!qemu_is_there(ABX_ARCH_ARM64))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
