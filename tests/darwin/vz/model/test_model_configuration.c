/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What validation says, and what is refused before. */
#include "model_test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void *pool;
static id configuration;

static int begin(void **state)
{
    (void)state;
    model_reset();
    pool = objc_autoreleasePoolPush();
    configuration = good_configuration();
    return 0;
}

static int end(void **state)
{
    (void)state;
    objc_release(configuration);
    objc_autoreleasePoolPop(pool);
    assert_nothing_alive();
    return 0;
}

static void assert_valid(void)
{
    assert_configuration_valid(configuration);
}

static void assert_invalid(const char *text)
{
    assert_configuration_invalid(configuration, text);
}

static void a_good_one_is_valid(void **state)
{
    (void)state;
    assert_valid();
}

static void the_mac_has_its_say(void **state)
{
    (void)state;
    model.entitled = false;
    assert_invalid("com.apple.security.virtualization");
    model.entitled = true;
    model.supported = false;
    assert_invalid("not available on this hardware");
}

static void sizes_have_limits(void **state)
{
    (void)state;
    set_number(configuration, "setCPUCount:", 0);
    assert_invalid("CPUs");
    set_number(configuration, "setCPUCount:", 9);
    assert_invalid("CPUs");
    set_number(configuration, "setCPUCount:", 8);
    set_number(configuration, "setMemorySize:", (UINT64_C(64) << 20) + 1);
    assert_invalid("memory");
    set_number(configuration, "setMemorySize:", UINT64_C(17) << 30);
    assert_invalid("memory");
    set_number(configuration, "setMemorySize:", UINT64_C(16) << 30);
    assert_valid();
}

static void something_boots_it(void **state)
{
    (void)state;
    id loader = objc_autorelease(make_with("VZLinuxBootLoader", "initWithKernelURL:", file_url("/nothing")));
    send1(configuration, "setBootLoader:", NULL);
    assert_invalid("boot loader");
    send1(configuration, "setBootLoader:", loader);
    assert_invalid("kernel");
    send1(configuration, "setBootLoader:", objc_autorelease(make("VZEFIBootLoader")));
    assert_invalid("EFI");
}

static id create_variables(const char *path, uint64_t options, id *error)
{
    return ((id(*)(id, SEL, id, uint64_t, id *))message)(
        send0(class_object("VZEFIVariableStore"), "alloc"),
        sel_registerName("initCreatingVariableStoreAtURL:options:error:"), file_url(path), options, error);
}

static void efi_has_variables(void **state)
{
    (void)state;
    const char *path = file_of(0);
    id error = NULL, loader = objc_autorelease(make("VZEFIBootLoader"));
    id opened = objc_autorelease(make_with("VZEFIVariableStore", "initWithURL:", file_url(path)));
    send1(loader, "setVariableStore:", opened);
    send1(configuration, "setBootLoader:", loader);
    assert_invalid("EFI");
    assert_null(create_variables(path, 0, &error));
    assert_non_null(error);
    assert_non_null(objc_autorelease(create_variables(path, 1, NULL)));
    assert_valid();
}

static id disk(const char *path, id *error)
{
    return ((id(*)(id, SEL, id, BOOL, id *))message)(send0(class_object("VZDiskImageStorageDeviceAttachment"), "alloc"),
                                                     sel_registerName("initWithURL:readOnly:error:"), file_url(path),
                                                     false, error);
}

static void disks_are_raw_images(void **state)
{
    (void)state;
    id error = NULL;
    assert_null(disk(file_of(513), &error));
    assert_int_equal(error_code(error), 5);
    assert_null(disk(file_of(0), NULL));
    assert_null(disk("/nothing", &error));
    assert_string_equal((const char *)send0(send0(error, "domain"), "UTF8String"), "NSCocoaErrorDomain");
    const char *path = file_of(1024);
    id attachment = objc_autorelease(disk(path, NULL));
    id device = objc_autorelease(make_with("VZVirtioBlockDeviceConfiguration", "initWithAttachment:", attachment));
    send1(configuration, "setStorageDevices:", array_of(device));
    assert_valid();
    unlink(path);
    assert_invalid("disk image");
}

