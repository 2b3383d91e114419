/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "block.h"
#include "connection.h"

/* Flags of a literal. */
#define HAS_COPY_DISPOSE (1 << 25)
#define HAS_SIGNATURE    (1 << 30)

struct abx_block_descriptor {
    unsigned long reserved;
    unsigned long size;
    void (*copy)(void *to, const void *from);
    void (*dispose)(const void *block);
    const char *signature; /* with offsets, as the compiler would write it */
};

static void copy(void *to, const void *from)
{
    (void)from; /* copied byte by byte already */
    abx_completion_add_handler(((abx_block *)to)->completion);
}

static void dispose(const void *block)
{
    abx_completion_drop_handler(((const abx_block *)block)->completion);
}

static void on_done(abx_block *block, id error)
{
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault = { .status = ABX_OK };
    if (error)
        abx_vz_fault_from(&fault, error);
    abx_completion_answer(block->completion, &fault, -1);
    objc_autoreleasePoolPop(pool);
}

static void on_connection(abx_block *block, id connection, id error)
{
    void *pool = objc_autoreleasePoolPush();
    abx_vz_fault fault = { .status = ABX_OK };
    int fd = -1;
    if (connection)
        abx_vz_connection_take(connection, &fd, &fault);
    else
        abx_vz_fault_from(&fault, error);
    abx_completion_answer(block->completion, &fault, fd);
    objc_autoreleasePoolPop(pool);
}

static const abx_block_descriptor done_descriptor = { 0, sizeof(abx_block), copy, dispose, "v16@?0@8" };
static const abx_block_descriptor connection_descriptor = { 0, sizeof(abx_block), copy, dispose, "v24@?0@8@16" };

static void begin(abx_block *block, abx_completion *completion, void (*invoke)(void),
                  const abx_block_descriptor *descriptor)
{
    *block = (abx_block){
        .isa = _NSConcreteStackBlock,
        .flags = HAS_COPY_DISPOSE | HAS_SIGNATURE,
        .invoke = invoke,
        .descriptor = descriptor,
        .completion = completion,
    };
    abx_completion_add_handler(completion);
}

void abx_block_begin(abx_block *block, abx_completion *completion)
{
    begin(block, completion, (void (*)(void))on_done, &done_descriptor);
}

void abx_block_begin_connection(abx_block *block, abx_completion *completion)
{
    begin(block, completion, (void (*)(void))on_connection, &connection_descriptor);
}

void abx_block_end(abx_block *block)
{
    abx_completion_drop_handler(block->completion);
}
