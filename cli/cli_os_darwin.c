/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cli_os.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void cli_os_begin(void)
{
}

/* The command starts no program while it has more than one thread: nothing can slip in between. */
int cli_os_pipe(int ends[2])
{
    int made[2];
    if (pipe(made) < 0)
        return -1;
    if (fcntl(made[0], F_SETFD, FD_CLOEXEC) < 0 || fcntl(made[1], F_SETFD, FD_CLOEXEC) < 0) {
        int error = errno;
        close(made[0]);
        close(made[1]);
        errno = error;
        return -1;
    }
    ends[0] = made[0];
    ends[1] = made[1];
    return 0;
}

dev_t cli_os_null_device(void)
{
    struct stat status;
    return stat("/dev/null", &status) == 0 ? status.st_rdev : 0;
}
