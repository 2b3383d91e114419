/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a device has done since it was made. One thread at a time adds; any thread reads. */
#ifndef ABX_VMM_VIRTIO_TALLY_H
#define ABX_VMM_VIRTIO_TALLY_H

#include "device.h"

#include <stdatomic.h>

typedef struct abx_virtio_tally {
    _Atomic uint64_t operations, bytes_read, bytes_written, errors;
} abx_virtio_tally;

static inline void abx_virtio_tally_raise(_Atomic uint64_t *figure, uint64_t by)
{
    uint64_t before = atomic_load_explicit(figure, memory_order_relaxed);
    atomic_store_explicit(figure, before + by, memory_order_relaxed);
}

/* A request is done: bytes that the guest got from the device, and gave to it. */
static inline void abx_virtio_tally_request(abx_virtio_tally *tally, uint64_t read, uint64_t written)
{
    abx_virtio_tally_raise(&tally->operations, 1);
    abx_virtio_tally_raise(&tally->bytes_read, read);
    abx_virtio_tally_raise(&tally->bytes_written, written);
}

/* One of them is a failure. */
static inline void abx_virtio_tally_error(abx_virtio_tally *tally)
{
    abx_virtio_tally_raise(&tally->errors, 1);
}

/* All but the interrupts. */
static inline void abx_virtio_tally_read(const abx_virtio_tally *tally, abx_device_counters *out)
{
    out->operations = atomic_load_explicit(&tally->operations, memory_order_relaxed);
    out->errors = atomic_load_explicit(&tally->errors, memory_order_relaxed);
    out->bytes_read = atomic_load_explicit(&tally->bytes_read, memory_order_relaxed);
    out->bytes_written = atomic_load_explicit(&tally->bytes_written, memory_order_relaxed);
}

#endif
