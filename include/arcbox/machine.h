/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A whole machine: VM, boot, devices and the threads that run them. libarcbox-vmm. */
#ifndef ARCBOX_MACHINE_H
#define ARCBOX_MACHINE_H

#include <arcbox/boot.h>
#include <arcbox/config.h>
#include <arcbox/device.h>
#include <arcbox/event.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

typedef struct abx_machine abx_machine;

/* Who turns a machine's event loop, in which its virtio devices and its control socket work. */
typedef enum abx_loop_kind {
    ABX_LOOP_THREAD = 0, /* a thread of the machine's, which there is if something needs it */
    ABX_LOOP_CALLER,     /* the caller: abx_machine_dispatch() */
} abx_loop_kind;

/* The configuration of a machine. All that it points to is copied by abx_machine_create(). */
typedef struct abx_machine_config {
    size_t size;      /* set by ABX_MACHINE_CONFIG_INIT */
    abx_vm_config vm; /* CPUs, memory …; its boot and devices must be empty: they are filled in from below for managed
                         backends. With irqchip DEFAULT an ARM64 machine brings a controller of its own (GICv3) where
                         the backend has none in the kernel and has ABX_CAP_IRQ_INPUTS */
    const char *kernel;
    abx_kernel_options kernel_options;
    const char *initrd;
    const char *cmdline;
    const char *efi_variables;  /* managed backends, instead of the kernel: see abx_boot_config */
    const char *const *modules; /* Multiboot */
    size_t module_count;
    const abx_device_config *devices;
    size_t device_count;
    abx_choice
        acpi; /* x86_64; default: yes for Linux and PVH kernels. ARM64 kernels, but for flat ones, have a device tree */
    abx_loop_kind loop;
    abx_choice irqfd; /* manual backends with ABX_CAP_IRQFD: interrupts of virtio devices come by descriptors, as edges;
                         default: no, they are lines of the machine's own, which is faster where no other process brings
                         them (docs/virtio.md) */
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
    uint64_t code;  /* debug exit: the status; pvpanic: its bits; system event: its first word of data; else 0 */
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

/*
 * Builds a machine and starts it, as abx_machine_create() and abx_machine_start(), but no vCPU waits in between to be
 * told: the shortest way to the guest's first instruction. When a vCPU of several cannot be made, the guest may have
 * run a little by then; it is ended, and the failure told. Ownership, threads and errors are those of
 * abx_machine_create() and abx_machine_start().
 */
ABX_API abx_status abx_machine_launch(abx_machine **out, abx_hypervisor *hypervisor,
                                      const abx_machine_config *config) ABX_MUST_CHECK;

/* As abx_vm_start(), abx_vm_pause() and abx_vm_resume(), with the devices' workers. Any thread but the machine's own.
 */
ABX_API abx_status abx_machine_start(abx_machine *machine) ABX_MUST_CHECK;
ABX_API abx_status abx_machine_pause(abx_machine *machine) ABX_MUST_CHECK;
ABX_API abx_status abx_machine_resume(abx_machine *machine) ABX_MUST_CHECK;

/*
 * Presses the power button, which asks the guest to switch itself off; it may take its time, or not do so. On managed
 * backends this is abx_vm_request_stop(). A guest on x86_64 that has not got as far as its ACPI driver yet does not
 * hear of it. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (the machine has none:
 * ABX_DEVICE_POWER_BUTTON, on x86_64 with ACPI), and those of abx_vm_request_stop().
 */
ABX_API abx_status abx_machine_press_power_button(abx_machine *machine) ABX_MUST_CHECK;

/*
 * Tells the guest that the window of a console has a new size, in characters. `device` is the index in config.devices
 * of an ABX_DEVICE_CONSOLE; port 0 is its first, the n-th of `ports` is n + 1. Any thread. Errors: ABX_ERR_INVALID
 * (there is no such console), ABX_ERR_NOT_SUPPORTED (managed backends).
 */
ABX_API abx_status abx_machine_resize_console(abx_machine *machine, size_t device, uint32_t port, uint16_t columns,
                                              uint16_t rows) ABX_MUST_CHECK;

/* Ends the machine now, from any state; the guest is not asked. Any thread but the machine's own. */
ABX_API abx_status abx_machine_stop(abx_machine *machine);

/*
 * Waits until the machine has ended, at most `timeout_ms` milliseconds (-1: for ever, 0: only looks), and says how. Any
 * thread but the machine's own; several may wait. Errors: ABX_ERR_INVALID, ABX_ERR_TIMEOUT (it has not ended; `*result`
 * is untouched; no error record is made).
 */
ABX_API abx_status abx_machine_wait(abx_machine *machine, int timeout_ms, abx_machine_result *result) ABX_MUST_CHECK;

/*
 * For ABX_LOOP_CALLER, so that the machine's event loop is part of the caller's. The descriptor is readable while there
 * is something to do: for poll, epoll, kqueue and event loops; it is the machine's: do not read or close it. -1: the
 * machine turns its loop itself. Any thread.
 */
ABX_API int abx_machine_loop_fd(const abx_machine *machine);

/* How many milliseconds may pass until there is something to do even if the descriptor does not say so; -1: any time.
 * From the thread that dispatches. */
ABX_API int abx_machine_loop_timeout(const abx_machine *machine);

/*
 * Does what there is to do in the loop and returns without waiting: once before the first wait, then when the
 * descriptor is readable or the time is over. Always from one thread; not while another one destroys the machine. While
 * the machine runs, that thread does not wait for guest memory (abx_memory_remove() and whatever else waits for stays):
 * requests to disks keep it until they are done, which is learned of here. It pauses the machine before.
 * Errors: ABX_ERR_INVALID, ABX_ERR_STATE (the machine turns its loop itself).
 */
ABX_API abx_status abx_machine_dispatch(abx_machine *machine);

/* Stops it if need be, ends its threads and gives everything back. NULL is allowed. Any thread but the machine's own.
 */
ABX_API void abx_machine_destroy(abx_machine *machine);

/* Its VM: for state, events and memory. Valid as long as the machine. */
ABX_API abx_vm *abx_machine_get_vm(const abx_machine *machine);

ABX_END_DECLS

#endif
