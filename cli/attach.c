/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx attach: the console of a running machine, here. */
#include "commands.h"
#include "control_client.h"
#include "report.h"
#include "signals.h"
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SCROLLBACK = 4096, PIECE = 4096 };

typedef struct attachment {
    cli_client *client;
    cli_terminal terminal;
    int input; /* -1: at its end, or not wanted */
    char typed[PIECE];
    size_t count; /* typed and not sent */
    bool detached;
} attachment;

static bool take_read_only(void *into, const char *value)
{
    (void)value;
    *(bool *)into = true;
    return true;
}

static bool write_all(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(STDOUT_FILENO, bytes, length);
        if (done < 0 && errno != EINTR) {
            cli_complain("cannot write the console: %s", strerror(errno));
            return false;
        }
        bytes += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* False: the machine hung up. */
static bool show(const attachment *self)
{
    char bytes[PIECE];
    ssize_t count = read(self->client->fd, bytes, sizeof(bytes));
    if (count < 0)
        return errno == EINTR || errno == EAGAIN;
    return count > 0 && write_all(bytes, (size_t)count);
}

static void type(attachment *self)
{
    ssize_t count = read(self->input, self->typed, sizeof(self->typed));
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
        self->input = -1;
    self->count = count > 0 ? (size_t)count : 0;
    if (self->terminal.raw)
        self->count = cli_terminal_filter(&self->terminal, self->typed, self->count, &self->detached);
}

static void pass_on(attachment *self)
{
    ssize_t sent = send(self->client->fd, self->typed, self->count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        self->count -= (size_t)sent;
        memmove(self->typed, self->typed + sent, self->count);
    }
}

enum { WATCH_MACHINE, WATCH_SIGNALS, WATCH_INPUT, WATCHED };

/* Until somebody has had enough. */
static void relay(attachment *self, int signals)
{
    bool going_on = true;
    while (going_on && !self->detached) {
        struct pollfd watched[WATCHED] = {
            [WATCH_MACHINE] = { .fd = self->client->fd, .events = POLLIN },
            [WATCH_SIGNALS] = { .fd = signals, .events = POLLIN },
            [WATCH_INPUT] = { .fd = self->count > 0 ? -1 : self->input, .events = POLLIN },
        };
        if (self->count > 0)
            watched[WATCH_MACHINE].events |= POLLOUT;
        if (poll(watched, WATCHED, -1) < 0)
            continue;
        if (watched[WATCH_MACHINE].revents & POLLOUT)
            pass_on(self);
        if (watched[WATCH_MACHINE].revents & ~POLLOUT)
            going_on = show(self);
        if (watched[WATCH_SIGNALS].revents)
            going_on = false;
        if (watched[WATCH_INPUT].revents)
            type(self);
    }
}

/* The connection is the console's from now on. */
static bool begin(cli_client *client, bool read_only)
{
    json_t *result = cli_client_ask(
        client, json_pack("{s:s, s:b, s:i}", "do", "attach", "read_only", read_only, "backlog", SCROLLBACK),
        CLI_PATIENCE_MS);
    bool begun = result && write_all(client->bytes, client->length);
    json_decref(result);
    return begun;
}

static int attach(cli_client *client, bool read_only)
{
    attachment self = { .client = client, .input = STDIN_FILENO, .terminal.guardian = -1 };
    int signals = cli_signals_open();
    if (signals < 0)
        return CLI_EXIT_FAILED;
    int code = CLI_EXIT_FAILED;
    if (cli_terminal_open(&self.terminal, STDIN_FILENO)) {
        if (read_only && !self.terminal.raw)
            self.input = -1;
        if (begin(client, read_only)) {
            relay(&self, signals);
            code = CLI_EXIT_OK;
        }
        cli_terminal_close(&self.terminal);
    }
    cli_signals_close(signals);
    return code;
}

static int run_attach(int argc, char **argv)
{
    bool read_only = false;
    cli_client client;
    const char *name = NULL;
    int count;
    cli_parsed parsed = cli_parse_mixed(&cli_attach, argc, argv, &read_only, &name, 1, &count);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (!name) {
        cli_complain("which machine? see 'abx attach --help'");
        return CLI_EXIT_USAGE;
    }
    if (!cli_client_connect(&client, name))
        return CLI_EXIT_FAILED;
    int code = attach(&client, read_only);
    cli_client_close(&client);
    return code;
}

static const cli_option options[] = {
    { "read-only", NULL, "watch only: several can, and nothing is typed", take_read_only },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_attach = {
    .name = "attach",
    .usage = "NAME [--read-only]",
    .summary = "take part in the console of a running machine",
    .details = "On a terminal, Ctrl-A x detaches and Ctrl-A Ctrl-A sends Ctrl-A; the machine goes on. Without a\n"
               "terminal, a signal does. It ends by itself when the machine does. The last 4 KiB that the guest\n"
               "said before come first.\n",
    .options = options,
    .takes_operands = true,
    .run = run_attach,
};
