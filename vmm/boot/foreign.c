/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foreign.h"

#include <elf.h>
#include <string.h>

const char *abx_foreign_machine(uint16_t machine, bool big_endian)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } names[] = {
        { EM_AARCH64, "arm64" }, { EM_ARM, "arm" },    { EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" },
        { EM_PPC, "ppc" },       { EM_S390, "s390x" }, { EM_MIPS, "mips" },   { EM_SPARCV9, "sparc64" },
        { EM_IA_64, "ia64" },    { 258, "loongarch" }, /* EM_LOONGARCH */
    };
    if (big_endian) {
        machine = (uint16_t)(machine << 8 | machine >> 8);
    } else if (machine == EM_X86_64 || machine == EM_386) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return "an unknown architecture";
}

const char *abx_foreign_image(const uint8_t *head, size_t length)
{
    /* Linux Documentation/arm64/booting.rst, Documentation/riscv/boot-image-header.rst (field magic2), the arm zImage
     * header, and zboot-header.S of its EFI entry. */
    static const struct {
        size_t offset;
        uint8_t magic[4];
        const char *name;
    } images[] = {
        { 56, { 'A', 'R', 'M', 0x64 }, "arm64" },
        { 56, { 'R', 'S', 'C', 0x05 }, "riscv" },
        { 36, { 0x18, 0x28, 0x6f, 0x01 }, "arm" },
        { 4, { 'z', 'i', 'm', 'g' }, "arm64 or riscv (EFI zboot)" },
    };
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (length >= images[i].offset + sizeof(images[i].magic) &&
            memcmp(head + images[i].offset, images[i].magic, sizeof(images[i].magic)) == 0) {
            return images[i].name;
        }
    }
    return NULL;
}

abx_status abx_foreign_fail(const char *name, const char *found)
{
    return abx_fail(ABX_ERR_FORMAT, 0, "Use a kernel for x86_64.", "check %s: it is for %s", name, found);
}
