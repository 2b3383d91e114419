/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Unpacking a kernel's payload as a stream, within bounds. */
#ifndef ABX_BOOT_UNPACK_H
#define ABX_BOOT_UNPACK_H

#include "compression.h"
#include "sink.h"
#include "source.h"

/*
 * How long the unpacked payload of `packed` bytes may be: kernels shrink to a fifth or so, and what grows beyond all
 * reason is there to fill the disk.
 */
uint64_t abx_unpack_limit(uint64_t packed);

/*
 * Unpacks `payload` into `sink`, whose limit is set. Errors: ABX_ERR_FORMAT (damaged, truncated, longer than the
 * limit), ABX_ERR_NOT_SUPPORTED (a compression that this build does not know), ABX_ERR_NO_MEMORY, and those of the
 * sink.
 */
abx_status abx_unpack(const abx_source *payload, abx_compression compression, abx_sink *sink) ABX_MUST_CHECK;

#endif
