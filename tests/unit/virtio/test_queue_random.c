/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Long random lives of both kinds of queue: valid ones against a model, ones with rubbish, and one in two threads. */
#include "driver.h"

#include "fake_manual.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFERS_MAX = 6 };

static abx_vm *vm;
static driver guest;
static abx_virtqueue queue;
static uint64_t seed;

static uint32_t random_below(uint32_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

/* What is out, by id: what was offered, what the device took, what it said that it wrote. */
typedef struct request {
    buffer buffers[BUFFERS_MAX];
    uint32_t count;
    abx_virtqueue_chain chain;
    struct iovec pieces[2 * BUFFERS_MAX];
    uint32_t written;
} request;

typedef struct model {
    request requests[256];
    int offered[256], taken[256], used[256]; /* ids in order */
    unsigned offered_count, taken_count, used_count;
} model;

static int take_out(int *list, unsigned *count, unsigned at)
{
    int id = list[at];
    memmove(&list[at], &list[at + 1], (--*count - at) * sizeof(*list));
    return id;
}

static void offer(model *self)
{
    request made = { .count = 1 + random_below(BUFFERS_MAX) };
    uint32_t readable = random_below(made.count + 1);
    for (uint32_t i = 0; i < made.count; i++) {
        abx_gpa gpa = DATA + random_below(0x20000) + (random_below(4) == 0 ? SECOND - DATA - 0x10000 : 0);
        made.buffers[i] = (buffer){ gpa, 1 + random_below(0x10000 - 1), i >= readable };
        if (gpa + made.buffers[i].length > SECOND + SECOND_SIZE)
            made.buffers[i].length = 1;
        if (gpa >= SECOND + SECOND_SIZE)
            made.buffers[i].gpa = DATA;
    }
    bool table = guest.layout.indirect && made.count <= guest.layout.size && random_below(2);
    /* A table for each id, out of the way of the data. */
    static unsigned turn;
    abx_gpa place = RINGS + 0x80000 + (abx_gpa)(turn++ % 1024) * 0x100;
    int id = driver_add(&guest, made.buffers, made.count, table ? place : 0);
    if (id < 0)
        return;
    self->requests[id] = made;
    self->offered[self->offered_count++] = id;
}

/* The chain must be what was offered, byte by byte. */
static void check_list(const struct iovec *pieces, uint32_t count, uint64_t length, const request *of, bool writable)
{
    uint32_t piece = 0;
    uint64_t offset = 0, total = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        abx_gpa gpa = of->buffers[i].gpa;
        uint64_t left = of->buffers[i].writable == writable ? of->buffers[i].length : 0;
        total += left;
        while (left > 0) {
            uint64_t here = SECOND > gpa && SECOND - gpa < left ? SECOND - gpa : left;
            assert_true(piece < count);
            assert_ptr_equal((char *)pieces[piece].iov_base + offset, abx_memory_at(vm, gpa, here, false));
            assert_int_equal(pieces[piece].iov_len, here);
            piece++;
            gpa += here;
            left -= here;
        }
    }
    assert_int_equal(piece, count);
    assert_int_equal(total, length);
}

static void pop(model *self)
{
    abx_virtqueue_chain chain;
    struct iovec pieces[2 * BUFFERS_MAX];
    bool taken = abx_virtqueue_pop(&queue, &chain, pieces, 2 * BUFFERS_MAX);
    assert_int_equal(taken, self->offered_count > 0);
    if (!taken)
        return;
    /* Undone, it is the next one again. */
    for (uint32_t times = random_below(3); times > 0; times--) {
        abx_virtqueue_unpop(&queue, &chain);
        assert_true(abx_virtqueue_pop(&queue, &chain, pieces, 2 * BUFFERS_MAX));
    }
    int id = take_out(self->offered, &self->offered_count, 0);
    request *of = &self->requests[id];
    assert_int_equal(chain.id, id);
    check_list(chain.readable, chain.readable_count, chain.readable_length, of, false);
    check_list(chain.writable, chain.writable_count, chain.writable_length, of, true);
    of->chain = chain;
    self->taken[self->taken_count++] = id;
}

static void push(model *self)
{
    if (self->taken_count == 0)
        return;
    int id = take_out(self->taken, &self->taken_count, random_below(self->taken_count));
    request *of = &self->requests[id];
    of->written = random_below(0x20000);
    abx_virtqueue_push(&queue, &of->chain, of->written);
    if (of->written > of->chain.writable_length)
        of->written = (uint32_t)of->chain.writable_length;
    self->used[self->used_count++] = id;
}

