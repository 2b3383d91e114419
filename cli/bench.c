/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* abx bench: what the library costs, each figure next to the same work by bare system calls in the same run. */
#include "bench_guest.h"
#include "bench_process.h"
#include "bench_worker.h"
#include "commands.h"
#include "json.h"
#include "report.h"
#include "values.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_ROUNDS = 1000, MAX_CREATES = 64, STEPPED_EXITS = 100 };

typedef struct bench_request {
    bool json;
    uint64_t rounds;
    uint64_t exits;
    const char *baseline;
    char self[PATH_MAX];
    char baseline_path[PATH_MAX];
    char guest[32];
} bench_request;

/* One figure: ours and the bare one, over all rounds. */
typedef struct bench_figure {
    const char *name;
    const char *unit;
    uint64_t ours[MAX_ROUNDS];
    uint64_t bare[MAX_ROUNDS];
    size_t ours_count;
    size_t bare_count;
} bench_figure;

typedef struct bench_results {
    bench_figure create;
    bench_figure exit;
    bench_figure start;
    bench_figure peak;
    bench_figure steps;
} bench_results;

static bool take_json(void *into, const char *value)
{
    (void)value;
    ((bench_request *)into)->json = true;
    return true;
}

static bool take_rounds(void *into, const char *value)
{
    return cli_number("rounds", value, 1, MAX_ROUNDS, &((bench_request *)into)->rounds);
}

static bool take_exits(void *into, const char *value)
{
    return cli_number("exits", value, 1, UINT32_MAX, &((bench_request *)into)->exits);
}

static bool take_baseline(void *into, const char *value)
{
    ((bench_request *)into)->baseline = value;
    return true;
}

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static uint64_t median(uint64_t *numbers, size_t count)
{
    qsort(numbers, count, sizeof(*numbers), by_size);
    return numbers[count / 2];
}

/* abx-baseline: beside abx, in the build tree, or installed. */
static bool find_baseline(bench_request *request)
{
    static const char *const places[] = { "abx-baseline", "../bench/abx-baseline", "../libexec/arcbox/abx-baseline" };
    ssize_t length = readlink("/proc/self/exe", request->self, sizeof(request->self) - 1);
    if (length < 0) {
        cli_complain("/proc/self/exe: %s", strerror(errno));
        return false;
    }
    request->self[length] = '\0';
    if (request->baseline) {
        snprintf(request->baseline_path, sizeof(request->baseline_path), "%s", request->baseline);
        return true;
    }
    int folder = (int)(strrchr(request->self, '/') - request->self);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int written = snprintf(request->baseline_path, sizeof(request->baseline_path), "%.*s/%s", folder, request->self,
                               places[i]);
        if (written < (int)sizeof(request->baseline_path) && access(request->baseline_path, X_OK) == 0)
            return true;
    }
    cli_complain("abx-baseline is not beside %s; say where with --baseline", request->self);
    return false;
}

