/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* References that become nil when their object dies, as delegates are. */
#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct weak {
    id *place;
    struct weak *next;
} weak;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static weak *references;

static void forget_place(id *place)
{
    for (weak **at = &references; *at;) {
        weak *it = *at;
        if (it->place == place) {
            *at = it->next;
            free(it);
        } else {
            at = &it->next;
        }
    }
}

void model_set_weak(id *place, id value)
{
    model_check(value, "weak reference");
    pthread_mutex_lock(&lock);
    forget_place(place);
    *place = value;
    if (value) {
        weak *it = model_memory(sizeof *it);
        *it = (weak){ place, references };
        references = it;
    }
    pthread_mutex_unlock(&lock);
}

id model_load_weak(id *place)
{
    pthread_mutex_lock(&lock);
    id object = *place;
    for (long count = object ? object->count : 0; object;) {
        if (count <= 0)
            object = NULL;
        else if (atomic_compare_exchange_weak_explicit(&object->count, &count, count + 1, memory_order_relaxed,
                                                       memory_order_relaxed))
            break;
    }
    pthread_mutex_unlock(&lock);
    return object;
}

void model_forget_weak(id object)
{
    pthread_mutex_lock(&lock);
    for (weak **at = &references; *at;) {
        weak *it = *at;
        if (*it->place == object) {
            *it->place = NULL;
            *at = it->next;
            free(it);
        } else {
            at = &it->next;
        }
    }
    pthread_mutex_unlock(&lock);
}
