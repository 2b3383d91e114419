/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "guest_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct guest {
    fake_vcpu *vcpu;
    guest_code code;
    uint64_t context;
    pthread_t thread;
    sem_t entered, left;
    abx_exit exit;
    uint64_t data;
    abx_arm64_timer timer;
    atomic_uint inputs;
    unsigned resets;
    bool started;
    bool gone;
    bool timer_masked;
};

static guest guests[GUESTS];
static atomic_int failure;

int guest_failure(void)
{
    return atomic_load(&failure);
}

unsigned guest_resets(uint32_t id)
{
    return guests[id].resets;
}

void guest_check(bool good, int line)
{
    int none = 0;
    if (!good)
        atomic_compare_exchange_strong(&failure, &none, line);
}

static atomic_uint_fast64_t passed;

void guest_pass(uint64_t nanoseconds)
{
    atomic_fetch_add(&passed, nanoseconds);
}

uint64_t guest_count(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec + atomic_load(&passed);
}

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) < 0 && errno == EINTR)
        ;
}

/* The guest's side: stands still until it is entered again. */
static void leave(guest *self, abx_exit_kind kind)
{
    self->exit.kind = kind;
    sem_post(&self->left);
    await(&self->entered);
    if (self->gone)
        pthread_exit(NULL);
}

void guest_exit_with(guest *self, const abx_exit *exit)
{
    self->exit = *exit;
    leave(self, exit->kind);
}

static uint64_t access_memory(guest *self, uint64_t address, uint8_t size, abx_direction direction, uint64_t value)
{
    self->data = value;
    self->exit.mmio = (abx_exit_mmio){
        .address = address, .size = size, .direction = (uint8_t)direction, .data = (uint8_t *)&self->data
    };
    leave(self, ABX_EXIT_MMIO);
    return self->data;
}

uint64_t guest_read(guest *self, uint64_t address, uint8_t size)
{
    return access_memory(self, address, size, ABX_READ, 0);
}

void guest_write(guest *self, uint64_t address, uint8_t size, uint64_t value)
{
    access_memory(self, address, size, ABX_WRITE, value);
}

static uint64_t access_register(guest *self, uint32_t reg, abx_direction direction, uint64_t value)
{
    self->data = value;
    self->exit.sysreg = (abx_exit_sysreg){ .reg = reg, .direction = (uint8_t)direction, .data = &self->data };
    leave(self, ABX_EXIT_SYSREG);
    return self->data;
}

uint64_t guest_mrs(guest *self, uint32_t reg)
{
    return access_register(self, reg, ABX_READ, 0x5555);
}

void guest_msr(guest *self, uint32_t reg, uint64_t value)
{
    access_register(self, reg, ABX_WRITE, value);
}

uint64_t guest_hvc(guest *self, uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    self->data = function;
    self->exit.hypercall = (abx_exit_hypercall){ .number = function, .arguments = { a, b, c }, .result = &self->data };
    leave(self, ABX_EXIT_HYPERCALL);
    return self->data;
}

void guest_wfi(guest *self)
{
    leave(self, ABX_EXIT_HALT);
}

uint32_t guest_id(const guest *self)
{
    return self->vcpu->id;
}

bool guest_is_interrupted(const guest *self)
{
    return atomic_load(&self->inputs) & 2;
}

void guest_set_timer(guest *self, bool enabled, uint64_t compare)
{
    self->timer.enabled = enabled;
    self->timer.compare = compare;
}

static bool timer_exits(const guest *self)
{
    return self->timer.enabled && !self->timer_masked && guest_count() >= self->timer.compare;
}

/* In the guest, until a kick or the timer. */
static void stay(guest *self)
{
    uint64_t late = atomic_load(&passed), compare = self->timer.compare;
    uint64_t at = compare > late ? compare - late : 0; /* by the host's clock */
    const struct timespec due = { (time_t)(at / NANOSECONDS), (long)(at % NANOSECONDS) };
    bool timed = self->timer.enabled && !self->timer_masked;
    while (!atomic_load(&self->vcpu->kicked) && !timer_exits(self)) {
        if (timed)
            sem_clockwait(&self->vcpu->wake, CLOCK_MONOTONIC, &due);
        else
            await(&self->vcpu->wake);
    }
}