static void identifiers_are_short_ascii(void **state)
{
    (void)state;
    Class class = objc_getClass("VZVirtioBlockDeviceConfiguration");
    BOOL (*validate)(id, SEL, id, id *) = (BOOL(*)(id, SEL, id, id *))message;
    SEL selector = sel_registerName("validateBlockDeviceIdentifier:error:");
    assert_true(validate((id) class, selector, string("12345678901234567890"), NULL));
    assert_false(validate((id) class, selector, string("123456789012345678901"), NULL));
    assert_false(validate((id) class, selector, string(""), NULL));
    assert_false(validate((id) class, selector, string("\xc3\xbc"), NULL));
}

static void tags_are_short_and_unique(void **state)
{
    (void)state;
    static const char longest[] = "12345678901234567890123456789012345";
    BOOL (*validate)(id, SEL, id, id *) = (BOOL(*)(id, SEL, id, id *))message;
    id class = class_object("VZVirtioFileSystemDeviceConfiguration");
    SEL selector = sel_registerName("validateTag:error:");
    assert_true(validate(class, selector, string(longest), NULL));
    assert_false(validate(class, selector, string("123456789012345678901234567890123456"), NULL));
    assert_false(validate(class, selector, string(""), NULL));
    id one = objc_autorelease(make_with("VZVirtioFileSystemDeviceConfiguration", "initWithTag:", string("same")));
    id other = objc_autorelease(make_with("VZVirtioFileSystemDeviceConfiguration", "initWithTag:", string("same")));
    const id both[] = { one, other };
    send1(configuration, "setDirectorySharingDevices:",
          ((id(*)(id, SEL, const id *, uint64_t))message)(class_object("NSArray"),
                                                          sel_registerName("arrayWithObjects:count:"), both, 2));
    assert_invalid("same tag");
}

static id network(id attachment)
{
    id device = objc_autorelease(make("VZVirtioNetworkDeviceConfiguration"));
    send1(device, "setAttachment:", attachment);
    send1(configuration, "setNetworkDevices:", array_of(device));
    return device;
}

static void to_bridge_takes_an_entitlement(void **state)
{
    (void)state;
    id interfaces = send0(class_object("VZBridgedNetworkInterface"), "networkInterfaces");
    assert_int_equal(ask(interfaces, "count"), 2);
    id first = ((id(*)(id, SEL, uint64_t))message)(interfaces, sel_registerName("objectAtIndex:"), 0);
    assert_string_equal((const char *)send0(send0(first, "identifier"), "UTF8String"), "en0");
    network(objc_autorelease(make_with("VZBridgedNetworkDeviceAttachment", "initWithInterface:", first)));
    assert_valid();
    model.may_bridge = false;
    assert_invalid("com.apple.vm.networking");
}

static id handle_of(int fd)
{
    return objc_autorelease(
        ((id(*)(id, SEL, int, BOOL))message)(send0(class_object("NSFileHandle"), "alloc"),
                                             sel_registerName("initWithFileDescriptor:closeOnDealloc:"), fd, true));
}

