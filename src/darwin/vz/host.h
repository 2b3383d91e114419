/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What kind of Mac this is: some of Virtualization.framework is there on Apple silicon only. */
#ifndef ABX_SRC_DARWIN_VZ_HOST_H
#define ABX_SRC_DARWIN_VZ_HOST_H

#include <arcbox/base.h>

#ifdef ABX_DARWIN_MODEL
/* Of the model that stands in for macOS in tests. */
bool abx_model_is_arm64(void);

#define ABX_VZ_ON_ARM64 abx_model_is_arm64()
#else
#define ABX_VZ_ON_ARM64 (ABX_BUILT_FOR == ABX_ARCH_ARM64)
#endif

#endif
