/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The memory balloon of managed VMs: asks a guest to do with less memory. */
#ifndef ARCBOX_BALLOON_H
#define ARCBOX_BALLOON_H

#include <arcbox/vm.h>

ABX_BEGIN_DECLS

/*
 * Asks the guest to use `bytes` of its memory and to leave the rest alone: the balloon's minimum, at least 1, up to the
 * VM's memory_size. A request: the guest may take its time, or not do it. Backends round, and have a least amount;
 * abx_balloon_get_target() tells what has become of it. Whether the host gets the memory back is the backend's matter:
 * see ABX_CAP_DISCARD. The VM needs an ABX_DEVICE_BALLOON and must be RUNNING or PAUSED. Any thread. Errors:
 * ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_LIMIT (`bytes` out of range), ABX_ERR_STATE, ABX_ERR_LOST,
 * ABX_ERR_TIMEOUT.
 */
ABX_API abx_status abx_balloon_set_target(abx_vm *vm, uint64_t bytes) ABX_MUST_CHECK;

/*
 * What the guest is asked to use now, in bytes; at first the target of the balloon's configuration. The VM as above.
 * Any thread. Errors: ABX_ERR_INVALID, ABX_ERR_NOT_SUPPORTED, ABX_ERR_STATE, ABX_ERR_LOST, ABX_ERR_TIMEOUT.
 */
ABX_API abx_status abx_balloon_get_target(abx_vm *vm, uint64_t *bytes) ABX_MUST_CHECK;

ABX_END_DECLS

#endif
