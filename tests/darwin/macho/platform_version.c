/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What __builtin_available() calls. On a Mac it is of clang's own run-time library; this is so that a cross build can
 * be linked, which is never run. */
#include <stdint.h>

int32_t __isPlatformVersionAtLeast(uint32_t platform, uint32_t major, uint32_t minor, uint32_t subminor);

int32_t __isPlatformVersionAtLeast(uint32_t platform, uint32_t major, uint32_t minor, uint32_t subminor)
{
    return platform == 1 && (major < 11 || (major == 11 && minor == 0 && subminor == 0)); /* macOS 11.0 */
}
