/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a guest may do to a virtio device: any access to its registers, anything in the memory of its queues, in any
 * order. An input is a list of such steps. The first byte says what the driver negotiated; see steps.h for the others.
 */
#include "fuzz.h"
#include "steps.h"

enum { QUEUES = 2, SIZE = STEPS_SIZE, KEPT = 8 };

typedef struct device {
    abx_vm *vm;
    abx_virtio_mmio *transport;
    abx_virtqueue *queues[QUEUES];
    abx_virtqueue *kept_queue;
    abx_virtqueue_chain kept[KEPT];
    unsigned kept_count;
} device;

static guest vm;
static device the_device;

static void start_queue(void *object, uint32_t index, abx_virtqueue *queue)
{
    ((device *)object)->queues[index] = queue;
}

static void stop_queue(void *object, uint32_t index)
{
    ((device *)object)->queues[index] = NULL;
}

/* Touches the ends of all that the device may touch; the address sanitizer and guard pages watch. */
static void touch(const abx_virtqueue_chain *chain)
{
    volatile uint8_t sink = 0;
    for (uint32_t i = 0; i < chain->readable_count; i++) {
        const uint8_t *bytes = chain->readable[i].iov_base;
        sink ^= bytes[0] ^ bytes[chain->readable[i].iov_len - 1];
    }
    for (uint32_t i = 0; i < chain->writable_count; i++) {
        uint8_t *bytes = chain->writable[i].iov_base;
        bytes[0] = bytes[chain->writable[i].iov_len - 1] = sink;
    }
}

static void notify(void *object, uint32_t index)
{
    device *self = object;
    abx_virtqueue *queue = self->queues[index];
    if (!queue)
        return;
    abx_memory_guard stay = abx_memory_enter(self->vm);
    abx_virtqueue_quiet(queue);
    for (unsigned i = 0; i < 2 * SIZE; i++) {
        abx_virtqueue_chain chain;
        struct iovec pieces[2 * SIZE];
        if (!abx_virtqueue_pop(queue, &chain, pieces, 2 * SIZE))
            break;
        touch(&chain);
        if (chain.readable_count % 2 && self->kept_count < KEPT && (!self->kept_count || self->kept_queue == queue)) {
            self->kept_queue = queue;
            self->kept[self->kept_count++] = chain;
        } else {
            abx_virtqueue_push(queue, &chain, chain.writable_length / 2);
        }
    }
    abx_virtqueue_listen(queue);
    abx_virtio_used(self->transport, queue);
    abx_memory_leave(self->vm, stay);
}

/* The queues are the transport's and outlive a reset: what comes late must be dropped. */
static void give_back(device *self)
{
    abx_memory_guard stay = abx_memory_enter(self->vm);
    while (self->kept_count > 0)
        abx_virtqueue_push(self->kept_queue, &self->kept[--self->kept_count], 3);
    if (self->kept_queue)
        abx_virtio_used(self->transport, self->kept_queue);
    abx_memory_leave(self->vm, stay);
}

static void read_config(void *object, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    static const uint8_t config[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    (void)object;
    abx_virtio_copy_config(config, sizeof(config), offset, bytes, length);
}

static const abx_virtio_device_ops ops = {
    .id = 62,
    .name = "fuzzed",
    .read_config = read_config,
    .start_queue = start_queue,
    .stop_queue = stop_queue,
    .notify = notify,
};

static void fuzzed_free(void *object)
{
    abx_virtio_mmio_free(((device *)object)->transport);
}

static void make(void)
{
    static const abx_device_ops device_ops = { .free = fuzzed_free };
    guest_begin(&vm);
    const abx_device_host host = guest_interface(&vm);
    const abx_virtio_mmio_config config = {
        .ops = &ops,
        .device = &the_device,
        .queue_count = QUEUES,
        .queue_size = SIZE,
        .base = WINDOW,
        .line = LINE,
        .interrupt_fd = -1,
    };
    the_device.vm = vm.vm;
    assert_int_equal(abx_virtio_mmio_new(&the_device.transport, &host, &config), ABX_OK);
    vm.host.device = (abx_device){ &device_ops, &the_device };
}

static void step(input *in)
{
    uint8_t what = (uint8_t)input_take(in, 1);
    if (steps_take(&vm, what >> 7, what, in))
        return;
    if ((what & 7) == 6)
        give_back(&the_device);
    else
        abx_virtio_config_changed(the_device.transport);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    if (!the_device.vm)
        make();
    uint8_t mode = (uint8_t)input_take(&in, 1);
    steps_begin(&vm);
    uint64_t features = F_VERSION_1 | (mode & 1 ? F_PACKED : 0) | (mode & 2 ? F_EVENTS : 0) | (mode & 4 ? F_TABLES : 0);
    guest_start(&vm, features, QUEUES, SIZE);
    if (mode & 8)
        guest_put(&vm, MMIO_STATUS, 0);
    while (in.length > 0)
        step(&in);
    /* It can be set up again after whatever there was. */
    guest_put(&vm, MMIO_STATUS, 0);
    assert_int_equal(guest_get(&vm, MMIO_STATUS), 0);
    assert_false(vm.host.level[LINE]);
    give_back(&the_device);
    assert_int_equal(guest_get(&vm, MMIO_INTERRUPT_STATUS), 0);
    while (abx_event_next(vm.vm, &(abx_event){ 0 }) == ABX_OK)
        ;
    return 0;
}
