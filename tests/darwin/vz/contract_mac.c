/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The Mac that the contract's tests run on; their own main() is renamed. */
#include "model.h"

#include <arcbox/base.h>

int contract_main(int argc, char **argv);

int main(int argc, char **argv)
{
    model_reset();
    model.intel = abx_host_arch() == ABX_ARCH_X86_64;
    model.guest_ignores_stop = true;
    return contract_main(argc, argv);
}
