/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A whole machine: VM, boot, devices and the threads that run them. libarcbox-vmm. */
#ifndef ARCBOX_MACHINE_H
#define ARCBOX_MACHINE_H

#include <arcbox/boot.h>
#include <arcbox/config.h>
#include <arcbox/event.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef struct abx_machine abx_machine;

/*
 * What a device is. A machine has those that its configuration lists, and no others but its interrupt controllers and,
 * with acpi, ACPI's own registers. A managed backend brings a platform of its own: of the list it takes SERIAL and
 * DEBUG_EXIT, refuses FW_CFG, and has the others or not as its platform does. On ARM64
 * registers are in memory, where arm64.h says.
 */
typedef enum abx_device_kind {
    ABX_DEVICE_NONE = 0,
    ABX_DEVICE_SERIAL,       /* 16550A at port 0x3f8, line 4; ARM64: PL011 */
    ABX_DEVICE_I8042,        /* x86_64: ports 0x60 and 0x64, reset only, no keyboard */
    ABX_DEVICE_RTC,          /* MC146818 clock and CMOS memory at ports 0x70 and 0x71; ARM64: PL031 */
    ABX_DEVICE_DEBUG_EXIT,   /* a write of v ends the machine with status (v << 1) | 1, as QEMU's isa-debug-exit */
    ABX_DEVICE_FW_CFG,       /* QEMU's firmware configuration interface at ports 0x510 to 0x51b */
    ABX_DEVICE_PVPANIC,      /* QEMU's panic notification at port 0x505 */
    ABX_DEVICE_POWER_BUTTON, /* ARM64: line 3 of a PL061 */
} abx_device_kind;

/* A named blob for fw_cfg: from memory, or from a file where `path` is not NULL. */
typedef struct abx_fw_cfg_file {
    const char *name; /* at most 55 bytes, "opt/org.example/thing" */
    const char *path;
    const void *data;
    size_t length;
} abx_fw_cfg_file;

/* ABX_DEVICE_SERIAL. The descriptors stay the caller's and must stay open until the machine is gone. */
typedef struct abx_serial_config {
    int input_fd;  /* -1: none */
    int output_fd; /* -1: thrown away */
} abx_serial_config;

/* ABX_DEVICE_DEBUG_EXIT. */
typedef struct abx_debug_exit_config {
    uint16_t port; /* x86_64: 0 stands for 0xf4. 1, 2 or 4 byte writes */
} abx_debug_exit_config;

/* ABX_DEVICE_FW_CFG. */
typedef struct abx_fw_cfg_config {
    const abx_fw_cfg_file *files;
    size_t count;
} abx_fw_cfg_config;

/* One device. */
typedef struct abx_device_config {
    abx_device_kind kind;
    union {
        abx_serial_config serial;
        abx_debug_exit_config debug_exit;
        abx_fw_cfg_config fw_cfg;
    };
} abx_device_config;

/* The configuration of a machine. All that it points to is copied by abx_machine_create(). */
typedef struct abx_machine_config {
    size_t size; /* set by ABX_MACHINE_CONFIG_INIT */
    /* With irqchip DEFAULT an ARM64 machine brings a controller of its own (GICv3) where the backend has none in the
     * kernel and has ABX_CAP_IRQ_INPUTS. */
    abx_vm_config
        vm; /* CPUs, memory …; its boot, console and debug_exit are filled in from below for managed backends */
    const char *kernel;
    abx_kernel_options kernel_options;
    const char *initrd;
    const char *cmdline;
    const char *const *modules; /* Multiboot */
    size_t module_count;
    const abx_device_config *devices;
    size_t device_count;
    abx_choice
        acpi; /* x86_64; default: yes for Linux and PVH kernels. ARM64 kernels, but for flat ones, have a device tree */
} abx_machine_config;

#define ABX_MACHINE_CONFIG_INIT                                                                                        \
    {                                                                                                                  \
        .size = sizeof(abx_machine_config), .vm = ABX_VM_CONFIG_INIT, .kernel_options = ABX_KERNEL_OPTIONS_INIT        \
    }

/* How a machine came to its end. */
typedef enum abx_machine_end {
    ABX_END_NONE = 0,   /* it has not ended */
    ABX_END_SHUTDOWN,   /* the guest switched itself off */
    ABX_END_RESET,      /* the guest asked for a reset; machines do not start again by themselves */
    ABX_END_PANIC,      /* the guest told of a panic: that ends the machine, before it could reset itself */
    ABX_END_FAULT,      /* triple fault, or a processor state that cannot go on */
    ABX_END_DEBUG_EXIT, /* debug-exit port; code is the status */
    ABX_END_HALT, /* every vCPU halted for good: without interrupt controllers, or x86_64: with interrupts off on a flat
                     image, or ARM64: the last one switched itself off */
    ABX_END_STOPPED, /* abx_machine_stop() */
    ABX_END_FAILED,  /* the VMM or the backend failed; text says how */
} abx_machine_end;

typedef struct abx_machine_result {
    abx_machine_end end;
    uint64_t code;
    char text[256]; /* details for a person, or "" */
} abx_machine_result;

/* "shutdown", "reset" … Static storage. */
ABX_API const char *abx_machine_end_name(abx_machine_end end);

/*
 * Builds a machine: VM, RAM, kernel and initrd in place, devices, threads waiting. No guest instruction runs. The
 * hypervisor is kept open. On success `*out` is the caller's: abx_machine_destroy(). Any thread. Errors: those of
 * abx_vm_create(), abx_kernel_open(), abx_boot_load(); ABX_ERR_CONFIG names every faulty device field.
 */
ABX_API abx_status abx_machine_create(abx_machine **out, abx_hypervisor *hypervisor,
                                      const abx_machine_config *config) ABX_MUST_CHECK;

/* As abx_vm_start(), abx_vm_pause() and abx_vm_resume(), with the devices' workers. Any thread but the machine's own.
 */
ABX_API abx_status abx_machine_start(abx_machine *machine) ABX_MUST_CHECK;
ABX_API abx_status abx_machine_pause(abx_machine *machine) ABX_MUST_CHECK;
ABX_API abx_status abx_machine_resume(abx_machine *machine) ABX_MUST_CHECK;

/*
 * Presses the power button, which asks the guest to switch itself off; it may take its time, or not do so. Any thread.
 * Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (the machine has none: ABX_DEVICE_POWER_BUTTON).
 */
ABX_API abx_status abx_machine_press_power_button(abx_machine *machine) ABX_MUST_CHECK;

/* Ends the machine now, from any state; the guest is not asked. Any thread but the machine's own. */
ABX_API abx_status abx_machine_stop(abx_machine *machine);

/*
 * Waits until the machine has ended, at most `timeout_ms` milliseconds (-1: for ever, 0: only looks), and says how. Any
 * thread but the machine's own; several may wait. Errors: ABX_ERR_INVALID, ABX_ERR_TIMEOUT (it has not ended; `*result`
 * is untouched; no error record is made).
 */
ABX_API abx_status abx_machine_wait(abx_machine *machine, int timeout_ms, abx_machine_result *result) ABX_MUST_CHECK;

/* Stops it if need be, ends its threads and gives everything back. NULL is allowed. Any thread but the machine's own.
 */
ABX_API void abx_machine_destroy(abx_machine *machine);

/* Its VM: for state, events and memory. Valid as long as the machine. */
ABX_API abx_vm *abx_machine_get_vm(const abx_machine *machine);

ABX_END_DECLS

#endif
