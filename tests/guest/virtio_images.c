/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio_images.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char images[IMAGES][32];

int make_images(void **state)
{
    (void)state;
    for (int i = 0; i < IMAGES; i++) {
        strcpy(images[i], "/tmp/abx-virtio-XXXXXX");
        int fd = mkstemp(images[i]);
        if (fd < 0 || ftruncate(fd, IMAGE_SECTORS * 512) < 0)
            return -1;
        close(fd);
    }
    return 0;
}

int remove_images(void **state)
{
    (void)state;
    for (int i = 0; i < IMAGES; i++)
        unlink(images[i]);
    return 0;
}

const char *image_path(int i)
{
    return images[i];
}

abx_device_config disk(int i)
{
    return (abx_device_config){ .kind = ABX_DEVICE_BLOCK, .block = { .path = images[i], .serial = "disk" } };
}

abx_device_config entropy(void)
{
    return (abx_device_config){ .kind = ABX_DEVICE_ENTROPY };
}

void with_each_loop(void (*test)(abx_loop_kind loop))
{
    test(ABX_LOOP_THREAD);
    test(ABX_LOOP_CALLER);
}
