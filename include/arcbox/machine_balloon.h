/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The memory balloon of machines, on every backend: what the guest may use, what it does use, what came back. The
 * machine needs an ABX_DEVICE_BALLOON. On managed backends this stands on abx_balloon_set_target() and
 * abx_balloon_get_target(), and their errors are added to those below.
 */
#ifndef ARCBOX_MACHINE_BALLOON_H
#define ARCBOX_MACHINE_BALLOON_H

#include <arcbox/machine.h>

ABX_BEGIN_DECLS

/* What guests tell of their memory: Virtio 1.2, section 5.5.6.4, and from ABX_BALLOON_OOM_KILL on Linux' own
 * (linux/virtio_balloon.h). In bytes where it does not say otherwise; since the guest's start where it is a count. */
typedef enum abx_balloon_statistic {
    ABX_BALLOON_SWAP_IN = 0,
    ABX_BALLOON_SWAP_OUT,
    ABX_BALLOON_MAJOR_FAULTS,         /* a count: page faults that had to read from a disk */
    ABX_BALLOON_MINOR_FAULTS,         /* a count: all others */
    ABX_BALLOON_FREE,                 /* memory used for nothing */
    ABX_BALLOON_TOTAL,                /* memory that there is */
    ABX_BALLOON_AVAILABLE,            /* what programs could get without swapping */
    ABX_BALLOON_CACHES,               /* what can be had at once from caches of files */
    ABX_BALLOON_HUGE_PAGES_ALLOCATED, /* a count */
    ABX_BALLOON_HUGE_PAGES_FAILED,    /* a count */
    ABX_BALLOON_OOM_KILL,             /* a count: programs ended for want of memory */
    ABX_BALLOON_ALLOCATION_STALL,     /* a count: allocations that had to wait */
    ABX_BALLOON_SCAN_ASYNC,           /* looked at in the background for something to reclaim */
    ABX_BALLOON_SCAN_DIRECT,          /* … by those that allocate */
    ABX_BALLOON_RECLAIM_ASYNC,        /* … and reclaimed */
    ABX_BALLOON_RECLAIM_DIRECT,
    ABX_BALLOON_STATISTICS, /* how many this header knows */
} abx_balloon_statistic;

/* A balloon as it is now. */
typedef struct abx_balloon_info {
    size_t size;        /* set by ABX_BALLOON_INFO_INIT */
    uint64_t target;    /* bytes that the guest is asked to do with */
    bool actual_known;  /* false on managed backends, and while the guest has no driver for the balloon */
    uint64_t actual;    /* bytes that the guest keeps: what it has not given into the balloon */
    uint64_t discarded; /* bytes that the host got so far, from the balloon or reported free. As the guest may use them
                           again this only grows; pages that it never touched count too. 0 on managed backends: not
                           known */
    uint64_t statistics_ns;                      /* CLOCK_MONOTONIC when the statistics came; 0: none yet */
    uint32_t known;                              /* set of 1u << abx_balloon_statistic: which the guest has told */
    uint64_t statistics[ABX_BALLOON_STATISTICS]; /* 0 where not known */
} abx_balloon_info;

#define ABX_BALLOON_INFO_INIT                                                                                          \
    {                                                                                                                  \
        .size = sizeof(abx_balloon_info)                                                                               \
    }

/* "free", "available", "swap-in" and the like: lower case, stable; NULL out of range. Static storage. */
ABX_API const char *abx_balloon_statistic_name(abx_balloon_statistic statistic);

/*
 * Asks the guest to use `bytes` of its memory, rounded up to 4 KiB: the configuration's minimum, at least 1, up to the
 * machine's memory. It may take its time, or not do it; an ABX_EVENT_BALLOON tells of what it does. A machine that has
 * not started yet begins with it. With policy AUTO the policy goes on from there. Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_LIMIT (`bytes` out of range), ABX_ERR_NOT_SUPPORTED (no such device), ABX_ERR_STATE (the machine has ended).
 */
ABX_API abx_status abx_machine_balloon_set_target(abx_machine *machine, uint64_t bytes) ABX_MUST_CHECK;

/*
 * Fills `*info` in, which starts from ABX_BALLOON_INFO_INIT. The guest is not asked: statistics are those that it told
 * last. Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (no such device).
 */
ABX_API abx_status abx_machine_balloon_get_info(abx_machine *machine, abx_balloon_info *info) ABX_MUST_CHECK;

/*
 * Asks the guest for fresh statistics. When they are there an ABX_EVENT_BALLOON with the text "statistics" tells so; a
 * guest may never answer. Several requests may get one answer. Any thread. Errors: ABX_ERR_INVALID,
 * ABX_ERR_NOT_SUPPORTED (no such device, a managed backend), ABX_ERR_STATE (the guest has no driver for it, or one
 * without statistics; the machine has ended).
 */
ABX_API abx_status abx_machine_balloon_ask(abx_machine *machine) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
