/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* test_contract BACKEND */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKIPPED = 77 };

/* In the emulated host there is a KVM: that it does not open is a failure there. */
static int unusable(void)
{
    bool must = getenv("ABX_TESTBED") && strcmp(contract_backend, "kvm") == 0;
    printf("%s: %s\n", must ? "failed" : "skipped", abx_last_error()->message);
    return must ? EXIT_FAILURE : SKIPPED;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_contract BACKEND\n");
        return EXIT_FAILURE;
    }
    contract_backend = argv[1];
    abx_hypervisor *hypervisor;
    if (abx_hypervisor_open(&hypervisor, contract_backend, NULL) != ABX_OK)
        return unusable();
    abx_hypervisor_close(hypervisor);
    int failures = run_capability_tests() + run_config_tests() + run_error_tests() + run_event_tests() +
                   run_kind_tests() + run_leftover_tests() + run_life_tests() + run_managed_tests();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
