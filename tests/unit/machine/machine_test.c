/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "machine_test.h"

#include <stdio.h>
#include <string.h>

static void set_line(void *machine, uint32_t line, bool level)
{
    fake_host *host = machine;
    pthread_mutex_lock(&host->lock);
    host->edges[line] += level && !host->level[line];
    host->level[line] = level;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

static void tell(void *machine, abx_event_kind kind, uint64_t code, const char *text)
{
    fake_host *host = machine;
    pthread_mutex_lock(&host->lock);
    host->told++;
    host->event = kind;
    host->event_code = code;
    snprintf(host->text, sizeof(host->text), "%s", text);
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
}

static void finish(void *machine, abx_machine_end end, uint64_t code, const char *text)
{
    fake_host *host = machine;
    (void)text;
    host->finished++;
    host->end = end;
    host->code = code;
}

void fake_host_init(fake_host *host)
{
    *host = (fake_host){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
    assert_int_equal(abx_loop_new(&host->loop), ABX_OK);
}

abx_device_host fake_host_interface(fake_host *host, bool lines)
{
    return (abx_device_host){
        .ports = &host->ports,
        .mmio = &host->mmio,
        .loop = host->loop,
        .irqfd = host->irqfd,
        .machine = host,
        .set_line = lines ? set_line : NULL,
        .tell = tell,
        .finish = finish,
    };
}

void fake_host_end(fake_host *host)
{
    abx_loop_stop(host->loop);
    if (host->device.ops)
        host->device.ops->free(host->device.object);
    abx_loop_free(host->loop);
    abx_bus_clear(&host->ports);
    abx_bus_clear(&host->mmio);
    pthread_mutex_destroy(&host->lock);
    pthread_cond_destroy(&host->changed);
}

void guest_string(fake_host *host, uint16_t port, uint8_t size, abx_direction direction, void *data, uint32_t count)
{
    const abx_exit_io io = {
        .port = port, .size = size, .direction = (uint8_t)direction, .count = count, .data = data
    };
    abx_bus_port_io(&host->ports, &io);
}

uint32_t guest_in(fake_host *host, uint16_t port, uint8_t size)
{
    uint32_t value = 0;
    guest_string(host, port, size, ABX_READ, &value, 1);
    return value;
}

void guest_out(fake_host *host, uint16_t port, uint8_t size, uint32_t value)
{
    guest_string(host, port, size, ABX_WRITE, &value, 1);
}

static void start_loop(fake_host *host)
{
    pthread_mutex_lock(&host->lock);
    if (!host->turns)
        assert_int_equal(abx_loop_start(host->loop), ABX_OK);
    host->turns = true;
    pthread_mutex_unlock(&host->lock);
}

static void access_memory(fake_host *host, uint64_t address, uint8_t size, abx_direction direction, uint64_t *value)
{
    const abx_exit_mmio mmio = {
        .address = address, .size = size, .direction = (uint8_t)direction, .data = (uint8_t *)value
    };
    start_loop(host);
    abx_bus_mmio(&host->mmio, &mmio);
}

uint64_t guest_load(fake_host *host, uint64_t address, uint8_t size)
{
    uint64_t value = 0;
    access_memory(host, address, size, ABX_READ, &value);
    return value;
}

void guest_store(fake_host *host, uint64_t address, uint8_t size, uint64_t value)
{
    access_memory(host, address, size, ABX_WRITE, &value);
}

void await_level(fake_host *host, unsigned line, bool level)
{
    pthread_mutex_lock(&host->lock);
    while (host->level[line] != level)
        pthread_cond_wait(&host->changed, &host->lock);
    pthread_mutex_unlock(&host->lock);
}