static void frames_have_a_size(void **state)
{
    (void)state;
    int ends[2];
    assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    close(ends[1]);
    assert_return_code(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    id attachment =
        objc_autorelease(make_with("VZFileHandleNetworkDeviceAttachment", "initWithFileHandle:", handle_of(ends[0])));
    network(attachment);
    assert_valid();
    set_number(attachment, "setMaximumTransmissionUnit:", 1499);
    assert_invalid("maximum transmission unit");
    set_number(attachment, "setMaximumTransmissionUnit:", 65536);
    assert_invalid("maximum transmission unit");
    set_number(attachment, "setMaximumTransmissionUnit:", 65535);
    assert_valid();
    close(ends[1]);
}

static void mac_addresses_are_well_formed(void **state)
{
    (void)state;
    static const char *const wrong[] = { "", "02:00:00:00:00", "02:00:00:00:00:0g", "02:00:00:00:00:001",
                                         "02-00-00-00-00-01" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_null(make_with("VZMACAddress", "initWithString:", string(wrong[i])));
    id good = make_with("VZMACAddress", "initWithString:", string("02:00:00:00:00:01"));
    assert_non_null(good);
    objc_release(good);
}

static void nesting_takes_a_chip(void **state)
{
    (void)state;
    id platform = objc_autorelease(make("VZGenericPlatformConfiguration"));
    ((void (*)(id, SEL, BOOL))message)(platform, sel_registerName("setNestedVirtualizationEnabled:"), true);
    send1(configuration, "setPlatform:", platform);
    assert_true(ask_bool(class_object("VZGenericPlatformConfiguration"), "isNestedVirtualizationSupported"));
    assert_valid();
    model.nested = false;
    assert_invalid("Nested");
}

static void an_identifier_survives_its_data(void **state)
{
    (void)state;
    id one = objc_autorelease(make("VZGenericMachineIdentifier"));
    id data = send0(one, "dataRepresentation");
    id same = objc_autorelease(make_with("VZGenericMachineIdentifier", "initWithDataRepresentation:", data));
    assert_memory_equal(send0(send0(same, "dataRepresentation"), "bytes"), send0(data, "bytes"), ask(data, "length"));
    id other = objc_autorelease(make("VZGenericMachineIdentifier"));
    assert_memory_not_equal(send0(send0(other, "dataRepresentation"), "bytes"), send0(data, "bytes"),
                            ask(data, "length"));
    id bad = ((id(*)(id, SEL, const void *, uint64_t))message)(class_object("NSData"),
                                                               sel_registerName("dataWithBytes:length:"), "x", 1);
    assert_null(make_with("VZGenericMachineIdentifier", "initWithDataRepresentation:", bad));
}

static void rosetta_is_there_or_not(void **state)
{
    (void)state;
    id error = NULL;
    id share = ((id(*)(id, SEL, id *))message)(send0(class_object("VZLinuxRosettaDirectoryShare"), "alloc"),
                                               sel_registerName("initWithError:"), &error);
    assert_non_null(share);
    objc_release(share);
    model.rosetta = 1;
    assert_int_equal(ask(class_object("VZLinuxRosettaDirectoryShare"), "availability"), 1);
    assert_null(((id(*)(id, SEL, id *))message)(send0(class_object("VZLinuxRosettaDirectoryShare"), "alloc"),
                                                sel_registerName("initWithError:"), &error));
    assert_non_null(error);
}

static void loader_of_nil(void)
{
    make_with("VZLinuxBootLoader", "initWithKernelURL:", NULL);
}

static void set_what_is_of_another_class(void)
{
    send1(configuration, "setBootLoader:", configuration);
}

static void set_array_of_others(void)
{
    send1(configuration, "setSocketDevices:", array_of(configuration));
}

static void long_tag(void)
{
    make_with("VZVirtioFileSystemDeviceConfiguration", "initWithTag:", string("123456789012345678901234567890123456"));
}

static void block_without_attachment(void)
{
    make_with("VZVirtioBlockDeviceConfiguration", "initWithAttachment:", NULL);
}

static void frames_through_a_pipe(void)
{
    make_with("VZFileHandleNetworkDeviceAttachment", "initWithFileHandle:", handle_of(dup(0)));
}

static void wrong_arguments_end_the_program(void **state)
{
    (void)state;
    assert_dies(loader_of_nil, "NSInvalidArgumentException");
    assert_dies(set_what_is_of_another_class, "is not a VZBootLoader");
    assert_dies(set_array_of_others, "is not a VZSocketDeviceConfiguration");
    assert_dies(long_tag, "NSInvalidArgumentException");
    assert_dies(block_without_attachment, "NSInvalidArgumentException");
    assert_dies(frames_through_a_pipe, "NSInvalidArgumentException");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_one_is_valid, begin, end),
        cmocka_unit_test_setup_teardown(the_mac_has_its_say, begin, end),
        cmocka_unit_test_setup_teardown(sizes_have_limits, begin, end),
        cmocka_unit_test_setup_teardown(something_boots_it, begin, end),
        cmocka_unit_test_setup_teardown(efi_has_variables, begin, end),
        cmocka_unit_test_setup_teardown(disks_are_raw_images, begin, end),
        cmocka_unit_test_setup_teardown(identifiers_are_short_ascii, begin, end),
        cmocka_unit_test_setup_teardown(tags_are_short_and_unique, begin, end),
        cmocka_unit_test_setup_teardown(to_bridge_takes_an_entitlement, begin, end),
        cmocka_unit_test_setup_teardown(frames_have_a_size, begin, end),
        cmocka_unit_test_setup_teardown(mac_addresses_are_well_formed, begin, end),
        cmocka_unit_test_setup_teardown(nesting_takes_a_chip, begin, end),
        cmocka_unit_test_setup_teardown(an_identifier_survives_its_data, begin, end),
        cmocka_unit_test_setup_teardown(rosetta_is_there_or_not, begin, end),
        cmocka_unit_test_setup_teardown(wrong_arguments_end_the_program, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
