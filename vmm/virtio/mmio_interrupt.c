/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interrupts of a transport: sections 2.1, 2.3 and 4.2.2. */
#include "virtio/mmio_internal.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* An eventfd that does not take it has been written so often that the interrupt is on its way. */
static void write_fd(int fd)
{
    const uint64_t one = 1;
    while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

abx_status mmio_interrupt_bind(abx_virtio_mmio *self)
{
    abx_wakeup *bound = &self->interrupt.bound;
    abx_status status = abx_wakeup_open(bound);
    if (status != ABX_OK)
        return status;
    status = abx_irqfd_attach(self->host.vm, bound->fd, self->config.line, -1);
    if (status == ABX_OK)
        self->config.interrupt_fd = bound->fd;
    else
        abx_wakeup_close(bound);
    return status;
}

/* Fails only if the backend is gone, and the binding with it. */
void mmio_interrupt_unbind(abx_virtio_mmio *self)
{
    if (self->interrupt.bound.fd >= 0)
        (void)!abx_irqfd_detach(self->host.vm, self->interrupt.bound.fd, self->config.line);
    abx_wakeup_close(&self->interrupt.bound);
}

/* Under the lock: a line is up while any bit is. */
static void update_line(abx_virtio_mmio *self)
{
    bool level = self->interrupt.status != 0;
    if (level == self->interrupt.level || self->config.interrupt_fd >= 0)
        return;
    self->interrupt.level = level;
    if (self->host.set_line)
        self->host.set_line(self->host.machine, self->config.line, level);
}

static void raise_bits(abx_virtio_mmio *self, uint32_t bits)
{
    self->interrupt.status |= bits;
    atomic_fetch_add_explicit(&self->interrupt.count, 1, memory_order_relaxed);
    update_line(self);
    if (self->config.interrupt_fd >= 0)
        write_fd(self->config.interrupt_fd);
}

void mmio_interrupt_raise(abx_virtio_mmio *self, uint32_t bits)
{
    pthread_mutex_lock(&self->interrupt.lock);
    raise_bits(self, bits);
    pthread_mutex_unlock(&self->interrupt.lock);
}

void mmio_interrupt_acknowledge(abx_virtio_mmio *self, uint32_t bits)
{
    pthread_mutex_lock(&self->interrupt.lock);
    self->interrupt.status &= ~bits;
    update_line(self);
    pthread_mutex_unlock(&self->interrupt.lock);
}

void mmio_interrupt_reset(abx_virtio_mmio *self)
{
    pthread_mutex_lock(&self->interrupt.lock);
    self->interrupt.status = 0;
    self->interrupt.needs_reset = false;
    update_line(self);
    pthread_mutex_unlock(&self->interrupt.lock);
}

uint32_t mmio_interrupt_status(abx_virtio_mmio *self)
{
    pthread_mutex_lock(&self->interrupt.lock);
    uint32_t status = self->interrupt.status;
    pthread_mutex_unlock(&self->interrupt.lock);
    return status;
}

bool mmio_is_in_need(abx_virtio_mmio *self)
{
    pthread_mutex_lock(&self->interrupt.lock);
    bool needs_reset = self->interrupt.needs_reset;
    pthread_mutex_unlock(&self->interrupt.lock);
    return needs_reset;
}

void mmio_needs_reset(abx_virtio_mmio *self, abx_virtqueue_fault fault)
{
    pthread_mutex_lock(&self->interrupt.lock);
    bool first = !self->interrupt.needs_reset;
    self->interrupt.needs_reset = true;
    if (first)
        raise_bits(self, INTERRUPT_CONFIG); /* 2.1.2 */
    pthread_mutex_unlock(&self->interrupt.lock);
    if (!first || !self->host.tell)
        return;
    char text[92];
    snprintf(text, sizeof(text), "%s: %s", self->config.ops->name, abx_virtqueue_fault_text(fault));
    self->host.tell(self->host.machine, ABX_EVENT_DEVICE_NEEDS_RESET, (uint64_t)fault, text);
}

void abx_virtio_used(abx_virtio_mmio *transport, abx_virtqueue *queue)
{
    if (abx_virtqueue_should_notify(queue))
        mmio_interrupt_raise(transport, INTERRUPT_USED);
    if (queue->fault != ABX_VIRTQUEUE_SOUND)
        mmio_needs_reset(transport, queue->fault);
}

void abx_virtio_config_changed(abx_virtio_mmio *transport)
{
    atomic_fetch_add(&transport->generation, 1);
    mmio_interrupt_raise(transport, INTERRUPT_CONFIG);
}

uint64_t abx_virtio_interrupts(const abx_virtio_mmio *transport)
{
    return atomic_load_explicit(&transport->interrupt.count, memory_order_relaxed);
}
