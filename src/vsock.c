/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "deadline.h"
#include "device_list.h"
#include "ready.h"
#include "vm_internal.h"

#include <stdlib.h>
#include <unistd.h>

#define ANY_PORT UINT32_MAX

typedef struct connection {
    int fd;
    uint32_t peer_port;
} connection;

struct abx_vsock_listener {
    abx_vm *vm;
    void *listening; /* the backend's */
    uint32_t port;
    abx_vsock_listener *next; /* of the VM's */

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    abx_ready ready; /* raised while something waits, or the VM has ended */
    connection ring[ABX_VSOCK_BACKLOG];
    uint32_t first;
    uint32_t count;
    bool ended;
};

static abx_status check(const abx_vm *vm, bool valid, size_t offset, const char *operation)
{
    abx_status status = abx_vm_check_managed(vm, valid, ABX_CAP_VSOCK, offset, operation);
    return status != ABX_OK ? status : abx_vm_check_device(vm, ABX_DEVICE_VSOCK, operation);
}

abx_status abx_vsock_connect(abx_vm *vm, uint32_t port, int timeout_ms, int *fd)
{
    static const char operation[] = "connect to a vsock port";
    abx_status status =
        check(vm, port != ANY_PORT && timeout_ms >= -1 && fd, offsetof(abx_backend, vsock_connect), operation);
    if (status == ABX_OK)
        status = abx_vm_expect(vm, ABX_VM_RUNNING, operation);
    if (status != ABX_OK)
        return status;
    return abx_vm_backend(vm)->vsock_connect(abx_vm_backend_object(vm), port, timeout_ms, fd);
}

/* Called with the list's lock held. The VM cannot end unseen: its end comes through this list. */
static abx_status join_locked(abx_vsock_listeners *list, abx_vsock_listener *listener, const char *operation)
{
    abx_vm_state state = abx_vm_get_state(listener->vm);
    if (state == ABX_VM_STOPPED || state == ABX_VM_FAILED)
        return abx_fail(ABX_ERR_STATE, 0, NULL, "%s of a VM that is %s", operation, abx_vm_state_name(state));
    for (const abx_vsock_listener *l = list->first; l; l = l->next) {
        if (l->port == listener->port)
            return abx_fail(ABX_ERR_EXISTS, 0, "There is a listener on it.", "%s %u", operation, listener->port);
    }
    listener->next = list->first;
    list->first = listener;
    return ABX_OK;
}

static abx_status join(abx_vsock_listener *listener, const char *operation)
{
    abx_vsock_listeners *list = abx_vm_listeners(listener->vm);
    pthread_mutex_lock(&list->lock);
    abx_status status = join_locked(list, listener, operation);
    pthread_mutex_unlock(&list->lock);
    return status;
}

static void part(abx_vsock_listener *listener)
{
    abx_vsock_listeners *list = abx_vm_listeners(listener->vm);
    pthread_mutex_lock(&list->lock);
    abx_vsock_listener **link = &list->first;
    while (*link != listener)
        link = &(*link)->next;
    *link = listener->next;
    pthread_mutex_unlock(&list->lock);
}

/* NULL: the failure is this thread's last error. */
static abx_vsock_listener *new_listener(abx_vm *vm, uint32_t port, const char *operation)
{
    abx_vsock_listener *listener = calloc(1, sizeof(*listener));
    if (!listener) {
        abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "%s %u", operation, port);
        return NULL;
    }
    int error = abx_condition_init(&listener->changed);
    if (error) {
        free(listener);
        abx_fail(abx_status_of_errno(error), error, NULL, "%s %u", operation, port);
        return NULL;
    }
    if (abx_ready_open(&listener->ready) != ABX_OK) {
        pthread_cond_destroy(&listener->changed);
        free(listener);
        return NULL;
    }
    listener->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    abx_vm_hold(vm);
    listener->vm = vm;
    listener->port = port;
    return listener;
}

/* Nobody else knows of it any more. */
static void free_listener(abx_vsock_listener *listener)
{
    for (; listener->count; listener->count--)
        close(listener->ring[listener->first++ % ABX_VSOCK_BACKLOG].fd);
    abx_ready_close(&listener->ready);
    pthread_cond_destroy(&listener->changed);
    pthread_mutex_destroy(&listener->lock);
    abx_vm *vm = listener->vm;
    free(listener);
    abx_vm_release(vm);
}