/* The guest of the start figure, as a file that children can open. */
static int make_guest(bench_request *request)
{
    int fd = memfd_create("guest", 0);
    if (fd < 0 || write(fd, bench_one_byte, sizeof(bench_one_byte)) != (ssize_t)sizeof(bench_one_byte)) {
        cli_complain("guest: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    snprintf(request->guest, sizeof(request->guest), "/proc/self/fd/%d", fd);
    return fd;
}

static bool measure_start(bench_request *request, bench_results *results)
{
    char *ours[] = { request->self,  "run",       "--quiet", "--backend",      "kvm", "--kernel",
                     request->guest, "--kind",    "flat",    "--memory",       "64M", "--devices",
                     "serial",       "--irqchip", "none",    "--kernel-cache", "",    NULL };
    char *bare[] = { request->baseline_path, "start", request->guest, NULL };
    bench_start start;
    if (!bench_run_start(ours, &start) || !bench_run_peak(ours, &results->peak.ours[results->peak.ours_count]))
        return false;
    results->start.ours[results->start.ours_count++] = start.first_byte_ns;
    results->peak.ours_count++;
    if (!bench_run_start(bare, &start) || !bench_run_peak(bare, &results->peak.bare[results->peak.bare_count]))
        return false;
    results->start.bare[results->start.bare_count++] = start.first_byte_ns;
    results->peak.bare_count++;
    return true;
}

/* The median of what one process of `argv` measures. */
static bool measure_numbers(char *const argv[], uint64_t *into, size_t *count, uint64_t divisor)
{
    uint64_t numbers[MAX_CREATES];
    size_t found;
    if (!bench_run_numbers(argv, numbers, MAX_CREATES, &found))
        return false;
    if (found == 0) {
        cli_complain("%s measured nothing", argv[0]);
        return false;
    }
    into[(*count)++] = median(numbers, found) / divisor;
    return true;
}

static bool measure_pair(bench_request *request, bench_figure *figure, char *work, uint64_t times, uint64_t divisor)
{
    char number[24];
    snprintf(number, sizeof(number), "%" PRIu64, times);
    char *ours[] = { request->self, "bench", "--worker", work, number, NULL };
    char *bare[] = { request->baseline_path, work, number, NULL };
    return measure_numbers(ours, figure->ours, &figure->ours_count, divisor) &&
           measure_numbers(bare, figure->bare, &figure->bare_count, divisor);
}

/* Machine instructions in user space per exit: the difference of a short and a long row, so that all else falls out. */
static bool measure_steps(bench_request *request, bench_figure *figure)
{
    char number[24];
    snprintf(number, sizeof(number), "%d", STEPPED_EXITS);
    char *ours[] = { request->self, "bench", "--worker", "steps", number, NULL };
    char *bare[] = { request->baseline_path, "steps", number, NULL };
    uint64_t steps[2];
    if (!bench_run_steps(ours, steps))
        return false;
    figure->ours[figure->ours_count++] = (steps[1] - steps[0]) / STEPPED_EXITS;
    if (!bench_run_steps(bare, steps))
        return false;
    figure->bare[figure->bare_count++] = (steps[1] - steps[0]) / STEPPED_EXITS;
    return true;
}

static bool measure(bench_request *request, bench_results *results)
{
    for (uint64_t round = 0; round < request->rounds; round++) {
        if (!request->json && isatty(STDERR_FILENO))
            fprintf(stderr, "\rround %" PRIu64 " of %" PRIu64, round + 1, request->rounds);
        if (!measure_start(request, results) || !measure_pair(request, &results->create, "create", 16, 1) ||
            !measure_pair(request, &results->exit, "exits", request->exits, request->exits))
            return false;
    }
    if (!request->json && isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return measure_steps(request, &results->steps);
}

static json_t *figure_json(bench_figure *figure)
{
    uint64_t ours = median(figure->ours, figure->ours_count);
    uint64_t bare = median(figure->bare, figure->bare_count);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "unit", figure->unit, "ours", (json_int_t)ours,
                     "ours_min", (json_int_t)figure->ours[0], "ours_max",
                     (json_int_t)figure->ours[figure->ours_count - 1], "bare", (json_int_t)bare, "bare_min",
                     (json_int_t)figure->bare[0], "bare_max", (json_int_t)figure->bare[figure->bare_count - 1], "ratio",
                     bare ? (double)ours / (double)bare : 0.0);
}

static void print_figure(bench_figure *figure)
{
    uint64_t ours = median(figure->ours, figure->ours_count);
    uint64_t bare = median(figure->bare, figure->bare_count);
    printf("%-34s %12" PRIu64 " %12" PRIu64 " %-4s %8.3f\n", figure->name, ours, bare, figure->unit,
           bare ? (double)ours / (double)bare : 0.0);
}

static int print_results(const bench_request *request, bench_results *results)
{
    bench_figure *figures[] = { &results->create, &results->exit, &results->start, &results->peak, &results->steps };
    size_t count = sizeof(figures) / sizeof(figures[0]);
    if (!request->json) {
        printf("%-34s %12s %12s %-4s %8s\n", "median", "abx", "bare", "", "ratio");
        for (size_t i = 0; i < count; i++)
            print_figure(figures[i]);
        return CLI_EXIT_OK;
    }
    json_t *object = json_pack("{s:I}", "rounds", (json_int_t)request->rounds);
    for (size_t i = 0; i < count && object; i++)
        json_object_set_new(object, figures[i]->name, figure_json(figures[i]));
    return cli_print_json(stdout, object, true);
}

static int run_bench(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--worker") == 0)
        return cli_bench_worker(argv[2], argv[3]);
    bench_request request = { .rounds = 21, .exits = 2000 };
    int operands;
    cli_parsed parsed = cli_parse(&cli_bench, argc, argv, &request, &operands);
    if (parsed != CLI_GO)
        return parsed == CLI_HELP ? CLI_EXIT_OK : CLI_EXIT_USAGE;
    if (!find_baseline(&request))
        return CLI_EXIT_FAILED;
    int guest = make_guest(&request);
    bench_results *results = calloc(1, sizeof(*results));
    int code = CLI_EXIT_FAILED;
    if (guest >= 0 && results) {
        results->create = (bench_figure){ .name = "create_to_first_exit", .unit = "ns" };
        results->exit = (bench_figure){ .name = "exit_round_trip", .unit = "ns" };
        results->start = (bench_figure){ .name = "process_start_to_first_byte", .unit = "ns" };
        results->peak = (bench_figure){ .name = "peak_memory_of_that_process", .unit = "KiB" };
        results->steps = (bench_figure){ .name = "user_instructions_per_exit", .unit = "" };
        if (measure(&request, results))
            code = print_results(&request, results);
    }
    free(results);
    if (guest >= 0)
        close(guest);
    return code;
}

static const cli_option options[] = {
    { "rounds", "N", "measure each figure N times, ours and bare in turns (default: 21)", take_rounds },
    { "exits", "N", "port exits in a row for the round trip (default: 2000)", take_exits },
    { "baseline", "FILE",
      "the program that does the same by bare system calls\n(default: abx-baseline, where it was built or installed)",
      take_baseline },
    { "json", NULL, "one JSON object for a program to read", take_json },
    { NULL, NULL, NULL, NULL },
};

const cli_command cli_bench = {
    .name = "bench",
    .usage = "[--rounds N] [--exits N] [--json]",
    .summary = "measure creation, exits and start next to bare system calls (needs kvm)",
    .details = "Figures are medians. 'bare' is the same work done by abx-baseline with nothing but the system\n"
               "calls that it needs, measured in turns with ours.\n",
    .options = options,
    .run = run_bench,
};
