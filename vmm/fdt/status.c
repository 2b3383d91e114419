/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt/status.h"

#include <libfdt.h>

abx_status abx_fdt_status(int error, const char *operation)
{
    if (error >= 0)
        return ABX_OK;
    if (error == -FDT_ERR_NOSPACE)
        return abx_fail(ABX_ERR_LIMIT, 0, "A device tree has at most 2 MiB.", "%s: no room", operation);
    return abx_fail(ABX_ERR_FORMAT, 0, "The device tree is damaged.", "%s: %s", operation, fdt_strerror(error));
}
