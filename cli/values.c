/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "values.h"
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Parses digits at `text`; a sign or white space, which strtoull would take, is refused. */
static bool digits(const char *text, int base, uint64_t *value, const char **end)
{
    if (!isxdigit((unsigned char)*text))
        return false;
    char *stop;
    errno = 0;
    unsigned long long number = strtoull(text, &stop, base);
    if (errno != 0 || stop == text)
        return false;
    *value = number;
    *end = stop;
    return true;
}

bool cli_number(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *out)
{
    uint64_t value;
    const char *end;
    if (!digits(text, 0, &value, &end) || *end || value < low || value > high) {
        cli_complain("--%s: '%s' is not a number from %" PRIu64 " to %" PRIu64, name, text, low, high);
        return false;
    }
    *out = value;
    return true;
}

static bool unit_shift(const char *unit, unsigned *shift)
{
    static const char letters[] = "KkMmGgTt";
    if (!*unit) {
        *shift = 20;
        return true;
    }
    const char *letter = strchr(letters, *unit);
    if (!letter)
        return false;
    *shift = 10u * ((unsigned)(letter - letters) / 2 + 1);
    return unit[1] == '\0' || strcmp(unit + 1, "B") == 0 || strcmp(unit + 1, "iB") == 0;
}

bool cli_size(const char *name, const char *text, uint64_t *out)
{
    uint64_t value;
    const char *end;
    unsigned shift;
    if (!digits(text, 10, &value, &end) || !unit_shift(end, &shift) || value == 0 || value > UINT64_MAX >> shift) {
        cli_complain("--%s: '%s' is not a size such as 512M or 2G", name, text);
        return false;
    }
    *out = value << shift;
    return true;
}

bool cli_seconds(const char *name, const char *text, int *milliseconds)
{
    const uint64_t day = 24 * 3600;
    uint64_t seconds;
    uint64_t thousandths = 0;
    const char *end;
    bool good = digits(text, 10, &seconds, &end) && seconds <= day;
    if (good && *end == '.') {
        unsigned scale = 100;
        for (end++; isdigit((unsigned char)*end) && scale > 0; end++, scale /= 10)
            thousandths += (uint64_t)(*end - '0') * scale;
    }
    if (!good || *end || seconds + thousandths == 0 || seconds * 1000 + thousandths > day * 1000) {
        cli_complain("--%s: '%s' is not a time in seconds such as 5 or 0.5", name, text);
        return false;
    }
    *milliseconds = (int)(seconds * 1000 + thousandths);
    return true;
}

bool cli_word(const char *name, const char *text, const char *const *words, size_t count, size_t *index)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            *index = i;
            return true;
        }
    }
    char list[256];
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof(list); i++) {
        size_t room = sizeof(list) - used;
        size_t length = strlen(words[i]);
        if (length + 3 > room)
            break;
        if (i > 0) {
            memcpy(list + used, ", ", 2);
            used += 2;
        }
        memcpy(list + used, words[i], length);
        used += length;
    }
    list[used < sizeof(list) ? used : sizeof(list) - 1] = '\0';
    cli_complain("--%s: '%s' is none of %s", name, text, list);
    return false;
}
