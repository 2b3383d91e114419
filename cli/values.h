/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Values on the command line. Each function says what is wrong with `text` (the value of option `name`) and returns
 * false without touching `*out`. */
#ifndef ABX_CLI_VALUES_H
#define ABX_CLI_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole number, decimal or 0x…, from `low` to `high`. */
bool cli_number(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *out);

/* A number of bytes: a number with K, M, G or T (powers of 1024), "B" or "iB" allowed after it; without a letter MiB.
 * Not 0. */
bool cli_size(const char *name, const char *text, uint64_t *out);

/* Seconds with up to three decimals, as milliseconds; more than 0, at most a day. */
bool cli_seconds(const char *name, const char *text, int *milliseconds);

/* One word of a list; gives its index. */
bool cli_word(const char *name, const char *text, const char *const *words, size_t count, size_t *index);

#endif
