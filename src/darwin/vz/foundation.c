/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foundation.h"
#include "vz_api.h"

id abx_ns_string(const char *text)
{
    return text ? NSString_stringWithUTF8String_(text) : NULL;
}

id abx_ns_file_url(const char *path)
{
    id string = path && *path ? abx_ns_string(path) : NULL;
    return string ? NSURL_fileURLWithPath_(string) : NULL;
}

const char *abx_ns_text(id string)
{
    const char *text = string ? NSString_UTF8String(string) : NULL;
    return text ? text : "";
}

id abx_ns_array(const id *objects, size_t count)
{
    return NSArray_arrayWithObjects_count_(objects, count);
}

id abx_ns_file_handle(int fd)
{
    return fd >= 0 ? NSFileHandle_initWithFileDescriptor_closeOnDealloc_(fd, false) : NULL;
}

id abx_ns_first(id array)
{
    return array && NSArray_count(array) > 0 ? NSArray_objectAtIndex_(array, 0) : NULL;
}