static void take(model *self)
{
    uint32_t id, length;
    bool taken = driver_take(&guest, &id, &length);
    assert_int_equal(taken, self->used_count > 0);
    if (!taken)
        return;
    assert_int_equal(id, take_out(self->used, &self->used_count, 0));
    assert_int_equal(length, self->requests[id].written);
}

static void lives_after_the_rules(void **state)
{
    (void)state;
    for (unsigned life = 0; life < 64; life++) {
        static model self;
        memset(&self, 0, sizeof(self));
        seed = life;
        bool packed = life & 1;
        uint32_t size = packed ? 1 + random_below(64) : 1u << random_below(7);
        if (size < BUFFERS_MAX)
            size = packed ? BUFFERS_MAX + 1 : 8;
        driver_init(&guest, vm, size, packed, life & 2, life & 4);
        abx_virtqueue_open(&queue, vm, &guest.layout);
        abx_memory_guard stay = abx_memory_enter(vm);
        for (unsigned step = 0; step < 4000; step++) {
            static void (*const steps[])(model *) = { offer, pop, push, take };
            steps[random_below(4)](&self);
            assert_int_equal(queue.fault, ABX_VIRTQUEUE_SOUND);
        }
        abx_memory_leave(vm, stay);
    }
}

/* Rubbish everywhere, and a device that does all it can with what it gets. Guards around the memory catch the rest. */
static void lives_without_rules(void **state)
{
    (void)state;
    unsigned taken = 0, faults[ABX_VIRTQUEUE_REFUSED + 1] = { 0 };
    for (unsigned life = 0; life < 20000; life++) {
        seed = life;
        driver_init(&guest, vm, 1u << random_below(6), life & 1, life & 2, life & 4);
        abx_virtqueue_open(&queue, vm, &guest.layout);
        abx_memory_guard stay = abx_memory_enter(vm);
        static abx_virtqueue_chain chains[64];
        unsigned out = 0;
        for (unsigned step = 0; step < 40 && queue.fault == ABX_VIRTQUEUE_SOUND; step++) {
            struct iovec pieces[64];
            buffer some[3] = { { DATA + random_below(64), 1 + random_below(100), false },
                               { DATA, 3, true },
                               { DATA, 9, true } };
            switch (random_below(8)) {
            case 0: /* a random descriptor that is nearly right */
                driver_put(&guest, RINGS, random_below(guest.layout.size),
                           random_below(16) ? DATA + random_below(0x1000) : (uint64_t)random_below(UINT32_MAX) << 12,
                           random_below(64), (uint16_t)(random_below(8) | (random_below(4) ? driver_marks(&guest) : 0)),
                           (uint16_t)random_below(guest.layout.size + 1));
                break;
            case 1: /* a random byte in the rings */
                *driver_at(&guest, RINGS + random_below((uint32_t)(guest.layout.device - RINGS) + 64)) =
                    (uint8_t)random_below(256);
                break;
            case 2:
            case 3:
                (void)driver_add(&guest, some, 1 + random_below(3), random_below(2) ? DATA + 0x4000 : 0);
                break;
            case 4:
            case 5:
                if (out < 64 && abx_virtqueue_pop(&queue, &chains[out], pieces, 64)) {
                    const abx_virtqueue_chain *chain = &chains[out++];
                    for (uint32_t i = 0; i < chain->writable_count; i++)
                        memset(chain->writable[i].iov_base, 0x77, chain->writable[i].iov_len);
                    assert_true(chain->readable_count + chain->writable_count <= 2 * guest.layout.size);
                    taken++;
                    if (random_below(4) == 0)
                        abx_virtqueue_unpop(&queue, &chains[--out]);
                }
                break;
            case 6:
                if (out > 0)
                    abx_virtqueue_push(&queue, &chains[--out], random_below(100));
                (void)abx_virtqueue_should_notify(&queue);
                break;
            default:
                (void)abx_virtqueue_listen(&queue);
                abx_virtqueue_quiet(&queue);
                break;
            }
            assert_true(queue.in_flight <= guest.layout.size);
        }
        faults[queue.fault]++;
        abx_memory_leave(vm, stay);
    }
    /* They reached what they should reach. */
    assert_true(taken > 1000);
    static const abx_virtqueue_fault reached[] = {
        ABX_VIRTQUEUE_SOUND,     ABX_VIRTQUEUE_BAD_INDEX,    ABX_VIRTQUEUE_BAD_HEAD,
        ABX_VIRTQUEUE_BAD_NEXT,  ABX_VIRTQUEUE_BAD_LENGTH,   ABX_VIRTQUEUE_BAD_ADDRESS,
        ABX_VIRTQUEUE_BAD_ORDER, ABX_VIRTQUEUE_BAD_INDIRECT, ABX_VIRTQUEUE_TOO_LONG,
    };
    for (size_t i = 0; i < sizeof(reached) / sizeof(*reached); i++)
        assert_true(faults[reached[i]] > 0);
}

