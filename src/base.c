/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include <arcbox/base.h>

#include <string.h>

#define TEXT(x)         #x
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

abx_arch abx_host_arch(void)
{
    return ABX_BUILT_FOR; /* by the build */
}

const char *abx_arch_name(abx_arch arch)
{
    switch (arch) {
    case ABX_ARCH_HOST:
        return abx_arch_name(abx_host_arch());
    case ABX_ARCH_X86_64:
        return "x86_64";
    case ABX_ARCH_ARM64:
        return "arm64";
    }
    return "unknown";
}

bool abx_arch_parse(const char *name, abx_arch *arch)
{
    static const struct {
        const char *name;
        abx_arch arch;
    } names[] = {
        { "x86_64", ABX_ARCH_X86_64 },
        { "amd64", ABX_ARCH_X86_64 },
        { "arm64", ABX_ARCH_ARM64 },
        { "aarch64", ABX_ARCH_ARM64 },
    };
    if (!name) {
        *arch = ABX_ARCH_HOST;
        return true;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i].name) == 0) {
            *arch = names[i].arch;
            return true;
        }
    }
    return false;
}

const char *abx_version(void)
{
    return DOTTED(ABX_VERSION_MAJOR, ABX_VERSION_MINOR, ABX_VERSION_PATCH);
}
