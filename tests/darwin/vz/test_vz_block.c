/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "vz_test.h"

#include "darwin/vz/block.h"
#include "model/foundation.h"

#include <string.h>

/* A block as the framework sees it. */
typedef struct literal {
    void *isa;
    int32_t flags, reserved;
    void (*invoke)(void);
    const struct {
        unsigned long reserved, size;
        void (*copy)(void *to, const void *from);
        void (*dispose)(const void *block);
        const char *signature;
    } * descriptor;
} literal;

typedef struct copied {
    literal head;
    void *captured;
} copied;

/* What _Block_copy() does. */
static copied copy_of(abx_block *block)
{
    copied copy;
    assert_int_equal(((literal *)block)->descriptor->size, sizeof(copy));
    memcpy(&copy, block, sizeof(copy));
    copy.head.descriptor->copy(&copy, block);
    return copy;
}

static void literals_are_as_the_specification_says(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_block block;
    assert_ok(abx_completion_new(&completion));
    abx_block_begin(&block, completion);
    const literal *head = (const literal *)&block;
    assert_ptr_equal(head->isa, _NSConcreteStackBlock);
    assert_int_equal(head->flags, 1 << 25 | 1 << 30);
    assert_int_equal(head->descriptor->size, sizeof(block));
    assert_string_equal(head->descriptor->signature, "v16@?0@8");
    abx_block_end(&block);
    abx_block_begin_connection(&block, completion);
    assert_string_equal(head->descriptor->signature, "v24@?0@8@16");
    abx_block_end(&block);
    abx_completion_release(completion);
}

static void success_and_failure_answer(void **state)
{
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        abx_completion *completion;
        abx_block block;
        abx_vz_fault fault;
        assert_ok(abx_completion_new(&completion));
        abx_block_begin(&block, completion);
        copied copy = copy_of(&block);
        abx_block_end(&block);
        void *pool = objc_autoreleasePoolPush();
        ((void (*)(void *, id))copy.head.invoke)(&copy, fails ? model_vz_error(6, "Enough.") : NULL);
        objc_autoreleasePoolPop(pool);
        copy.head.descriptor->dispose(&copy);
        abx_completion_wait(completion, PATIENCE_MS, &fault, NULL);
        assert_status(fault.status, fails ? ABX_ERR_LIMIT : ABX_OK);
        abx_completion_release(completion);
    }
}

static void neither_connection_nor_error_is_an_error(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_block block;
    abx_vz_fault fault;
    int fd = -1;
    assert_ok(abx_completion_new(&completion));
    abx_block_begin_connection(&block, completion);
    copied copy = copy_of(&block);
    abx_block_end(&block);
    ((void (*)(void *, id, id))copy.head.invoke)(&copy, NULL, NULL);
    copy.head.descriptor->dispose(&copy);
    abx_completion_wait(completion, PATIENCE_MS, &fault, &fd);
    assert_status(fault.status, ABX_ERR_SYSTEM);
    assert_int_equal(fd, -1);
    abx_completion_release(completion);
}

static void a_copy_that_is_dropped_answers(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_block block;
    abx_vz_fault fault;
    assert_ok(abx_completion_new(&completion));
    abx_block_begin(&block, completion);
    copied copy = copy_of(&block);
    abx_block_end(&block);
    copy.head.descriptor->dispose(&copy);
    abx_completion_wait(completion, -1, &fault, NULL);
    assert_status(fault.status, ABX_ERR_LOST);
    abx_completion_release(completion);
}

static void a_block_that_nobody_copies_answers(void **state)
{
    (void)state;
    abx_completion *completion;
    abx_block block;
    abx_vz_fault fault;
    assert_ok(abx_completion_new(&completion));
    abx_block_begin(&block, completion);
    abx_block_end(&block);
    abx_completion_wait(completion, -1, &fault, NULL);
    assert_status(fault.status, ABX_ERR_LOST);
    abx_completion_release(completion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        rig_test(literals_are_as_the_specification_says),   rig_test(success_and_failure_answer),
        rig_test(neither_connection_nor_error_is_an_error), rig_test(a_copy_that_is_dropped_answers),
        rig_test(a_block_that_nobody_copies_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
