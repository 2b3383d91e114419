/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boots a Linux kernel with its console on standard output: machine KERNEL [INITRD [CMDLINE]] */
#include <arcbox/arcbox.h>
#include <arcbox/machine.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    abx_device_config serial = { .kind = ABX_DEVICE_SERIAL, .serial = { .input_fd = -1, .output_fd = 1 } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = argc > 1 ? argv[1] : NULL;
    config.initrd = argc > 2 ? argv[2] : NULL;
    config.cmdline = argc > 3 ? argv[3] : "console=ttyS0";
    config.vm.memory_size = UINT64_C(512) << 20;
    config.devices = &serial;
    config.device_count = 1;

    abx_hypervisor *hypervisor = NULL;
    abx_machine *machine = NULL;
    abx_machine_result result;
    if (abx_hypervisor_open(&hypervisor, "auto", NULL) || abx_machine_create(&machine, hypervisor, &config) ||
        abx_machine_start(machine) || abx_machine_wait(machine, -1, &result)) {
        fprintf(stderr, "%s\n", abx_last_error()->message);
        return 1;
    }
    fprintf(stderr, "the machine ended: %s %s\n", abx_machine_end_name(result.end), result.text);
    abx_machine_destroy(machine);
    abx_hypervisor_close(hypervisor);
    return result.end == ABX_END_SHUTDOWN ? 0 : 1;
}
