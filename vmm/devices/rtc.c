/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "devices/rtc.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum {
    REG_SECONDS = 0x00,
    REG_MINUTES = 0x02,
    REG_HOURS = 0x04,
    REG_WEEKDAY = 0x06,
    REG_DAY = 0x07,
    REG_MONTH = 0x08,
    REG_YEAR = 0x09,
    REG_A = 0x0a,
    REG_B = 0x0b,
    REG_C = 0x0c,
    REG_D = 0x0d,
    CMOS_SIZE = 128,

    A_UPDATING = 0x80,
    A_32KHZ_1024HZ = 0x26, /* divider 010, rate 0110: what PC firmware leaves */
    B_SET = 0x80,          /* the guest is setting the time: the clock stands */
    B_BINARY = 0x04,
    B_24_HOURS = 0x02,
    D_VALID = 0x80,
    HOUR_PM = 0x80,

    UPDATE_NS = 244000, /* before each second, in which UPDATING is set (data sheet, "update cycle") */
};

typedef struct rtc {
    pthread_mutex_t lock;
    uint8_t index;
    int64_t ahead;   /* seconds before the host's clock */
    int64_t stopped; /* the time at which SET stopped the clock */
    uint8_t cmos[CMOS_SIZE];
} rtc;

static struct timespec host_time(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    return now;
}

static int64_t guest_time(const rtc *self)
{
    return self->cmos[REG_B] & B_SET ? self->stopped : (int64_t)host_time().tv_sec + self->ahead;
}

static bool is_time(uint8_t index)
{
    return index == ABX_RTC_CENTURY || index == REG_SECONDS || index == REG_MINUTES || index == REG_HOURS ||
           (index >= REG_WEEKDAY && index <= REG_YEAR);
}

static uint8_t encode(const rtc *self, int value)
{
    unsigned number = (unsigned)value % 100;
    if (self->cmos[REG_B] & B_BINARY)
        return (uint8_t)number;
    return (uint8_t)(number / 10 << 4 | number % 10);
}

static int decode(const rtc *self, uint8_t value)
{
    if (self->cmos[REG_B] & B_BINARY)
        return value;
    return (value >> 4) * 10 + (value & 0x0f);
}

static uint8_t encode_hour(const rtc *self, int hour)
{
    if (self->cmos[REG_B] & B_24_HOURS)
        return encode(self, hour);
    uint8_t twelve = encode(self, hour % 12 == 0 ? 12 : hour % 12);
    return hour < 12 ? twelve : twelve | HOUR_PM;
}

static int decode_hour(const rtc *self, uint8_t value)
{
    if (self->cmos[REG_B] & B_24_HOURS)
        return decode(self, value);
    int hour = decode(self, value & (uint8_t)~HOUR_PM) % 12;
    return value & HOUR_PM ? hour + 12 : hour;
}

static uint8_t read_time(const rtc *self, uint8_t index)
{
    time_t seconds = (time_t)guest_time(self);
    struct tm date = { 0 };
    gmtime_r(&seconds, &date);
    int year = date.tm_year + 1900;
    switch (index) {
    case REG_SECONDS:
        return encode(self, date.tm_sec);
    case REG_MINUTES:
        return encode(self, date.tm_min);
    case REG_HOURS:
        return encode_hour(self, date.tm_hour);
    case REG_WEEKDAY:
        return encode(self, date.tm_wday + 1);
    case REG_DAY:
        return encode(self, date.tm_mday);
    case REG_MONTH:
        return encode(self, date.tm_mon + 1);
    case REG_YEAR:
        return encode(self, year % 100);
    default:
        return encode(self, year / 100);
    }
}

/* Sets one field of the date. Fields out of their range carry over, as in timegm(3). */
static void write_time(rtc *self, uint8_t index, uint8_t value)
{
    int64_t before = guest_time(self);
    time_t seconds = (time_t)before;
    struct tm date = { 0 };
    gmtime_r(&seconds, &date);
    int year = date.tm_year + 1900;
    switch (index) {
    case REG_SECONDS:
        date.tm_sec = decode(self, value);
        break;
    case REG_MINUTES:
        date.tm_min = decode(self, value);
        break;
    case REG_HOURS:
        date.tm_hour = decode_hour(self, value);
        break;
    case REG_DAY:
        date.tm_mday = decode(self, value);
        break;
    case REG_MONTH:
        date.tm_mon = decode(self, value) - 1;
        break;
    case REG_YEAR:
        date.tm_year = year - year % 100 + decode(self, value) - 1900;
        break;
    case ABX_RTC_CENTURY:
        date.tm_year = decode(self, value) * 100 + year % 100 - 1900;
        break;
    default: /* the day of the week follows from the date */
        return;
    }
    int64_t after = (int64_t)timegm(&date);
    if (self->cmos[REG_B] & B_SET)
        self->stopped = after;
    else
        self->ahead += after - before;
}

