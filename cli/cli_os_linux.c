/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cli_os.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/sysmacros.h>
#include <unistd.h>

void cli_os_begin(void)
{
    /* Threads of a machine allocate next to nothing: an arena of their own would cost more than it saves. */
    mallopt(M_ARENA_MAX, 1);
}

int cli_os_pipe(int ends[2])
{
    return pipe2(ends, O_CLOEXEC);
}

/* Linux, Documentation/admin-guide/devices.txt. */
dev_t cli_os_null_device(void)
{
    return makedev(1, 3);
}
