/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "linux/nested.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const abx_nested_sources abx_nested_this_host = { .root = "" };

/* The beginning of a file below the sources' root, ended with a zero; its length, 0 if it cannot be read. */
static size_t read_start(const abx_nested_sources *sources, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s%s", sources->root, name);
    int fd = length > 0 && (size_t)length < sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got = fd < 0 ? 0 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = 0;
    return got > 0 ? (size_t)got : 0;
}

/* Keeps what can be printed, and no more than there is room for. */
static void sign(char signature[16], const char *name)
{
    size_t length = 0;
    for (size_t i = 0; name[i] && length < 15; i++) {
        if (name[i] >= ' ' && name[i] <= '~')
            signature[length++] = name[i];
    }
    signature[length] = 0;
}

/* A list of strings that end in zeros (Devicetree Specification, 2.2.4). */
static bool list_has(const char *list, size_t length, const char *wanted)
{
    for (size_t at = 0; at < length; at += strlen(list + at) + 1) {
        if (strcmp(list + at, wanted) == 0)
            return true;
    }
    return false;
}

/* The node that hypervisors put there for their guests, or the board that only virtual machines are. */
static bool ask_device_tree(const abx_nested_sources *sources, char signature[16])
{
    char text[128];
    if (read_start(sources, "/sys/firmware/devicetree/base/hypervisor/compatible", text, sizeof(text))) {
        sign(signature, text);
        return true;
    }
    size_t length = read_start(sources, "/sys/firmware/devicetree/base/compatible", text, sizeof(text));
    return list_has(text, length, "linux,dummy-virt");
}

/* Makers and products that are hypervisors, by the beginning of their names in SMBIOS (DSP0134, 7.2). */
static bool ask_smbios(const abx_nested_sources *sources, char signature[16])
{
    static const char *const files[] = { "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name" };
    static const char *const names[] = { "QEMU",
                                         "KVM",
                                         "VMware",
                                         "VirtualBox",
                                         "Xen",
                                         "Parallels",
                                         "BHYVE",
                                         "Apple Virtualization",
                                         "Virtual Machine",
                                         "Google Compute",
                                         "OpenStack",
                                         "KubeVirt" };
    char text[64];
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        read_start(sources, files[i], text, sizeof(text));
        for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            if (strncmp(text, names[k], strlen(names[k])) == 0) {
                sign(signature, text);
                return true;
            }
        }
    }
    return false;
}

/* No register tells: that nobody says that this is a virtual machine does not make it none. */
abx_nesting abx_nested_host(const abx_nested_sources *sources, char signature[16])
{
    signature[0] = 0;
    bool guest = ask_device_tree(sources, signature) || ask_smbios(sources, signature);
    return guest ? ABX_NESTING_GUEST : ABX_NESTING_UNKNOWN;
}

/* Linux 6.16, FEAT_NV2 or kvm-arm.mode=nested: which of them is missing only the kernel knows. */
const char *abx_nested_obstacle(const abx_nested_sources *sources)
{
    (void)sources;
    return "this KVM does not offer it";
}

/* There is no KVM here without it. */
const char *abx_nested_technology(const abx_nested_sources *sources, bool *hardware)
{
    (void)sources;
    if (hardware)
        *hardware = true;
    return "ARM64 EL2";
}
