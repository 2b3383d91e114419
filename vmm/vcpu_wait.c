/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vcpu_wait.h"

#include "condition.h"

#include <errno.h>

void abx_vcpu_wait_init(abx_vcpu_wait *wait)
{
    pthread_mutex_init(&wait->lock, NULL);
    abx_condition_init(&wait->woken);
    wait->vcpu = NULL;
    wait->over = wait->expired = false;
    atomic_init(&wait->running, false);
}

void abx_vcpu_wait_end(abx_vcpu_wait *wait)
{
    pthread_cond_destroy(&wait->woken);
    pthread_mutex_destroy(&wait->lock);
}

void abx_vcpu_wait_bind(abx_vcpu_wait *wait, abx_vcpu *vcpu)
{
    pthread_mutex_lock(&wait->lock);
    wait->vcpu = vcpu;
    pthread_mutex_unlock(&wait->lock);
}

void abx_vcpu_wait_enter(abx_vcpu_wait *wait)
{
    atomic_store(&wait->running, true);
}

void abx_vcpu_wait_leave(abx_vcpu_wait *wait)
{
    atomic_store(&wait->running, false);
}

bool abx_vcpu_wait_for(abx_vcpu_wait *wait, bool (*is_ready)(void *payload), void *payload,
                       const struct timespec *deadline)
{
    int error = 0;
    pthread_mutex_lock(&wait->lock);
    while (!wait->over && !is_ready(payload) && error == 0) {
        if (deadline && wait->expired)
            error = ETIMEDOUT;
        else if (deadline)
            error = abx_condition_wait_until(&wait->woken, &wait->lock, deadline);
        else
            pthread_cond_wait(&wait->woken, &wait->lock);
    }
    if (deadline)
        wait->expired = false;
    pthread_mutex_unlock(&wait->lock);
    return is_ready(payload);
}

void abx_vcpu_wait_wake(abx_vcpu_wait *wait)
{
    pthread_mutex_lock(&wait->lock);
    if (wait->vcpu && atomic_load(&wait->running))
        abx_vcpu_kick(wait->vcpu);
    pthread_cond_signal(&wait->woken);
    pthread_mutex_unlock(&wait->lock);
}

void abx_vcpu_wait_expire(abx_vcpu_wait *wait)
{
    pthread_mutex_lock(&wait->lock);
    wait->expired = true;
    pthread_cond_signal(&wait->woken);
    pthread_mutex_unlock(&wait->lock);
}

void abx_vcpu_wait_kick(abx_vcpu_wait *wait)
{
    pthread_mutex_lock(&wait->lock);
    if (wait->vcpu)
        abx_vcpu_kick(wait->vcpu);
    pthread_mutex_unlock(&wait->lock);
}

void abx_vcpu_wait_finish(abx_vcpu_wait *wait)
{
    pthread_mutex_lock(&wait->lock);
    wait->over = true;
    pthread_cond_signal(&wait->woken);
    pthread_mutex_unlock(&wait->lock);
}
