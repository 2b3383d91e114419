/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef ABX_VMM_ERROR_TEXT_H
#define ABX_VMM_ERROR_TEXT_H

#include <stddef.h>

/* What the operating system says of `os_error`, an errno, in English where it can. Any thread. */
void abx_error_text(int os_error, char *text, size_t size);

#endif
