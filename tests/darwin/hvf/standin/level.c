/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "level.h"

#include "registers.h"

#include <string.h>

/* An ERET for the experiment, in a page of its own. */
enum { PAGE = 0x1000, PAGE_ADDRESS = 0x10000, AFTER = PAGE_ADDRESS + 4 };
static const uint32_t eret = 0xd69f03e0;

/* The bytes of a context that belong to the level. */
enum { MOST = 16 };
static size_t places[MOST], place_count;

static void check(uc_err error)
{
    if (error != UC_ERR_OK)
        model_broken("libunicorn", uc_strerror(error));
}

static uc_context *save(const model_vcpu *vcpu)
{
    uc_context *context;
    check(uc_context_alloc(vcpu->engine, &context));
    check(uc_context_save(vcpu->engine, context));
    return context;
}

static void compare(const uc_context *one, const uc_context *other, size_t size)
{
    const uint8_t *a = (const uint8_t *)one, *b = (const uint8_t *)other;
    for (size_t i = 0; i < size; i++) {
        if (a[i] == b[i])
            continue;
        if (place_count == MOST)
            model_broken("libunicorn", "its contexts are not what the stand-in takes them for");
        places[place_count++] = i;
    }
}

/* From EL1 to EL0 by ERET, and back again in all but what is looked for. */
static void experiment(model_vcpu *vcpu)
{
    const uint64_t user = 0;
    check(uc_mem_map(vcpu->engine, PAGE_ADDRESS, PAGE, UC_PROT_READ | UC_PROT_EXEC));
    check(uc_mem_write(vcpu->engine, PAGE_ADDRESS, &eret, sizeof(eret)));
    register_write_system(vcpu, SYSREG_ELR_EL1, AFTER);
    register_write_system(vcpu, SYSREG_SPSR_EL1, user);
    register_set_pc(vcpu, AFTER);
    uint64_t before = register_pstate(vcpu);
    uc_context *at_el1 = save(vcpu);
    check(uc_emu_start(vcpu->engine, PAGE_ADDRESS, AFTER, 0, 0));
    register_set_pstate(vcpu, before);
    register_set_pc(vcpu, AFTER);
    uc_context *at_el0 = save(vcpu);
    compare(at_el1, at_el0, uc_context_size(vcpu->engine));
    check(uc_context_restore(vcpu->engine, at_el1));
    register_set_pc(vcpu, 0);
    register_write_system(vcpu, SYSREG_ELR_EL1, 0);
    check(uc_context_free(at_el1));
    check(uc_context_free(at_el0));
    check(uc_mem_unmap(vcpu->engine, PAGE_ADDRESS, PAGE));
}

void level_create(model_vcpu *vcpu)
{
    if (!place_count)
        experiment(vcpu);
    vcpu->at_el1 = save(vcpu);
}

void level_destroy(model_vcpu *vcpu)
{
    check(uc_context_free(vcpu->at_el1));
}

void level_note(model_vcpu *vcpu)
{
    check(uc_context_save(vcpu->engine, vcpu->at_el1));
}

void level_return(model_vcpu *vcpu)
{
    uc_context *now = save(vcpu);
    for (size_t i = 0; i < place_count; i++)
        ((uint8_t *)now)[places[i]] = ((const uint8_t *)vcpu->at_el1)[places[i]];
    check(uc_context_restore(vcpu->engine, now));
    check(uc_context_free(now));
}
