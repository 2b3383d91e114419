/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_client.h"
#include "machine_name.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PROTOCOL = 1, LONGEST_LINE = 1 << 20, PIECE = 16 * 1024 };

static bool complain(const cli_client *client, const char *what)
{
    cli_complain("%s: %s", client->name, what);
    return false;
}

/* What listens in a folder that others may write could be anybody's. */
static bool is_trusted(void)
{
    char folder[CLI_MACHINE_PATH_MAX];
    struct stat status;
    if (!cli_machine_folder(folder))
        return false;
    if (lstat(folder, &status) < 0 && errno == ENOENT)
        return true;
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    cli_complain("%s: it must be a folder of yours that nobody else can write", folder);
    return false;
}

static cli_connected connect_to(cli_client *client, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, path, strlen(path));
    client->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (client->fd < 0 || fcntl(client->fd, F_SETFD, FD_CLOEXEC) < 0) {
        complain(client, strerror(errno));
        return CLI_NO_CLIENT;
    }
    if (connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return CLI_CONNECTED;
    if (errno == ENOENT || errno == ECONNREFUSED)
        return CLI_NOT_RUNNING;
    complain(client, strerror(errno));
    return CLI_NO_CLIENT;
}

static bool greet(cli_client *client)
{
    json_t *greeting = cli_client_read(client, CLI_PATIENCE_MS, NULL);
    if (!greeting)
        return false;
    const json_t *error = json_object_get(greeting, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    bool known = json_integer_value(json_object_get(greeting, "protocol")) == PROTOCOL;
    if (message)
        complain(client, message);
    else if (!known)
        complain(client, "it speaks another protocol than this abx");
    json_decref(greeting);
    return known;
}

cli_connected cli_client_open(cli_client *client, const char *name)
{
    char path[CLI_MACHINE_PATH_MAX] = "";
    *client = (cli_client){ .name = name, .fd = -1 };
    if (!cli_machine_path(name, path) || !is_trusted())
        return CLI_NO_CLIENT;
    cli_connected connected = connect_to(client, path);
    if (connected == CLI_CONNECTED && !greet(client))
        connected = CLI_NO_CLIENT;
    if (connected != CLI_CONNECTED)
        cli_client_close(client);
    return connected;
}

bool cli_client_connect(cli_client *client, const char *name)
{
    cli_connected connected = cli_client_open(client, name);
    if (connected == CLI_NOT_RUNNING)
        cli_complain("no machine called '%s' runs; see 'abx ps'", name);
    return connected == CLI_CONNECTED;
}

void cli_client_close(cli_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    free(client->bytes);
    *client = (cli_client){ .name = client->name, .fd = -1 };
}

static bool make_room(cli_client *client)
{
    if (client->capacity - client->length >= PIECE)
        return true;
    if (client->length > LONGEST_LINE)
        return complain(client, "it sends a line without end");
    char *bytes = realloc(client->bytes, client->length + 2 * PIECE);
    if (!bytes)
        return complain(client, "there is no memory");
    client->bytes = bytes;
    client->capacity = client->length + 2 * PIECE;
    return true;
}

/* Some more bytes. False: said why, or it hung up. */
static bool receive(cli_client *client, int patience_ms, bool *ended)
{
    struct pollfd polled = { .fd = client->fd, .events = POLLIN };
    int ready = poll(&polled, 1, patience_ms);
    if (ready == 0)
        return complain(client, "it does not answer");
    if (!make_room(client))
        return false;
    ssize_t count = ready < 0 ? -1 : read(client->fd, client->bytes + client->length, PIECE);
    if (count < 0)
        return errno == EINTR || complain(client, strerror(errno));
    if (count == 0 && ended)
        *ended = true;
    else if (count == 0)
        complain(client, "the machine is gone");
    client->length += (size_t)count;
    return count > 0;
}

/* Takes away a line of so many bytes with its end. */
static json_t *take_line(cli_client *client, size_t length)
{
    json_t *line = json_loadb(client->bytes, length, 0, NULL);
    client->length -= length;
    memmove(client->bytes, client->bytes + length, client->length);
    if (!line)
        complain(client, "it does not speak JSON");
    return line;
}

json_t *cli_client_read(cli_client *client, int patience_ms, bool *ended)
{
    if (ended)
        *ended = false;
    for (;;) {
        const char *end = client->length ? memchr(client->bytes, '\n', client->length) : NULL;
        if (end)
            return take_line(client, (size_t)(end - client->bytes) + 1);
        if (!receive(client, patience_ms, ended))
            return NULL;
    }
}

static bool send_line(const cli_client *client, json_t *request)
{
    char *line = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    if (!line)
        return complain(client, "there is no memory");
    size_t length = strlen(line);
    line[length] = '\n'; /* in place of its end: what is sent has a length */
    ssize_t sent;
    do
        sent = send(client->fd, line, length + 1, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    free(line);
    return sent == (ssize_t)length + 1 || complain(client, sent < 0 ? strerror(errno) : "it takes no requests");
}

static json_t *result_of(const cli_client *client, json_t *answer)
{
    json_t *result = json_incref(json_object_get(answer, "result"));
    const json_t *error = json_object_get(answer, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *advice = json_string_value(json_object_get(error, "advice"));
    if (!result)
        cli_complain("%s: %s%s%s", client->name, message ? message : "it gives no answer",
                     advice && *advice ? "; " : "", advice ? advice : "");
    json_decref(answer);
    return result;
}

json_t *cli_client_ask(cli_client *client, json_t *request, int patience_ms)
{
    if (!send_line(client, request))
        return NULL;
    json_t *answer = cli_client_read(client, patience_ms, NULL);
    return answer ? result_of(client, answer) : NULL;
}
