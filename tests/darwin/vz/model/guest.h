/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The guest of a running machine: one thread that echoes. */
#ifndef MODEL_GUEST_H
#define MODEL_GUEST_H

#include "runtime.h"

typedef struct model_guest model_guest;
model_guest *model_guest_begin(id machine, id configuration);
void model_guest_end(model_guest *guest);
void model_guest_pause(model_guest *guest, bool paused);
void model_guest_ask_to_stop(model_guest *guest);
/* Appends to what the guest has to say on its first console. */
void model_guest_say(model_guest *guest, const char *text);
/* Gives it one end of a connection; it echoes until the other is closed. */
void model_guest_serve(model_guest *guest, int descriptor);

#endif
