/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Device trees for the tests of what boot adds to them. */
#ifndef TESTS_BOOT_DEVICE_TREES_H
#define TESTS_BOOT_DEVICE_TREES_H

#include "boot_test.h"

#include <libfdt.h>

/* A small tree with a node "/device" and two cells each for addresses and sizes. */
blob device_tree_make(void);

/* A property, which must be there and have this length. */
const void *device_tree_property(const blob *tree, const char *path, const char *name, size_t length);

#endif