static void write_b(rtc *self, uint8_t value)
{
    bool was_set = self->cmos[REG_B] & B_SET;
    if (!was_set && (value & B_SET))
        self->stopped = guest_time(self);
    if (was_set && !(value & B_SET))
        self->ahead = self->stopped - (int64_t)host_time().tv_sec;
    self->cmos[REG_B] = value;
}

static uint8_t read_a(const rtc *self)
{
    bool updating = !(self->cmos[REG_B] & B_SET) && host_time().tv_nsec >= 1000000000 - UPDATE_NS;
    return updating ? self->cmos[REG_A] | A_UPDATING : self->cmos[REG_A];
}

static uint8_t read_register(const rtc *self, uint8_t index)
{
    if (is_time(index))
        return read_time(self, index);
    return index == REG_A ? read_a(self) : self->cmos[index];
}

static void write_register(rtc *self, uint8_t index, uint8_t value)
{
    if (is_time(index))
        write_time(self, index, value);
    else if (index == REG_A)
        self->cmos[REG_A] = value & (uint8_t)~A_UPDATING;
    else if (index == REG_B)
        write_b(self, value);
    else if (index != REG_C && index != REG_D)
        self->cmos[index] = value;
}

static uint64_t rtc_read(void *device, uint64_t offset, uint32_t size)
{
    rtc *self = device;
    (void)size;
    if (offset == 0)
        return UINT64_MAX; /* the index is for writing */
    pthread_mutex_lock(&self->lock);
    uint8_t value = read_register(self, self->index);
    pthread_mutex_unlock(&self->lock);
    return value;
}

/* A word at the index port is an index and its data. */
static void rtc_write(void *device, uint64_t offset, uint32_t size, uint64_t value)
{
    rtc *self = device;
    pthread_mutex_lock(&self->lock);
    if (offset == 0) {
        self->index = value & (CMOS_SIZE - 1); /* bit 7 masks NMIs, of which there are none */
        value >>= 8;
    }
    if (offset == 1 || size > 1)
        write_register(self, self->index, (uint8_t)value);
    pthread_mutex_unlock(&self->lock);
}

static void put_size(rtc *self, uint8_t index, uint32_t bytes, uint64_t units)
{
    uint64_t most = (UINT64_C(1) << (8 * bytes)) - 1;
    uint64_t value = units < most ? units : most;
    for (uint32_t i = 0; i < bytes; i++)
        self->cmos[index + i] = (uint8_t)(value >> (8 * i));
}

static uint64_t above(uint64_t memory, uint64_t limit)
{
    return memory > limit ? memory - limit : 0;
}

/* Where firmware of PCs and of QEMU puts it: KiB below 640 KiB, KiB above 1 MiB (twice), 64 KiB units above 16 MiB and
 * above 4 GiB. */
static void describe_memory(rtc *self, uint64_t low, uint64_t high)
{
    uint64_t base = low < 640 * 1024 ? low : 640 * 1024;
    put_size(self, 0x15, 2, base / 1024);
    put_size(self, 0x17, 2, above(low, 1 << 20) / 1024);
    put_size(self, 0x30, 2, above(low, 1 << 20) / 1024);
    put_size(self, 0x34, 2, above(low, 16 << 20) / 65536);
    put_size(self, 0x5b, 3, high / 65536);
}

static void rtc_free(void *device)
{
    rtc *self = device;
    pthread_mutex_destroy(&self->lock);
    free(self);
}

static const abx_device_ops ops = { .free = rtc_free };

abx_status abx_rtc_new(abx_device *out, const abx_device_host *host, uint64_t low_memory, uint64_t high_memory)
{
    rtc *self = calloc(1, sizeof(*self));
    if (!self)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make the real time clock");
    pthread_mutex_init(&self->lock, NULL);
    self->cmos[REG_A] = A_32KHZ_1024HZ;
    self->cmos[REG_B] = B_24_HOURS;
    self->cmos[REG_D] = D_VALID;
    describe_memory(self, low_memory, high_memory);
    const abx_bus_range range = {
        .base = ABX_RTC_PORT,
        .length = ABX_RTC_PORTS,
        .name = "real time clock",
        .device = self,
        .read = rtc_read,
        .write = rtc_write,
    };
    abx_status status = abx_bus_add(host->ports, &range);
    if (status != ABX_OK) {
        rtc_free(self);
        return status;
    }
    *out = (abx_device){ &ops, self };
    return ABX_OK;
}
