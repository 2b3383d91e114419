/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Without a C library: the program at EL2 has none. */
#include "trace.h"

static char *put_text(char *end, const char *text)
{
    while (*text)
        *end++ = *text++;
    *end = '\0';
    return end;
}

static char *put_hex(char *end, const char *name, uint64_t value)
{
    end = put_text(end, name);
    end = put_text(end, "=0x");
    int shift = 60;
    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *end++ = "0123456789abcdef"[value >> shift & 15];
    *end++ = ' ';
    *end = '\0';
    return end;
}

static char *put_register(char *end, int number, uint64_t value)
{
    char name[] = { 'x', (char)('0' + number / 10), (char)('0' + number % 10), '\0' };
    return put_hex(end, name, value);
}

void oracle_trace(char line[ORACLE_LINE], const oracle_exit *exit, const oracle_registers *now,
                  const oracle_registers *last)
{
    char *end = put_hex(line, "esr", exit->esr);
    end = put_hex(end, "far", exit->far);
    end = put_hex(end, "ipa", exit->ipa);
    end = put_hex(end, "pc", now->pc);
    end = put_hex(end, "pstate", now->pstate);
    for (int i = 0; i < 31; i++) {
        if (now->x[i] != last->x[i])
            end = put_register(end, i, now->x[i]);
    }
    end[-1] = '\0';
}
