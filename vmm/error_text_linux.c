/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "error_text.h"

#include <stdio.h>
#include <string.h>

void abx_error_text(int os_error, char *text, size_t size)
{
    const char *description = strerrordesc_np(os_error);
    snprintf(text, size, "%s", description ? description : "unknown error");
}
