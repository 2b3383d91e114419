# SPDX-License-Identifier: MIT OR Apache-2.0
"""Small guests for the command, the same behaviours on every backend: options for `abx run`."""
import importlib
import os
import platform
import subprocess
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "guest"
HOST = platform.machine()
flat = importlib.import_module(f"flat_{HOST}")

# The last letter of the command line tells the small guest of the qemu tests what to do.
SMALL = {"end": "s", "hello": "s", "reset": "r", "debug-exit": "d", "panic": "p", "spin": "l", "echo": "e", "deaf": "e",
         "button": "b"}


class Guests:
    def __init__(self, backend, small, folder):
        self.backend, self.small, self.folder = backend, small, folder
        self.greeting = b">" if backend == "kvm" else b"hello\n"

    def __contains__(self, what):
        return what in (flat.IMAGES if self.backend == "kvm" else SMALL)

    def __call__(self, what):
        """The options that make a machine do `what`."""
        common = ["--backend", self.backend, "--memory", "16M"]
        if self.backend != "kvm":
            return [*common, "--kernel", self.small, "--cmdline", SMALL[what], *self.port(what)]
        path = os.path.join(self.folder, what)
        with open(path, "wb") as image:
            image.write(flat.IMAGES[what])
        return [*common, *flat.options(what), "--kind", "flat", "--kernel", path]

    @staticmethod
    def port(what):
        return ["--debug-exit"] if what == "debug-exit" else []


def guest_kernel(arch=HOST):
    """The path of a stock Linux kernel: that of ABX_GUEST_KERNEL for this machine's architecture, else Debian's,
    fetched on first use."""
    if arch == HOST and "ABX_GUEST_KERNEL" in os.environ:
        return os.environ["ABX_GUEST_KERNEL"]
    return subprocess.run([TOOLS / "kernel", arch], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


# What a Linux can do without that is not about booting: each boot in an emulated host is seconds shorter.
BRISK = "quiet panic=-1 mitigations=off cryptomgr.notests apparmor=0"


def make_initrd(path, *options):
    """Builds the initial RAM disk of the small Linux guest; options as of tools/guest/initrd."""
    subprocess.run([TOOLS / "initrd", *options, path], check=True)


def debian_image(path):
    """Copies the image of a small Debian to `path`. Returns its kernel and initial RAM disk. From ABX_DEBIAN_IMAGE, else
    made on first use."""
    folder = os.environ.get("ABX_DEBIAN_IMAGE") or subprocess.run(
        [TOOLS.parent / "debian-image"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    subprocess.run(["cp", "--sparse=always", os.path.join(folder, "disk.img"), path], check=True)
    return os.path.join(folder, "vmlinuz"), os.path.join(folder, "initrd")
