/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The devices of virtio tests: disks whose images are empty and small, and entropy. */
#ifndef ABX_TESTS_VIRTIO_IMAGES_H
#define ABX_TESTS_VIRTIO_IMAGES_H

#include "machine_rig.h"

enum { IMAGE_SECTORS = 64, IMAGES = 2 };

/* For groups of tests: make and remove the images. */
int make_images(void **state);
int remove_images(void **state);

const char *image_path(int i);
abx_device_config disk(int i);
abx_device_config entropy(void);

/* Each test with a loop in a thread of the machine's, and with one that the test turns. */
void with_each_loop(void (*test)(abx_loop_kind loop));

#endif
