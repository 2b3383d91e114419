/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* cmocka wants these headers before its own. */
#ifndef TESTS_DARWIN_HVF_CMOCKA_HVF_H
#define TESTS_DARWIN_HVF_CMOCKA_HVF_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