abx_status abx_vsock_listen(abx_vsock_listener **out, abx_vm *vm, uint32_t port)
{
    static const char operation[] = "listen on vsock port";
    if (!out || port == ANY_PORT)
        return abx_fail(ABX_ERR_INVALID, 0, "The result is NULL, or the port is none.", "%s", operation);
    abx_status status = check(vm, true, offsetof(abx_backend, vsock_listen), operation);
    if (status != ABX_OK)
        return status;
    abx_vsock_listener *listener = new_listener(vm, port, operation);
    if (!listener)
        return abx_last_error()->status;
    status = join(listener, operation);
    if (status == ABX_OK) {
        status = abx_vm_backend(vm)->vsock_listen(&listener->listening, abx_vm_backend_object(vm), port, listener);
        if (status != ABX_OK)
            part(listener);
    }
    if (status != ABX_OK) {
        free_listener(listener);
        return status;
    }
    *out = listener;
    return ABX_OK;
}

int abx_vsock_listener_fd(const abx_vsock_listener *listener)
{
    return listener ? listener->ready.read_fd : -1;
}

abx_status abx_backend_vsock_arrived(abx_vsock_listener *listener, int fd, uint32_t peer_port)
{
    pthread_mutex_lock(&listener->lock);
    bool taken = !listener->ended && listener->count < ABX_VSOCK_BACKLOG;
    if (taken) {
        listener->ring[(listener->first + listener->count) % ABX_VSOCK_BACKLOG] = (connection){ fd, peer_port };
        if (listener->count++ == 0)
            abx_ready_raise(&listener->ready);
        pthread_cond_signal(&listener->changed);
    }
    pthread_mutex_unlock(&listener->lock);
    if (!taken)
        close(fd);
    return taken ? ABX_OK : ABX_ERR_LIMIT;
}

static void end(abx_vsock_listener *listener)
{
    pthread_mutex_lock(&listener->lock);
    listener->ended = true;
    if (listener->count == 0)
        abx_ready_raise(&listener->ready);
    pthread_cond_broadcast(&listener->changed);
    pthread_mutex_unlock(&listener->lock);
}

void abx_vsock_listeners_end(abx_vsock_listeners *listeners)
{
    pthread_mutex_lock(&listeners->lock);
    for (abx_vsock_listener *l = listeners->first; l; l = l->next)
        end(l);
    pthread_mutex_unlock(&listeners->lock);
}

/* Called with the lock held: waits until there is a connection or an end, or the time is up. */
static void await(abx_vsock_listener *listener, int timeout_ms)
{
    abx_deadline deadline = abx_deadline_in(timeout_ms > 0 ? timeout_ms : 0);
    bool in_time = timeout_ms != 0;
    while (listener->count == 0 && !listener->ended && in_time) {
        if (timeout_ms < 0)
            pthread_cond_wait(&listener->changed, &listener->lock);
        else
            in_time = abx_deadline_wait(&listener->changed, &listener->lock, deadline);
    }
}

/* Called with the lock held, when one waits. */
static connection take(abx_vsock_listener *listener)
{
    connection oldest = listener->ring[listener->first];
    listener->first = (listener->first + 1) % ABX_VSOCK_BACKLOG;
    if (--listener->count == 0 && !listener->ended)
        abx_ready_lower(&listener->ready);
    return oldest;
}

abx_status abx_vsock_accept(abx_vsock_listener *listener, int timeout_ms, int *fd, uint32_t *peer_port)
{
    static const char operation[] = "accept a vsock connection";
    if (!listener || !fd || timeout_ms < -1)
        return abx_fail(ABX_ERR_INVALID, 0, "An argument is NULL or out of its range.", "%s", operation);
    connection oldest = { .fd = -1 };
    pthread_mutex_lock(&listener->lock);
    await(listener, timeout_ms);
    bool ended = listener->ended;
    if (listener->count)
        oldest = take(listener);
    pthread_mutex_unlock(&listener->lock);
    if (oldest.fd < 0)
        return ended ? abx_fail(ABX_ERR_STATE, 0, "The VM has ended.", "%s", operation) : ABX_ERR_TIMEOUT;
    *fd = oldest.fd;
    if (peer_port)
        *peer_port = oldest.peer_port;
    return ABX_OK;
}

void abx_vsock_listener_close(abx_vsock_listener *listener)
{
    if (!listener)
        return;
    abx_vm_backend(listener->vm)->vsock_unlisten(listener->listening);
    part(listener);
    free_listener(listener);
}
