/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The Mac that the contract's tests run on; their own main() is renamed. At the end nothing of it may be alive. */
#include "model.h"

#include <arcbox/base.h>

#include <stdio.h>
#include <stdlib.h>

int contract_main(int argc, char **argv);

int main(int argc, char **argv)
{
    model_reset();
    model.intel = abx_host_arch() == ABX_ARCH_X86_64;
    model.guest_ignores_stop = true;
    int code = contract_main(argc, argv);
    const char *alive = model_alive();
    if (*alive) {
        fprintf(stderr, "alive at the end: %s\n", alive);
        return EXIT_FAILURE;
    }
    return code;
}
