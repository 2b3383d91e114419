/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An engine for disks whose requests are under way until the test says how they end. */
#ifndef TESTS_VIRTIO_HELD_ENGINE_H
#define TESTS_VIRTIO_HELD_ENGINE_H

#include "virtio/disk_engine.h"

extern const abx_disk_engine_kind held_engine;

/* How many are under way; waits until there are at least so many. */
unsigned held_count(void);
void held_await(unsigned count);

/* The n-th of those under way, the first one being 0, ends: with `error`, or, if that is 0, as the disk does it. */
void held_finish(unsigned n, int error);

/* How many were ended by somebody who waited for them: the last one first, in the thread of who waited. */
unsigned held_drained(void);

#endif
