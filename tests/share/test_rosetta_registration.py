# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_rosetta_registration SCRIPT: what rosetta-guest registers, read as the kernel reads it, against real files."""
import os
import re
import struct
import subprocess
import sys
import unittest

script = os.path.abspath(sys.argv[1])
TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")

EXECUTABLE, SHARED, RELOCATABLE, CORE = 2, 3, 1, 4
X86_64, I386, AARCH64, RISCV = 0x3e, 3, 0xb7, 0xf3


def run(*arguments, **options):
    return subprocess.run(["sh", script, *arguments], capture_output=True, text=True, check=False, **options)


def printed(*arguments):
    result = run("--print", *arguments)
    assert result.returncode == 0 and not result.stderr, result
    return result.stdout


def unescape(text):
    """Bytes of a field: \\xNN, everything else as it is."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), text.encode())


class Handler:
    """A line for the kernel's binfmt_misc: separator, name, type, offset, magic, mask, interpreter, flags."""

    def __init__(self, line):
        fields = line.rstrip("\n").split(line[0])
        _, self.name, self.type, self.offset, magic, mask, self.interpreter, self.flags = fields
        self.magic, self.mask = unescape(magic), unescape(mask)

    def takes(self, contents):
        head = contents[:len(self.magic)]
        return len(head) == len(self.magic) and all((a ^ b) & m == 0 for a, b, m in zip(head, self.magic, self.mask))


def elf(bits=2, order=1, version=1, system=0, abi=0, kind=EXECUTABLE, machine=X86_64):
    """The first bytes of an ELF file."""
    return b"\x7fELF" + bytes([bits, order, version, system, abi]) + bytes(7) + struct.pack("<HH", kind, machine) + bytes(44)


def busybox(architecture):
    """A static program for Linux of that architecture, as Debian has it."""
    command = ". %s/debian.sh && debian_busybox %s" % (TOOLS, architecture)
    path = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout.strip()
    with open(path, "rb") as file:
        return file.read(128)


class Registration(unittest.TestCase):
    def setUp(self):
        self.handler = Handler(printed())

    def test_the_line(self):
        handler = self.handler
        self.assertEqual((handler.name, handler.type, handler.offset), ("rosetta", "M", ""))
        self.assertEqual(handler.interpreter, "/run/rosetta/rosetta")
        self.assertEqual(handler.flags, "OCF")
        self.assertEqual(len(handler.magic), 20)  # up to e_machine and with it
        self.assertEqual(len(handler.mask), 20)
        # The kernel reads the magic through the mask: what that hides must be zero in it.
        self.assertTrue(all(a & ~m == 0 for a, m in zip(handler.magic, handler.mask)))
        self.assertEqual(Handler(printed("tag", "/mnt/it")).interpreter, "/mnt/it/rosetta")

    def test_real_executables(self):
        self.assertTrue(self.handler.takes(busybox("amd64")))
        self.assertFalse(self.handler.takes(busybox("arm64")))
        if os.uname().machine == "x86_64":
            for path in ("/bin/ls", "/bin/sh", sys.executable):  # position independent or not
                with open(path, "rb") as file:
                    self.assertTrue(self.handler.takes(file.read(128)), path)
        with open(script, "rb") as file:
            self.assertFalse(self.handler.takes(file.read(128)))

    def test_headers(self):
        takes = self.handler.takes
        for good in (elf(), elf(kind=SHARED), elf(system=3), elf(system=9)):
            self.assertTrue(takes(good))
        for bad in (elf(bits=1), elf(bits=1, machine=I386), elf(order=2), elf(version=0), elf(abi=1), elf(kind=RELOCATABLE),
                    elf(kind=CORE), elf(kind=0), elf(kind=0x102), elf(machine=AARCH64), elf(machine=RISCV), elf(machine=0x13e),
                    b"\x7fELF", b"", b"MZ" + bytes(100), b"#!/bin/sh\n" + bytes(100), bytes(128)):
            self.assertFalse(takes(bad), bad[:20])

    def test_every_bit_counts(self):
        """But for the operating system's byte and the lowest bit of the type, as the mask says."""
        for byte in range(20):
            for bit in range(8):
                changed = bytearray(elf())
                changed[byte] ^= 1 << bit
                free = byte == 7 or (byte == 16 and bit == 0)
                self.assertEqual(self.handler.takes(bytes(changed)), free, (byte, bit))

    def test_usage(self):
        for words in (["--fly"], ["a", "/b", "c"]):
            result = run(*words)
            self.assertEqual(result.returncode, 2)
            self.assertIn("usage: rosetta-guest", result.stderr)
        self.assertIn("usage: rosetta-guest", run("--help").stdout)

    def test_folders(self):
        for folder, said in (("relative", "absolute"), ("/a:b", "colon"), ("/a\nb", "new line")):
            result = run("--print", "tag", folder)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn(said, result.stderr)

    def test_another_machine(self):
        if os.uname().machine == "aarch64":
            self.skipTest("this is such a machine")
        for words in ([], ["--remove"]):
            result = run(*words)
            self.assertEqual(result.returncode, 1)
            self.assertIn("this is for ARM64 guests", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
