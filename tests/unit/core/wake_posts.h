/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef TESTS_WAKE_POSTS_H
#define TESTS_WAKE_POSTS_H

#include "wake.h"

/* Posts that no wait has taken yet. */
int wake_posts(abx_wake *wake);

#endif
