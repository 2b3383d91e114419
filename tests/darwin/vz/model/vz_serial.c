/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Serial ports and what they are attached to. */
#include "classes.h"
#include "devices.h"

typedef struct attachment {
    struct objc_object base;
    id reading, writing;
} attachment;
typedef struct port {
    struct objc_object base;
    id attachment;
} port;

static id attachment_init(id object, SEL selector, id reading, id writing)
{
    (void)selector;
    if ((reading && !model_is_kind(reading, "NSFileHandle")) || (writing && !model_is_kind(writing, "NSFileHandle")))
        model_invalid("a VZFileHandleSerialPortAttachment with something else than file handles");
    if (model_fails("initWithFileHandleForReading:fileHandleForWriting:"))
        return model_init_failed(object);
    model_set(&((attachment *)object)->reading, reading);
    model_set(&((attachment *)object)->writing, writing);
    return object;
}

static const model_method attachment_methods[] = {
    METHOD('-', "initWithFileHandleForReading:fileHandleForWriting:", "@@:@@", attachment_init, ALWAYS, 0),
};
static const model_property attachment_properties[] = {
    { "fileHandleForReading", NULL, '@', READ_ONLY, offsetof(attachment, reading), ALWAYS, NULL, NULL },
    { "fileHandleForWriting", NULL, '@', READ_ONLY, offsetof(attachment, writing), ALWAYS, NULL, NULL },
};
const model_class model_vz_serial_attachment = {
    .name = "VZSerialPortAttachment", .super = "NSObject", .flags = ABSTRACT, .since = MACOS(11, 0)
};
const model_class model_vz_file_handles = { .name = "VZFileHandleSerialPortAttachment",
                                            .super = "VZSerialPortAttachment",
                                            .size = sizeof(attachment),
                                            .flags = NO_PLAIN_INIT,
                                            METHODS(attachment_methods),
                                            PROPERTIES(attachment_properties) };

static const model_property port_properties[] = {
    { "attachment", NULL, '@', RETAINED, offsetof(port, attachment), ALWAYS, "VZSerialPortAttachment", NULL },
};
const model_class model_vz_serial_port = { .name = "VZSerialPortConfiguration",
                                           .super = "NSObject",
                                           .size = sizeof(port),
                                           .flags = ABSTRACT,
                                           PROPERTIES(port_properties) };
const model_class model_vz_virtio_serial = { .name = "VZVirtioConsoleDeviceSerialPortConfiguration",
                                             .super = "VZSerialPortConfiguration" };

static int descriptor(id handle)
{
    return handle ? model_descriptor(handle) : -1;
}

bool vz_attachment_descriptors(id object, int *input, int *output)
{
    attachment *it = (attachment *)object;
    if (!it)
        return false;
    *input = descriptor(it->reading);
    *output = descriptor(it->writing);
    return true;
}

bool vz_serial_descriptors(id object, int *input, int *output)
{
    return vz_attachment_descriptors(((port *)object)->attachment, input, output);
}
