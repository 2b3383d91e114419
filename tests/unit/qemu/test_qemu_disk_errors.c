/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "qemu_test.h"

#include "qemu/disk_errors.h"

#include <errno.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

static const abx_device_config devices[] = {
    { ABX_DEVICE_BLOCK, .block.path = "/images/root.img" },
    { ABX_DEVICE_ENTROPY, .block.path = NULL },
    { ABX_DEVICE_BLOCK, .block.path = "a-name-that-is-longer-than-what-an-event-has-room-for.img" },
};
static abx_disk_errors errors;

static int set_up(void **state)
{
    (void)state;
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    abx_parts parts;
    config.devices = devices;
    config.device_count = sizeof(devices) / sizeof(devices[0]);
    bool made = abx_parts_list(&parts, &config) && abx_disk_errors_init(&errors, &parts);
    abx_parts_free(&parts);
    return made ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    abx_disk_errors_free(&errors);
    return 0;
}

/* The event of `text`, JSON; its kind is NONE when there is none. */
static abx_event take(const char *text, uint64_t now_ns)
{
    abx_event event = { .kind = ABX_EVENT_NONE };
    json_t *data = json_loads(text, 0, NULL);
    assert_non_null(data);
    if (abx_disk_errors_take(&errors, data, now_ns, &event)) {
        assert_int_equal(event.kind, ABX_EVENT_DISK_ERROR);
        assert_int_equal(event.vcpu, UINT32_MAX);
    }
    json_decref(data);
    return event;
}

#define ERROR(node, operation, reason)                                                                                 \
    "{\"device\": \"\", \"node-name\": \"" node "\", \"operation\": \"" operation "\", \"action\": \"report\", "       \
    "\"reason\": \"" reason "\"}"

static void expect(abx_event event, int error, const char *text)
{
    assert_int_equal(event.kind, ABX_EVENT_DISK_ERROR);
    assert_int_equal(event.code, error);
    assert_string_equal(event.text, text);
}

static void it_says_which_what_and_why(void **state)
{
    (void)state;
    expect(take(ERROR("disk0", "write", "No space left on device"), SECOND), ENOSPC,
           "root.img: write: No space left on device");
    expect(take(ERROR("disk0", "read", "Input/output error"), SECOND), EIO, "root.img: read: Input/output error");
    expect(take(ERROR("disk2", "write", "File too large"), SECOND), EFBIG,
           "a-name-that-is-longer-than-what: write: File too large");
}

static void each_is_told_once_in_a_second(void **state)
{
    (void)state;
    const char *write = ERROR("disk0", "write", "No space left on device");
    assert_int_equal(take(write, SECOND).kind, ABX_EVENT_DISK_ERROR);
    assert_int_equal(take(write, SECOND).kind, ABX_EVENT_NONE);
    assert_int_equal(take(write, 2 * SECOND - 1).kind, ABX_EVENT_NONE);
    assert_int_equal(take(ERROR("disk2", "write", "Input/output error"), 2 * SECOND - 1).kind, ABX_EVENT_DISK_ERROR);
    assert_int_equal(take(ERROR("disk0", "read", "Input/output error"), 2 * SECOND - 1).kind, ABX_EVENT_DISK_ERROR);
    assert_int_equal(take(write, 2 * SECOND).kind, ABX_EVENT_DISK_ERROR);
    assert_int_equal(take(write, 2 * SECOND).kind, ABX_EVENT_NONE);
}

/* What is not known is told as well as it can be. */
static void what_qemu_does_not_say(void **state)
{
    (void)state;
    static const char *const strange[] = {
        "{}",
        ERROR("disk1", "write", "?"), /* no disk of ours */
        ERROR("disk3", "flush", ""),
        ERROR("disk00", "write", "Input"),
        "{\"node-name\": 1, \"operation\": [], \"reason\": {}}",
    };
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        expect(take(strange[i], (i + 1) * SECOND), EIO, "a disk: write: Input/output error");
    abx_event event;
    assert_true(abx_disk_errors_take(&errors, NULL, 99 * SECOND, &event));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_says_which_what_and_why),
        TEST(each_is_told_once_in_a_second),
        TEST(what_qemu_does_not_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
