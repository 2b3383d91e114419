/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What is alive, in words. */
#include "machine.h"
#include "queue.h"

#include <stdio.h>
#include <string.h>

static size_t list(char *text, size_t size, long count, const char *what)
{
    return count ? (size_t)snprintf(text, size, "%ld %s, ", count, what) : 0;
}

const char *model_alive(void)
{
    static char text[1024];
    model_queues_settle();
    size_t used = model_list_alive(text, sizeof text / 2);
    used += list(text + used, sizeof text - used, model_live_blocks(), "blocks");
    used += list(text + used, sizeof text - used, model_live_queues(), "queues");
    used += list(text + used, sizeof text - used, model_live_semaphores(), "semaphores");
    used += list(text + used, sizeof text - used, model_open_pools(), "open pools");
    used += list(text + used, sizeof text - used, model_held(), "completions kept back");
    text[used > 2 ? used - 2 : 0] = '\0';
    return text;
}
