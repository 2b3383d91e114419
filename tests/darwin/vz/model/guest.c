/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest.h"
#include "devices.h"
#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONSOLES = 16, PEERS = 16, ROOM = 4096, CHUNK = 512 };

/* What comes in at one descriptor and goes out at another. */
typedef struct channel {
    int input, output;
    bool is_peer;
    size_t waiting; /* bytes to be written */
    char bytes[ROOM];
} channel;

struct model_guest {
    id machine; /* weak */
    pthread_t thread;
    pthread_mutex_t lock;
    int wake[2];
    bool ended, paused, asked_to_stop;
    size_t channel_count;
    channel channels[CONSOLES + PEERS];
};

static void wake(model_guest *guest)
{
    while (write(guest->wake[1], "", 1) < 0 && errno == EINTR)
        ;
}

static bool is_stuck(const model_guest *guest)
{
    for (size_t i = 0; i < guest->channel_count; i++)
        if (guest->channels[i].waiting)
            return true;
    return false;
}

/* Descriptors that poll() shall leave alone are negative. */
static size_t prepare(const model_guest *guest, struct pollfd *polled)
{
    bool stuck = is_stuck(guest);
    polled[0] = (struct pollfd){ .fd = guest->wake[0], .events = POLLIN };
    for (size_t i = 0; i < guest->channel_count; i++) {
        const channel *it = &guest->channels[i];
        bool writes = it->waiting && !guest->paused, reads = !stuck && !guest->paused;
        polled[1 + 2 * i] = (struct pollfd){ .fd = reads ? it->input : -1, .events = POLLIN };
        polled[2 + 2 * i] = (struct pollfd){ .fd = writes ? it->output : -1, .events = POLLOUT };
    }
    return 1 + 2 * guest->channel_count;
}

static void hang_up(channel *it)
{
    if (it->is_peer)
        close(it->input);
    it->input = it->output = -1;
    it->waiting = 0;
}

static void receive(channel *it)
{
    ssize_t count = read(it->input, it->bytes + it->waiting, CHUNK);
    if (count > 0 && it->output >= 0)
        it->waiting += (size_t)count;
    else if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
        it->is_peer ? hang_up(it) : (void)(it->input = -1);
}

/* As much as certainly does not block. */
static void send_some(channel *it)
{
    ssize_t count = write(it->output, it->bytes, it->waiting < CHUNK ? it->waiting : CHUNK);
    if (count > 0) {
        it->waiting -= (size_t)count;
        memmove(it->bytes, it->bytes + count, it->waiting);
    } else if (count < 0 && errno != EINTR && errno != EAGAIN) {
        hang_up(it);
    }
}

static void act(model_guest *guest, const struct pollfd *polled, size_t channels)
{
    char byte[16];
    if (polled[0].revents && read(guest->wake[0], byte, sizeof byte) < 0)
        model_die("the guest's wake pipe: %s", strerror(errno));
    for (size_t i = 0; i < channels; i++) {
        channel *it = &guest->channels[i];
        if ((polled[1 + 2 * i].revents | polled[2 + 2 * i].revents) & POLLNVAL)
            model_die("a descriptor of the running machine has been closed");
        if (polled[2 + 2 * i].revents)
            send_some(it);
        else if (polled[1 + 2 * i].revents)
            receive(it);
    }
    if (guest->asked_to_stop && !is_stuck(guest) && !guest->paused) {
        guest->asked_to_stop = false;
        model_begin_activity();
        id machine = model.guest_ignores_stop ? NULL : model_load_weak(&guest->machine);
        if (machine)
            model_guest_power_off(machine);
        objc_release(machine);
        model_end_activity();
    }
}

static void *live(void *object)
{
    model_guest *guest = object;
    struct pollfd polled[1 + 2 * (CONSOLES + PEERS)];
    pthread_mutex_lock(&guest->lock);
    while (!guest->ended) {
        size_t count = prepare(guest, polled);
        pthread_mutex_unlock(&guest->lock);
        while (poll(polled, (nfds_t)count, -1) < 0 && errno == EINTR)
            ;
        pthread_mutex_lock(&guest->lock);
        act(guest, polled, (count - 1) / 2);
    }
    pthread_mutex_unlock(&guest->lock);
    return NULL;
}

static void add(model_guest *guest, int input, int output, bool is_peer)
{
    if (guest->channel_count == CONSOLES + PEERS)
        model_die("the guest has no room for one more connection");
    guest->channels[guest->channel_count++] = (channel){ .input = input, .output = output, .is_peer = is_peer };
}

static void add_consoles(model_guest *guest, const vz_configuration *configuration)
{
    int input, output;
    for (size_t i = 0; i < model_array_count(configuration->serial_ports); i++)
        if (vz_serial_descriptors(model_array_at(configuration->serial_ports, i), &input, &output))
            add(guest, input, output, false);
    for (size_t i = 0; i < model_array_count(configuration->consoles); i++) {
        id device = model_array_at(configuration->consoles, i);
        for (size_t port = 0; port < vz_console_count(device); port++)
            if (vz_console_descriptors(device, port, &input, &output))
                add(guest, input, output, false);
    }
}

model_guest *model_guest_begin(id machine, id configuration)
{
    model_guest *guest = model_memory(sizeof *guest);
    pthread_mutex_init(&guest->lock, NULL);
    model_set_weak(&guest->machine, machine);
    if (pipe(guest->wake) != 0)
        model_die("no pipe for the model itself");
    add_consoles(guest, (const vz_configuration *)configuration);
    if (pthread_create(&guest->thread, NULL, live, guest) != 0)
        model_die("no thread for the model itself");
    return guest;
}

void model_guest_end(model_guest *guest)
{
    pthread_mutex_lock(&guest->lock);
    guest->ended = true;
    pthread_mutex_unlock(&guest->lock);
    wake(guest);
    pthread_join(guest->thread, NULL);
    for (size_t i = 0; i < guest->channel_count; i++)
        hang_up(&guest->channels[i]);
    close(guest->wake[0]);
    close(guest->wake[1]);
    model_set_weak(&guest->machine, NULL);
    pthread_mutex_destroy(&guest->lock);
    free(guest);
}

void model_guest_pause(model_guest *guest, bool paused)
{
    pthread_mutex_lock(&guest->lock);
    guest->paused = paused;
    pthread_mutex_unlock(&guest->lock);
    wake(guest);
}

void model_guest_ask_to_stop(model_guest *guest)
{
    pthread_mutex_lock(&guest->lock);
    guest->asked_to_stop = true;
    pthread_mutex_unlock(&guest->lock);
    wake(guest);
}

void model_guest_say(model_guest *guest, const char *text)
{
    size_t length = strlen(text);
    pthread_mutex_lock(&guest->lock);
    channel *console = &guest->channels[0];
    if (!guest->channel_count || console->is_peer || console->waiting + length > ROOM - CHUNK)
        model_die("the guest has no console, or no room for what it says");
    memcpy(console->bytes + console->waiting, text, length);
    console->waiting += length;
    pthread_mutex_unlock(&guest->lock);
    wake(guest);
}

void model_guest_serve(model_guest *guest, int descriptor)
{
    pthread_mutex_lock(&guest->lock);
    add(guest, descriptor, descriptor, true);
    pthread_mutex_unlock(&guest->lock);
    wake(guest);
}
