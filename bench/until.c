/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * until WORD COMMAND...: runs COMMAND, prints the nanoseconds from before its start until its standard output first
 * contains WORD, lets it end and passes its output on to standard error. Fails when the word does not come. COMMAND
 * must end by itself.
 */
#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int spawn(char **command, pid_t *child)
{
    int ends[2];
    if (pipe(ends) < 0)
        err(1, "pipe");
    *child = fork();
    if (*child < 0)
        err(1, "fork");
    if (*child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execvp(command[0], command);
        err(127, "%s", command[0]);
    }
    close(ends[1]);
    return ends[0];
}

int main(int argc, char **argv)
{
    if (argc < 3)
        errx(2, "usage: until WORD COMMAND...");
    char *text = malloc(ROOM);
    if (!text)
        err(1, "memory");
    uint64_t begin = now();
    pid_t child;
    int output = spawn(argv + 2, &child);
    uint64_t found = 0;
    size_t length = 0;
    ssize_t got;
    while ((got = read(output, text + length, ROOM - length)) > 0) {
        length += (size_t)got;
        if (!found && memmem(text, length, argv[1], strlen(argv[1])))
            found = now();
        if (length == ROOM)
            length = 0;
    }
    waitpid(child, NULL, 0);
    if (!found) {
        fwrite(text, 1, length, stderr);
        errx(1, "%s did not come from %s", argv[1], argv[2]);
    }
    printf("%" PRIu64 "\n", found - begin);
    return 0;
}
