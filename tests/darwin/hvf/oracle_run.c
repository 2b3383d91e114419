/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "oracle_run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *payload_path, *oracle_path, *qemu;

void oracle_options(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s PAYLOAD ORACLE QEMU\n", argv[0]);
        exit(2);
    }
    payload_path = argv[1];
    oracle_path = argv[2];
    qemu = argv[3];
}

static char *read_all(FILE *file, size_t *size)
{
    char *text = NULL, block[4096];
    FILE *out = open_memstream(&text, size);
    assert_non_null(out);
    size_t count;
    while ((count = fread(block, 1, sizeof(block), file)) > 0)
        assert_int_equal(fwrite(block, 1, count, out), count);
    assert_int_equal(fclose(out), 0);
    return text;
}

char *oracle_run(void)
{
    char command[1024];
    int length = snprintf(command, sizeof(command),
                          "timeout 60 '%s' -M virt,virtualization=on,gic-version=2 -cpu max -m 256 -nodefaults "
                          "-display none -serial stdio -kernel '%s' </dev/null",
                          qemu, oracle_path);
    assert_in_range(length, 1, sizeof(command) - 1);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    size_t size;
    char *text = read_all(pipe, &size);
    assert_int_equal(pclose(pipe), 0);
    return text;
}

char *oracle_payload(size_t *size)
{
    FILE *file = fopen(payload_path, "re");
    assert_non_null(file);
    char *payload = read_all(file, size);
    assert_int_equal(fclose(file), 0);
    return payload;
}

bool oracle_next_line(char **text, char line[ORACLE_LINE])
{
    size_t length = strcspn(*text, "\r\n");
    if (!length)
        return false;
    assert_in_range(length, 1, ORACLE_LINE - 1);
    memcpy(line, *text, length);
    line[length] = '\0';
    *text += length;
    *text += strspn(*text, "\r\n");
    return true;
}

void oracle_parse(const char *line, oracle_exit *exit, oracle_registers *registers)
{
    int length;
    assert_int_equal(
        sscanf(line, "esr=0x%" SCNx64 " far=0x%" SCNx64 " ipa=0x%" SCNx64 " pc=0x%" SCNx64 " pstate=0x%" SCNx64 "%n",
               &exit->esr, &exit->far, &exit->ipa, &registers->pc, &registers->pstate, &length),
        5);
    unsigned number;
    uint64_t value;
    int more;
    for (line += length; sscanf(line, " x%u=0x%" SCNx64 "%n", &number, &value, &more) == 2; line += more) {
        assert_in_range(number, 0, 30);
        registers->x[number] = value;
    }
    assert_string_equal(line, "");
}
