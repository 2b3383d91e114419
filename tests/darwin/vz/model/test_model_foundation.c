/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foundation.h"
#include "model_test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static id dictionary(const id *values, const id *keys, uint64_t count)
{
    return ((id(*)(id, SEL, const id *, const id *, uint64_t))message)(
        class_object("NSDictionary"), sel_registerName("dictionaryWithObjects:forKeys:count:"), values, keys, count);
}

static id at(id array, uint64_t index)
{
    return ((id(*)(id, SEL, uint64_t))message)(array, sel_registerName("objectAtIndex:"), index);
}

static id file_handle(int fd, bool closes)
{
    return ((id(*)(id, SEL, int, BOOL))message)(send0(class_object("NSFileHandle"), "alloc"),
                                                sel_registerName("initWithFileDescriptor:closeOnDealloc:"), fd, closes);
}

static void values_come_back(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    id text = string("gr\xc3\xbc\xc3\x9f"), array = array_of(text);
    assert_string_equal((const char *)send0(text, "UTF8String"), "gr\xc3\xbc\xc3\x9f");
    assert_int_equal(ask(array, "count"), 1);
    assert_ptr_equal(at(array, 0), text);
    id data = ((id(*)(id, SEL, const void *, uint64_t))message)(class_object("NSData"),
                                                                sel_registerName("dataWithBytes:length:"), "abc", 3);
    assert_int_equal(ask(data, "length"), 3);
    assert_memory_equal(send0(data, "bytes"), "abc", 3);
    id keyed = dictionary(&text, &text, 1);
    assert_int_equal(model_dictionary_count(keyed), 1);
    assert_ptr_equal(model_dictionary_key(keyed, 0), text);
    id error = model_vz_error(4, "no");
    assert_int_equal(error_code(error), 4);
    assert_string_equal(model_text(send0(error, "domain")), "VZErrorDomain");
    assert_string_equal(model_text(send0(error, "localizedDescription")), "no");
    objc_autoreleasePoolPop(pool);
    assert_nothing_alive();
}

static void what_is_no_utf8_is_no_string(void **state)
{
    (void)state;
    void *pool = objc_autoreleasePoolPush();
    assert_null(string("\xff"));
    assert_null(string("\xc3"));
    assert_null(string("\xc0\x80"));
    objc_autoreleasePoolPop(pool);
}

static void string_of_null(void)
{
    string(NULL);
}

static void url_of_nil(void)
{
    send1(class_object("NSURL"), "fileURLWithPath:", NULL);
}

static void array_of_nil(void)
{
    array_of(NULL);
}

static void dictionary_of_nil(void)
{
    id nothing = NULL;
    dictionary(&nothing, &nothing, 1);
}

static void beyond_the_end(void)
{
    objc_autoreleasePoolPush();
    at(array_of(string("one")), 1);
}

static void exceptions_end_the_program(void **state)
{
    (void)state;
    assert_dies(string_of_null, "NSInvalidArgumentException");
    assert_dies(url_of_nil, "NSInvalidArgumentException");
    assert_dies(array_of_nil, "with nil at 0");
    assert_dies(dictionary_of_nil, "with nil at 0");
    assert_dies(beyond_the_end, "NSRangeException");
}

static void a_file_handle_closes_as_told(void **state)
{
    (void)state;
    int kept = dup(0), given = dup(0);
    id one = file_handle(kept, false), other = file_handle(given, true);
    assert_int_equal((int)ask(one, "fileDescriptor"), kept);
    objc_release(one);
    objc_release(other);
    assert_int_not_equal(fcntl(kept, F_GETFD), -1);
    assert_int_equal(fcntl(given, F_GETFD), -1);
    close(kept);
    assert_nothing_alive();
}

static void close_twice(void)
{
    int fd = dup(0);
    id handle = file_handle(fd, true);
    close(fd);
    objc_release(handle);
}

static void a_descriptor_is_closed_once(void **state)
{
    (void)state;
    assert_dies(close_twice, "closed already");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(what_is_no_utf8_is_no_string),
        cmocka_unit_test(exceptions_end_the_program),
        cmocka_unit_test(a_file_handle_closes_as_told),
        cmocka_unit_test(a_descriptor_is_closed_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
