/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "wake_posts.h"

int wake_posts(abx_wake *wake)
{
    int posts = -1;
    sem_getvalue(&wake->posts.semaphore, &posts);
    return posts;
}
