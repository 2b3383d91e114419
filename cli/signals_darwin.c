/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* There is no descriptor for signals: their handler writes to a pipe. */
#include "cli_os.h"
#include "report.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH };

enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

static volatile sig_atomic_t noted = -1; /* the pipe's end for the handler */

static void note(int signal)
{
    int saved = errno;
    const char byte = (char)signal;
    /* A full pipe is readable already. */
    ssize_t written = write((int)noted, &byte, sizeof(byte));
    (void)written;
    errno = saved;
}

static int handle(void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < WATCHED; i++)
        if (sigaction(watched[i], &action, NULL) < 0)
            return -1;
    return 0;
}

int cli_signals_open(void)
{
    int ends[2];
    if (cli_os_pipe(ends) < 0) {
        cli_complain("signals: %s", strerror(errno));
        return -1;
    }
    noted = ends[1];
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK) < 0 || handle(note) < 0) {
        cli_complain("signals: %s", strerror(errno));
        cli_signals_close(ends[0]);
        return -1;
    }
    return ends[0];
}

bool cli_signals_take(int signals)
{
    char came[64];
    ssize_t length;
    do
        length = read(signals, came, sizeof(came));
    while (length < 0 && errno == EINTR);
    for (ssize_t i = 0; i < length; i++) {
        if (came[i] != SIGWINCH)
            return true;
    }
    return length <= 0;
}

void cli_signals_close(int signals)
{
    if (signals < 0)
        return;
    /* Without a reader the handler would bring one more signal about. */
    handle(SIG_DFL);
    close((int)noted);
    close(signals);
    noted = -1;
}
