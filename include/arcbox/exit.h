/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Why a vCPU left the guest: one structure, filled in place, nothing allocated. */
#ifndef ARCBOX_EXIT_H
#define ARCBOX_EXIT_H

#include <arcbox/base.h>

ABX_BEGIN_DECLS

typedef enum abx_exit_kind {
    ABX_EXIT_UNKNOWN = 0,     /* a reason this library does not know: `unknown` */
    ABX_EXIT_IO,              /* port I/O (x86): `io` */
    ABX_EXIT_MMIO,            /* access to an address without memory: `mmio` */
    ABX_EXIT_HALT,            /* the guest waits for an interrupt, and nobody in the kernel waits for it */
    ABX_EXIT_HYPERCALL,       /* `hypercall` */
    ABX_EXIT_SHUTDOWN,        /* triple fault or the like: the vCPU cannot go on */
    ABX_EXIT_SYSTEM_EVENT,    /* guest reset, shutdown, crash …: `system_event` */
    ABX_EXIT_DEBUG,           /* single step or breakpoint: `debug` */
    ABX_EXIT_MSR_READ,        /* `msr`: put the value in data, or set error */
    ABX_EXIT_MSR_WRITE,       /* `msr` */
    ABX_EXIT_IRQ_WINDOW,      /* the guest can take an interrupt now, as asked with abx_vcpu_request_irq_window() */
    ABX_EXIT_IOAPIC_EOI,      /* split irqchip: the guest ended a level interrupt: `eoi_vector` */
    ABX_EXIT_DIRTY_RING_FULL, /* harvest before running on */
    ABX_EXIT_FAIL_ENTRY,      /* the hardware refused to enter the guest: `fail_entry` */
    ABX_EXIT_INTERNAL_ERROR,  /* the kernel gave up: `internal_error` */
    ABX_EXIT_INTERRUPTED,     /* abx_vcpu_kick() */
    ABX_EXIT_STOPPED,         /* the VM was stopped; this vCPU will not run again */
    ABX_EXIT_EXCEPTION,       /* `exception` */
    ABX_EXIT_NMI,             /* the host got an NMI; run again */
    ABX_EXIT_TPR_ACCESS,      /* `tpr` */
    ABX_EXIT_SET_TPR,         /* the guest lowered its task priority (no in-kernel irqchip) */
    ABX_EXIT_BUS_LOCK,        /* a bus lock was held */
    ABX_EXIT_NOTIFY,          /* no event window for too long: `notify_flags` */
    ABX_EXIT_MEMORY_FAULT,    /* guest memory that the host cannot give: `memory_fault` */
    ABX_EXIT_SYSREG,          /* trapped system register (ARM64): `sysreg` */
    ABX_EXIT_DATA_ABORT,      /* access to an address without memory, by an instruction that the hardware does not
                                 describe (ARM64): `data_abort` */
    ABX_EXIT_TIMER, /* the guest's virtual timer fired, and no controller in the kernel takes it (ARM64); it is
                       masked until abx_arm64_unmask_timer() */
} abx_exit_kind;

typedef enum abx_direction {
    ABX_READ = 0, /* the guest reads: the caller fills data before the next run */
    ABX_WRITE = 1,
} abx_direction;

/* One IN, OUT, INS or OUTS. `data` holds `count` elements of `size` bytes, one after the other, all for the same port.
 */
typedef struct abx_exit_io {
    uint8_t direction; /* abx_direction */
    uint8_t size;      /* 1, 2 or 4 */
    uint16_t port;
    uint32_t count; /* at least 1 */
    void *data;     /* count × size bytes in place; valid until the next call on this vCPU */
} abx_exit_io;

/* An access of 1 to 8 bytes. `data` is in the guest's byte order (little endian). */
typedef struct abx_exit_mmio {
    abx_gpa address;
    uint8_t size;      /* 1 to 8 */
    uint8_t direction; /* abx_direction */
    uint8_t *data;     /* in place; valid until the next call on this vCPU */
} abx_exit_mmio;

typedef struct abx_exit_hypercall {
    uint64_t number;
    uint64_t arguments[6];
    uint64_t *result; /* where the guest's result goes; never NULL */
    uint64_t flags;   /* bit 0: 64-bit mode on x86_64, SMC in place of HVC on ARM64; others are the backend's */
} abx_exit_hypercall;

/*
 * ABX_SYSTEM_SUSPEND, by kvm on ARM64: the guest called SYSTEM_SUSPEND (Arm DEN 0022, 5.19). Nothing has been done and
 * the registers are as they were: X1 is where the vCPU begins when it wakes up, X2 what it finds in X0 then. The caller
 * either refuses, with a PSCI error in X0, or sets ABX_MP_SUSPENDED and runs on. The vCPU then sleeps in the kernel,
 * and ABX_SYSTEM_WAKEUP tells that an interrupt has come for it, again at every run until it is awake:
 * abx_arm64_reset(), PC and X0 as the guest asked, ABX_MP_RUNNABLE. That the other vCPUs are off is the guest's duty.
 */