static void spin(guest *self, bool interrupted)
{
    while (guest_is_interrupted(self) != interrupted) {
        stay(self);
        bool kicked = atomic_load(&self->vcpu->kicked);
        self->timer_masked |= !kicked;
        leave(self, kicked ? ABX_EXIT_INTERRUPTED : ABX_EXIT_TIMER);
    }
}

void guest_spin(guest *self)
{
    spin(self, true);
}

void guest_spin_until_quiet(guest *self)
{
    spin(self, false);
}

static void *guest_thread(void *argument)
{
    guest *self = argument;
    await(&self->entered);
    if (!self->gone)
        self->code(self, self->context);
    while (!self->gone)
        guest_wfi(self);
    return NULL;
}

/* The backend's side. */
static abx_status run(fake_vcpu *vcpu, abx_exit *exit)
{
    guest *self = &guests[vcpu->id];
    bool timer = timer_exits(self);
    *exit = (abx_exit){ .kind = timer ? ABX_EXIT_TIMER : ABX_EXIT_INTERRUPTED };
    if (atomic_load(&vcpu->kicked) || timer) {
        self->timer_masked |= timer;
        return ABX_OK;
    }
    if (!self->started) {
        self->vcpu = vcpu;
        self->gone = false;
        self->started = pthread_create(&self->thread, NULL, guest_thread, self) == 0;
        if (!self->started)
            abort();
    }
    sem_post(&self->entered);
    await(&self->left);
    *exit = self->exit;
    return ABX_OK;
}

static void end(guest *self)
{
    if (!self->started)
        return;
    self->gone = true;
    sem_post(&self->entered);
    pthread_join(self->thread, NULL);
    self->started = false;
}

static guest *guest_of(void *vcpu)
{
    return &guests[((fake_vcpu *)vcpu)->id];
}

static void destroy(void *vcpu)
{
    end(guest_of(vcpu));
    fake_manual.vcpu_destroy(vcpu);
}

static abx_status reset(void *vcpu)
{
    guest *self = guest_of(vcpu);
    end(self);
    self->timer.enabled = false;
    self->resets++;
    return fake_log_enter("reset");
}

/* vCPU 0 begins where the test says, and not where its kernel lies. */
static abx_status write_registers(void *vcpu, const abx_reg *names, const uint64_t *values, size_t count)
{
    guest *self = guest_of(vcpu);
    for (size_t i = 0; i < count && ((fake_vcpu *)vcpu)->id > 0; i++) {
        if (names[i] == ABX_ARM64_PC)
            self->code = (guest_code)(uintptr_t)values[i];
        if (names[i] == ABX_ARM64_X(0))
            self->context = values[i];
    }
    return fake_manual.vcpu_write_registers(vcpu, names, values, count);
}

static abx_status set_irq(void *vcpu, bool irq, bool fiq)
{
    atomic_store(&guest_of(vcpu)->inputs, irq * 2u + fiq);
    return fake_log_enter("set_irq");
}

static abx_status get_timer(void *vcpu, abx_arm64_timer *timer)
{
    *timer = guest_of(vcpu)->timer;
    timer->count = guest_count();
    timer->frequency = NANOSECONDS;
    return fake_log_enter("get_timer");
}

static abx_status get_gic(const void *vm, abx_arm64_gic *gic)
{
    return fake_manual_arm64.get_gic(vm, gic);
}

static abx_status unmask_timer(void *vcpu)
{
    guest_of(vcpu)->timer_masked = false;
    return fake_log_enter("unmask_timer");
}

static const abx_backend_arm64 guest_arm64 = {
    .get_gic = get_gic,
    .reset = reset,
    .set_irq = set_irq,
    .get_timer = get_timer,
    .unmask_timer = unmask_timer,
};

const abx_backend *guest_begin(guest_code boot)
{
    static abx_backend backend;
    for (size_t i = 0; i < GUESTS; i++) {
        guest *self = &guests[i];
        *self = (guest){ .code = boot };
        sem_init(&self->entered, 0, 0);
        sem_init(&self->left, 0, 0);
    }
    atomic_store(&failure, 0);
    fake_manual_guest(run);
    backend = fake_manual;
    backend.vcpu_destroy = destroy;
    backend.vcpu_write_registers = write_registers;
    backend.arm64 = &guest_arm64;
    return &backend;
}
