/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the framework holds for us is given back as soon as it is not needed, and not only with the VM. */
#include "vz_test.h"

#include <string.h>
#include <unistd.h>

enum { PORT = 5 };

/* What is alive, by the model's account. */
static void note(char text[1024])
{
    strncpy(text, model_alive(), 1023);
    text[1023] = '\0';
}

static void a_listener_goes_when_it_is_closed(void **state)
{
    rig *r = *state;
    char before[1024], after[1024];
    abx_vsock_listener *listener;
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_start(r);
    note(before);
    assert_ok(abx_vsock_listen(&listener, r->vm, PORT));
    note(after);
    assert_string_not_equal(after, before);
    abx_vsock_listener_close(listener);
    note(after);
    assert_string_equal(after, before);
}

static void connections_go_at_once(void **state)
{
    rig *r = *state;
    char before[1024], after[1024];
    int fd;
    rig_add(r, ABX_DEVICE_VSOCK);
    rig_start(r);
    model_guest_listen(model_machine(), PORT, MODEL_ECHOES);
    note(before);
    assert_ok(abx_vsock_connect(r->vm, PORT, PATIENCE_MS, &fd));
    note(after);
    assert_string_equal(after, before);
    assert_echo(fd);
    close(fd);
}

static void operations_leave_nothing(void **state)
{
    rig *r = *state;
    char before[1024], after[1024];
    rig_add(r, ABX_DEVICE_BALLOON);
    rig_start(r);
    note(before);
    for (int i = 0; i < 3; i++) {
        assert_ok(abx_vm_pause(r->vm));
        assert_ok(abx_vm_resume(r->vm));
        assert_ok(abx_balloon_set_target(r->vm, UINT64_C(100) << 20));
        assert_status(abx_vm_resume(r->vm), ABX_ERR_STATE);
    }
    note(after);
    assert_string_equal(after, before);
}

static void a_creation_that_fails_leaves_nothing(void **state)
{
    rig *r = *state;
    rig_add(r, ABX_DEVICE_BLOCK)->block = (abx_block_config){ .path = rig_file(r, "disk", "short", 5) };
    size_t descriptors = count_descriptors();
    assert_status(abx_vm_create(&r->vm, r->hypervisor, &r->config), ABX_ERR_FORMAT);
    assert_string_equal(model_alive(), "");
    assert_int_equal(count_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(a_listener_goes_when_it_is_closed),
        rig_test(connections_go_at_once),
        rig_test(operations_leave_nothing),
        rig_test(a_creation_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
