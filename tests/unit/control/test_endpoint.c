/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "control_test.h"

#include "control/endpoint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char folder[64];
static char path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/abx-endpoint-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/inner/a.sock", folder);
    return 0;
}

static int remove_folder(void **state)
{
    char inner[96];
    (void)state;
    unlink(path);
    snprintf(inner, sizeof(inner), "%s/inner", folder);
    rmdir(inner);
    return rmdir(folder);
}

static mode_t mode_of(const char *file)
{
    struct stat status;
    assert_int_equal(lstat(file, &status), 0);
    return status.st_mode & 07777;
}

static bool exists(const char *file)
{
    struct stat status;
    return lstat(file, &status) == 0;
}

static void only_the_owner_gets_there(void **state)
{
    (void)state;
    abx_endpoint endpoint;
    char inner[96];
    snprintf(inner, sizeof(inner), "%s/inner", folder);
    assert_ok(abx_endpoint_open(&endpoint, path));
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(inner), 0700);
    assert_int_equal(fcntl(endpoint.fd, F_GETFD), FD_CLOEXEC);
    abx_endpoint_close(&endpoint);
    assert_false(exists(path));
    abx_endpoint_close(&endpoint);

    assert_int_equal(chmod(inner, 0710), 0);
    assert_status(abx_endpoint_open(&endpoint, path), ABX_ERR_PERMISSION);
    assert_int_equal(endpoint.fd, -1);
    assert_false(exists(path));
    assert_int_equal(chmod(inner, 0700), 0);
}

static void one_listens_at_a_time(void **state)
{
    (void)state;
    abx_endpoint first, second;
    assert_ok(abx_endpoint_open(&first, path));
    assert_status(abx_endpoint_open(&second, path), ABX_ERR_EXISTS);
    assert_true(exists(path));
    abx_endpoint_close(&first);
    assert_ok(abx_endpoint_open(&second, path));
    abx_endpoint_close(&second);
}

static void what_the_dead_left_is_replaced(void **state)
{
    (void)state;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    abx_endpoint endpoint;
    memcpy(address.sun_path, path, strlen(path));
    assert_ok(abx_endpoint_open(&endpoint, path)); /* for the folder */
    abx_endpoint_close(&endpoint);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(dead, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(dead);
    assert_true(exists(path));
    assert_ok(abx_endpoint_open(&endpoint, path));
    abx_endpoint_close(&endpoint);
    assert_false(exists(path));
}

static void another_file_is_left_alone(void **state)
{
    (void)state;
    abx_endpoint endpoint;
    assert_ok(abx_endpoint_open(&endpoint, path));
    /* Somebody has put a file of his own in its place. */
    assert_int_equal(unlink(path), 0);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    abx_endpoint_close(&endpoint);
    assert_true(exists(path));
    assert_status(abx_endpoint_open(&endpoint, path), ABX_ERR_EXISTS);
    assert_true(exists(path));
    assert_int_equal(unlink(path), 0);
}

static void paths_have_a_limit(void **state)
{
    (void)state;
    abx_endpoint endpoint;
    char name[200] = "/tmp/";
    memset(name + 5, 'x', 150);
    assert_status(abx_endpoint_open(&endpoint, name), ABX_ERR_LIMIT);
    assert_status(abx_endpoint_open(&endpoint, ""), ABX_ERR_INVALID);
    assert_status(abx_endpoint_open(&endpoint, "/nonexistent/folder/a.sock"), ABX_ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_owner_gets_there),
        cmocka_unit_test(one_listens_at_a_time),
        cmocka_unit_test(what_the_dead_left_is_replaced),
        cmocka_unit_test(another_file_is_left_alone),
        cmocka_unit_test(paths_have_a_limit),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
