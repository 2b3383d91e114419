/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/queue_internal.h"

const char *abx_virtqueue_fault_text(abx_virtqueue_fault fault)
{
    switch (fault) {
    case ABX_VIRTQUEUE_SOUND:
        return "nothing wrong";
    case ABX_VIRTQUEUE_BAD_SIZE:
        return "the queue has a size that it cannot have";
    case ABX_VIRTQUEUE_BAD_RING:
        return "the queue is not in RAM, or misaligned";
    case ABX_VIRTQUEUE_BAD_INDEX:
        return "more is available than the queue has room for";
    case ABX_VIRTQUEUE_BAD_HEAD:
        return "a chain begins outside of the table";
    case ABX_VIRTQUEUE_BAD_NEXT:
        return "a chain leaves the table";
    case ABX_VIRTQUEUE_BAD_LENGTH:
        return "a buffer is empty, or a chain larger than 4 GiB";
    case ABX_VIRTQUEUE_BAD_ADDRESS:
        return "a buffer is not in RAM";
    case ABX_VIRTQUEUE_BAD_ORDER:
        return "a readable buffer follows a writable one";
    case ABX_VIRTQUEUE_BAD_INDIRECT:
        return "an indirect descriptor is wrong";
    case ABX_VIRTQUEUE_TOO_LONG:
        return "a chain is longer than the queue";
    case ABX_VIRTQUEUE_TOO_SPLIT:
        return "a chain is in too many pieces";
    case ABX_VIRTQUEUE_REFUSED:
        return "a request makes no sense";
    }
    return "unknown fault";
}

bool virtq_fail(abx_virtqueue *queue, abx_virtqueue_fault fault)
{
    if (queue->fault == ABX_VIRTQUEUE_SOUND)
        queue->fault = fault;
    return false;
}

void abx_virtqueue_break(abx_virtqueue *queue, abx_virtqueue_fault fault)
{
    if (queue->vm)
        virtq_fail(queue, fault);
}

uint8_t *virtq_area(abx_virtqueue *queue, abx_gpa gpa, uint64_t length, bool for_write)
{
    uint8_t *area = abx_memory_at(queue->vm, gpa, length, for_write);
    if (!area)
        virtq_fail(queue, ABX_VIRTQUEUE_BAD_RING);
    return area;
}

static bool size_is_right(const abx_virtqueue_layout *layout)
{
    if (layout->size == 0 || layout->size > ABX_VIRTQUEUE_SIZE_MAX)
        return false;
    return layout->packed || (layout->size & (layout->size - 1)) == 0;
}

/* Sections 2.7 and 2.8.10.1. Regions begin and are mapped at pages: what is aligned there is aligned here. */
static bool alignment_is_right(const abx_virtqueue_layout *layout)
{
    uint64_t driver = layout->packed ? EVENT_SIZE : AVAILABLE_ENTRY_SIZE;
    return layout->descriptors % DESCRIPTOR_SIZE == 0 && layout->driver % driver == 0 && layout->device % 4 == 0;
}

void abx_virtqueue_open(abx_virtqueue *queue, abx_vm *vm, const abx_virtqueue_layout *layout)
{
    *queue = (abx_virtqueue){
        .vm = vm,
        .layout = *layout,
        .generation = queue->generation + 1,
        .available_wrap = true,
        .used_wrap = true,
    };
    if (!size_is_right(layout))
        queue->fault = ABX_VIRTQUEUE_BAD_SIZE;
    else if (!alignment_is_right(layout))
        queue->fault = ABX_VIRTQUEUE_BAD_RING;
}

void abx_virtqueue_close(abx_virtqueue *queue)
{
    *queue = (abx_virtqueue){ .generation = queue->generation + 1 };
}

static bool is_usable(const abx_virtqueue *queue)
{
    return queue->vm && queue->fault == ABX_VIRTQUEUE_SOUND;
}

bool abx_virtqueue_pop(abx_virtqueue *queue, abx_virtqueue_chain *chain, struct iovec *pieces, uint32_t capacity)
{
    if (!is_usable(queue))
        return false;
    abx_virtqueue_chain made = { .generation = queue->generation };
    virtq_builder builder = { .queue = queue, .chain = &made, .pieces = pieces, .capacity = capacity };
    if (!(queue->layout.packed ? virtq_packed_pop : virtq_split_pop)(&builder))
        return false;
    made.readable = pieces;
    made.writable = pieces + made.readable_count;
    *chain = made;
    return true;
}

void abx_virtqueue_unpop(abx_virtqueue *queue, const abx_virtqueue_chain *chain)
{
    if (is_usable(queue) && chain->generation == queue->generation)
        (queue->layout.packed ? virtq_packed_unpop : virtq_split_unpop)(queue, chain);
}

void abx_virtqueue_push(abx_virtqueue *queue, const abx_virtqueue_chain *chain, uint64_t written)
{
    if (!is_usable(queue) || chain->generation != queue->generation)
        return;
    if (written > chain->writable_length)
        written = chain->writable_length;
    /* The length has 32 bits, and a chain may have one byte more than they can say. */
    uint32_t length = written > UINT32_MAX ? UINT32_MAX : (uint32_t)written;
    (queue->layout.packed ? virtq_packed_push : virtq_split_push)(queue, chain, length);
}

bool abx_virtqueue_should_notify(abx_virtqueue *queue)
{
    if (!is_usable(queue) || queue->untold == 0)
        return false;
    bool wanted = (queue->layout.packed ? virtq_packed_wanted : virtq_split_wanted)(queue);
    queue->untold = 0;
    return wanted;
}

void abx_virtqueue_quiet(abx_virtqueue *queue)
{
    if (is_usable(queue))
        (queue->layout.packed ? virtq_packed_quiet : virtq_split_quiet)(queue);
}

bool abx_virtqueue_listen(abx_virtqueue *queue)
{
    return is_usable(queue) && (queue->layout.packed ? virtq_packed_listen : virtq_split_listen)(queue);
}
