/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The descriptors between us and a QEMU that is to be started: its protocol, consoles, images and networks. */
#ifndef ABX_SRC_QEMU_CHANNELS_H
#define ABX_SRC_QEMU_CHANNELS_H

#include "parts.h"

typedef struct abx_channels {
    int qmp[2];    /* ours, QEMU's */
    int *ours;     /* our end of each part that is a console or another port; -1: it has none */
    int *theirs;   /* what QEMU gets for each; -1: nothing */
    int *inherits; /* all that QEMU gets */
    size_t count;  /* of parts */
    size_t inherit_count;
} abx_channels;

/*
 * Opens what the parts need. On success the caller owes abx_channels_close(). Errors: those of
 * abx_image_open(), ABX_ERR_LIMIT, ABX_ERR_NO_MEMORY, ABX_ERR_SYSTEM.
 */
abx_status abx_channels_open(abx_channels *channels, const abx_parts *parts);

/* QEMU's ends always go; ours only when nobody has taken them. */
void abx_channels_close(abx_channels *channels, bool taken);

#endif
