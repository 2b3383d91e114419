/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* replay FOLDER: runs a target with each file of its corpus, and with the beginnings of each. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 64 * 1024 };

static int replay(const char *folder, const char *name)
{
    static uint8_t bytes[LARGEST];
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    size_t length = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (size_t part = 0; part <= length; part += 1 + length / 16) {
        /* In memory of exactly that size, so that a sanitizer sees an access behind its end. */
        uint8_t *copy = malloc(part + 1);
        if (!copy)
            return -1;
        memcpy(copy, bytes, part);
        LLVMFuzzerTestOneInput(copy, part);
        free(copy);
    }
    LLVMFuzzerTestOneInput(bytes, length);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    unsigned count = 0;
    int result = 0;
    for (struct dirent *entry = readdir(folder); entry && result == 0; entry = readdir(folder)) {
        if (entry->d_name[0] == '.')
            continue;
        result = replay(argv[1], entry->d_name);
        count++;
    }
    closedir(folder);
    printf("%u files\n", count);
    return result == 0 && count > 0 ? 0 : 1;
}