/* Two sides in two threads that sleep when there is nothing to do, told of work only where the other asked for it. */
enum { TRIPS = 20000 };

typedef struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool ringing;
} bell;

static bell kick = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
static bell interrupt = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };

static void ring(bell *self)
{
    pthread_mutex_lock(&self->lock);
    self->ringing = true;
    pthread_cond_signal(&self->rung);
    pthread_mutex_unlock(&self->lock);
}

static void await(bell *self)
{
    pthread_mutex_lock(&self->lock);
    while (!self->ringing)
        pthread_cond_wait(&self->rung, &self->lock);
    self->ringing = false;
    pthread_mutex_unlock(&self->lock);
}

/* Gives each number back with one added. */
static void *device(void *unused)
{
    (void)unused;
    abx_memory_guard stay = abx_memory_enter(vm);
    for (unsigned done = 0; done < TRIPS;) {
        abx_virtqueue_chain chain;
        struct iovec pieces[2];
        abx_virtqueue_quiet(&queue);
        while (abx_virtqueue_pop(&queue, &chain, pieces, 2)) {
            *(uint32_t *)chain.writable[0].iov_base = *(const uint32_t *)chain.readable[0].iov_base + 1;
            abx_virtqueue_push(&queue, &chain, 4);
            if (abx_virtqueue_should_notify(&queue))
                ring(&interrupt);
            done++;
        }
        if (queue.fault != ABX_VIRTQUEUE_SOUND)
            break;
        if (!abx_virtqueue_listen(&queue) && done < TRIPS)
            await(&kick);
    }
    abx_memory_leave(vm, stay);
    return NULL;
}

static void no_wakeup_is_lost(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 4; kind++) {
        driver_init(&guest, vm, 8, kind & 1, true, kind & 2);
        abx_virtqueue_open(&queue, vm, &guest.layout);
        kick.ringing = interrupt.ringing = false;
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, device, NULL), 0);
        uint32_t numbers[256];
        unsigned sent = 0, received = 0;
        seed = kind;
        while (received < TRIPS) {
            driver_all_interrupts(&guest);
            while (sent < TRIPS && random_below(8)) {
                /* A place for each id: chains of two of the ring. */
                abx_gpa place = DATA + UINT64_C(64) * (sent % 64);
                uint32_t number = sent;
                memcpy(driver_at(&guest, place), &number, 4);
                const buffer buffers[] = { { place, 4, false }, { place + 32, 4, true } };
                int id = driver_add(&guest, buffers, 2, 0);
                if (id < 0)
                    break;
                numbers[id] = number;
                sent++;
                if (driver_should_kick(&guest, guest.layout.packed ? 2 : 1))
                    ring(&kick);
            }
            uint32_t id, length;
            unsigned before = received;
            while (driver_take(&guest, &id, &length)) {
                uint32_t answer;
                memcpy(&answer, driver_at(&guest, DATA + UINT64_C(64) * (numbers[id] % 64) + 32), 4);
                assert_int_equal(answer, numbers[id] + 1);
                assert_int_equal(length, 4);
                received++;
            }
            if (received == before && (guest.free < 2 || sent == TRIPS) && received < sent) {
                driver_all_interrupts(&guest);
                if (driver_take(&guest, &id, &length)) {
                    received++;
                    continue;
                }
                await(&interrupt);
            }
        }
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(queue.fault, ABX_VIRTQUEUE_SOUND);
    }
}

static int before_all(void **state)
{
    (void)state;
    vm = driver_vm();
    return 0;
}

static int after_all(void **state)
{
    (void)state;
    fake_manual_end(vm);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_after_the_rules),
        cmocka_unit_test(lives_without_rules),
        cmocka_unit_test(no_wakeup_is_lost),
    };
    return cmocka_run_group_tests(tests, before_all, after_all);
}
