/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Network devices: NAT, bridged, and frames through a socket. */
#include "classes.h"
#include "devices.h"

#include <string.h>
#include <sys/socket.h>

typedef struct network_device {
    struct objc_object base;
    id attachment, mac_address;
} network_device;
typedef struct mac_address {
    struct objc_object base;
    id text;
} mac_address;
typedef struct interface {
    struct objc_object base;
    id identifier;
} interface;
typedef struct bridged {
    struct objc_object base;
    id interface;
} bridged;
typedef struct frames {
    struct objc_object base;
    id handle;
    int64_t mtu;
} frames;

static bool is_mac(const char *text)
{
    size_t i = 0;
    for (; i < 17 && text[i]; i++)
        if (i % 3 == 2 ? text[i] != ':' : !strchr("0123456789abcdefABCDEF", text[i]))
            return false;
    return i == 17 && !text[i];
}

static id mac_init(id object, SEL selector, id text)
{
    (void)selector;
    if (!model_is_kind(text, "NSString"))
        model_invalid("-[VZMACAddress initWithString:] without a string");
    if (!is_mac(model_text(text)) || model_fails("VZMACAddress initWithString:"))
        return model_init_failed(object);
    model_set(&((mac_address *)object)->text, text);
    return object;
}

static const model_method mac_methods[] = { METHOD('-', "initWithString:", "@@:@", mac_init, ALWAYS, 0) };
static const model_property mac_properties[] = {
    { "string", NULL, '@', READ_ONLY, offsetof(mac_address, text), ALWAYS, NULL, NULL },
};
const model_class model_vz_mac_address = { .name = "VZMACAddress",
                                           .super = "NSObject",
                                           .size = sizeof(mac_address),
                                           .flags = NO_PLAIN_INIT,
                                           METHODS(mac_methods),
                                           PROPERTIES(mac_properties) };

const model_class model_vz_network_attachment = {
    .name = "VZNetworkDeviceAttachment", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(11, 0)
};
const model_class model_vz_nat = { .name = "VZNATNetworkDeviceAttachment", .super = "VZNetworkDeviceAttachment" };

static id interfaces(Class class, SEL selector)
{
    (void)class;
    (void)selector;
    if (model_fails("networkInterfaces"))
        return NULL;
    id found[4];
    size_t count = 0;
    for (; count < 4 && model.interfaces[count]; count++) {
        found[count] = model_new("VZBridgedNetworkInterface");
        ((interface *)found[count])->identifier = model_string(model.interfaces[count]);
    }
    id array = model_array(found, count);
    while (count)
        objc_release(found[--count]);
    return model_autorelease(array);
}

static const model_method interface_methods[] = {
    METHOD('+', "networkInterfaces", "@@:", interfaces, ALWAYS, 0),
};
static const model_property interface_properties[] = {
    { "identifier", NULL, '@', READ_ONLY, offsetof(interface, identifier), ALWAYS, NULL, NULL },
};
const model_class model_vz_interface = { .name = "VZBridgedNetworkInterface",
                                         .super = "NSObject",
                                         .size = sizeof(interface),
                                         .flags = NO_PLAIN_INIT,
                                         METHODS(interface_methods),
                                         PROPERTIES(interface_properties) };

static id bridged_init(id object, SEL selector, id chosen)
{
    (void)selector;
    if (!model_is_kind(chosen, "VZBridgedNetworkInterface"))
        model_invalid("-[VZBridgedNetworkDeviceAttachment initWithInterface:] without an interface");
    if (model_fails("initWithInterface:"))
        return model_init_failed(object);
    model_set(&((bridged *)object)->interface, chosen);
    return object;
}

static const model_method bridged_methods[] = { METHOD('-', "initWithInterface:", "@@:@", bridged_init, ALWAYS, 0) };
static const model_property bridged_properties[] = {
    { "interface", NULL, '@', READ_ONLY, offsetof(bridged, interface), ALWAYS, NULL, NULL },
};
const model_class model_vz_bridged = { .name = "VZBridgedNetworkDeviceAttachment",
                                       .super = "VZNetworkDeviceAttachment",
                                       .size = sizeof(bridged),
                                       .flags = NO_PLAIN_INIT,
                                       METHODS(bridged_methods),
                                       PROPERTIES(bridged_properties) };

static bool is_connected_datagram(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    struct sockaddr_storage peer;
    socklen_t peer_size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM &&
           getpeername(fd, (struct sockaddr *)&peer, &peer_size) == 0;
}

static id frames_init(id object, SEL selector, id handle)
{
    (void)selector;
    if (!model_is_kind(handle, "NSFileHandle"))
        model_invalid("-[VZFileHandleNetworkDeviceAttachment initWithFileHandle:] without a file handle");
    if (!is_connected_datagram(model_descriptor(handle)))
        model_invalid("-[VZFileHandleNetworkDeviceAttachment initWithFileHandle:] without a connected datagram socket");
    if (model_fails("initWithFileHandle:"))
        return model_init_failed(object);
    model_set(&((frames *)object)->handle, handle);
    ((frames *)object)->mtu = 1500;
    return object;
}

static const model_method frames_methods[] = { METHOD('-', "initWithFileHandle:", "@@:@", frames_init, ALWAYS, 0) };
static const model_property frames_properties[] = {
    { "fileHandle", NULL, '@', READ_ONLY, offsetof(frames, handle), ALWAYS, NULL, NULL },
    { "maximumTransmissionUnit", NULL, 'q', PLAIN, offsetof(frames, mtu), MACOS(13, 0), NULL, NULL },
};
const model_class model_vz_frames = { .name = "VZFileHandleNetworkDeviceAttachment",
                                      .super = "VZNetworkDeviceAttachment",
                                      .size = sizeof(frames),
                                      .flags = NO_PLAIN_INIT,
                                      METHODS(frames_methods),
                                      PROPERTIES(frames_properties) };

static const model_property device_properties[] = {
    { "attachment", NULL, '@', RETAINED, offsetof(network_device, attachment), ALWAYS, "VZNetworkDeviceAttachment",
      NULL },
    { "MACAddress", NULL, '@', COPIED, offsetof(network_device, mac_address), ALWAYS, "VZMACAddress", NULL },
};
const model_class model_vz_network_device = { .name = "VZNetworkDeviceConfiguration",
                                              .super = "NSObject",
                                              .size = sizeof(network_device),
                                              .flags = ABSTRACT,
                                              PROPERTIES(device_properties) };
const model_class model_vz_virtio_network = { .name = "VZVirtioNetworkDeviceConfiguration",
                                              .super = "VZNetworkDeviceConfiguration" };

enum { LEAST_MTU = 1500, MOST_MTU = 65535 };

const char *vz_network_problem(id device)
{
    id attached = ((network_device *)device)->attachment;
    if (model_is_kind(attached, "VZBridgedNetworkDeviceAttachment") && !model.may_bridge)
        return "Bridging takes the entitlement com.apple.vm.networking.";
    if (model_is_kind(attached, "VZFileHandleNetworkDeviceAttachment")) {
        frames *it = (frames *)attached;
        if (it->mtu < LEAST_MTU || it->mtu > MOST_MTU)
            return "The maximum transmission unit is out of range.";
        if (!is_connected_datagram(model_descriptor(it->handle)))
            return "The network's file handle is no connected datagram socket.";
    }
    return NULL;
}
