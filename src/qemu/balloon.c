/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hypervisor_object.h"
#include "vm_object.h"

/* The unit of virtio balloons (VIRTIO 1.2, 5.5.6). */
#define PAGE 4096

/* QEMU rounds what it takes away down to whole pages. */
static uint64_t round_up(uint64_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

abx_status abx_qemu_balloon_set_target(void *object, uint64_t bytes)
{
    abx_qemu_vm *vm = object;
    abx_ending ending;
    uint64_t target = round_up(bytes);
    json_t *arguments = json_pack("{s:I}", "value", (json_int_t)target);
    if (!arguments)
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "set the balloon's target");
    abx_status status = abx_qemu_vm_command(vm, "balloon", arguments, &ending);
    if (status == ABX_OK)
        vm->balloon_target = target;
    return status;
}

abx_status abx_qemu_balloon_get_target(void *object, uint64_t *bytes)
{
    const abx_qemu_vm *vm = object;
    *bytes = vm->balloon_target;
    return ABX_OK;
}
