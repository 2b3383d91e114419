/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The device's side of a virtqueue (Virtio 1.2, sections 2.6 to 2.8), split or packed. The guest is not trusted: what
 * it wrote is read once, checked, then used. What cannot be right breaks the queue, and a broken queue does nothing any
 * more until it is opened again.
 *
 * A queue is used by one thread at a time. All functions but open and close are called within a stay among the VM's
 * regions (abx_memory_enter()); the pointers in a chain are valid until that stay ends.
 */
#ifndef ABX_VMM_VIRTIO_QUEUE_H
#define ABX_VMM_VIRTIO_QUEUE_H

#include <arcbox/memory.h>

#include <sys/uio.h>

enum {
    ABX_VIRTQUEUE_SIZE_MAX = 32768, /* sections 2.7 and 2.8 */
    ABX_VIRTQUEUE_PIECES = 1024,    /* what readv(2) and writev(2) take at once: a good capacity for chains */
};

/* Why a queue is broken. */
typedef enum abx_virtqueue_fault {
    ABX_VIRTQUEUE_SOUND = 0,
    ABX_VIRTQUEUE_BAD_SIZE,     /* zero, too large, or of a split queue and no power of two */
    ABX_VIRTQUEUE_BAD_RING,     /* a part of the queue is misaligned, or not in one region of RAM that can be written */
    ABX_VIRTQUEUE_BAD_INDEX,    /* more is available than the queue has room for */
    ABX_VIRTQUEUE_BAD_HEAD,     /* a chain begins outside of the table */
    ABX_VIRTQUEUE_BAD_NEXT,     /* a chain leaves the table */
    ABX_VIRTQUEUE_BAD_LENGTH,   /* an empty buffer, or a chain of more than 2^32 bytes */
    ABX_VIRTQUEUE_BAD_ADDRESS,  /* a buffer that is not RAM, or read-only and to be written */
    ABX_VIRTQUEUE_BAD_ORDER,    /* a device-readable buffer after a device-writable one */
    ABX_VIRTQUEUE_BAD_INDIRECT, /* a table of buffers that was not negotiated, nested, chained, empty or ragged */
    ABX_VIRTQUEUE_TOO_LONG,     /* a chain of more buffers than the queue has entries, such as a loop */
    ABX_VIRTQUEUE_TOO_SPLIT,    /* a chain in more pieces than the device takes */
    ABX_VIRTQUEUE_REFUSED,      /* the device cannot make sense of a request: abx_virtqueue_break() */
} abx_virtqueue_fault;

/* "a chain leaves the table" and the like. Static storage. */
const char *abx_virtqueue_fault_text(abx_virtqueue_fault fault);

/* What the driver chose. */
typedef struct abx_virtqueue_layout {
    uint32_t size;       /* entries: 1 to ABX_VIRTQUEUE_SIZE_MAX; split: a power of two */
    bool packed;         /* VIRTIO_F_RING_PACKED */
    bool indirect;       /* VIRTIO_F_INDIRECT_DESC */
    bool event_index;    /* VIRTIO_F_EVENT_IDX */
    abx_gpa descriptors; /* split: the table; packed: the ring */
    abx_gpa driver;      /* split: the available ring; packed: the driver's event suppression */
    abx_gpa device;      /* split: the used ring; packed: the device's event suppression */
} abx_virtqueue_layout;

/* A queue. All zero is closed. Only `fault` is for others to read. */
typedef struct abx_virtqueue {
    abx_vm *vm; /* NULL: closed */
    abx_virtqueue_layout layout;
    abx_virtqueue_fault fault;
    uint32_t generation;     /* counts openings and closings: chains of an earlier one are no longer wanted */
    uint32_t in_flight;      /* entries taken and not given back: split: chains, packed: descriptors */
    uint32_t untold;         /* entries given back since abx_virtqueue_should_notify() */
    uint16_t next_available; /* split: a running index; packed: an entry */
    uint16_t next_used;
    bool available_wrap; /* packed: the wrap counters, section 2.8.1 */
    bool used_wrap;
    bool unwritten; /* set when it is open: its writable buffers are only spoken of, never written. They are not entered
                       in the dirty log, and may be read-only */
} abx_virtqueue;

/* A request: what the device reads, and then what it may write. */
typedef struct abx_virtqueue_chain {
    const struct iovec *readable;
    const struct iovec *writable;
    uint32_t readable_count;
    uint32_t writable_count;
    uint64_t readable_length; /* in bytes; both together are at most 2^32 */
    uint64_t writable_length;
    uint32_t generation; /* the queue's, from here on */
    uint16_t id;
    uint16_t entries;
} abx_virtqueue_chain;

/*
 * Opens a closed queue at the start of its rings. Looks at the numbers only, not at memory: BAD_SIZE and BAD_RING for
 * alignment; the queue is open in any case. `vm` must outlive it.
 */
void abx_virtqueue_open(abx_virtqueue *queue, abx_vm *vm, const abx_virtqueue_layout *layout);

/* Closes it: nothing is available any more, and chains that are still out will be dropped. */
void abx_virtqueue_close(abx_virtqueue *queue);

/*
 * Takes the next chain. `pieces` is room for `capacity` of them; the chain's lists are in it. A buffer that crosses
 * from one region to the next is two pieces. False: nothing is available, or the queue is closed or broken.
 */
bool abx_virtqueue_pop(abx_virtqueue *queue, abx_virtqueue_chain *chain, struct iovec *pieces, uint32_t capacity);

/*
 * Undoes the last pop, whose chain has not been given back: it is the next one again, read anew. For what cannot be
 * done now or only in part. Nothing happens when the queue is broken or was closed since.
 */
void abx_virtqueue_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain);

/*
 * Gives a chain back, in any order, with the number of bytes that the device wrote from the start of its writable part;
 * more than there are counts as all. Dropped when the queue is broken or was closed since the pop. Once for each chain.
 */
void abx_virtqueue_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint64_t written);

/* Whether the driver wants to be told of what was given back since the last call. */
bool abx_virtqueue_should_notify(abx_virtqueue *queue);

/* Asks the driver for no notifications for now: it may still send some. */
void abx_virtqueue_quiet(abx_virtqueue *queue);

/*
 * Asks the driver for a notification of the next chain. True: there is one already, of which none may come: pop again.
 */
bool abx_virtqueue_listen(abx_virtqueue *queue);

/* Breaks an open queue: the first fault stays. */
void abx_virtqueue_break(abx_virtqueue *queue, abx_virtqueue_fault fault);

#endif
