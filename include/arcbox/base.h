/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What every other header needs: linkage, versions and the few types shared by all of them. */
#ifndef ARCBOX_BASE_H
#define ARCBOX_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define ABX_BEGIN_DECLS extern "C" {
#define ABX_END_DECLS   }
#else
#define ABX_BEGIN_DECLS
#define ABX_END_DECLS
#endif

#if defined(__GNUC__)
#define ABX_API               __attribute__((visibility("default")))
#define ABX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ABX_MUST_CHECK        __attribute__((warn_unused_result))
#else
#define ABX_API
#define ABX_PRINTF(fmt, args)
#define ABX_MUST_CHECK
#endif

#define ABX_VERSION_MAJOR 0
#define ABX_VERSION_MINOR 1
#define ABX_VERSION_PATCH 0

ABX_BEGIN_DECLS

/* A guest physical address (x86: GPA, ARM: IPA). */
typedef uint64_t abx_gpa;

/* A CPU architecture. Bit (1u << arch) stands for it in a set of architectures. */
typedef enum abx_arch {
    ABX_ARCH_HOST = 0, /* in a configuration: that of the host */
    ABX_ARCH_X86_64 = 1,
    ABX_ARCH_ARM64 = 2,
} abx_arch;

/* A yes or no that may be left to the library. */
typedef enum abx_choice {
    ABX_DEFAULT = 0,
    ABX_YES,
    ABX_NO,
} abx_choice;

/* The architecture this library was compiled for. */
ABX_API abx_arch abx_host_arch(void);

/* "x86_64", "arm64"; "unknown" for any other value. Static storage. */
ABX_API const char *abx_arch_name(abx_arch arch);

/*
 * The architecture called `name`: "x86_64" or "amd64", "arm64" or "aarch64". ABX_ARCH_HOST for NULL. False, with
 * `*arch` left as it is, for a name that is not known.
 */
ABX_API bool abx_arch_parse(const char *name, abx_arch *arch);

/* "MAJOR.MINOR.PATCH" of the library in use, which may be newer than the header. Static storage. */
ABX_API const char *abx_version(void);

ABX_END_DECLS

#endif
