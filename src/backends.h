/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The backends that this build contains. Each is a folder and one constant table. */
#ifndef ABX_SRC_BACKENDS_H
#define ABX_SRC_BACKENDS_H

#include <arcbox/backend.h>

/* linux/, with ABX_WITH_KVM. */
extern const abx_backend abx_backend_kvm;
/* darwin/hvf/, with ABX_WITH_HVF. */
extern const abx_backend abx_backend_hvf;
/* darwin/vz/, with ABX_WITH_VZ. */
extern const abx_backend abx_backend_vz;
/* qemu/, with ABX_WITH_QEMU. */
extern const abx_backend abx_backend_qemu;

/* All of them in the order in which "auto" tries them. Static storage. */
const abx_backend *const *abx_builtin_backends(size_t *count);

/*
 * Whether `backend` has what every backend of its kind must have. Errors: ABX_ERR_INVALID, with advice that names what
 * is missing.
 */
abx_status abx_backend_check(const abx_backend *backend);

/* Whether the function pointer at `offset` of the table at `table` is there. */
bool abx_table_has(const void *table, size_t offset);

/* The one answer for a function or capability that `backend` does not have. `operation` is what was asked. */
abx_status abx_fail_absent(const abx_backend *backend, const char *operation) __attribute__((cold));

/* The same for what only managed backends have. */
abx_status abx_fail_unmanaged(const abx_backend *backend, const char *operation) __attribute__((cold));

#endif
