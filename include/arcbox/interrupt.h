/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts into the guest and doorbells out of it. All calls: any thread. */
#ifndef ARCBOX_INTERRUPT_H
#define ARCBOX_INTERRUPT_H

#include <arcbox/base.h>
#include <arcbox/error.h>
#include <arcbox/vm.h>

ABX_BEGIN_DECLS

/*
 * Sets interrupt line `gsi` (0 to capabilities.max_gsi - 1) to `level`. A pulse is true, then false. Needs interrupt
 * controllers in the kernel. Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT (no such line), ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_STATE (the VM has no in-kernel controller), ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_irq_set_line(abx_vm *vm, uint32_t gsi, bool level) ABX_MUST_CHECK;

/* A message-signalled interrupt, as a device writes it. */
typedef struct abx_msi {
    uint64_t address;
    uint32_t data;
    uint32_t device_id; /* ARM64 ITS; otherwise 0 */
} abx_msi;

/* Sends one. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_NOT_FOUND (no vCPU takes it),
 * ABX_ERR_SYSTEM. */
ABX_API abx_status abx_irq_send_msi(abx_vm *vm, const abx_msi *msi) ABX_MUST_CHECK;

typedef enum abx_route_kind {
    ABX_ROUTE_IRQCHIP, /* to a pin of a controller */
    ABX_ROUTE_MSI,     /* to a message */
} abx_route_kind;

/* Where a line leads. A line may have several IRQCHIP routes or one MSI route. */
typedef struct abx_route {
    uint32_t gsi;
    abx_route_kind kind;
    uint32_t irqchip; /* x86_64: 0 PIC master, 1 PIC slave, 2 IOAPIC; ARM64: 0 */
    uint32_t pin;     /* ARM64: an SPI */
    abx_msi msi;
} abx_route;

/*
 * Replaces all routes of the VM. (The default on x86_64 with in-kernel controllers: lines 0 to 15 to PIC and IOAPIC, 16
 * to 23 to the IOAPIC. On ARM64 line n leads to SPI n; routes are for descriptors, abx_irq_set_line() is always for
 * SPIs.) Errors: ABX_ERR_INVALID, ABX_ERR_LIMIT, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_NO_MEMORY,
 * ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_irq_set_routes(abx_vm *vm, const abx_route *routes, size_t count) ABX_MUST_CHECK;

/*
 * Binds eventfd `fd` to line `gsi`: each write to it pulses the line. With `resample_fd` (-1: none) the line is level:
 * it is raised by a write to `fd`, lowered when the guest ends the interrupt, and `resample_fd` is then signalled. Both
 * stay the caller's and may be closed after detaching. Errors: ABX_ERR_INVALID, ABX_ERR_EXISTS (this fd is bound),
 * ABX_ERR_LIMIT, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_SYSTEM.
 */
ABX_API abx_status abx_irqfd_attach(abx_vm *vm, int fd, uint32_t gsi, int resample_fd) ABX_MUST_CHECK;

/* Undoes it; when it returns no more interrupts come from `fd`. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_SYSTEM. */
ABX_API abx_status abx_irqfd_detach(abx_vm *vm, int fd, uint32_t gsi) ABX_MUST_CHECK;

/* A doorbell: guest writes at this address signal the descriptor and do not come out as exits. */
typedef struct abx_ioeventfd {
    size_t size;      /* set by ABX_IOEVENTFD_INIT */
    uint64_t address; /* GPA, or port number */
    uint32_t length;  /* 1, 2, 4 or 8 bytes; 0: any length (ABX_CAP_IOEVENTFD_ANY_LENGTH) */
    bool port_io;     /* x86: a port */
    bool match;       /* only writes of `value` */
    uint64_t value;
    int fd; /* eventfd of the caller's */
} abx_ioeventfd;

#define ABX_IOEVENTFD_INIT                                                                                             \
    {                                                                                                                  \
        .size = sizeof(abx_ioeventfd), .fd = -1                                                                        \
    }

/* Errors: ABX_ERR_INVALID (length, value wider than length, descriptor), ABX_ERR_EXISTS, ABX_ERR_LIMIT,
 * ABX_ERR_NOT_SUPPORTED, ABX_ERR_SYSTEM. */
ABX_API abx_status abx_ioeventfd_attach(abx_vm *vm, const abx_ioeventfd *doorbell) ABX_MUST_CHECK;

/* Undoes it; all fields as they were. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_FOUND, ABX_ERR_NOT_SUPPORTED,
 * ABX_ERR_SYSTEM. */
ABX_API abx_status abx_ioeventfd_detach(abx_vm *vm, const abx_ioeventfd *doorbell) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
