/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Measured child processes. All functions complain and return false when something fails. */
#ifndef ABX_CLI_BENCH_PROCESS_H
#define ABX_CLI_BENCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bench_start {
    uint64_t first_byte_ns; /* from just before fork to the first byte on its standard output */
    uint64_t end_ns;        /* … to its end */
} bench_start;

/* Runs `argv` (argv[0] is a path) once. It must print something and exit with 0. */
bool bench_run_start(char *const argv[], bench_start *start);

/* Runs `argv` once and tells its largest resident memory. */
bool bench_run_peak(char *const argv[], uint64_t *kib);

/* Runs `argv`, which prints up to `capacity` lines with a number each. */
bool bench_run_numbers(char *const argv[], uint64_t *numbers, size_t capacity, size_t *count);

/* Runs `argv`, which stops itself with SIGSTOP three times: steps[0] and steps[1] are the machine instructions that it
 * executes between the first and second, second and third. */
bool bench_run_steps(char *const argv[], uint64_t steps[2]);

#endif
