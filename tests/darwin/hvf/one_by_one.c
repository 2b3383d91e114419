/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Runs a group of tests one by one, each in a process of its own: there is one VM per process, and a test that ends in
 * the middle leaves it there. Tests that are in the table of gaps must fail. The linker puts this in the place of
 * cmocka's function (--wrap).
 */
#include "darwin/availability.h"
#include "gaps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SECONDS = 60 }; /* for each test */

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *const tests, const size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *const tests, const size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);

enum { MOST_GAPS = 256 };
static bool seen[MOST_GAPS], in_child;

static bool is_open(const gap *entry)
{
    return strcmp(entry->program, PROGRAM) == 0 && !(entry->until && abx_model_macos_at_least(entry->until, 0));
}

static const gap *gap_of(const char *test)
{
    for (const gap *entry = gaps; entry->program; entry++) {
        if (is_open(entry) && strcmp(entry->test, test) == 0)
            return entry;
    }
    return NULL;
}

/* Whether it passes. */
static bool run(const struct CMUnitTest *test, CMFixtureFunction setup, CMFixtureFunction teardown)
{
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return false;
    }
    if (child == 0) {
        in_child = true;
        alarm(SECONDS);
        int failed = __real__cmocka_run_group_tests(test->name, test, 1, setup, teardown);
        fflush(NULL);
        exit(failed != 0);
    }
    int status;
    if (waitpid(child, &status, 0) != child)
        return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* At the end of the program: entries that name no test of it. */
static void find_strangers(void)
{
    bool strangers = false;
    for (const gap *entry = gaps; entry->program; entry++) {
        if (in_child || seen[entry - gaps] || strcmp(entry->program, PROGRAM) != 0)
            continue;
        printf("one by one: there is no %s in %s\n", entry->test, PROGRAM);
        strangers = true;
    }
    fflush(NULL);
    if (strangers)
        _exit(EXIT_FAILURE);
}

static void note(const char *test)
{
    for (const gap *entry = gaps; entry->program; entry++) {
        if (strcmp(entry->program, PROGRAM) == 0 && strcmp(entry->test, test) == 0)
            seen[entry - gaps] = true;
    }
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *const tests, const size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown)
{
    (void)name;
    static bool called;
    if (!called && atexit(find_strangers) != 0)
        return 1;
    called = true;
    int wrong = 0;
    unsigned passed = 0, open = 0;
    for (size_t i = 0; i < count; i++) {
        const gap *entry = gap_of(tests[i].name);
        note(tests[i].name);
        bool passes = run(&tests[i], setup, teardown);
        if (!entry && passes) {
            passed++;
        } else if (entry && !passes) {
            printf("one by one: gap: %s: %s\n", tests[i].name, entry->reason);
            open++;
        } else {
            printf("one by one: %s %s\n", tests[i].name, passes ? "works: take it out of the table of gaps" : "failed");
            wrong++;
        }
    }
    printf("one by one: %u passed, %u gaps, %d wrong\n", passed, open, wrong);
    return wrong;
}
