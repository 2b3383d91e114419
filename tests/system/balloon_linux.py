# SPDX-License-Identifier: MIT OR Apache-2.0
"""balloon_linux.py ABX PROGRAM BACKEND ARCH [TEST...]: memory of a stock Linux guest comes back to the host.

PROGRAM is balloon_machine: a program with a machine in it, which measures itself.
"""
import base64
import os
import subprocess
import sys
import tempfile
import unittest

import command
from guests import guest_kernel, make_initrd

program, backend, arch = sys.argv[2:5]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")

SCRIPT = """
mount -o remount,size=80% /tmp
echo READY
while read word; do
    case $word in
    fill) dd if=/dev/zero of=/tmp/file bs=1M count=96 2>/dev/null && echo FILLED ;;
    free) rm /tmp/file && echo FREED ;;
    end) exit 0 ;;
    esac
done
"""


def encoded(script):
    return base64.b64encode(script.encode()).decode()


class BalloonLinux(command.CommandTest):
    def measure(self, backing):
        done = subprocess.run([program, backend, guest_kernel(arch), initrd, CONSOLE[arch], backing, encoded(SCRIPT)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=900)
        print(done.stdout.decode(), flush=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))

    def test_anonymous(self):
        self.measure("anonymous")

    @unittest.skipUnless(arch == "x86_64", "the same on both architectures")
    def test_memfd(self):
        self.measure("memfd")

    @unittest.skipUnless(arch == "x86_64", "the same on both architectures")
    def test_option(self):
        """A target from the start, by the command."""
        script = """kib() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
            until [ $(($(kib MemTotal) - $(kib MemFree))) -ge 65536 ]; do sleep 0.1; done; echo small"""
        result = command.run("run", "--backend", backend, "--memory", "192M", "--timeout", "240", "--kernel",
                             guest_kernel(arch), "--initrd", initrd, "--balloon", "target=128M", "--events", "-",
                             "--cmdline", f"console={CONSOLE[arch]} quiet panic=-1 abx.cmd={encoded(script)}")
        self.check(result, 0, "small")
        self.assertIn('"balloon"', result.out)


if __name__ == "__main__":
    command.require_linux(backend)
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0],
                "--module", "virtio_mmio", "--module", "virtio_balloon")
    command.main(sys.argv[5:])
