/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "host_memory.h"

#include <sys/sysctl.h>

uint64_t abx_host_memory_size(void)
{
    uint64_t bytes = 0;
    size_t size = sizeof(bytes);
    /* A host that does not say counts as a small one. */
    if (sysctlbyname("hw.memsize", &bytes, &size, NULL, 0) < 0 || size != sizeof(bytes) || bytes == 0)
        return UINT64_C(1) << 30;
    return bytes;
}
