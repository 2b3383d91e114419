/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cmocka_all.h"
#include "fake_managed.h"
#include "machine_id.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/machine-id-XXXXXX";
static char path[64];
static abx_vm *vm;
static cli_machine_id id;

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/id", folder);
    id = (cli_machine_id){ .path = path };
    vm = fake_managed_vm();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    abx_vm_destroy(vm);
    unlink(path);
    int status = rmdir(folder);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return status;
}

static void write_file(size_t size)
{
    static const char bytes[2 * CLI_MACHINE_ID_MAX];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static void a_new_one_is_kept(void **state)
{
    (void)state;
    struct stat status;
    assert_true(cli_machine_id_read(&id));
    assert_int_equal(id.size, 0);
    assert_true(cli_machine_id_keep(&id, vm));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_size, sizeof(fake_managed_id));

    cli_machine_id next = { .path = path };
    assert_true(cli_machine_id_read(&next));
    assert_int_equal(next.size, sizeof(fake_managed_id));
    assert_memory_equal(next.bytes, fake_managed_id, sizeof(fake_managed_id));
    /* It stays as it is. */
    fake_log_fail("vm_get_machine_id", ABX_ERR_LOST);
    assert_true(cli_machine_id_keep(&next, vm));
}

static void without_a_file_nothing_happens(void **state)
{
    (void)state;
    id.path = NULL;
    assert_true(cli_machine_id_read(&id));
    assert_true(cli_machine_id_keep(&id, vm));
    assert_null(strstr(fake_log_text(), "vm_get_machine_id"));
}

static void files_that_are_none(void **state)
{
    (void)state;
    write_file(0);
    assert_false(cli_machine_id_read(&id));
    write_file(CLI_MACHINE_ID_MAX);
    assert_false(cli_machine_id_read(&id));
    write_file(CLI_MACHINE_ID_MAX - 1);
    assert_true(cli_machine_id_read(&id));
    assert_int_equal(id.size, CLI_MACHINE_ID_MAX - 1);
    id = (cli_machine_id){ .path = folder };
    assert_false(cli_machine_id_read(&id));
}

static void what_cannot_be_kept(void **state)
{
    (void)state;
    fake_log_fail("vm_get_machine_id", ABX_ERR_LOST);
    assert_false(cli_machine_id_keep(&id, vm));
    fake_log_fail(NULL, ABX_OK);
    id = (cli_machine_id){ .path = "/nonexistent/id" };
    assert_true(cli_machine_id_read(&id));
    assert_false(cli_machine_id_keep(&id, vm));
    /* Made by somebody else meanwhile: that one must not be overwritten. */
    id = (cli_machine_id){ .path = path };
    write_file(1);
    assert_false(cli_machine_id_keep(&id, vm));
}

/* A file that is cut short would be another machine's. */
static void no_room_leaves_no_file(void **state)
{
    (void)state;
    struct rlimit old;
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t room = 0; room < sizeof(fake_managed_id); room++) {
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
        const struct rlimit less = { .rlim_cur = room, .rlim_max = old.rlim_max };
        id = (cli_machine_id){ .path = path };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
        bool kept = cli_machine_id_keep(&id, vm);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_false(kept);
        assert_int_equal(access(path, F_OK), -1);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_one_is_kept),   TEST(without_a_file_nothing_happens), TEST(files_that_are_none),
        TEST(what_cannot_be_kept), TEST(no_room_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
