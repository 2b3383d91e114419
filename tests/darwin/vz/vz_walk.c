/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_walk.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int walk_console[2][2], walk_frames[2];

static void open_descriptors(void)
{
    assert_return_code(pipe(walk_console[0]), 0);
    assert_return_code(pipe(walk_console[1]), 0);
    assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM, 0, walk_frames), 0);
}

static void close_descriptors(void)
{
    for (int i = 0; i < 2; i++) {
        close(walk_console[0][i]);
        close(walk_console[1][i]);
        close(walk_frames[i]);
    }
}

abx_status walk_create(rig *r)
{
    return abx_vm_create(&r->vm, r->hypervisor, &r->config);
}

/* The n-th call fails; false when there is none. */
static bool step(rig *r, const scenario *it, long n)
{
    size_t descriptors = count_descriptors();
    if (it->prepare)
        it->prepare(r);
    model_fail(n);
    abx_status status = it->act(r);
    const char *failed = model_failed();
    model_fail(0);
    if (failed && status == ABX_OK)
        fail_msg("nobody noticed that %s, call %ld, failed", failed, n);
    if (!failed)
        assert_ok(status);
    else
        assert_true(abx_last_error()->message[0] != '\0');
    if (status != ABX_OK && it->act == walk_create)
        assert_null(r->vm);
    rig_destroy(r);
    if (*model_alive())
        fail_msg("after a failure of %s, call %ld: %s", failed, n, model_alive());
    assert_int_equal(count_descriptors(), descriptors);
    return failed;
}

void walk(rig *r, const scenario *it)
{
    long n = 1;
    open_descriptors();
    if (it->configure)
        it->configure(r);
    while (step(r, it, n))
        n++;
    close_descriptors();
    print_message("%ld calls can fail\n", n - 1);
    assert_true(n > it->least);
}

static unsigned char identifier[256];

void walk_old_identifier(rig *r)
{
    rig_create(r);
    assert_ok(abx_vm_get_machine_id(r->vm, identifier, sizeof identifier, &r->config.machine_id_size));
    r->config.machine_id = identifier;
    rig_destroy(r);
    rig_add(r, ABX_DEVICE_ROSETTA)->rosetta =
        (abx_rosetta_config){ .tag = "rosetta", .cache = ABX_ROSETTA_CACHE_ABSTRACT, .cache_address = "cache" };
}
