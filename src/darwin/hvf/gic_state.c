/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "hvf_backend.h"
#include "state_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sections of a block. Numbers never change meaning, and none is another backend's. */
enum { TAG_SHAPE = 0x280, TAG_STATE };

/* What must be the same on both sides. */
typedef struct shape {
    uint32_t cpus;
    uint32_t lines;
    uint32_t messages;
    uint32_t zero;
} shape;

/* The framework's own block: versioned by itself. */
typedef struct bytes {
    void *data;
    size_t size;
} bytes;

static shape shape_of(const abx_hvf_vm *vm)
{
    return (shape){
        .cpus = vm->config->cpus,
        .lines = vm->hypervisor->lines,
        .messages = vm->hypervisor->messages,
    };
}

/* What is true of one vCPU of the VM at least. */
static bool any(abx_hvf_vm *vm, bool (*is)(const abx_hvf_vcpu *vcpu), uint32_t *count)
{
    bool found = false;
    *count = 0;
    pthread_mutex_lock(&vm->lock);
    for (const abx_hvf_vcpu *vcpu = vm->vcpus; vcpu; vcpu = vcpu->next) {
        found = found || is(vcpu);
        ++*count;
    }
    pthread_mutex_unlock(&vm->lock);
    return found;
}

static bool is_inside(const abx_hvf_vcpu *vcpu)
{
    return atomic_load(&vcpu->inside);
}

static bool has_run(const abx_hvf_vcpu *vcpu)
{
    return atomic_load(&vcpu->has_run);
}

static abx_status fetch(bytes *state, const char *operation)
{
    *state = (bytes){ .data = NULL };
    if (ABX_MACOS_AT_LEAST(15, 0)) {
        hv_gic_state_t object = hv_gic_state_create();
        if (!object)
            return abx_hv_check(HV_NO_RESOURCES, "%s", operation);
        abx_status status = abx_hv_check(hv_gic_state_get_size(object, &state->size), "%s", operation);
        if (status == ABX_OK) {
            state->data = malloc(state->size);
            status = state->data ? abx_hv_check(hv_gic_state_get_data(object, state->data), "%s", operation)
                                 : abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "%s", operation);
        }
        os_release(object);
        return status;
    }
    return abx_hv_check(HV_UNSUPPORTED, "%s", operation);
}

static size_t write_block(const abx_hvf_vm *vm, const bytes *state, void *buffer, size_t capacity)
{
    const shape head = shape_of(vm);
    abx_state_writer writer;
    abx_state_begin(&writer, buffer, capacity, ABX_ARCH_ARM64);
    abx_state_add(&writer, TAG_SHAPE, &head, sizeof(head));
    abx_state_add(&writer, TAG_STATE, state->data, state->size);
    return abx_state_finish(&writer);
}

abx_status abx_hvf_save_gic(void *object, void *buffer, size_t capacity, size_t *size)
{
    static const char operation[] = "save the state of interrupt controllers";
    abx_hvf_vm *vm = object;
    uint32_t count;
    if (any(vm, is_inside, &count))
        return abx_fail(ABX_ERR_BUSY, 0, "A vCPU runs: pause the VM first.", operation);
    bytes state;
    abx_status status = fetch(&state, operation);
    if (status == ABX_OK) {
        size_t needed = write_block(vm, &state, NULL, 0);
        if (needed <= capacity)
            write_block(vm, &state, buffer, capacity);
        else if (capacity > 0)
            status = abx_fail(ABX_ERR_LIMIT, 0, NULL, "save %zu bytes of interrupt controllers' state into %zu", needed,
                              capacity);
        *size = needed;
    }
    free(state.data);
    return status;
}

/* The framework's rule: after the last vCPU is created, and before the first runs. */
static abx_status check_time(abx_hvf_vm *vm, const char *operation)
{
    uint32_t count;
    if (any(vm, has_run, &count))
        return abx_fail(ABX_ERR_STATE, 0, "Only before a vCPU has run.", "%s", operation);
    if (count < vm->config->cpus)
        return abx_fail(ABX_ERR_STATE, 0, "Create all vCPUs of the VM first.", "%s", operation);
    return ABX_OK;
}

static abx_status read_block(const abx_hvf_vm *vm, const void *buffer, size_t size, const void **data, size_t *length)
{
    static const char operation[] = "read the saved state of interrupt controllers";
    const shape here = shape_of(vm);
    shape head;
    abx_state_reader reader;
    abx_status status = abx_state_open(&reader, buffer, size, ABX_ARCH_ARM64);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_SHAPE, &head, sizeof(head));
    if (status == ABX_OK && memcmp(&head, &here, sizeof(head)) != 0)
        status = abx_fail(ABX_ERR_FORMAT, 0,
                          "it is of a VM with other interrupt controllers or another number of vCPUs", operation);
    if (status != ABX_OK)
        return status;
    *data = abx_state_find(&reader, TAG_STATE, length);
    return *data && *length ? ABX_OK : abx_fail(ABX_ERR_FORMAT, 0, "it has no state in it", operation);
}

abx_status abx_hvf_restore_gic(void *object, const void *buffer, size_t size)
{
    static const char operation[] = "restore the state of interrupt controllers";
    abx_hvf_vm *vm = object;
    const void *data = NULL;
    size_t length = 0;
    abx_status status = check_time(vm, operation);
    if (status == ABX_OK)
        status = read_block(vm, buffer, size, &data, &length);
    if (status != ABX_OK)
        return status;
    hv_return_t result = HV_UNSUPPORTED;
    if (ABX_MACOS_AT_LEAST(15, 0))
        result = hv_gic_set_state(data, length);
    if (result == HV_BAD_ARGUMENT)
        return abx_fail(ABX_ERR_FORMAT, 0, "It may be of another version of macOS.", operation);
    return abx_hv_check(result, operation);
}
