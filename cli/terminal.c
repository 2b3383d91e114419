/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "terminal.h"
#include "cli_os.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The child: waits until every other holder of the pipe is gone, then restores. Only async-signal-safe calls. */
static void guard(int pipe_end, int fd, const struct termios *before)
{
    static const int ignored[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGTTOU, SIGTTIN };
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    char byte;
    while (read(pipe_end, &byte, 1) < 0 && errno == EINTR)
        continue;
    tcsetattr(fd, TCSADRAIN, before);
    _exit(0);
}

static bool start_guardian(cli_terminal *terminal, int fd, const struct termios *before)
{
    int ends[2];
    if (cli_os_pipe(ends) < 0) {
        cli_complain("pipe: %s", strerror(errno));
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        guard(ends[0], fd, before);
    }
    close(ends[0]);
    if (child < 0) {
        cli_complain("fork: %s", strerror(errno));
        close(ends[1]);
        return false;
    }
    terminal->guardian = ends[1];
    terminal->child = child;
    return true;
}

bool cli_terminal_open(cli_terminal *terminal, int fd)
{
    *terminal = (cli_terminal){ .guardian = -1 };
    struct termios before;
    if (!isatty(fd) || tcgetattr(fd, &before) < 0)
        return true;
    if (!start_guardian(terminal, fd, &before))
        return false;
    struct termios raw = before;
    cfmakeraw(&raw);
    /* The guest sends its own carriage returns; what abx itself prints still needs them. */
    raw.c_oflag = before.c_oflag;
    if (tcsetattr(fd, TCSADRAIN, &raw) < 0) {
        cli_complain("cannot make the terminal raw: %s", strerror(errno));
        cli_terminal_close(terminal);
        return false;
    }
    terminal->raw = true;
    return true;
}

void cli_terminal_size(uint16_t *columns, uint16_t *rows)
{
    struct winsize size = { 0 };
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
        size = (struct winsize){ 0 };
    *columns = size.ws_col;
    *rows = size.ws_row;
}

void cli_terminal_close(cli_terminal *terminal)
{
    if (terminal->guardian < 0)
        return;
    close(terminal->guardian);
    terminal->guardian = -1;
    while (waitpid(terminal->child, NULL, 0) < 0 && errno == EINTR)
        continue;
    terminal->raw = false;
}

size_t cli_terminal_filter(cli_terminal *terminal, char *bytes, size_t length, bool *end)
{
    size_t kept = 0;
    for (size_t i = 0; i < length; i++) {
        if (terminal->escaped) {
            terminal->escaped = false;
            if (bytes[i] == 'x' || bytes[i] == 'X')
                *end = true;
            else if (bytes[i] == TERMINAL_ESCAPE)
                bytes[kept++] = TERMINAL_ESCAPE;
        } else if (bytes[i] == TERMINAL_ESCAPE) {
            terminal->escaped = true;
        } else {
            bytes[kept++] = bytes[i];
        }
    }
    return kept;
}
