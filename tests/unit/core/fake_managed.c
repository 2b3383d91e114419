/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fake_managed.h"
#include "cmocka_all.h"

#include <string.h>

void (*fake_managed_at_start)(abx_vm *vm);
void (*fake_managed_at_request)(abx_vm *vm);
const char fake_managed_id[4] = "me!";
uint64_t fake_managed_balloon;
uint64_t fake_managed_cpu_time;
int fake_managed_socket = -1;

static abx_status managed_open(void **out, const abx_hypervisor_options *options, abx_capabilities *caps)
{
    (void)options;
    abx_status status = fake_log_enter("managed_open");
    if (status != ABX_OK)
        return status;
    caps->bits[0] = UINT64_MAX & ~(UINT64_C(1) << ABX_CAP_HARDWARE);
    caps->guest_archs = (1u << ABX_ARCH_X86_64) | (1u << ABX_ARCH_ARM64);
    caps->max_vcpus = 8;
    caps->page_size = 4096;
    *out = NULL;
    return ABX_OK;
}

static void managed_close(void *hypervisor)
{
    (void)hypervisor;
    fake_log_enter("managed_close");
}

static abx_status managed_vm_create(void **out, void *hypervisor, const abx_vm_config *config, abx_vm *vm)
{
    (void)hypervisor;
    (void)config;
    abx_status status = fake_log_enter("vm_create");
    if (status == ABX_OK)
        *out = vm;
    return status;
}

static abx_status managed_vm_start(void *object)
{
    if (fake_managed_at_start)
        fake_managed_at_start(object);
    return fake_log_enter("vm_start");
}

static abx_status managed_vm_pause(void *object)
{
    (void)object;
    return fake_log_enter("vm_pause");
}

static abx_status managed_vm_resume(void *object)
{
    (void)object;
    return fake_log_enter("vm_resume");
}

static abx_status managed_vm_stop(void *object)
{
    (void)object;
    return fake_log_enter("vm_stop");
}

static abx_status managed_vm_request_stop(void *object)
{
    if (fake_managed_at_request)
        fake_managed_at_request(object);
    return fake_log_enter("vm_request_stop");
}

static abx_status managed_vm_save(void *object, const char *path)
{
    (void)object;
    (void)path;
    return fake_log_enter("vm_save");
}

static abx_status managed_vm_restore(void *object, const char *path)
{
    (void)object;
    (void)path;
    return fake_log_enter("vm_restore");
}

static abx_status managed_vm_get_machine_id(const void *object, void *buffer, size_t capacity, size_t *size)
{
    (void)object;
    *size = sizeof(fake_managed_id);
    if (capacity < sizeof(fake_managed_id))
        return abx_fail(ABX_ERR_LIMIT, 0, NULL, "tell who the machine is");
    memcpy(buffer, fake_managed_id, sizeof(fake_managed_id));
    return fake_log_enter("vm_get_machine_id");
}

static abx_status managed_vm_get_cpu_time(void *object, uint64_t *nanoseconds)
{
    (void)object;
    abx_status status = fake_log_enter("vm_get_cpu_time");
    if (status == ABX_OK)
        *nanoseconds = fake_managed_cpu_time;
    return status;
}

static abx_status managed_balloon_set_target(void *object, uint64_t bytes)
{
    (void)object;
    abx_status status = fake_log_enter("balloon_set_target");
    if (status == ABX_OK)
        fake_managed_balloon = bytes;
    return status;
}

static abx_status managed_balloon_get_target(void *object, uint64_t *bytes)
{
    (void)object;
    abx_status status = fake_log_enter("balloon_get_target");
    if (status == ABX_OK)
        *bytes = fake_managed_balloon;
    return status;
}

static abx_status managed_vsock_connect(void *object, uint32_t port, int timeout_ms, int *fd)
{
    (void)object;
    (void)port;
    (void)timeout_ms;
    abx_status status = fake_log_enter("vsock_connect");
    if (status == ABX_OK)
        *fd = fake_managed_socket;
    return status;
}

static abx_status managed_vsock_listen(void **out, void *object, uint32_t port, abx_vsock_listener *listener)
{
    (void)object;
    (void)port;
    abx_status status = fake_log_enter("vsock_listen");
    if (status == ABX_OK)
        *out = listener;
    return status;
}

static void managed_vsock_unlisten(void *listening)
{
    assert_non_null(listening);
    fake_log_enter("vsock_unlisten");
}

static abx_status managed_rosetta_availability(void *hypervisor, abx_rosetta_availability *availability)
{
    (void)hypervisor;
    abx_status status = fake_log_enter("rosetta_availability");
    if (status == ABX_OK)
        *availability = ABX_ROSETTA_NOT_INSTALLED;
    return status;
}

static abx_status managed_rosetta_install(void *hypervisor)
{
    (void)hypervisor;
    return fake_log_enter("rosetta_install");
}

static void managed_vm_destroy(void *object)
{
    (void)object;
    fake_log_enter("vm_destroy");
}

const abx_backend fake_managed = {
    .size = sizeof(abx_backend),
    .name = "qemu",
    .description = "a managed backend without a guest",
    .managed = true,
    .open = managed_open,
    .close = managed_close,
    .vm_create = managed_vm_create,
    .vm_start = managed_vm_start,
    .vm_pause = managed_vm_pause,
    .vm_resume = managed_vm_resume,
    .vm_stop = managed_vm_stop,
    .vm_destroy = managed_vm_destroy,
    .vm_request_stop = managed_vm_request_stop,
    .vm_save = managed_vm_save,
    .vm_restore = managed_vm_restore,
    .vm_get_machine_id = managed_vm_get_machine_id,
    .vm_get_cpu_time = managed_vm_get_cpu_time,
    .balloon_set_target = managed_balloon_set_target,
    .balloon_get_target = managed_balloon_get_target,
    .vsock_connect = managed_vsock_connect,
    .vsock_listen = managed_vsock_listen,
    .vsock_unlisten = managed_vsock_unlisten,
    .rosetta_availability = managed_rosetta_availability,
    .rosetta_install = managed_rosetta_install,
};

static const abx_backend *const list[] = { &fake_managed };

const abx_hypervisor_options fake_managed_options = {
    .size = sizeof(abx_hypervisor_options),
    .backends = list,
    .backend_count = 1,
};

abx_vm *fake_managed_vm(void)
{
    return fake_managed_vm_with(NULL, 0);
}

abx_vm *fake_managed_vm_with(const abx_device_config *devices, size_t count)
{
    abx_vm_config config = ABX_VM_CONFIG_INIT;
    config.devices = devices;
    config.device_count = count;
    abx_hypervisor *hypervisor;
    abx_vm *vm;
    fake_log_reset();
    fake_managed_at_start = fake_managed_at_request = NULL;
    assert_int_equal(abx_hypervisor_open(&hypervisor, "qemu", &fake_managed_options), ABX_OK);
    assert_int_equal(abx_vm_create(&vm, hypervisor, &config), ABX_OK);
    abx_hypervisor_close(hypervisor);
    return vm;
}
