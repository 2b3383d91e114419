/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Disk images, opened here and handed to QEMU as descriptors. */
#ifndef ABX_SRC_QEMU_IMAGE_H
#define ABX_SRC_QEMU_IMAGE_H

#include "parts.h"

/*
 * Opens the image of a disk: a regular file or a block device, a whole number of sectors of 512 bytes. The caller
 * closes `*fd`, which is close-on-exec. Errors: ABX_ERR_NOT_FOUND, ABX_ERR_PERMISSION, ABX_ERR_FORMAT (neither of both,
 * or no whole sectors), ABX_ERR_NOT_SUPPORTED (UNCACHED on a file system that is not), ABX_ERR_LIMIT,
 * ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_image_open(int *fd, const abx_block_config *config);

/*
 * What a QEMU that did not come up means, by its last words: ABX_ERR_BUSY with the image's path, where another program
 * holds its lock; else `status`, without an error record.
 */
abx_status abx_image_judge(abx_status status, const char *last_words, const abx_parts *parts);

#endif
