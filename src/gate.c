/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "gate.h"

void abx_gate_init(abx_gate *gate)
{
    atomic_init(&gate->position, ABX_GATE_NOT_YET);
    gate->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    gate->left = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    gate->passengers = NULL;
}

void abx_gate_end(abx_gate *gate)
{
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
}

static bool has(const abx_gate *gate, uint32_t id)
{
    for (const abx_passenger *p = gate->passengers; p; p = p->next) {
        if (p->id == id)
            return true;
    }
    return false;
}

bool abx_gate_join(abx_gate *gate, abx_passenger *passenger)
{
    pthread_mutex_lock(&gate->lock);
    bool fresh = !has(gate, passenger->id);
    if (fresh) {
        passenger->next = gate->passengers;
        gate->passengers = passenger;
    }
    pthread_mutex_unlock(&gate->lock);
    return fresh;
}

void abx_gate_part(abx_gate *gate, abx_passenger *passenger)
{
    pthread_mutex_lock(&gate->lock);
    abx_passenger **link = &gate->passengers;
    while (*link && *link != passenger)
        link = &(*link)->next;
    if (*link)
        *link = passenger->next;
    pthread_mutex_unlock(&gate->lock);
}

static void wake_all(const abx_gate *gate)
{
    for (abx_passenger *p = gate->passengers; p; p = p->next)
        abx_wake_post(&p->wake);
}

void abx_gate_open(abx_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    atomic_store(&gate->position, ABX_GATE_OPEN);
    wake_all(gate);
    pthread_mutex_unlock(&gate->lock);
}

static bool anybody_inside(const abx_gate *gate)
{
    for (abx_passenger *p = gate->passengers; p; p = p->next) {
        if (atomic_load(&p->inside))
            return true;
    }
    return false;
}

void abx_gate_close(abx_gate *gate, abx_gate_position position)
{
    pthread_mutex_lock(&gate->lock);
    atomic_store(&gate->position, position);
    for (abx_passenger *p = gate->passengers; p; p = p->next) {
        if (atomic_load(&p->inside))
            p->kick(p->object);
    }
    if (position == ABX_GATE_ENDED)
        wake_all(gate);
    while (anybody_inside(gate))
        pthread_cond_wait(&gate->left, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

void abx_gate_tell(abx_gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    pthread_cond_broadcast(&gate->left);
    pthread_mutex_unlock(&gate->lock);
}
