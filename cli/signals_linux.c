/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "report.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int cli_signals_open(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGWINCH);
    int error = pthread_sigmask(SIG_BLOCK, &signals, NULL);
    int fd = error ? -1 : signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd < 0)
        cli_complain("signals: %s", strerror(error ? error : errno));
    return fd;
}

bool cli_signals_take(int signals)
{
    struct signalfd_siginfo came[8];
    ssize_t length;
    do
        length = read(signals, came, sizeof(came));
    while (length < 0 && errno == EINTR);
    for (size_t i = 0; length > 0 && i < (size_t)length / sizeof(came[0]); i++) {
        if (came[i].ssi_signo != SIGWINCH)
            return true;
    }
    return length <= 0;
}

void cli_signals_close(int signals)
{
    if (signals >= 0)
        close(signals);
}
