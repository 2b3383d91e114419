/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What does not work on the stand-in, test by test, and why. A gap that works is a failure: then it goes from the
 * table. */
#ifndef ABX_TESTS_HVF_GAPS_H
#define ABX_TESTS_HVF_GAPS_H

typedef struct gap {
    const char *program; /* "guest-exits" */
    const char *test;
    const char *reason;
    int until; /* the major version of macOS with which it ends; 0: it does not */
} gap;

/* The last one has no program. */
extern const gap gaps[];

#endif
