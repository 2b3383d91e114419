/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qmp.h"
#include "deadline.h"
#include "line_buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Somebody who waits for an answer; lives on that thread's stack, under the client's lock. */
typedef struct waiter {
    json_int_t id;
    json_t *answer; /* NULL until it is there */
    struct waiter *next;
} waiter;

struct abx_qmp {
    int fd;
    abx_qmp_handler handler;
    void *context;
    abx_line_buffer lines; /* the reader's, as what it asks */
    const char *question;
    json_int_t question_id; /* of the last one, whose answer says all that an earlier one's does; 0: none is open */
    pthread_mutex_t lock;   /* of what follows */
    pthread_cond_t news;
    abx_status failure; /* why the connection ended; ABX_OK: it has not */
    json_t *greeting;
    json_int_t last_id;
    waiter *waiters;
};

abx_status abx_qmp_new(abx_qmp **out, int fd, abx_qmp_handler handler, void *context)
{
    abx_qmp *qmp = calloc(1, sizeof(*qmp));
    if (!qmp)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "connect to QEMU");
    int error = abx_condition_init(&qmp->news);
    if (error) {
        free(qmp);
        return abx_fail(abx_status_of_errno(error), error, NULL, "connect to QEMU");
    }
    qmp->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    qmp->fd = fd;
    qmp->handler = handler;
    qmp->context = context;
    qmp->lines = (abx_line_buffer)ABX_LINE_BUFFER_INIT(ABX_QMP_LINE_MAX);
    *out = qmp;
    return ABX_OK;
}

void abx_qmp_free(abx_qmp *qmp)
{
    if (!qmp)
        return;
    json_decref(qmp->greeting);
    abx_line_buffer_free(&qmp->lines);
    pthread_cond_destroy(&qmp->news);
    pthread_mutex_destroy(&qmp->lock);
    free(qmp);
}

int abx_qmp_fd(const abx_qmp *qmp)
{
    return qmp->fd;
}

static abx_status end_connection(abx_qmp *qmp, abx_status status)
{
    pthread_mutex_lock(&qmp->lock);
    if (qmp->failure == ABX_OK)
        qmp->failure = status;
    status = qmp->failure;
    pthread_cond_broadcast(&qmp->news);
    pthread_mutex_unlock(&qmp->lock);
    return status;
}

/* The one that waits for `id`. Called with the lock held. */
static waiter *find_waiter(const abx_qmp *qmp, json_int_t id)
{
    waiter *w = qmp->waiters;
    while (w && w->id != id)
        w = w->next;
    return w;
}

/*
 * Messages change hands as a whole, under the lock: jansson's counted references must not be shared between threads.
 * Each of these takes `message` over, except when it fails.
 */

/* Hands an answer to the one that waits for it. One that comes after its time is dropped. */
static abx_status take_answer(abx_qmp *qmp, json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    abx_status status = ABX_ERR_FORMAT;
    pthread_mutex_lock(&qmp->lock);
    if (json_is_integer(id) && json_integer_value(id) >= 1 && json_integer_value(id) <= qmp->last_id) {
        waiter *w = find_waiter(qmp, json_integer_value(id));
        if (w && !w->answer)
            w->answer = message;
        else
            json_decref(message);
        pthread_cond_broadcast(&qmp->news);
        status = ABX_OK;
    }
    pthread_mutex_unlock(&qmp->lock);
    return status;
}

static abx_status take_greeting(abx_qmp *qmp, json_t *message)
{
    abx_status status = ABX_ERR_FORMAT;
    pthread_mutex_lock(&qmp->lock);
    if (!qmp->greeting) {
        qmp->greeting = message;
        pthread_cond_broadcast(&qmp->news);
        status = ABX_OK;
    }
    pthread_mutex_unlock(&qmp->lock);
    return status;
}

/* Whether `message` answers the reader, which has it then. */
static bool answers_reader(abx_qmp *qmp, const json_t *message)
{
    const json_t *id = json_object_get(message, "id");
    if (!qmp->question_id || !json_is_integer(id) || json_integer_value(id) != qmp->question_id)
        return false;
    qmp->question_id = 0;
    qmp->handler(qmp->context, qmp->question, json_object_get(message, "return"));
    return true;
}

