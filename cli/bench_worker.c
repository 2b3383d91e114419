/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The library's side of 'abx bench': the same work as abx-baseline, through the public API, in a process of its own. */
#include "bench_worker.h"
#include "bench_guest.h"
#include "report.h"

#include <arcbox/memory.h>
#include <arcbox/vcpu.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MEMORY = 64 << 20 };

typedef struct bench_machine {
    abx_vm *vm;
    abx_vcpu *vcpu;
} bench_machine;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void tear_down(bench_machine *machine)
{
    abx_vcpu_destroy(machine->vcpu);
    abx_vm_destroy(machine->vm);
}

static abx_status build(bench_machine *machine, abx_hypervisor *hypervisor)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.memory_size = MEMORY;
    config.irqchip = ABX_IRQCHIP_NONE;
    config.huge_pages = ABX_HUGE_NEVER;
    *machine = (bench_machine){ 0 };
    abx_status status = abx_vm_create(&machine->vm, hypervisor, &config);
    if (status == ABX_OK)
        status = abx_memory_write(machine->vm, BENCH_ENTRY, bench_loop, sizeof(bench_loop));
    if (status == ABX_OK)
        status = abx_vcpu_create(&machine->vcpu, machine->vm, 0);
    if (status == ABX_OK)
        status = abx_vcpu_write_registers(machine->vcpu, bench_names, bench_values,
                                          sizeof(bench_names) / sizeof(bench_names[0]));
    if (status == ABX_OK)
        status = abx_vm_start(machine->vm);
    if (status != ABX_OK)
        tear_down(machine);
    return status;
}

static bool is_the_exit(const abx_exit *exit)
{
    if (bench_is_exit(exit))
        return true;
    char text[128];
    abx_exit_describe(exit, text, sizeof(text));
    cli_complain("unexpected exit: %s", text);
    return false;
}

static int create(abx_hypervisor *hypervisor, unsigned long rounds)
{
    for (unsigned long i = 0; i < rounds; i++) {
        bench_machine machine;
        abx_exit exit;
        uint64_t begin = now();
        if (build(&machine, hypervisor) != ABX_OK)
            return cli_complain_of_error();
        abx_status status = abx_vcpu_run(machine.vcpu, &exit);
        uint64_t end = now();
        bool good = status == ABX_OK && is_the_exit(&exit);
        tear_down(&machine);
        if (!good)
            return status == ABX_OK ? CLI_EXIT_FAILED : cli_complain_of_error();
        printf("%" PRIu64 "\n", end - begin);
    }
    return CLI_EXIT_OK;
}

/* As an embedding program's loop would be: run, look at the kind, act. */
static abx_status run_exits(abx_vcpu *vcpu, unsigned long rounds, abx_exit *exit)
{
    for (unsigned long i = 0; i < rounds; i++) {
        abx_status status = abx_vcpu_run(vcpu, exit);
        if (status != ABX_OK)
            return status;
        if (!bench_is_exit(exit))
            break;
    }
    return ABX_OK;
}

static int exits(abx_hypervisor *hypervisor, unsigned long rounds)
{
    bench_machine machine;
    abx_exit exit;
    if (build(&machine, hypervisor) != ABX_OK)
        return cli_complain_of_error();
    abx_status status = run_exits(machine.vcpu, 1, &exit);
    uint64_t begin = now();
    if (status == ABX_OK)
        status = run_exits(machine.vcpu, rounds, &exit);
    uint64_t end = now();
    bool good = status == ABX_OK && is_the_exit(&exit);
    tear_down(&machine);
    if (!good)
        return status == ABX_OK ? CLI_EXIT_FAILED : cli_complain_of_error();
    printf("%" PRIu64 "\n", end - begin);
    return CLI_EXIT_OK;
}

/* Stops before, between and after two rows of exits, so that the parent can count instructions. The second row is
 * `rounds` longer. */
static int steps(abx_hypervisor *hypervisor, unsigned long rounds)
{
    bench_machine machine;
    abx_exit exit;
    if (build(&machine, hypervisor) != ABX_OK)
        return cli_complain_of_error();
    abx_status status = run_exits(machine.vcpu, 1, &exit);
    for (unsigned long row = 1; row <= 2 && status == ABX_OK; row++) {
        raise(SIGSTOP);
        status = run_exits(machine.vcpu, row * rounds, &exit);
    }
    raise(SIGSTOP);
    bool good = status == ABX_OK && is_the_exit(&exit);
    tear_down(&machine);
    if (!good)
        return status == ABX_OK ? CLI_EXIT_FAILED : cli_complain_of_error();
    return CLI_EXIT_OK;
}

int cli_bench_worker(const char *work, const char *count)
{
    unsigned long rounds = strtoul(count, NULL, 10);
    abx_hypervisor *hypervisor;
    if (abx_hypervisor_open(&hypervisor, "kvm", NULL) != ABX_OK)
        return cli_complain_of_error();
    int code = CLI_EXIT_USAGE;
    if (strcmp(work, "create") == 0)
        code = create(hypervisor, rounds);
    else if (strcmp(work, "exits") == 0)
        code = exits(hypervisor, rounds);
    else if (strcmp(work, "steps") == 0)
        code = steps(hypervisor, rounds);
    abx_hypervisor_close(hypervisor);
    return code;
}
