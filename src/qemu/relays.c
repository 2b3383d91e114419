/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "relays.h"

#include <stdlib.h>

bool abx_relays_init(abx_relays *relays, const abx_parts *parts, const int *guest_fds)
{
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++)
        count += guest_fds[i] >= 0;
    abx_console *list = count ? calloc(count, sizeof(*list)) : NULL;
    if (count && !list)
        return false;
    *relays = (abx_relays){ .list = list };
    for (size_t i = 0; i < parts->count; i++) {
        if (guest_fds[i] >= 0)
            abx_console_init(&list[relays->count++], &parts->list[i], guest_fds[i]);
    }
    return true;
}

void abx_relays_free(abx_relays *relays)
{
    free(relays->list);
    *relays = (abx_relays){ 0 };
}

void abx_relays_prepare(const abx_relays *relays, struct pollfd *fds)
{
    for (size_t i = 0; i < relays->count; i++)
        abx_console_prepare(&relays->list[i], &fds[i * ABX_CONSOLE_FDS]);
}

void abx_relays_end(abx_relays *relays)
{
    for (size_t i = 0; i < relays->count; i++)
        abx_console_end(&relays->list[i]);
}

void abx_relays_serve(abx_relays *relays, const struct pollfd *fds, abx_relays_failed failed, void *context)
{
    for (size_t i = 0; i < relays->count; i++) {
        abx_console *console = &relays->list[i];
        bool was_well = console->output_error == 0;
        abx_console_serve(console, &fds[i * ABX_CONSOLE_FDS]);
        if (was_well && console->output_error != 0)
            failed(context, console);
    }
}

bool abx_relays_drain(abx_relays *relays, struct pollfd *output)
{
    for (size_t i = 0; i < relays->count; i++) {
        if (abx_console_drain(&relays->list[i], output))
            return true;
    }
    return false;
}
