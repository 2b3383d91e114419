/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake_posts.h"

#include <sys/ioctl.h>

int wake_posts(abx_wake *wake)
{
    int bytes = -1;
    ioctl(wake->posts.descriptor.read_fd, FIONREAD, &bytes);
    return bytes / (int)sizeof(uint64_t);
}
