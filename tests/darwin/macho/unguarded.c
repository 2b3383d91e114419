/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Must not compile. */
#include "darwin/availability.h"

extern void newer(void) ABX_MACOS_SINCE(15, 0);
extern void caller(void);

void caller(void)
{
    newer();
}
