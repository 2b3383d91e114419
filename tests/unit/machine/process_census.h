/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How many descriptors and threads this process has: what a test must leave as it found it. */
#ifndef TESTS_PROCESS_CENSUS_H
#define TESTS_PROCESS_CENSUS_H

typedef struct process_census {
    int descriptors;
    int threads;
} process_census;

/* Before the first census: a sanitizer may start a thread of its own together with the first of ours, and that one
 * shall be gone. */
void process_census_begin(void);

process_census process_census_take(void);

/* As many descriptors, and no more threads, for which this waits: one that was joined may still be on its way out of
 * the kernel's list, here and when the census was taken. */
void process_census_await(const process_census *expected);

#endif
