/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/ged.h"

#include <stdlib.h>

/* Of presses at the same time there is at least one edge, after the first of them. */
void abx_ged_press(const abx_device *device)
{
    const abx_device_host *host = device->object;
    if (!host->set_line)
        return;
    host->set_line(host->machine, ABX_GED_LINE, true);
    host->set_line(host->machine, ABX_GED_LINE, false);
}

static const abx_device_ops ops = { .free = free };

abx_status abx_ged_new(abx_device *out, const abx_device_host *host)
{
    abx_device_host *self = malloc(sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the power button");
    *self = *host;
    out->ops = &ops;
    out->object = self;
    return ABX_OK;
}
