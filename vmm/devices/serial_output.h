/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes to a descriptor that may block, in a way that can be broken off. */
#ifndef ABX_VMM_DEVICES_SERIAL_OUTPUT_H
#define ABX_VMM_DEVICES_SERIAL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

#include "wakeup.h"

typedef struct abx_serial_output {
    int fd;             /* -1: thrown away */
    size_t chunk;       /* bytes that fit when poll(2) says that there is room; 0: any number at any time */
    abx_wakeup abandon; /* raised: no more output */
} abx_serial_output;

/* `fd` may be -1. Errors: ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM. */
abx_status abx_serial_output_open(abx_serial_output *output, int fd);
void abx_serial_output_close(abx_serial_output *output);

/*
 * Writes all of `bytes`, however long that takes, or until it is abandoned. One thread at a time. Returns 0, or the
 * errno of what went wrong; then the output is closed for good and what follows is thrown away.
 */
int abx_serial_output_write(abx_serial_output *output, const uint8_t *bytes, size_t count);

#endif
