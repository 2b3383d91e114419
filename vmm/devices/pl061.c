/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/pl061.h"

#include "devices/primecell.h"

#include <arcbox/arm64.h>

#include <pthread.h>
#include <stdlib.h>

/* DDI 0190, section 3.2. */
enum {
    DATA_END = 0x400, /* bits 9 to 2 of the address say which lines are meant */
    DIR = 0x400,      /* 1: an output */
    IS = 0x404,       /* 1: level, 0: edge */
    IBE = 0x408,      /* 1: both edges */
    IEV = 0x40c,      /* 1: rising or high, 0: falling or low */
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c,
    AFSEL = 0x420,

    PART = 0x061,
    REVISION = 0,
    BUTTON = 1 << ABX_PL061_POWER_BUTTON,
};

typedef struct pl061 {
    abx_device_host host;
    pthread_mutex_t lock;
    uint8_t inputs; /* as they are outside */
    uint8_t outputs;
    uint8_t direction, sense, both_edges, event, enabled, function;
    uint8_t edges; /* seen and not cleared */
    bool level;    /* of the interrupt line */
} pl061;

static uint8_t lines(const pl061 *self)
{
    return (uint8_t)((self->inputs & ~self->direction) | (self->outputs & self->direction));
}

static uint8_t raw_interrupts(const pl061 *self)
{
    uint8_t active = (uint8_t) ~(lines(self) ^ self->event);
    return (uint8_t)((self->sense & active) | (~self->sense & self->edges));
}

static void update_line(pl061 *self)
{
    bool level = raw_interrupts(self) & self->enabled;
    if (level == self->level)
        return;
    self->level = level;
    if (self->host.set_line)
        self->host.set_line(self->host.machine, ABX_ARM64_SPI_GPIO, level);
}

/* What happened to the lines since they were `before`. */
static void note_edges(pl061 *self, uint8_t before)
{
    uint8_t now = lines(self);
    uint8_t changed = before ^ now;
    uint8_t wanted = (uint8_t)(self->both_edges | ~(now ^ self->event));
    self->edges |= changed & wanted & (uint8_t)~self->sense;
    update_line(self);
}

static void set_inputs(pl061 *self, uint8_t inputs)
{
    uint8_t before = lines(self);
    self->inputs = inputs;
    note_edges(self, before);
}

static uint8_t read_data(pl061 *self, uint8_t mask)
{
    uint8_t value = lines(self) & mask;
    if (value & self->inputs & BUTTON)
        set_inputs(self, self->inputs & (uint8_t)~BUTTON);
    return value;
}

static uint32_t read_register(pl061 *self, uint64_t offset)
{
    if (offset < DATA_END)
        return read_data(self, (uint8_t)(offset >> 2));
    switch (offset) {
    case DIR:
        return self->direction;
    case IS:
        return self->sense;
    case IBE:
        return self->both_edges;
    case IEV:
        return self->event;
    case IE:
        return self->enabled;
    case RIS:
        return raw_interrupts(self);
    case MIS:
        return raw_interrupts(self) & self->enabled;
    case AFSEL:
        return self->function;
    default:
        return offset >= ABX_PRIMECELL_IDS ? abx_primecell_id(PART, REVISION, offset) : 0;
    }
}

static uint64_t pl061_read(void *device, uint64_t offset, uint32_t size)
{
    pl061 *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    uint64_t value = read_register(self, offset);
    pthread_mutex_unlock(&self->lock);
    return value;
}

static void write_register(pl061 *self, uint64_t offset, uint8_t value)
{
    if (offset < DATA_END) {
        uint8_t mask = (uint8_t)(offset >> 2);
        self->outputs = (uint8_t)((self->outputs & ~mask) | (value & mask));
        return;
    }
    switch (offset) {
    case DIR:
        self->direction = value;
        break;
    case IS:
        self->sense = value;
        break;
    case IBE:
        self->both_edges = value;
        break;
    case IEV:
        self->event = value;
        break;
    case IE:
        self->enabled = value;
        break;
    case IC:
        self->edges &= (uint8_t)~value;
        break;
    case AFSEL: /* there is no other function */
        self->function = value;
        break;
    default:
        break;
    }
}

static void pl061_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    pl061 *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    uint8_t before = lines(self);
    write_register(self, offset, (uint8_t)value);
    note_edges(self, before);
    pthread_mutex_unlock(&self->lock);
}

void abx_pl061_press(const abx_device *device)
{
    pl061 *self = device->object;
    pthread_mutex_lock(&self->lock);
    set_inputs(self, self->inputs | BUTTON);
    pthread_mutex_unlock(&self->lock);
}

static void pl061_free(void *device)
{
    pl061 *self = device;
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops ops = { .free = pl061_free };

abx_status abx_pl061_new(abx_device *out, const abx_device_host *host)
{
    pl061 *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the power button");
    self->host = *host;
    pthread_mutex_init(&self->lock, NULL);
    const abx_bus_range range = {
        .base = ABX_ARM64_GPIO,
        .length = ABX_PRIMECELL_SIZE,
        .name = "power button",
        .device = self,
        .read = pl061_read,
        .write = pl061_write,
    };
    abx_status status = abx_bus_add(host->mmio, &range);
    if (status != ABX_OK) {
        pl061_free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
