/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "console_guest.h"

#include <fcntl.h>
#include <unistd.h>

void console_begin(console_guest *self)
{
    guest_begin(&self->vm);
    assert_int_equal(pipe2(self->input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(self->output, O_CLOEXEC), 0);
}

void console_make(console_guest *self, const abx_console_config *config)
{
    const abx_device_host host = guest_interface(&self->vm);
    assert_int_equal(abx_virtio_console_new(&self->vm.host.device, &host, WINDOW, LINE, config), ABX_OK);
    self->vm.host.device.ops->resume(self->vm.host.device.object);
}

void console_make_plain(console_guest *self)
{
    console_make(self, &(abx_console_config){ .serial = { self->input[0], self->output[1] } });
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void console_end(console_guest *self)
{
    guest_end(&self->vm);
    for (int i = 0; i < 2; i++) {
        close_end(&self->input[i]);
        close_end(&self->output[i]);
    }
}

static void nothing(void *argument)
{
    (void)argument;
}

/* What is rung for before a call is done with it, or in the same turn; and so is what that rings for. */
void console_settle(console_guest *self)
{
    for (int i = 0; i < 4; i++)
        abx_loop_call(self->vm.host.loop, nothing, NULL);
}

uint32_t console_take(console_guest *self, uint32_t queue)
{
    uint32_t id, length;
    for (;;) {
        driver_all_interrupts(&self->vm.queues[queue]);
        if (driver_take(&self->vm.queues[queue], &id, &length))
            return length;
        await_level(&self->vm.host, LINE, true);
        guest_put(&self->vm, MMIO_INTERRUPT_ACK, guest_get(&self->vm, MMIO_INTERRUPT_STATUS));
    }
}

bool console_is_quiet(console_guest *self, uint32_t queue)
{
    uint32_t id, length;
    console_settle(self);
    return !driver_take(&self->vm.queues[queue], &id, &length);
}

void console_offer(console_guest *self, uint32_t queue, abx_gpa gpa, uint32_t length)
{
    guest_send(&self->vm, queue, &(buffer){ gpa, length, true }, 1);
}

void console_send(console_guest *self, uint32_t queue, abx_gpa gpa, uint32_t length)
{
    guest_send(&self->vm, queue, &(buffer){ gpa, length, false }, 1);
}

void read_all(int fd, void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t got = read(fd, (char *)bytes + done, length - done);
        assert_true(got > 0);
        done += (size_t)got;
    }
}

void write_all(int fd, const void *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t put = write(fd, (const char *)bytes + done, length - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
}

uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + (i >> 8) * 13 + (i >> 16));
}
