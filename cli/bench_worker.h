/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef ABX_CLI_BENCH_WORKER_H
#define ABX_CLI_BENCH_WORKER_H

/* Does `work` ("create", "exits" or "steps") `count` times on the kvm backend and prints nanoseconds as abx-baseline
 * does. Returns an exit code. */
int cli_bench_worker(const char *work, const char *count);

#endif
