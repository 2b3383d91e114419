/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a VZVirtualMachine tells of by itself, as events. */
#ifndef ABX_SRC_DARWIN_VZ_MACHINE_DELEGATE_H
#define ABX_SRC_DARWIN_VZ_MACHINE_DELEGATE_H

#include "vm_object.h"

/* A delegate for `vm`. On success `*out` is the caller's: objc_release(). */
abx_status abx_vz_machine_delegate_new(id *out, abx_vz_vm *vm);

#endif
