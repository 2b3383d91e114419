/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "configuration.h"
#include "foundation.h"
#include "vz_api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define USUAL_MTU 1500

/* Apple's documentation of VZFileHandleNetworkDeviceAttachment wants a receive buffer of twice the send buffer at
 * least, and better four times. */
#define SEND_BUFFER    (1 << 20)
#define RECEIVE_BUFFER (4 * SEND_BUFFER)

/* The interface of that name; NULL when there is none that can be bridged. */
static id find_interface(const char *name)
{
    id interfaces = VZBridgedNetworkInterface_networkInterfaces();
    uint64_t count = interfaces ? NSArray_count(interfaces) : 0;
    for (uint64_t i = 0; i < count; i++) {
        id interface = NSArray_objectAtIndex_(interfaces, i);
        if (strcmp(abx_ns_text(VZBridgedNetworkInterface_identifier(interface)), name) == 0)
            return interface;
    }
    return NULL;
}

static abx_status attach_bridged(id *out, const abx_net_config *config)
{
    id interface = find_interface(config->interface);
    if (!interface)
        return abx_fail(ABX_ERR_NOT_FOUND, 0,
                        "The host has no such interface that can be bridged, or the program lacks the entitlement "
                        "com.apple.vm.networking.",
                        "bridge to %s", config->interface);
    *out = VZBridgedNetworkDeviceAttachment_initWithInterface_(interface);
    return ABX_OK;
}

static abx_status size_buffers(int fd)
{
    const int send = SEND_BUFFER, receive = RECEIVE_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof(send)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive)) != 0)
        return abx_fail(abx_status_of_errno(errno), errno, NULL, "size the buffers of a network's socket");
    return ABX_OK;
}

static abx_status attach_datagram(id *out, const abx_net_config *config)
{
    abx_status status = size_buffers(config->fd);
    if (status != ABX_OK)
        return status;
    id handle = abx_ns_file_handle(config->fd);
    id attachment = handle ? VZFileHandleNetworkDeviceAttachment_initWithFileHandle_(handle) : NULL;
    if (attachment && config->mtu && config->mtu != USUAL_MTU)
        VZFileHandleNetworkDeviceAttachment_setMaximumTransmissionUnit_(attachment, config->mtu);
    *out = attachment;
    return ABX_OK;
}

static abx_status attach(id *out, const abx_net_config *config)
{
    switch (config->kind) {
    case ABX_NET_BRIDGED:
        return attach_bridged(out, config);
    case ABX_NET_DATAGRAM:
        return attach_datagram(out, config);
    default:
        *out = VZNATNetworkDeviceAttachment_init();
        return ABX_OK;
    }
}

static bool is_chosen(const uint8_t mac[6])
{
    static const uint8_t none[6];
    return memcmp(mac, none, sizeof(none)) != 0;
}

static id mac_address(const uint8_t mac[6])
{
    char text[18];
    snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    id string = abx_ns_string(text);
    return string ? VZMACAddress_initWithString_(string) : NULL;
}

abx_status abx_vz_network_new(id *out, const abx_net_config *config)
{
    id attachment = NULL, address = NULL;
    abx_status status = attach(&attachment, config);
    if (status != ABX_OK)
        return status;
    id card = attachment ? VZVirtioNetworkDeviceConfiguration_init() : NULL;
    if (card && is_chosen(config->mac))
        address = mac_address(config->mac);
    if (!card || (is_chosen(config->mac) && !address))
        return abx_fail(ABX_ERR_NO_MEMORY, 0, NULL, "make a network card");
    VZNetworkDeviceConfiguration_setAttachment_(card, attachment);
    /* Without one the framework has chosen one already. */
    if (address)
        VZNetworkDeviceConfiguration_setMACAddress_(card, address);
    *out = card;
    return ABX_OK;
}
