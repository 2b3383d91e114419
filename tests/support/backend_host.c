/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "backend_host.h"

#include <arcbox/arcbox.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SKIPPED = 77 };

const char *const backend_under_test = BACKEND_UNDER_TEST;

static bool must_not_skip(void)
{
    return getenv("ABX_TESTBED") != NULL;
}

void require_backend(void)
{
    abx_hypervisor *hypervisor;
    if (abx_hypervisor_open(&hypervisor, backend_under_test, NULL) == ABX_OK) {
        abx_hypervisor_close(hypervisor);
        return;
    }
    printf("%s: %s\n", must_not_skip() ? "failed" : "skipped", abx_last_error()->message);
    exit(must_not_skip() ? EXIT_FAILURE : SKIPPED);
}

void require_hardware(const char *why)
{
    abx_hypervisor *hypervisor;
    assert_int_equal(abx_hypervisor_open(&hypervisor, backend_under_test, NULL), ABX_OK);
    bool hardware = abx_hypervisor_has(hypervisor, ABX_CAP_HARDWARE);
    char detail[64];
    snprintf(detail, sizeof(detail), "%s", abx_hypervisor_capabilities(hypervisor)->detail);
    abx_hypervisor_close(hypervisor);
    if (hardware)
        return;
    if (must_not_skip())
        fail_msg("%s by %s %s", backend_under_test, detail, why);
    print_message("skipped: %s by %s %s; this runs in the emulated host\n", backend_under_test, detail, why);
    skip();
}
