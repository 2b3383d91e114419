/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_log.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
    pthread_mutex_t lock;
    char text[4096];
    const char *failing;
    abx_status status;
} state = { .lock = PTHREAD_MUTEX_INITIALIZER };

void fake_log_reset(void)
{
    pthread_mutex_lock(&state.lock);
    state.text[0] = '\0';
    state.failing = NULL;
    pthread_mutex_unlock(&state.lock);
}

const char *fake_log_text(void)
{
    return state.text;
}

void fake_log_fail(const char *function, abx_status status)
{
    pthread_mutex_lock(&state.lock);
    state.failing = function;
    state.status = status;
    pthread_mutex_unlock(&state.lock);
}

abx_status fake_log_enter(const char *function)
{
    pthread_mutex_lock(&state.lock);
    size_t length = strlen(state.text);
    snprintf(state.text + length, sizeof(state.text) - length, "%s%s", length ? " " : "", function);
    bool fails = state.failing && strcmp(state.failing, function) == 0;
    abx_status status = fails ? state.status : ABX_OK;
    pthread_mutex_unlock(&state.lock);
    return fails ? abx_fail(status, 0, "As the test wants it.", "fake %s", function) : ABX_OK;
}
