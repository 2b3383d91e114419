/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "device.h"
#include "gic.h"
#include "gic_registers.h"
#include "state_block.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sections of a block. Numbers never change meaning, and none is that of a vCPU's state. */
enum { TAG_GIC_SHAPE = 0x100, TAG_GIC_VALUES };

/* What must be the same on both sides. */
typedef struct shape {
    uint32_t version;
    uint32_t cpus;
    uint32_t lines;
    uint32_t has_its;
} shape;

/* The values of all registers in their order. */
typedef struct values {
    uint64_t *words;
    size_t next;
    size_t count;
} values;

static int count_one(void *payload, const abx_gic_register *at)
{
    *(size_t *)payload += !at->clears;
    return 0;
}

static int save_one(void *payload, const abx_gic_register *at)
{
    values *to = payload;
    if (at->clears)
        return 0;
    if (to->next == to->count)
        return -EPROTO;
    uint64_t *word = &to->words[to->next++];
    return abx_device_get(at->device, at->group, at->attribute, word); /* 4 bytes are the lower ones */
}

static int restore_one(void *payload, const abx_gic_register *at)
{
    static const uint64_t ones = UINT64_MAX;
    values *from = payload;
    if (at->clears)
        return abx_device_set(at->device, at->group, at->attribute, &ones);
    if (from->next == from->count)
        return -EPROTO;
    return abx_device_set(at->device, at->group, at->attribute, &from->words[from->next++]);
}

static int visit_all(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload)
{
    int result = abx_gic_visit(vm, visitor, payload);
    if (result >= 0 && vm->arch.its >= 0)
        result = abx_its_visit(vm, visitor, payload);
    return result;
}

static int visit_control(const abx_kvm_vm *vm, abx_gic_visitor visitor, void *payload)
{
    return vm->arch.its >= 0 ? abx_its_visit_control(vm, visitor, payload) : 0;
}

static int command(int device, uint64_t attribute)
{
    return device >= 0 ? abx_device_set(device, KVM_DEV_ARM_VGIC_GRP_CTRL, attribute, NULL) : 0;
}

/* From and to guest memory. */
static int save_tables(const abx_kvm_vm *vm)
{
    if (vm->arch.its < 0)
        return 0;
    int result = command(vm->arch.gic, KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES);
    return result < 0 ? result : command(vm->arch.its, KVM_DEV_ARM_ITS_SAVE_TABLES);
}

static abx_status check(int result, const char *operation)
{
    if (result == -EBUSY)
        return abx_fail(ABX_ERR_BUSY, EBUSY, "A vCPU runs: pause the VM first.", "%s", operation);
    return abx_kvm_check(result, "%s", operation);
}

static shape shape_of(const abx_kvm_vm *vm)
{
    return (shape){
        .version = vm->hypervisor->arch.gic_version,
        .cpus = vm->config->cpus,
        .lines = ABX_GIC_SPIS,
        .has_its = vm->arch.its >= 0,
    };
}

/* Room for the values of all registers; its words are the caller's. */
static abx_status make_room(const abx_kvm_vm *vm, values *room, const char *operation)
{
    *room = (values){ .words = NULL };
    int result = visit_all(vm, count_one, &room->count);
    if (result >= 0)
        result = visit_control(vm, count_one, &room->count);
    if (result < 0)
        return check(result, operation);
    room->words = calloc(room->count, sizeof(*room->words));
    return room->words ? ABX_OK : abx_fail(ABX_ERR_NO_MEMORY, ENOMEM, NULL, "%s", operation);
}

static size_t write_block(const abx_kvm_vm *vm, const values *saved, void *buffer, size_t capacity)
{
    const shape head = shape_of(vm);
    abx_state_writer writer;
    abx_state_begin(&writer, buffer, capacity, ABX_ARCH_ARM64);
    abx_state_add(&writer, TAG_GIC_SHAPE, &head, sizeof(head));
    abx_state_add(&writer, TAG_GIC_VALUES, saved->words, saved->count * sizeof(*saved->words));
    return abx_state_finish(&writer);
}

abx_status abx_kvm_save_gic(void *object, void *buffer, size_t capacity, size_t *size)
{
    static const char operation[] = "save the state of interrupt controllers";
    const abx_kvm_vm *vm = object;
    values saved;
    abx_status status = make_room(vm, &saved, operation);
    if (status != ABX_OK)
        return status;
    size_t needed = write_block(vm, &saved, NULL, 0);
    if (needed <= capacity) {
        int result = save_tables(vm);
        if (result >= 0)
            result = visit_all(vm, save_one, &saved);
        if (result >= 0)
            result = visit_control(vm, save_one, &saved);
        status = check(result, operation);
        if (status == ABX_OK)
            write_block(vm, &saved, buffer, capacity);
    } else if (capacity > 0) {
        status = abx_fail(ABX_ERR_LIMIT, 0, NULL, "save %zu bytes of interrupt controllers' state into %zu", needed,
                          capacity);
    }
    if (status == ABX_OK || status == ABX_ERR_LIMIT)
        *size = needed;
    free(saved.words);
    return status;
}

static abx_status read_block(const abx_kvm_vm *vm, const void *buffer, size_t size, values *room)
{
    const shape here = shape_of(vm);
    shape head;
    abx_state_reader reader;
    abx_status status = abx_state_open(&reader, buffer, size, ABX_ARCH_ARM64);
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_GIC_SHAPE, &head, sizeof(head));
    if (status == ABX_OK && memcmp(&head, &here, sizeof(head)) != 0)
        status =
            abx_fail(ABX_ERR_FORMAT, 0, "it is of a VM with other interrupt controllers or another number of vCPUs",
                     "read the saved state of interrupt controllers");
    if (status == ABX_OK)
        status = abx_state_take(&reader, TAG_GIC_VALUES, room->words, room->count * sizeof(*room->words));
    return status;
}

abx_status abx_kvm_restore_gic(void *object, const void *buffer, size_t size)
{
    static const char operation[] = "restore the state of interrupt controllers";
    const abx_kvm_vm *vm = object;
    values saved;
    abx_status status = make_room(vm, &saved, operation);
    if (status != ABX_OK)
        return status;
    status = read_block(vm, buffer, size, &saved);
    if (status == ABX_OK) {
        int result = visit_all(vm, restore_one, &saved);
        if (result >= 0)
            result = command(vm->arch.its, KVM_DEV_ARM_ITS_RESTORE_TABLES);
        if (result >= 0)
            result = visit_control(vm, restore_one, &saved);
        status = check(result, operation);
    }
    free(saved.words);
    return status;
}
