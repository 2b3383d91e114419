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
    uint64_t discard_failures;                   /* how often the host refused to take such memory */
    uint64_t reported;                           /* bytes that the guest reported free, whether they went or not */
    uint64_t reported_ns;                        /* CLOCK_MONOTONIC when the last report came; 0: none yet */
    uint64_t statistics_ns;                      /* CLOCK_MONOTONIC when the statistics came; 0: none yet */
    uint32_t known;                              /* set of 1u << abx_balloon_statistic: which the guest has told */
    uint64_t statistics[ABX_BALLOON_STATISTICS]; /* 0 where not known */
    uint64_t hint_runs;                          /* how often abx_machine_balloon_hint() had an answer, and … */
    uint64_t hinted; /* … how many bytes the guest named as free in all of them; 0 on managed backends */
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

/* A piece of the guest's memory; whole pages of 4 KiB. */
typedef struct abx_balloon_range {
    abx_gpa gpa;
    uint64_t length; /* in bytes, not 0 */
} abx_balloon_range;

/* The most that are told of: those with the lowest addresses. */
enum { ABX_BALLOON_RANGES_MAX = 65536 };

/*
 * What came of abx_machine_balloon_hint(), once, in the thread of the machine's loop: it must not block. With ABX_OK
 * `ranges` are what the guest named as free, in ascending order, merged; they are the library's and gone when it
 * returns. Otherwise there are none, and abx_last_error() says why: ABX_ERR_STATE (cancelled), ABX_ERR_LOST (the
 * driver was reset, or the machine is being destroyed), ABX_ERR_NO_MEMORY. It may look at the balloon, but neither ask
 * for hints again nor destroy the machine.
 */
typedef void (*abx_balloon_hinted)(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count);

/*
 * Asks the guest which of its memory is free, by free page hinting; `done` hears the answer, and an ABX_EVENT_BALLOON
 * with the text "hints" follows. Linux names whole blocks of its largest size, 4 MiB with pages of 4 KiB, and holds
 * them until `done` has returned; then it has them back.
 *
 * What a hint means: these pages were free at some moment after this call. The guest may have taken them back and
 * written them since, even before `done`. So nothing may be discarded by a hint alone; but a snapshot or a copier that
 * has logged writes since before this call (abx_memory_log_dirty()) may leave out those that were not written, as
 * nobody misses their content. Hints enter nothing in that log by themselves. They are void for regions that were
 * exchanged since. A guest that fills free pages with a pattern of its own (page poison) names none.
 *
 * A guest may never answer; no clock runs: see abx_machine_balloon_cancel_hint(). One run at a time. Any thread.
 * Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (no such device, a managed backend), ABX_ERR_STATE (the guest has no
 * driver for it, or one without hinting; the machine has ended), ABX_ERR_BUSY (it is being asked), ABX_ERR_NO_MEMORY.
 */
ABX_API abx_status abx_machine_balloon_hint(abx_machine *machine, abx_balloon_hinted done,
                                            void *payload) ABX_MUST_CHECK;

/*
 * Ends that: when it returns `done` has been called, and the guest gets its pages back. Any thread but vCPUs', and none
 * that the loop waits for. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED (as above), ABX_ERR_STATE (nobody is asking,
 * or not any more).
 */
ABX_API abx_status abx_machine_balloon_cancel_hint(abx_machine *machine);

ABX_END_DECLS

#endif
