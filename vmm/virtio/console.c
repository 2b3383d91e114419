/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "virtio/console_internal.h"

#include <arcbox/hypervisor.h>

#include <stdlib.h>
#include <string.h>

enum {
    DEVICE_ID = 3,
    QUEUE_SIZE = 128,

    /* Section 5.3.3. */
    F_SIZE = 1 << 0,
    F_MULTIPORT = 1 << 1,
    F_EMERG_WRITE = 1 << 2,

    /* Section 5.3.2. */
    QUEUE_MESSAGES = 2,
    QUEUE_REPLIES = 3,
};

/* Section 5.3.4. */
typedef struct console_space {
    uint16_t columns;
    uint16_t rows;
    uint32_t max_ports;
    uint32_t emergency;
} console_space;

_Static_assert(ABX_CONSOLE_PORTS * 2 + 2 == ABX_VIRTIO_QUEUES_MAX, "as many ports as there are queues for");
_Static_assert(ABX_CONSOLE_MORE_PORTS == ABX_CONSOLE_PORTS - 1, "as device.h says");

static bool has_console(const virtio_console *self)
{
    return self->control.ports[0].present;
}

/* MULTIPORT even for a single port: there a driver says when it listens. Linux without it throws away what comes while
 * it sets its console up. */
static uint64_t features(void *device)
{
    return F_MULTIPORT | (has_console(device) ? F_SIZE | F_EMERG_WRITE : 0u);
}

static void negotiated(void *device, uint64_t accepted)
{
    virtio_console *self = device;
    abx_virtio_worker_hold(&self->worker);
    self->multiport = accepted & F_MULTIPORT;
    pthread_mutex_lock(&self->lock);
    self->sized = (accepted & F_SIZE) && !self->multiport;
    pthread_mutex_unlock(&self->lock);
    abx_virtio_worker_release(&self->worker);
}

static void reset(void *device)
{
    virtio_console *self = device;
    abx_virtio_worker_hold(&self->worker);
    self->multiport = false;
    pthread_mutex_lock(&self->lock);
    self->sized = false;
    abx_console_control_reset(&self->control);
    pthread_mutex_unlock(&self->lock);
    abx_virtio_worker_release(&self->worker);
}

static void read_config(void *device, uint32_t offset, uint8_t *bytes, uint32_t length)
{
    virtio_console *self = device;
    pthread_mutex_lock(&self->lock);
    const console_space space = {
        .columns = self->control.ports[0].columns,
        .rows = self->control.ports[0].rows,
        .max_ports = self->port_count,
    };
    pthread_mutex_unlock(&self->lock);
    abx_virtio_copy_config(&space, sizeof(space), offset, bytes, length);
}

static bool keep_emergency(virtio_console *self, uint8_t byte)
{
    pthread_mutex_lock(&self->lock);
    bool kept = self->emergency_count < CONSOLE_EMERGENCY;
    if (kept)
        self->emergency[self->emergency_count++] = byte;
    pthread_mutex_unlock(&self->lock);
    return kept;
}

/* 5.3.4: a byte that goes out at once and needs no queue. Where output stands still it is lost, but no vCPU waits. */
static void write_config(void *device, uint32_t offset, const uint8_t *bytes, uint32_t length)
{
    virtio_console *self = device;
    if (offset != offsetof(console_space, emergency) || length == 0 || !has_console(self))
        return;
    if (!keep_emergency(self, bytes[0])) {
        abx_virtio_worker_hold(&self->worker);
        virtio_console_write_emergency(self);
        abx_virtio_worker_release(&self->worker);
        keep_emergency(self, bytes[0]);
    }
    abx_virtio_worker_ring(&self->worker);
}

/* Queues in pairs: port 0, control, port 1 … (5.3.2). */
static void set_queue(virtio_console *self, uint32_t index, abx_virtqueue *queue)
{
    abx_virtio_worker_hold(&self->worker);
    if (index == QUEUE_MESSAGES) {
        self->messages = queue;
    } else if (index == QUEUE_REPLIES) {
        self->replies = queue;
    } else {
        abx_virtio_port *port = &self->ports[index < QUEUE_MESSAGES ? 0 : index / 2 - 1].flow;
        *(index % 2 ? &port->output.queue : &port->input.queue) = queue;
        if (index % 2)
            port->sent = 0;
    }
    abx_virtio_worker_release(&self->worker);
}

static void start_queue(void *device, uint32_t index, abx_virtqueue *queue)
{
    set_queue(device, index, queue);
}

static void stop_queue(void *device, uint32_t index)
{
    set_queue(device, index, NULL);
}

static void notify(void *device, uint32_t index)
{
    virtio_console *self = device;
    (void)index;
    abx_virtio_worker_ring(&self->worker);
}

static const abx_virtio_device_ops virtio_ops = {
    .id = DEVICE_ID,
    .name = "console",
    .features = features,
    .negotiated = negotiated,
    .read_config = read_config,
    .write_config = write_config,
    .start_queue = start_queue,
    .stop_queue = stop_queue,
    .notify = notify,
    .reset = reset,
};

static void console_resume(void *device)
{
    abx_virtio_worker_release(&((virtio_console *)device)->worker);
}

static void console_pause(void *device)
{
    abx_virtio_worker_hold(&((virtio_console *)device)->worker);
}

static void console_drain(void *device)
{
    virtio_console *self = device;
    abx_virtio_worker_hold(&self->worker);
    virtio_console_finish(self);
    abx_virtio_worker_release(&self->worker);
}

static void console_abandon(void *device)
{
    virtio_console *self = device;
    atomic_store(&self->abandoned, true);
    abx_wakeup_raise(&self->abandon);
}

