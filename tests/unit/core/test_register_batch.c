/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"

#include "register_batch.h"

#include <string.h>

enum { FIRST = 1, SECOND = 2, REGISTERS = 100 };

/* A vCPU with registers of two classes, one of which can fail. */
typedef struct registers {
    uint64_t values[2][REGISTERS];
    abx_reg fails_to_read, fails_to_write;
    unsigned writes;
} registers;

static abx_reg name_of(uint32_t class, uint32_t number)
{
    return ABX_REG(ABX_ARCH_ARM64, class, number);
}

static uint64_t *place(registers *all, abx_reg name)
{
    return &all->values[ABX_REG_CLASS(name) - FIRST][ABX_REG_NUMBER(name)];
}

static int read_one(void *vcpu, abx_reg name, uint64_t *value)
{
    registers *all = vcpu;
    if (name == all->fails_to_read)
        return -5;
    *value = *place(all, name);
    return 0;
}

static int write_one(void *vcpu, abx_reg name, uint64_t value)
{
    registers *all = vcpu;
    if (name == all->fails_to_write)
        return -7;
    *place(all, name) = value;
    all->writes++;
    return 0;
}

static abx_status failed(int result, bool writing, abx_reg name)
{
    return abx_fail(ABX_ERR_SYSTEM, -result, NULL, "%s register %u", writing ? "write" : "read",
                    (unsigned)ABX_REG_NUMBER(name));
}

static const uint32_t classes[] = { FIRST, SECOND };
static const abx_register_access access_to = { read_one, write_one, failed, classes, 2 };

static void a_batch_of_each_size(void **state)
{
    (void)state;
    static const size_t counts[] = { 0, 1, 64, 65, 2 * REGISTERS };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        registers all = { .fails_to_read = UINT64_MAX, .fails_to_write = UINT64_MAX };
        abx_reg names[2 * REGISTERS];
        uint64_t values[2 * REGISTERS], read[2 * REGISTERS];
        for (uint32_t n = 0; n < 2 * REGISTERS; n++) {
            names[n] = name_of(n % 2 ? FIRST : SECOND, n / 2);
            values[n] = 1000 + n;
        }
        assert_int_equal(abx_register_batch_write(&access_to, &all, names, values, counts[i]), ABX_OK);
        assert_int_equal(all.writes, counts[i]);
        assert_int_equal(abx_register_batch_read(&access_to, &all, names, read, counts[i]), ABX_OK);
        assert_memory_equal(read, values, counts[i] * sizeof(*values));
    }
}

static void a_read_that_fails_gives_nothing(void **state)
{
    (void)state;
    registers all = { .fails_to_read = name_of(FIRST, 2), .fails_to_write = UINT64_MAX };
    const abx_reg names[] = { name_of(FIRST, 0), name_of(FIRST, 1), name_of(FIRST, 2) };
    uint64_t values[] = { 7, 8, 9 };
    assert_int_equal(abx_register_batch_read(&access_to, &all, names, values, 3), ABX_ERR_SYSTEM);
    assert_int_equal(abx_last_error()->os_error, 5);
    assert_string_equal(abx_last_error()->operation, "read register 2");
    assert_int_equal(values[0], 7);
    assert_int_equal(values[1], 8);
    assert_int_equal(values[2], 9);
}

/* The class before it stays written: classes go in their order, whatever order the names have. */
static void a_write_that_fails_undoes_its_class(void **state)
{
    (void)state;
    const abx_reg names[] = { name_of(SECOND, 0), name_of(FIRST, 0), name_of(SECOND, 1), name_of(SECOND, 2) };
    const uint64_t values[] = { 11, 12, 13, 14 };
    for (int reading = 0; reading < 2; reading++) {
        registers all = { .fails_to_read = UINT64_MAX, .fails_to_write = UINT64_MAX };
        all.values[1][0] = 1;
        all.values[1][1] = 2;
        *(reading ? &all.fails_to_read : &all.fails_to_write) = names[3];
        assert_int_equal(abx_register_batch_write(&access_to, &all, names, values, 4), ABX_ERR_SYSTEM);
        assert_int_equal(abx_last_error()->os_error, reading ? 5 : 7);
        assert_string_equal(abx_last_error()->operation, "write register 2");
        assert_int_equal(all.values[0][0], 12);
        assert_int_equal(all.values[1][0], 1);
        assert_int_equal(all.values[1][1], 2);
        assert_int_equal(all.values[1][2], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_of_each_size),
        cmocka_unit_test(a_read_that_fails_gives_nothing),
        cmocka_unit_test(a_write_that_fails_undoes_its_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
