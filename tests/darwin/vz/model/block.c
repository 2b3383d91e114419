/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Copying and releasing blocks. A copy has exactly the size that its descriptor says, before a stretch of rubbish: a
 * size that is too small shows when what was captured is used. Dead copies are kept to find who uses them.
 */
#include "block.h"

#include <pthread.h>
#include <string.h>

void *_NSConcreteStackBlock[32];
void *_NSConcreteGlobalBlock[32];
void *_NSConcreteMallocBlock[32];

void *_Block_copy(const void *block);
void _Block_release(const void *block);

enum {
    DEALLOCATING = 1 << 0,
    COUNT = 0xfffe,
    NEEDS_FREE = 1 << 24,
    HAS_COPY_DISPOSE = 1 << 25,
    HAS_STRET = 1 << 29,
    IS_GLOBAL = 1 << 28,
    HAS_SIGNATURE = 1 << 30
};

typedef struct literal literal;
typedef struct descriptor {
    unsigned long reserved, size;
    union {
        struct {
            void (*copy)(void *to, const void *from);
            void (*dispose)(const void *block);
            const char *signature;
        } with_helpers;
        const char *signature;
    } more;
} descriptor;
struct literal {
    void *isa;
    int32_t flags, reserved;
    void (*invoke)(literal *block, id first, id second);
    const descriptor *descriptor;
};

/* What precedes a copy. */
typedef struct heap {
    atomic_long count;
    long dead;
    struct heap *next_dead;
    long padding;
} heap;

enum { RUBBISH = 64, LARGEST = 4096 };
static atomic_long live;
static heap *_Atomic dead;

long model_live_blocks(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}

static heap *heap_of(const literal *block)
{
    return (heap *)(uintptr_t)((const char *)block - sizeof(heap));
}

/* What is on this thread's stack below the frame of the function that is being called belongs to one that has returned.
 */
static bool frame_is_gone(const void *address, const void *frame)
{
    static __thread char *lowest;
    if (!lowest) {
        pthread_attr_t attributes;
        void *stack;
        size_t size;
        if (pthread_getattr_np(pthread_self(), &attributes) != 0)
            model_die("where is the stack?");
        pthread_attr_getstack(&attributes, &stack, &size);
        pthread_attr_destroy(&attributes);
        lowest = stack;
    }
    const char *at = address;
    return at >= lowest && at < (const char *)frame;
}

static const char *signature_of(const literal *block)
{
    if (!(block->flags & HAS_SIGNATURE))
        return NULL;
    return block->flags & HAS_COPY_DISPOSE ? block->descriptor->more.with_helpers.signature
                                           : block->descriptor->more.signature;
}

static void check_place(const literal *block, const char *use)
{
    int stray = NEEDS_FREE | IS_GLOBAL | COUNT | DEALLOCATING;
    if (block->isa == _NSConcreteMallocBlock) {
        if (heap_of(block)->dead)
            model_die("%s: use of a released block", use);
    } else if (block->isa == _NSConcreteStackBlock) {
        if (block->flags & stray)
            model_die("%s: a block on the stack with flags %#x", use, (unsigned)block->flags);
    } else if (block->isa != _NSConcreteGlobalBlock || !(block->flags & IS_GLOBAL)) {
        model_die("%s: the block's isa is no address of a class of blocks", use);
    }
}

static void check_below(const literal *block, const char *use, const void *frame)
{
    if (!block)
        model_die("%s: no block", use);
    if (frame_is_gone(block, frame))
        model_die("%s: a block on the stack whose function has returned", use);
    check_place(block, use);
    if (!block->invoke)
        model_die("%s: a block without a function", use);
    if (block->flags & HAS_STRET)
        model_die("%s: a block that says that it returns a structure", use);
    const descriptor *it = block->descriptor;
    if (!it || it->reserved != 0 || it->size < sizeof *block || it->size > LARGEST)
        model_die("%s: a block with a wrong descriptor", use);
    if ((block->flags & HAS_COPY_DISPOSE) && (!it->more.with_helpers.copy || !it->more.with_helpers.dispose))
        model_die("%s: a block without the helpers that its flags promise", use);
}

/* For functions that the program calls. */
#define check(block, use) check_below(block, use, __builtin_frame_address(0))

static void *copy_to_heap(const literal *block)
{
    size_t size = block->descriptor->size;
    heap *header = model_memory(sizeof *header + size + RUBBISH);
    literal *copy = (literal *)(void *)(header + 1);
    memcpy(copy, block, size);
    memset((char *)copy + size, 0xa5, RUBBISH);
    header->count = 1;
    copy->isa = _NSConcreteMallocBlock;
    copy->flags |= NEEDS_FREE;
    if (block->flags & HAS_COPY_DISPOSE)
        block->descriptor->more.with_helpers.copy(copy, block);
    atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    return copy;
}

static void *copy(const literal *block)
{
    if (block->isa == _NSConcreteStackBlock)
        return copy_to_heap(block);
    if (block->isa == _NSConcreteMallocBlock)
        atomic_fetch_add_explicit(&heap_of(block)->count, 1, memory_order_relaxed);
    return (void *)(uintptr_t)block;
}

void *_Block_copy(const void *block)
{
    check(block, "_Block_copy");
    return model_fails("_Block_copy") ? NULL : copy(block);
}

static void bury(literal *block)
{
    heap *header = heap_of(block);
    size_t size = block->descriptor->size;
    if (block->flags & HAS_COPY_DISPOSE)
        block->descriptor->more.with_helpers.dispose(block);
    memset(block + 1, 0xdb, size - sizeof *block);
    header->dead = 1;
    header->next_dead = atomic_load_explicit(&dead, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&dead, &header->next_dead, header, memory_order_release,
                                                  memory_order_relaxed))
        ;
    atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
}

void _Block_release(const void *address)
{
    literal *block = (literal *)(uintptr_t)address;
    check(block, "_Block_release");
    if (block->isa == _NSConcreteStackBlock)
        model_die("_Block_release of a block on the stack");
    if (block->isa == _NSConcreteMallocBlock &&
        atomic_fetch_sub_explicit(&heap_of(block)->count, 1, memory_order_acq_rel) == 1)
        bury(block);
}

void *model_block_keep(const void *address, const char *signature)
{
    const literal *block = address;
    check(block, "completion handler");
    const char *given = signature_of(block);
    if ((block->flags & HAS_SIGNATURE) && (!given || !model_same_types(given, signature)))
        model_die("a completion handler of signature %s instead of %s", given ? given : "NULL", signature);
    return copy(block);
}

void model_block_drop(void *block)
{
    _Block_release(block);
}

void model_block_call(void *block, id argument)
{
    model_block_call2(block, argument, NULL);
}

void model_block_call2(void *address, id first, id second)
{
    literal *block = address;
    check(block, "call");
    block->invoke(block, first, second);
}
