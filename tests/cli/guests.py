# SPDX-License-Identifier: MIT OR Apache-2.0
"""Small guests for the command, the same behaviours on every backend: options for `abx run`."""
import os
import subprocess
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "guest"

# Real mode at 0x1000, one behaviour each. Opcodes: Intel SDM volume 2.
FLAT = {
    "end": "fa f4",  # cli; hlt
    "hello": "ba f8 03  b0 68 ee  b0 69 ee  b0 0a ee  fa f4",  # "hi\n" to port 0x3f8
    "reset": "b0 fe  e6 64  fa f4",  # 0xfe to port 0x64
    "debug-exit": "b0 21  e6 f4  fa f4",  # 0x21 to port 0xf4
    "panic": "ba 05 05  b0 01  ee  fa f4",  # 1 to port 0x505
    "spin": "eb fe",
    # Greets with '>', then sends back what it reads until a 'q'.
    "echo": "ba f8 03  b0 3e  ee  ba fd 03  ec  a8 01  74 f8  ba f8 03  ec  ee  3c 71  75 ef  fa f4",
}

# The same for 32-bit protected mode, at 1 MiB.
PROTECTED = {
    "fault": "0f 01 1d 0c 00 10 00  0f 0b  90 90 90  00 00 00 00 00 00",  # lidt of nothing; ud2
}

# The last letter of the command line tells the small guest of the qemu tests what to do.
SMALL = {"end": "s", "hello": "s", "reset": "r", "debug-exit": "d", "panic": "p", "spin": "l", "echo": "e"}


class Guests:
    def __init__(self, backend, small, folder):
        self.backend, self.small, self.folder = backend, small, folder
        self.greeting = b">" if backend == "kvm" else b"hello\n"

    def __contains__(self, what):
        return what in ({**FLAT, **PROTECTED} if self.backend == "kvm" else SMALL)

    def __call__(self, what):
        """The options that make a machine do `what`."""
        common = ["--backend", self.backend, "--memory", "16M"]
        if self.backend != "kvm":
            return [*common, "--kernel", self.small, "--cmdline", SMALL[what], *self.port(what)]
        path = os.path.join(self.folder, what)
        with open(path, "wb") as image:
            image.write(bytes.fromhex(FLAT.get(what) or PROTECTED[what]))
        devices = ["--devices", "serial,i8042,pvpanic" + (",debug-exit" if what == "debug-exit" else "")]
        mode = "real" if what in FLAT else "protected"
        return [*common, *devices, "--kind", "flat", "--flat-mode", mode, "--kernel", path, "--irqchip", "none"]

    @staticmethod
    def port(what):
        return ["--debug-exit"] if what == "debug-exit" else []


def guest_kernel():
    """The path of a stock Linux kernel: that of ABX_GUEST_KERNEL, else Debian's, fetched on first use."""
    if "ABX_GUEST_KERNEL" in os.environ:
        return os.environ["ABX_GUEST_KERNEL"]
    return subprocess.run([TOOLS / "kernel"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def make_initrd(path, *options):
    """Builds the initial RAM disk of the small Linux guest; options as of tools/guest/initrd."""
    subprocess.run([TOOLS / "initrd", *options, path], check=True)
