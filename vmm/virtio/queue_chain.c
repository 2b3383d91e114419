/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From descriptors to lists of host memory. */
#include "virtio/queue_internal.h"

/* The most that a chain may describe: section 2.7.5. */
static const uint64_t CHAIN_BYTES = UINT64_C(1) << 32;

static bool add_piece(virtq_builder *builder, void *host, uint64_t length, bool writable)
{
    abx_virtqueue_chain *chain = builder->chain;
    uint32_t count = chain->readable_count + chain->writable_count;
    if (count == builder->capacity)
        return virtq_fail(builder->queue, ABX_VIRTQUEUE_TOO_SPLIT);
    builder->pieces[count] = (struct iovec){ .iov_base = host, .iov_len = length };
    if (writable) {
        chain->writable_count++;
        chain->writable_length += length;
    } else {
        chain->readable_count++;
        chain->readable_length += length;
    }
    return true;
}

bool virtq_add_buffer(virtq_builder *builder, const virtq_descriptor *descriptor)
{
    abx_virtqueue *queue = builder->queue;
    const abx_virtqueue_chain *chain = builder->chain;
    bool writable = descriptor->flags & DESCRIPTOR_WRITE;
    uint64_t address = descriptor->address, length = descriptor->length, last;
    if (builder->buffers++ == queue->layout.size)
        return virtq_fail(queue, ABX_VIRTQUEUE_TOO_LONG);
    if (length == 0 || length > CHAIN_BYTES - chain->readable_length - chain->writable_length)
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_LENGTH);
    if (!writable && chain->writable_count > 0)
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_ORDER);
    if (__builtin_add_overflow(address, length - 1, &last))
        return virtq_fail(queue, ABX_VIRTQUEUE_BAD_ADDRESS);
    while (length > 0) {
        uint64_t here;
        void *host = abx_memory_span(queue->vm, address, length, writable && !queue->unwritten, &here);
        if (!host)
            return virtq_fail(queue, ABX_VIRTQUEUE_BAD_ADDRESS);
        if (!add_piece(builder, host, here, writable))
            return false;
        address += here;
        length -= here;
    }
    return true;
}

const uint8_t *virtq_indirect_table(virtq_builder *builder, const virtq_descriptor *descriptor, uint32_t *count)
{
    abx_virtqueue *queue = builder->queue;
    bool chained = descriptor->flags & DESCRIPTOR_NEXT;
    bool ragged = descriptor->length == 0 || descriptor->length % DESCRIPTOR_SIZE != 0;
    if (!queue->layout.indirect || chained || ragged) {
        virtq_fail(queue, ABX_VIRTQUEUE_BAD_INDIRECT);
        return NULL;
    }
    const uint8_t *table = abx_memory_at(queue->vm, descriptor->address, descriptor->length, false);
    if (!table) {
        virtq_fail(queue, ABX_VIRTQUEUE_BAD_ADDRESS);
        return NULL;
    }
    *count = descriptor->length / DESCRIPTOR_SIZE;
    return table;
}
