/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which macOS this is: what came after 11.0, the oldest one that this library runs on, is asked for before it is used.
 */
#ifndef ABX_DARWIN_AVAILABILITY_H
#define ABX_DARWIN_AVAILABILITY_H

/*
 * ABX_MACOS_AT_LEAST(15, 0): whether this is macOS 15.0 or newer. Only as the whole condition of an `if`: that is where
 * the compiler takes it for a guard. Without one it refuses to compile a call of what is newer.
 *
 * ABX_MACOS_SINCE(15, 0): behind the declaration of a function or variable that came with macOS 15.0. It is a weak
 * import then: older systems load the library all the same, and find a null pointer there.
 */
#ifdef ABX_DARWIN_MODEL
#include <stdbool.h>

/* Of the model that stands in for macOS in tests. */
bool abx_model_macos_at_least(int major, int minor);

#define ABX_MACOS_AT_LEAST(major, minor) abx_model_macos_at_least(major, minor)
#define ABX_MACOS_SINCE(major, minor)
#else
/* The version must be one token. */
#define ABX_MACOS_AT_LEAST(major, minor) __builtin_available(macOS major##.##minor, *)
#define ABX_MACOS_SINCE(major, minor)    __attribute__((availability(macos, introduced = major##.##minor)))
#endif

#endif
