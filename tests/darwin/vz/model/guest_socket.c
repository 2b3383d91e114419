/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sockets from the guest's side. */
#include "socket.h"

#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct request {
    vz_machine *machine;
    uint32_t port, from;
    enum model_port answer;
    int result;
    sem_t done;
} request;

static vz_socket_device *device_of(const request *it)
{
    if (!it->machine->socket_device)
        model_die("the machine has no socket device");
    return (vz_socket_device *)it->machine->socket_device;
}

static bool is_accepted(const request *it, id connection)
{
    static const char asks[] = "listener:shouldAcceptNewConnection:fromSocketDevice:";
    id *place = vz_listener_at(device_of(it), it->port);
    id used = place ? objc_retain(*place) : NULL;
    id delegate = used ? model_load_weak(&((vz_listener *)used)->delegate) : NULL;
    BOOL accepted = false;
    if (model_responds(delegate, asks)) {
        SEL selector = sel_registerName(asks);
        IMP asked = model_lookup(delegate, selector);
        accepted = ((BOOL(*)(id, SEL, id, id, id))asked)(delegate, selector, used, connection, (id)device_of(it));
    }
    objc_release(delegate);
    objc_release(used);
    return accepted != 0;
}

static void arrive(void *context)
{
    request *it = context;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        model_die("no sockets for the model itself");
    id connection = vz_make_connection(ends[0], it->from, it->port);
    it->result = ends[1];
    if (!is_accepted(it, connection)) {
        close(ends[1]);
        it->result = -1;
    }
    objc_release(connection);
    sem_post(&it->done);
}

static void listen_in_guest(void *context)
{
    request *it = context;
    vz_socket_device *device = device_of(it);
    size_t i = 0;
    while (i < VZ_PORTS && device->guests[i].port && device->guests[i].port != it->port)
        i++;
    if (i == VZ_PORTS)
        model_die("the model has no room for one more port");
    device->guests[i].port = it->port;
    device->guests[i].answer = it->answer;
    sem_post(&it->done);
}

static void on_queue(request *it, dispatch_function_t work)
{
    it->machine = (vz_machine *)vz_retain_machine((id)it->machine);
    if (!it->machine)
        return;
    sem_init(&it->done, 0, 0);
    model_queue_async(it->machine->queue, it, work);
    while (sem_wait(&it->done) != 0)
        ;
    sem_destroy(&it->done);
    objc_release((id)it->machine);
}

int model_guest_connect(id machine, uint32_t port, uint32_t from)
{
    request it = { .machine = (vz_machine *)machine, .port = port, .from = from, .result = -1 };
    on_queue(&it, arrive);
    return it.result;
}

void model_guest_listen(id machine, uint32_t port, enum model_port answer)
{
    request it = { .machine = (vz_machine *)machine, .port = port, .answer = answer };
    on_queue(&it, listen_in_guest);
}
