/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a guest may do to each virtio device that there is, and what comes from the host meanwhile. Of the first byte,
 * bits 0 to 2 say which kind of queue the driver negotiated, bit 3 whether none of the device's own features, bits 4
 * and 5 which device; see steps.h for the rest.
 */
#include "fuzz.h"
#include "steps.h"

#include "boot/bytes.h"
#include "machine_virtio.h"
#include "virtio/balloon.h"
#include "virtio/console.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEVICES = 4, QUEUES = 5, IMAGE_SIZE = 1 << 20 };

static guest guests[DEVICES];
static int input_pipe[2], output_pipe[2];

static abx_device_config configure(unsigned index)
{
    static char path[32];
    static abx_console_port port = { "org.example.port", { -1, -1 } };
    int image;
    switch (index) {
    case 0:
        image = memfd_create("image", MFD_CLOEXEC);
        assert_int_equal(ftruncate(image, IMAGE_SIZE), 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", image);
        return (abx_device_config){ ABX_DEVICE_BLOCK, .block = { .path = path, .queues = 2 } };
    case 1:
        return (abx_device_config){ .kind = ABX_DEVICE_ENTROPY };
    case 2:
        assert_int_equal(pipe2(input_pipe, O_CLOEXEC | O_NONBLOCK), 0);
        assert_int_equal(pipe2(output_pipe, O_CLOEXEC | O_NONBLOCK), 0);
        port.ends = (abx_serial_config){ input_pipe[0], output_pipe[1] };
        return (abx_device_config){ ABX_DEVICE_CONSOLE,
                                    .console = { .serial = port.ends, .ports = &port, .port_count = 1 } };
    default:
        return (abx_device_config){ .kind = ABX_DEVICE_BALLOON };
    }
}

/* The loop turns when the target says so. */
static void make(guest *vm, unsigned index)
{
    guest_begin(vm);
    vm->host.turns = true;
    const abx_device_host host = guest_interface(vm);
    const abx_device_config config = configure(index);
    assert_int_equal(abx_machine_build_virtio(&vm->host.device, &host, (abx_virtio_place){ WINDOW, LINE }, &config),
                     ABX_OK);
    vm->host.device.ops->resume(vm->host.device.object);
}

static uint32_t start(guest *vm, uint8_t mode)
{
    const uint64_t common = F_PACKED | F_EVENTS | F_TABLES;
    uint64_t features = mode & 8 ? F_VERSION_1 : guest_offered(vm) & ~common;
    features |= (mode & 1 ? F_PACKED : 0) | (mode & 2 ? F_EVENTS : 0) | (mode & 4 ? F_TABLES : 0);
    assert_true(guest_negotiate(vm, features));
    uint32_t count = 0;
    for (; count < QUEUES; count++) {
        guest_put(vm, MMIO_QUEUE_SEL, count);
        if (guest_get(vm, MMIO_QUEUE_NUM_MAX) == 0)
            break;
        guest_set_queue(vm, count, STEPS_SIZE, features);
    }
    guest_put(vm, MMIO_STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
    return count;
}

/* Of a console. What does not fit the pipe is left out. */
static void be_the_host(guest *vm, input *in)
{
    char bytes[4096] = { 0 };
    uint8_t what = (uint8_t)input_take(in, 1);
    while (read(output_pipe[0], bytes, sizeof(bytes)) > 0)
        ;
    (void)!write(input_pipe[1], bytes, (size_t)what * 16);
    (void)abx_virtio_console_resize(&vm->host.device, what & 1, what, what);
}

static unsigned answers;

static void hinted(void *payload, abx_status status, const abx_balloon_range *ranges, size_t count)
{
    (void)payload;
    (void)status;
    answers++;
    assert_true(count <= ABX_BALLOON_RANGES_MAX);
    for (size_t i = 0; i < count; i++)
        assert_true(ranges[i].length > 0 && (i == 0 || ranges[i].gpa > ranges[i - 1].gpa + ranges[i - 1].length));
}

/* Of a balloon: asks, or does so no longer. Each run has one answer at the end; how many have begun. The id of a run
 * comes to where the driver may send it from, because it is another one for each. */
static unsigned ask_for_hints(guest *vm, input *in)
{
    uint8_t what = (uint8_t)input_take(in, 1);
    if (what & 2) {
        abx_put_le32(guest_at(vm, DATA + (what >> 2)), guest_get(vm, MMIO_CONFIG + 8));
        return 0;
    }
    if (what & 1)
        return abx_virtio_balloon_hint(vm->host.device.object, hinted, NULL) == ABX_OK;
    (void)abx_virtio_balloon_cancel_hint(vm->host.device.object);
    return 0;
}

static void empty_pipes(void)
{
    char bytes[4096];
    while (read(output_pipe[0], bytes, sizeof(bytes)) > 0 || read(input_pipe[0], bytes, sizeof(bytes)) > 0)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    uint8_t mode = (uint8_t)input_take(&in, 1);
    unsigned index = mode >> 4 & 3;
    guest *vm = &guests[index];
    if (!vm->vm)
        make(vm, index);
    steps_begin(vm);
    unsigned runs = answers = 0;
    uint32_t queues = start(vm, mode);
    while (in.length > 0) {
        uint8_t what = (uint8_t)input_take(&in, 1);
        uint32_t queue = (what & 7) >= 3 && (what & 7) <= 5 ? (uint32_t)input_take(&in, 1) % queues : 0;
        bool taken = steps_take(vm, queue, what, &in);
        if (!taken && index == 2)
            be_the_host(vm, &in);
        if (!taken && index == 3)
            runs += ask_for_hints(vm, &in);
        if ((what & 7) == 3)
            abx_loop_dispatch(vm->host.loop);
    }
    abx_loop_dispatch(vm->host.loop);
    /* It can be set up again after whatever there was. */
    guest_put(vm, MMIO_STATUS, 0);
    assert_int_equal(guest_get(vm, MMIO_STATUS), 0);
    assert_false(vm->host.level[LINE]);
    abx_loop_dispatch(vm->host.loop);
    assert_int_equal(guest_get(vm, MMIO_INTERRUPT_STATUS), 0);
    assert_int_equal(answers, runs);
    if (index == 2)
        empty_pipes();
    return 0;
}
