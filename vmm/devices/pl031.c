/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/pl031.h"

#include "devices/primecell.h"

#include <arcbox/arm64.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* DDI 0224, section 3.2. */
enum {
    DR = 0x00, /* the time */
    MR = 0x04, /* the alarm */
    LR = 0x08, /* sets the time */
    CR = 0x0c,
    IMSC = 0x10,
    RIS = 0x14,
    MIS = 0x18,
    ICR = 0x1c,

    CR_STARTED = 1 << 0,
    INTERRUPT = 1 << 0,

    PART = 0x031,
    REVISION = 0,
};

typedef struct pl031 {
    pthread_mutex_t lock;
    uint32_t ahead; /* seconds before the host's clock */
    uint32_t load;
    uint32_t match;
    uint32_t mask;
    bool armed; /* the alarm is to come */
    bool raised;
} pl031;

static uint32_t guest_time(const pl031 *self)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint32_t)now.tv_sec + self->ahead;
}

/* The counter wraps, and with it what is before and what behind. */
static uint32_t raw_interrupt(pl031 *self)
{
    if (self->armed && guest_time(self) - self->match <= INT32_MAX) {
        self->armed = false;
        self->raised = true;
    }
    return self->raised ? INTERRUPT : 0;
}

static uint32_t read_register(pl031 *self, uint64_t offset)
{
    switch (offset) {
    case DR:
        return guest_time(self);
    case MR:
        return self->match;
    case LR:
        return self->load;
    case CR:
        return CR_STARTED;
    case IMSC:
        return self->mask;
    case RIS:
        return raw_interrupt(self);
    case MIS:
        return raw_interrupt(self) & self->mask;
    default:
        return offset >= ABX_PRIMECELL_IDS ? abx_primecell_id(PART, REVISION, offset) : 0;
    }
}

static uint64_t pl031_read(void *device, uint64_t offset, uint32_t size)
{
    pl031 *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    uint64_t value = read_register(self, offset);
    pthread_mutex_unlock(&self->lock);
    return value;
}

/* It cannot be stopped: CR is for reading only once it has been started. */
static void write_register(pl031 *self, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case MR:
        self->match = value;
        self->armed = true;
        break;
    case LR:
        self->ahead += value - guest_time(self);
        self->load = value;
        break;
    case IMSC:
        self->mask = value & INTERRUPT;
        break;
    case ICR:
        if (value & INTERRUPT)
            self->raised = false;
        break;
    default:
        break;
    }
}

static void pl031_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    pl031 *self = device;
    (void)size;
    pthread_mutex_lock(&self->lock);
    write_register(self, offset, (uint32_t)value);
    pthread_mutex_unlock(&self->lock);
}

static void pl031_free(void *device)
{
    pl031 *self = device;
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops ops = { .free = pl031_free };

abx_status abx_pl031_new(abx_device *out, const abx_device_host *host)
{
    pl031 *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the real time clock");
    pthread_mutex_init(&self->lock, NULL);
    const abx_bus_range range = {
        .base = ABX_ARM64_RTC,
        .length = ABX_PRIMECELL_SIZE,
        .name = "real time clock",
        .device = self,
        .read = pl031_read,
        .write = pl031_write,
    };
    abx_status status = abx_bus_add(host->mmio, &range);
    if (status != ABX_OK) {
        pl031_free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
