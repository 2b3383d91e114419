/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/configuration.h"
#include "model/foundation.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static id make(const abx_net_config *config)
{
    id card = NULL;
    assert_ok(abx_vz_network_new(&card, config));
    assert_true(is_kind(card, "VZVirtioNetworkDeviceConfiguration"));
    return card;
}

static void nat(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    id card = make(&(abx_net_config){ .kind = ABX_NET_NAT, .mac = { 0x52, 0x54, 0, 0x12, 0x34, 0xaf } });
    assert_true(is_kind(get_object(card, "attachment"), "VZNATNetworkDeviceAttachment"));
    assert_string_equal(get_text(get_object(card, "MACAddress"), "string"), "52:54:00:12:34:af");
    assert_null(get_object(make(&(abx_net_config){ .kind = ABX_NET_NAT }), "MACAddress"));
    objc_autoreleasePoolPop(pool);
}

static void bridged(void **state)
{
    (void)state;
    id card = NULL;
    void *pool = objc_autoreleasePoolPush();
    id attachment = get_object(make(&(abx_net_config){ .kind = ABX_NET_BRIDGED, .interface = "en1" }), "attachment");
    assert_true(is_kind(attachment, "VZBridgedNetworkDeviceAttachment"));
    assert_string_equal(get_text(get_object(attachment, "interface"), "identifier"), "en1");
    assert_status(abx_vz_network_new(&card, &(abx_net_config){ .kind = ABX_NET_BRIDGED, .interface = "en7" }),
                  ABX_ERR_NOT_FOUND);
    assert_message("com.apple.vm.networking");
    assert_null(card);
    objc_autoreleasePoolPop(pool);
}

static int option(int fd, int name)
{
    int value = 0;
    socklen_t size = sizeof(value);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, name, &value, &size), 0);
    return value;
}

static void datagrams(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    int before = option(ends[0], SO_RCVBUF);
    void *pool = objc_autoreleasePoolPush();
    id attachment =
        get_object(make(&(abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = ends[0], .mtu = 9000 }), "attachment");
    assert_int_equal(model_descriptor(get_object(attachment, "fileHandle")), ends[0]);
    assert_int_equal(get_number(attachment, "maximumTransmissionUnit"), 9000);
    /* Linux gives what its limits allow. */
    assert_true(option(ends[0], SO_RCVBUF) >= before);
    attachment = get_object(make(&(abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = ends[0] }), "attachment");
    assert_int_equal(get_number(attachment, "maximumTransmissionUnit"), 1500);
    objc_autoreleasePoolPop(pool);
    assert_int_equal(close(ends[0]), 0);
    close(ends[1]);
}

static void a_descriptor_that_is_no_socket(void **state)
{
    (void)state;
    id card = NULL;
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    void *pool = objc_autoreleasePoolPush();
    assert_status(abx_vz_network_new(&card, &(abx_net_config){ .kind = ABX_NET_DATAGRAM, .fd = fd }), ABX_ERR_SYSTEM);
    assert_message("size the buffers");
    objc_autoreleasePoolPop(pool);
    close(fd);
}

static void a_network_that_is_lost_is_an_event(void **state)
{
    rig *r = *state;
    rig_add(r, ABX_DEVICE_ENTROPY);
    rig_add(r, ABX_DEVICE_NET);
    rig_add(r, ABX_DEVICE_NET);
    rig_start(r);
    model_guest_disconnect(model_machine(), 1, 7);
    abx_event event = await_event(r->vm, ABX_EVENT_NETWORK_DISCONNECTED);
    assert_int_equal(event.code, 2);
    assert_string_not_equal(event.text, "");
    assert_int_equal(abx_vm_get_state(r->vm), ABX_VM_RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(nat),
        rig_test(bridged),
        rig_test(datagrams),
        rig_test(a_descriptor_that_is_no_socket),
        rig_test(a_network_that_is_lost_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
