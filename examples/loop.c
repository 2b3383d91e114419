/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A machine in the program's own event loop: loop KERNEL INITRD CMDLINE DISK. What comes on standard input ends it. */
#include <arcbox/arcbox.h>
#include <arcbox/machine.h>
#include <poll.h>
#include <stdio.h>

static int fail(void)
{
    fprintf(stderr, "%s\n", abx_last_error()->message);
    return 1;
}

/* Prints what happened; whether it was the end. */
static bool take_events(abx_vm *vm)
{
    abx_event event;
    bool ended = false;
    while (abx_event_next(vm, &event) == ABX_OK) {
        fprintf(stderr, "%s %s\n", abx_event_kind_name(event.kind), event.text);
        ended = ended || (event.kind == ABX_EVENT_STATE && event.state == ABX_VM_STOPPED);
    }
    return ended;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    abx_device_config devices[] = { { .kind = ABX_DEVICE_SERIAL, .serial = { .input_fd = -1, .output_fd = 1 } },
                                    { .kind = ABX_DEVICE_BLOCK, .block = { .path = argv[4] } } };
    abx_machine_config config = ABX_MACHINE_CONFIG_INIT;
    config.kernel = argv[1];
    config.initrd = argv[2];
    config.cmdline = argv[3];
    config.vm.memory_size = UINT64_C(512) << 20;
    config.devices = devices;
    config.device_count = 2;
    config.loop = ABX_LOOP_CALLER; /* its disk is served by abx_machine_dispatch() */

    abx_hypervisor *hypervisor = NULL;
    abx_machine *machine = NULL;
    if (abx_hypervisor_open(&hypervisor, "auto", NULL) || abx_machine_create(&machine, hypervisor, &config) ||
        abx_machine_start(machine))
        return fail();
    abx_vm *vm = abx_machine_get_vm(machine);
    struct pollfd fds[] = { { 0, POLLIN, 0 },
                            { abx_event_fd(vm), POLLIN, 0 },
                            { abx_machine_loop_fd(machine), POLLIN, 0 } };
    while (!take_events(vm)) {
        if (abx_machine_dispatch(machine))
            return fail();
        int ready = poll(fds, 3, abx_machine_loop_timeout(machine));
        if (ready > 0 && fds[0].revents && abx_machine_stop(machine))
            return fail();
    }
    abx_machine_destroy(machine);
    abx_hypervisor_close(hypervisor);
    return 0;
}
