/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "console.h"
#include "cli_os.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing will ever come from there: no thread need wait for it. */
static bool is_null_device(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == cli_os_null_device();
}

bool cli_console_open(cli_console *console, bool wanted)
{
    *console = (cli_console){ .terminal.guardian = -1, .guest_input = -1, .device = -1, .relay = -1 };
    if (!wanted)
        return true;
    if (!cli_terminal_open(&console->terminal, STDIN_FILENO))
        return false;
    if (!console->terminal.raw) {
        console->guest_input = is_null_device(STDIN_FILENO) ? -1 : STDIN_FILENO;
        return true;
    }
    int ends[2];
    /* Not blocking on our side: a guest that reads nothing must not hold up the escape key. */
    if (cli_os_pipe(ends) < 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0) {
        cli_complain("pipe: %s", strerror(errno));
        cli_terminal_close(&console->terminal);
        return false;
    }
    console->guest_input = ends[0];
    console->relay = ends[1];
    return true;
}

void cli_console_restore(cli_console *console)
{
    cli_terminal_close(&console->terminal);
}

void cli_console_close(cli_console *console)
{
    cli_console_restore(console);
    if (console->relay < 0)
        return;
    close(console->relay);
    close(console->guest_input);
    console->relay = -1;
    console->guest_input = -1;
}

bool cli_console_relay(cli_console *console)
{
    char bytes[256];
    ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (length < 0)
        return errno == EINTR || errno == EAGAIN;
    if (length == 0)
        return false;
    bool end = false;
    size_t left = cli_terminal_filter(&console->terminal, bytes, (size_t)length, &end);
    /* A full pipe means 64 KiB that the guest has not read: what is typed now is lost, as on a real line. */
    if (left > 0 && write(console->relay, bytes, left) < 0 && errno != EAGAIN)
        cli_complain("cannot pass input to the guest: %s", strerror(errno));
    return !end;
}
