/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "channels.h"
#include "descriptors.h"
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static abx_status fail(int error)
{
    return abx_fail(abx_status_of_errno(error), error, NULL, "open a connection for QEMU");
}

/* Without anybody at the end a console needs none. A named port does: without one it is closed to the guest. */
static abx_status open_port(abx_channels *channels, size_t index, const abx_part *part)
{
    int ends[2];
    if (!part->name && part->ends->input_fd < 0 && part->ends->output_fd < 0)
        return ABX_OK;
    int error = abx_open_sockets(ends);
    if (error)
        return fail(error);
    channels->ours[index] = ends[0];
    channels->theirs[index] = ends[1];
    return ABX_OK;
}

/* A duplicate, so that all of them are ours to close. */
static abx_status open_network(abx_channels *channels, size_t index, const abx_net_config *net)
{
    if (net->kind != ABX_NET_DATAGRAM)
        return ABX_OK;
    int duplicate = fcntl(net->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (duplicate < 0)
        return fail(errno);
    channels->theirs[index] = duplicate;
    return ABX_OK;
}

static abx_status open_part(abx_channels *channels, size_t index, const abx_part *part)
{
    switch (part->device->kind) {
    case ABX_DEVICE_SERIAL:
    case ABX_DEVICE_CONSOLE:
        return open_port(channels, index, part);
    case ABX_DEVICE_BLOCK:
        return abx_image_open(&channels->theirs[index], &part->device->block);
    case ABX_DEVICE_NET:
        return open_network(channels, index, &part->device->net);
    default:
        return ABX_OK;
    }
}

/* One block for the three lists. */
static bool allocate(abx_channels *channels, size_t count)
{
    channels->ours = malloc((3 * count + 1) * sizeof(int));
    if (!channels->ours)
        return false;
    channels->theirs = channels->ours + count;
    channels->inherits = channels->theirs + count;
    channels->count = count;
    for (size_t i = 0; i < 2 * count; i++)
        channels->ours[i] = -1;
    return true;
}

static void list(abx_channels *channels)
{
    channels->inherits[channels->inherit_count++] = channels->qmp[1];
    for (size_t i = 0; i < channels->count; i++) {
        if (channels->theirs[i] >= 0)
            channels->inherits[channels->inherit_count++] = channels->theirs[i];
    }
}

abx_status abx_channels_open(abx_channels *channels, const abx_parts *parts)
{
    abx_channels fresh = { 0 };
    if (!allocate(&fresh, parts->count))
        return fail(ENOMEM);
    int error = abx_open_sockets(fresh.qmp);
    if (error) {
        free(fresh.ours);
        return fail(error);
    }
    abx_status status = ABX_OK;
    for (size_t i = 0; i < parts->count && status == ABX_OK; i++)
        status = open_part(&fresh, i, &parts->list[i]);
    if (status != ABX_OK) {
        abx_channels_close(&fresh, false);
        return status;
    }
    list(&fresh);
    *channels = fresh;
    return ABX_OK;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

void abx_channels_close(abx_channels *channels, bool taken)
{
    close(channels->qmp[1]);
    close_all(channels->theirs, channels->count);
    if (!taken) {
        close(channels->qmp[0]);
        close_all(channels->ours, channels->count);
    }
    free(channels->ours);
    *channels = (abx_channels){ 0 };
}
