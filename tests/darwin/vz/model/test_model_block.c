/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "block.h"
#include "model_test.h"

enum { COPY_DISPOSE = 1 << 25, GLOBAL = 1 << 28, STRET = 1 << 29, SIGNATURE = 1 << 30 };
extern void *_NSConcreteGlobalBlock[32];
void *_Block_copy(const void *block);
void _Block_release(const void *block);

typedef struct descriptor {
    unsigned long reserved, size;
    void (*copy)(void *to, const void *from);
    void (*dispose)(const void *block);
    const char *signature;
} descriptor;
typedef struct literal {
    void *isa;
    int32_t flags, reserved;
    void (*invoke)(struct literal *block, id first, id second);
    const descriptor *descriptor;
    long *captured;
} literal;

static long copies, calls;

static void copy(void *to, const void *from)
{
    (void)to;
    (void)from;
    copies++;
}

static void dispose(const void *block)
{
    (void)block;
    copies--;
}

static void invoke(literal *block, id first, id second)
{
    (void)first;
    (void)second;
    ++*block->captured;
}

static const descriptor good = { 0, sizeof(literal), copy, dispose, "v16@?0@8" };
static const literal fresh = { _NSConcreteStackBlock, COPY_DISPOSE | SIGNATURE, 0, invoke, &good, &calls };

static void a_copy_outlives_its_literal(void **state)
{
    (void)state;
    literal block = fresh;
    void *kept = model_block_keep(&block, "v@?@");
    assert_ptr_not_equal(kept, &block);
    assert_int_equal(copies, 1);
    block.invoke = NULL;
    model_block_call(kept, NULL);
    assert_int_equal(calls, 1);
    assert_ptr_equal(_Block_copy(kept), kept);
    _Block_release(kept);
    assert_string_equal(model_alive(), "1 blocks");
    _Block_release(kept);
    assert_int_equal(copies, 0);
    assert_nothing_alive();
}

static void global_blocks_are_not_copied(void **state)
{
    (void)state;
    static literal block = { _NSConcreteGlobalBlock, GLOBAL | COPY_DISPOSE, 0, invoke, &good, &calls };
    assert_ptr_equal(_Block_copy(&block), &block);
    _Block_release(&block);
    assert_nothing_alive();
}

static void keep_with(void *isa, int32_t flags, const descriptor *described)
{
    literal block = { isa, flags, 0, invoke, described, &calls };
    model_block_keep(&block, "v@?@");
}

static void isa_by_value(void)
{
    keep_with(_NSConcreteStackBlock[0], COPY_DISPOSE, &good);
}

static void global_by_flag_only(void)
{
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE | GLOBAL, &good);
}

static void structure_result(void)
{
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE | STRET, &good);
}

static void size_too_small(void)
{
    static const descriptor small = { 0, 24, copy, dispose, "v16@?0@8" };
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE, &small);
}

static void reserved_in_use(void)
{
    static const descriptor reserved = { sizeof(literal), sizeof(literal), copy, dispose, NULL };
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE, &reserved);
}

static void no_helpers(void)
{
    static const descriptor none = { 0, sizeof(literal), NULL, NULL, NULL };
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE, &none);
}

static void other_signature(void)
{
    static const descriptor other = { 0, sizeof(literal), copy, dispose, "v24@?0@8@16" };
    keep_with(_NSConcreteStackBlock, COPY_DISPOSE | SIGNATURE, &other);
}

static void no_block(void)
{
    model_block_keep(NULL, "v@?@");
}

static void literals_are_in_order(void **state)
{
    (void)state;
    assert_dies(isa_by_value, "isa is no address of a class of blocks");
    assert_dies(global_by_flag_only, "a block on the stack with flags");
    assert_dies(structure_result, "returns a structure");
    assert_dies(size_too_small, "wrong descriptor");
    assert_dies(reserved_in_use, "wrong descriptor");
    assert_dies(no_helpers, "without the helpers");
    assert_dies(other_signature, "instead of v@?@");
    assert_dies(no_block, "no block");
}

/* What was not copied because the descriptor says so is rubbish. */
static void captured_is_not_copied(void)
{
    static const descriptor short_one = { 0, sizeof(literal) - sizeof(long *), copy, dispose, NULL };
    literal block = { _NSConcreteStackBlock, COPY_DISPOSE, 0, invoke, &short_one, &calls };
    literal *kept = model_block_keep(&block, "v@?@");
    if ((uintptr_t)kept->captured == UINT64_C(0xa5a5a5a5a5a5a5a5))
        model_die("rubbish was captured");
}

static uintptr_t left_behind;

static __attribute__((noinline)) void leave_behind(void)
{
    literal block = fresh;
    left_behind = (uintptr_t)&block;
    __asm__ volatile("" ::"r"(&block) : "memory");
}

static __attribute__((noinline)) void use_dead_frame(void)
{
    leave_behind();
    model_block_keep((const void *)left_behind, "v@?@");
}

static void release_twice(void)
{
    literal block = fresh;
    void *kept = model_block_keep(&block, "v@?@");
    _Block_release(kept);
    _Block_release(kept);
}

static void call_after_release(void)
{
    literal block = fresh;
    void *kept = model_block_keep(&block, "v@?@");
    _Block_release(kept);
    model_block_call(kept, NULL);
}

static void release_on_stack(void)
{
    literal block = fresh;
    _Block_release(&block);
}

static void blocks_are_used_while_they_live(void **state)
{
    (void)state;
    assert_dies(captured_is_not_copied, "rubbish was captured");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
    assert_dies(use_dead_frame, "whose function has returned");
#else
    (void)use_dead_frame;
#endif
    assert_dies(release_twice, "use of a released block");
    assert_dies(call_after_release, "use of a released block");
    assert_dies(release_on_stack, "of a block on the stack");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_outlives_its_literal),
        cmocka_unit_test(global_blocks_are_not_copied),
        cmocka_unit_test(literals_are_in_order),
        cmocka_unit_test(blocks_are_used_while_they_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