static void console_count(void *device, abx_device_counters *counters)
{
    const virtio_console *self = device;
    for (uint32_t i = 0; i < self->port_count; i++) {
        abx_device_counters port;
        abx_virtio_tally_read(&self->ports[i].flow.tally, &port);
        counters->operations += port.operations;
        counters->errors += port.errors;
        counters->bytes_read += port.bytes_read;
        counters->bytes_written += port.bytes_written;
    }
    counters->interrupts = abx_virtio_interrupts(self->transport);
}

/* Whatever of it has been made. */
static void console_free(void *device)
{
    virtio_console *self = device;
    abx_virtio_mmio_free(self->transport);
    for (uint32_t i = 0; i < self->port_count; i++) {
        console_port *port = &self->ports[i];
        abx_loop_watch_free(port->input.watch);
        abx_loop_watch_free(port->output.watch);
        abx_virtio_port_close(&port->flow);
    }
    if (self->has_worker)
        abx_virtio_worker_end(&self->worker);
    abx_wakeup_close(&self->abandon);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops device_ops = {
    .resume = console_resume,
    .pause = console_pause,
    .drain = console_drain,
    .abandon = console_abandon,
    .count = console_count,
    .free = console_free,
};

/* What is always ready is not watched. */
static abx_status watch(virtio_console *self, console_watch *end, const abx_stream *stream)
{
    end->console = self;
    if (stream->kind == ABX_STREAM_NONE || stream->kind == ABX_STREAM_FILE)
        return ABX_OK;
    abx_status status = abx_loop_watch_new(&end->watch, self->host.loop, stream->fd, virtio_console_ready, end);
    return status == ABX_ERR_NOT_SUPPORTED ? ABX_OK : status;
}

/* `name` NULL: a console. */
static abx_status add_port(virtio_console *self, uint32_t index, const char *name, const abx_serial_config *ends)
{
    console_port *port = &self->ports[index];
    self->port_count = index + 1;
    port->flow.vm = self->host.vm;
    abx_status status = abx_virtio_port_open(&port->flow, ends->input_fd, ends->output_fd);
    if (status == ABX_OK)
        status = watch(self, &port->input, &port->flow.input.stream);
    if (status == ABX_OK)
        status = watch(self, &port->output, &port->flow.output.stream);
    abx_console_control_port *control = &self->control.ports[index];
    *control = (abx_console_control_port){ .present = true, .host_open = true };
    if (name)
        control->name = memcpy(port->name, name, strnlen(name, ABX_CONSOLE_NAME_MAX));
    return status;
}

static abx_status add_ports(virtio_console *self, const abx_console_config *config)
{
    static const abx_serial_config nobody = { -1, -1 };
    abx_status status = add_port(self, 0, NULL, config->ports_only ? &nobody : &config->serial);
    self->control.ports[0].present = !config->ports_only;
    abx_console_control_set_size(&self->control, 0, config->columns, config->rows);
    for (uint32_t i = 0; i < config->port_count && status == ABX_OK; i++)
        status = add_port(self, i + 1, config->ports[i].name, &config->ports[i].ends);
    return status;
}

static abx_status build(virtio_console *self, abx_gpa base, uint32_t line, const abx_console_config *config)
{
    const abx_virtio_mmio_config registers = {
        .ops = &virtio_ops,
        .device = self,
        .queue_count = 2 * (1 + (uint32_t)config->port_count) + 2,
        .queue_size = QUEUE_SIZE,
        .base = base,
        .line = line,
        .interrupt_fd = -1,
    };
    abx_status status = abx_wakeup_open(&self->abandon);
    if (status == ABX_OK)
        status = add_ports(self, config);
    if (status == ABX_OK)
        status = abx_virtio_worker_start(&self->worker, self->host.loop, virtio_console_work, self);
    self->has_worker = status == ABX_OK;
    if (status == ABX_OK)
        status = abx_virtio_mmio_new(&self->transport, &self->host, &registers);
    if (status != ABX_OK)
        return status;
    for (uint32_t i = 0; i < self->port_count; i++)
        self->ports[i].flow.transport = self->transport;
    /* Without a doorbell notifications come by exits. */
    if (abx_hypervisor_has(abx_vm_get_hypervisor(self->host.vm), ABX_CAP_IOEVENTFD))
        (void)!abx_virtio_mmio_doorbell(self->transport, self->worker.bell.fd);
    return ABX_OK;
}

abx_status abx_virtio_console_new(abx_device *out, const abx_device_host *host, abx_gpa base, uint32_t line,
                                  const abx_console_config *config)
{
    virtio_console *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a console");
    self->host = *host;
    self->abandon.fd = self->abandon.raise_fd = -1;
    pthread_mutex_init(&self->lock, NULL);
    abx_status status = build(self, base, line, config);
    if (status != ABX_OK) {
        console_free(self);
        return status;
    }
    *out = (abx_device){ &device_ops, self };
    return ABX_OK;
}

bool abx_virtio_console_resize(const abx_device *device, uint32_t port, uint16_t columns, uint16_t rows)
{
    if (device->ops != &device_ops)
        return false;
    virtio_console *self = device->object;
    if (port >= self->port_count || !self->control.ports[port].present || self->control.ports[port].name)
        return false;
    pthread_mutex_lock(&self->lock);
    abx_console_control_set_size(&self->control, port, columns, rows);
    bool in_space = self->sized && port == 0;
    pthread_mutex_unlock(&self->lock);
    if (in_space)
        abx_virtio_config_changed(self->transport);
    abx_virtio_worker_ring(&self->worker);
    return true;
}