typedef enum abx_system_event {
    ABX_SYSTEM_UNKNOWN = 0,
    ABX_SYSTEM_SHUTDOWN,
    ABX_SYSTEM_RESET,
    ABX_SYSTEM_CRASH,
    ABX_SYSTEM_WAKEUP,
    ABX_SYSTEM_SUSPEND,
    ABX_SYSTEM_TERMINATE,
} abx_system_event;

typedef struct abx_exit_system_event {
    abx_system_event event;
    uint32_t raw_type;   /* the backend's number */
    uint32_t data_count; /* how many of data are valid */
    uint64_t data[4];    /* the backend's; kvm on ARM64, resets: data[0] is 1 for SYSTEM_RESET2, with its kind in X1 and
                            its cookie in X2, and 0 for SYSTEM_RESET */
} abx_exit_system_event;

typedef struct abx_exit_debug {
    uint64_t pc;
    uint64_t dr6; /* x86_64: which breakpoint or step, see debug.h */
    uint64_t dr7;
    uint32_t exception; /* x86_64: 1 (#DB) or 3 (#BP) */
    uint32_t syndrome;  /* ARM64: ESR_EL2 */
    uint64_t address;   /* ARM64: what a watchpoint watched (FAR_EL2) */
} abx_exit_debug;

typedef struct abx_exit_msr {
    uint32_t index;
    uint32_t reason; /* why it came out: 1 unknown MSR, 2 invalid access, 4 filter (KVM_MSR_EXIT_REASON_*) */
    uint64_t *data;  /* in place: write what the guest reads, read what it wrote */
    uint8_t *error;  /* in place: set to 1 and the guest gets #GP */
} abx_exit_msr;

typedef struct abx_exit_fail_entry {
    uint64_t hardware_reason;
    uint32_t cpu; /* host CPU, or UINT32_MAX */
} abx_exit_fail_entry;

typedef struct abx_exit_internal_error {
    uint32_t suberror;   /* 1 emulation, 2 simultaneous exception, 3 delivery of an event, 4 unexpected exit
                            (KVM_INTERNAL_ERROR_*) */
    uint32_t data_count; /* how many of data are valid */
    uint64_t data[16];
    uint8_t instruction_size; /* bytes that were fetched; 0: not known */
    uint8_t instruction[15];
} abx_exit_internal_error;

typedef struct abx_exit_exception {
    uint32_t vector;
    uint32_t error_code;
} abx_exit_exception;

typedef struct abx_exit_tpr {
    uint64_t pc;
    bool is_write;
} abx_exit_tpr;

typedef struct abx_exit_memory_fault {
    abx_gpa address;
    uint64_t length;
    uint64_t flags;
} abx_exit_memory_fault;

typedef struct abx_exit_sysreg {
    uint32_t reg;      /* op0, op1, CRn, CRm, op2 as in an MRS instruction */
    uint8_t direction; /* abx_direction */
    uint64_t *data;
} abx_exit_sysreg;

/*
 * The instruction makes several accesses, or changes its address register. It has not been executed: emulate it and
 * move PC behind it, or give the guest an external abort (abx_arm64_set_events()); otherwise it comes again.
 */
typedef struct abx_exit_data_abort {
    abx_gpa address;
    uint64_t syndrome; /* ISS of ESR_EL2, without a valid description of the access */
} abx_exit_data_abort;

/* Everything about one exit. Pointers lead into the vCPU's own memory and are valid until the next call on it. */
typedef struct abx_exit {
    abx_exit_kind kind;
    uint32_t reason; /* the backend's own number (KVM_EXIT_*); 0 for exits of the library itself */
    union {
        abx_exit_io io;
        abx_exit_mmio mmio;
        abx_exit_hypercall hypercall;
        abx_exit_system_event system_event;
        abx_exit_debug debug;
        abx_exit_msr msr;
        abx_exit_fail_entry fail_entry;
        abx_exit_internal_error internal_error;
        abx_exit_exception exception;
        abx_exit_tpr tpr;
        abx_exit_memory_fault memory_fault;
        abx_exit_sysreg sysreg;
        abx_exit_data_abort data_abort;
        uint32_t notify_flags;
        uint8_t eoi_vector;
    };
} abx_exit;

/* "io", "mmio", "internal-error" … for reports. Static storage. */
ABX_API const char *abx_exit_kind_name(abx_exit_kind kind);

/*
 * One line about `exit` with all its details, for logs: "mmio read 4 at 0xfee00000". Writes at most `size` bytes with
 * the ending zero and returns the length it would have without a limit, as snprintf does. Any thread that may read the
 * exit.
 */
ABX_API size_t abx_exit_describe(const abx_exit *exit, char *buffer, size_t size);

ABX_END_DECLS

#endif
