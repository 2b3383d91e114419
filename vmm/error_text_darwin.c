/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "error_text.h"

#include <stdio.h>
#include <string.h>

void abx_error_text(int os_error, char *text, size_t size)
{
    if (strerror_r(os_error, text, size) != 0)
        snprintf(text, size, "unknown error");
}
