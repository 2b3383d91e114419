/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "foreign.h"

#include "elf_format.h"

#include <stdio.h>
#include <string.h>

static bool is_native(abx_arch arch, uint16_t machine)
{
    return arch == ABX_ARCH_ARM64 ? machine == EM_AARCH64 : machine == EM_X86_64 || machine == EM_386;
}

const char *abx_foreign_machine(abx_arch arch, uint16_t machine, bool big_endian)
{
    static const struct {
        uint16_t machine;
        char name[12];
    } names[] = {
        { EM_X86_64, "x86_64" },   { EM_386, "i386" },    { EM_AARCH64, "arm64" },
        { EM_ARM, "arm" },         { EM_RISCV, "riscv" }, { EM_PPC64, "ppc64" },
        { EM_PPC, "ppc" },         { EM_S390, "s390x" },  { EM_MIPS, "mips" },
        { EM_SPARCV9, "sparc64" }, { EM_IA_64, "ia64" },  { 258, "loongarch" }, /* EM_LOONGARCH */
    };
    if (big_endian) {
        machine = (uint16_t)(machine << 8 | machine >> 8);
    } else if (is_native(arch, machine)) {
        return NULL;
    }
    if (big_endian && machine == EM_AARCH64) {
        return "big-endian arm64";
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return "an unknown architecture";
}

const char *abx_foreign_image(abx_arch arch, const uint8_t *head, size_t length)
{
    /* Linux Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst (field magic2), the
     * arm zImage header, zboot-header.S of the EFI entry, and Documentation/arch/x86/boot.rst. */
    static const struct {
        size_t offset;
        uint8_t magic[4];
        abx_arch arch; /* ABX_ARCH_HOST: none that there are guests of */
        char name[32];
    } images[] = {
        { 56, { 'A', 'R', 'M', 0x64 }, ABX_ARCH_ARM64, "arm64" },
        { 56, { 'R', 'S', 'C', 0x05 }, ABX_ARCH_HOST, "riscv" },
        { 36, { 0x18, 0x28, 0x6f, 0x01 }, ABX_ARCH_HOST, "arm" },
        { 4, { 'z', 'i', 'm', 'g' }, ABX_ARCH_ARM64, "arm64 or riscv (EFI zboot)" },
        { 0x202, { 'H', 'd', 'r', 'S' }, ABX_ARCH_X86_64, "x86_64" },
    };
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        if (images[i].arch != arch && length >= images[i].offset + sizeof(images[i].magic) &&
            memcmp(head + images[i].offset, images[i].magic, sizeof(images[i].magic)) == 0) {
            return images[i].name;
        }
    }
    return NULL;
}

abx_status abx_foreign_fail(abx_arch arch, const char *name, const char *found)
{
    char advice[64];
    (void)snprintf(advice, sizeof(advice), "Use a kernel for %s.", abx_arch_name(arch));
    return abx_fail(ABX_ERR_FORMAT, 0, advice, "check %s: it is for %s", name, found);
}
