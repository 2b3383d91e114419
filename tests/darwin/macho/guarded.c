/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "darwin/availability.h"

extern void newer(void) ABX_MACOS_SINCE(15, 0);
extern void older(void) ABX_MACOS_SINCE(11, 0);
extern void caller(void);

void caller(void)
{
    older();
    if (ABX_MACOS_AT_LEAST(15, 0))
        newer();
}
