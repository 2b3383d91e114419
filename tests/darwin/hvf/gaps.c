/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gaps.h"

#include <stddef.h>

const gap gaps[] = {
    { NULL, NULL, NULL, 0 },
};