static abx_status take_message(abx_qmp *qmp, json_t *message)
{
    const json_t *event = json_object_get(message, "event");
    if (json_is_string(event)) {
        qmp->handler(qmp->context, json_string_value(event), json_object_get(message, "data"));
        json_decref(message);
        return ABX_OK;
    }
    if (json_is_object(json_object_get(message, "QMP")))
        return take_greeting(qmp, message);
    if (!json_object_get(message, "return") && !json_is_object(json_object_get(message, "error")))
        return ABX_ERR_FORMAT;
    if (!answers_reader(qmp, message))
        return take_answer(qmp, message);
    json_decref(message);
    return ABX_OK;
}

static abx_status take_lines(abx_qmp *qmp)
{
    const char *line;
    size_t length;
    abx_status status = ABX_OK;
    while (status == ABX_OK && abx_line_buffer_take(&qmp->lines, &line, &length)) {
        json_t *message = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
        status = json_is_object(message) ? take_message(qmp, message) : ABX_ERR_FORMAT;
        if (status != ABX_OK)
            json_decref(message);
    }
    return status;
}

abx_status abx_qmp_receive(abx_qmp *qmp)
{
    char *place;
    size_t room;
    abx_status status = abx_line_buffer_room(&qmp->lines, &place, &room);
    if (status != ABX_OK)
        return end_connection(qmp, status == ABX_ERR_LIMIT ? ABX_ERR_FORMAT : status);
    ssize_t length = recv(qmp->fd, place, room, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return ABX_ERR_EMPTY;
    /* A peer that dies with something unread resets the connection. */
    if (length == 0 || (length < 0 && errno == ECONNRESET))
        return end_connection(qmp, ABX_ERR_LOST);
    if (length < 0)
        return end_connection(qmp, ABX_ERR_SYSTEM);
    abx_line_buffer_added(&qmp->lines, (size_t)length);
    status = take_lines(qmp);
    return status == ABX_OK ? ABX_OK : end_connection(qmp, status);
}

void abx_qmp_hang_up(abx_qmp *qmp)
{
    end_connection(qmp, ABX_ERR_LOST);
}

/* A failure with the same words everywhere. */
static abx_status fail(abx_status status, const char *operation)
{
    static const char malformed[] = "QEMU sent what is not of its protocol.";
    return abx_fail(status, 0, status == ABX_ERR_FORMAT ? malformed : NULL, "%s", operation);
}

static bool read_version(const json_t *greeting, abx_qemu_version *version)
{
    const json_t *numbers = json_object_get(json_object_get(json_object_get(greeting, "QMP"), "version"), "qemu");
    const char *const names[] = { "major", "minor", "micro" };
    unsigned values[3];
    for (size_t i = 0; i < 3; i++) {
        const json_t *number = json_object_get(numbers, names[i]);
        json_int_t value = json_integer_value(number);
        if (!json_is_integer(number) || value < 0 || value > 100000)
            return false;
        values[i] = (unsigned)value;
    }
    *version = (abx_qemu_version){ values[0], values[1], values[2] };
    return true;
}

abx_status abx_qmp_greet(abx_qmp *qmp, int timeout_ms, abx_qemu_version *version)
{
    static const char operation[] = "wait for QEMU to greet";
    abx_deadline deadline = abx_deadline_in(timeout_ms);
    abx_qemu_version fresh;
    bool in_time = true;

    pthread_mutex_lock(&qmp->lock);
    while (!qmp->greeting && qmp->failure == ABX_OK && in_time)
        in_time = abx_deadline_wait(&qmp->news, &qmp->lock, deadline);
    bool greeted = qmp->greeting != NULL;
    bool valid = greeted && read_version(qmp->greeting, &fresh);
    abx_status failure = qmp->failure;
    pthread_mutex_unlock(&qmp->lock);

    if (!greeted)
        return fail(failure == ABX_OK ? ABX_ERR_TIMEOUT : failure, operation);
    if (!valid)
        return fail(ABX_ERR_FORMAT, operation);
    abx_status status = abx_qmp_execute(qmp, "qmp_capabilities", NULL, abx_deadline_left(deadline), NULL);
    if (status == ABX_OK)
        *version = fresh;
    return status;
}

/* A whole line, or nothing of it, goes out at once: commands are far smaller than the socket's buffer. */
static abx_status send_line(const abx_qmp *qmp, const char *line, size_t length)
{
    ssize_t sent;
    do
        sent = send(qmp->fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent == (ssize_t)length)
        return ABX_OK;
    if (sent < 0 && errno == EAGAIN)
        return ABX_ERR_TIMEOUT;
    return ABX_ERR_LOST;
}

/* Sends the command under the lock, so that no two mix and ids go up in the order of sending. */
static abx_status send_command(abx_qmp *qmp, const char *command, json_t *arguments, json_int_t id)
{
    json_t *message = json_pack("{s:s, s:I, s:o*}", "execute", command, "id", id, "arguments", arguments);
    if (!message)
        return ABX_ERR_NO_MEMORY;
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (!text)
        return ABX_ERR_NO_MEMORY;
    size_t length = strlen(text);
    text[length] = '\n';
    abx_status status = send_line(qmp, text, length + 1);
    free(text);
    return status;
}

static abx_status read_answer(const json_t *answer, const char *command, json_t **result)
{
    const json_t *error = json_object_get(answer, "error");
    if (!error) {
        if (result)
            *result = json_incref(json_object_get(answer, "return"));
        return ABX_OK;
    }
    const char *kind = json_string_value(json_object_get(error, "class"));
    const char *text = json_string_value(json_object_get(error, "desc"));
    bool unknown = kind && strcmp(kind, "CommandNotFound") == 0;
    return abx_fail(unknown ? ABX_ERR_NOT_SUPPORTED : ABX_ERR_SYSTEM, 0, text, "ask QEMU to %s", command);
}

static void forget(abx_qmp *qmp, const waiter *w)
{
    waiter **link = &qmp->waiters;
    while (*link != w)
        link = &(*link)->next;
    *link = w->next;
}

abx_status abx_qmp_execute(abx_qmp *qmp, const char *command, json_t *arguments, int timeout_ms, json_t **result)
{
    abx_deadline deadline = abx_deadline_in(timeout_ms);
    bool in_time = true;

    pthread_mutex_lock(&qmp->lock);
    waiter self = { .id = ++qmp->last_id, .next = qmp->waiters };
    qmp->waiters = &self;
    abx_status status = qmp->failure;
    if (status == ABX_OK)
        status = send_command(qmp, command, arguments, self.id);
    else
        json_decref(arguments);
    /* An answer counts even when the connection has ended since. */
    while (status == ABX_OK && !self.answer && in_time) {
        if (qmp->failure != ABX_OK)
            status = qmp->failure;
        else
            in_time = abx_deadline_wait(&qmp->news, &qmp->lock, deadline);
    }
    forget(qmp, &self);
    pthread_mutex_unlock(&qmp->lock);

    if (!self.answer) {
        char operation[64];
        snprintf(operation, sizeof(operation), "ask QEMU to %s", command);
        return fail(status == ABX_OK ? ABX_ERR_TIMEOUT : status, operation);
    }
    status = read_answer(self.answer, command, result);
    json_decref(self.answer);
    return status;
}

/* Sends a command for which nobody waits; `*id` is then the answer's. */
static abx_status send_alone(abx_qmp *qmp, const char *command, json_int_t *id)
{
    pthread_mutex_lock(&qmp->lock);
    abx_status status = qmp->failure;
    if (status == ABX_OK) {
        *id = ++qmp->last_id;
        status = send_command(qmp, command, NULL, *id);
    }
    pthread_mutex_unlock(&qmp->lock);
    return status;
}

abx_status abx_qmp_ask(abx_qmp *qmp, const char *command)
{
    qmp->question = command;
    return send_alone(qmp, command, &qmp->question_id);
}

bool abx_qmp_tell(abx_qmp *qmp, const char *command)
{
    json_int_t id;
    return send_alone(qmp, command, &id) == ABX_OK;
}
