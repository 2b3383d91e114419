/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples of FIPS 180-4 for SHA-256. */
#include "boot_test.h"

#include "boot/sha256.h"

static void check(const void *bytes, size_t length, size_t piece, const char *expected)
{
    abx_sha256 sha256;
    uint8_t digest[ABX_SHA256_DIGEST];
    char text[2 * ABX_SHA256_DIGEST + 1];
    abx_sha256_begin(&sha256);
    for (size_t at = 0; at < length; at += piece)
        abx_sha256_add(&sha256, (const uint8_t *)bytes + at, length - at < piece ? length - at : piece);
    abx_sha256_end(&sha256, digest);
    for (size_t i = 0; i < sizeof(digest); i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, expected);
}

static void the_standard_has_examples(void **state)
{
    (void)state;
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    check("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 3, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(two_blocks, 56, 56, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check(two_blocks, 56, 7, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million_times_a(void **state)
{
    (void)state;
    char *bytes = malloc(1000000);
    assert_non_null(bytes);
    memset(bytes, 'a', 1000000);
    check(bytes, 1000000, 65536, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standard_has_examples),
        cmocka_unit_test(a_million_times_a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
