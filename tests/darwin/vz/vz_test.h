/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the tests of backend vz share. */
#ifndef TESTS_VZ_TEST_H
#define TESTS_VZ_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "model.h"

#include <arcbox/arcbox.h>
#include <arcbox/backend.h>

/* How long anything in these tests may take, on the busiest of machines. */
#define PATIENCE_MS 60000

/* Prints the record of a call that failed against expectation. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        abx_status status_ = (call);                                                                                   \
        if (status_ != ABX_OK)                                                                                         \
            fail_msg("%s: %s (%s)", #call, abx_status_name(status_), abx_last_error()->message);                       \
    } while (0)

#define assert_status(call, expected) assert_string_equal(abx_status_name(call), abx_status_name(expected))

/* The last error's whole message has this in it. */
void assert_message(const char *part);

/* A folder with a kernel in it, and a configuration that boots it; devices to be added. */
typedef struct rig {
    char folder[32];
    char kernel[64];
    abx_hypervisor *hypervisor;
    abx_device_config devices[16];
    abx_vm_config config;
    abx_vm *vm; /* destroyed by rig_teardown() if it is there */
} rig;

/* For cmocka: a fresh rig on a new Mac as `*state`, and its end, which asserts that nothing is left. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define rig_test(function) cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

/* Opens backend vz again, for a Mac that has been changed. */
void rig_reopen(rig *r);

/* Adds a device to the configuration. */
abx_device_config *rig_add(rig *r, abx_device_kind kind);

/* Makes a file in the folder and returns its path, which is the rig's until the next call. */
const char *rig_file(rig *r, const char *name, const void *data, size_t size);
/* The path of a file that may not be there. */
const char *rig_path(rig *r, const char *name);

/* Creates the VM; starts it. */
void rig_create(rig *r);
void rig_start(rig *r);

/* Takes events until one of that kind comes; it fails the test when none does in time. */
abx_event await_event(abx_vm *vm, abx_event_kind kind);
/* Until the VM's change to that state is told. */
abx_event await_state(abx_vm *vm, abx_vm_state state);

/* Properties of the model's objects. Within a pool. */
id get_object(id object, const char *name);
uint64_t get_number(id object, const char *name);
bool get_bool(id object, const char *name);
const char *get_text(id object, const char *name);
id get_at(id array, size_t index);
/* The name of an object's class: "VZNATNetworkDeviceAttachment". */
bool is_kind(id object, const char *name);

/* Whether the guest's echo comes back through it. */
void assert_echo(int fd);
size_t count_descriptors(void);

#endif
