# SPDX-License-Identifier: MIT OR Apache-2.0
"""boot_linux.py ABX BACKEND ARCH CPUS [TEST...]: a stock Linux kernel to its first process and each of its ends."""
import base64
import os
import signal
import subprocess
import sys
import tempfile

import command
from guests import BRISK, guest_kernel, make_initrd

backend, arch, cpus = sys.argv[2:5]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")


def options(what, disk=initrd):
    """For a guest that does `what` and ends; a panic makes it reset itself at once."""
    foreign = [] if arch == command.architecture() else ["--arch", {"aarch64": "arm64"}.get(arch, arch)]
    return ["run", "--backend", backend, *foreign, "--cpus", cpus, "--memory", "256M", "--timeout", "100",
            "--kernel", guest_kernel(arch), "--initrd", disk,
            "--cmdline", f"console={CONSOLE[arch]} {'quiet panic=-1' if what == 'poweroff' else BRISK} abx.run={what}"]


class BootLinux(command.CommandTest):
    def expect(self, what, status, err="", disk=initrd):
        result = self.check(command.run(*options(what, disk)), status, f"ABX-GUEST-INIT cpus={cpus} ", err)
        self.assertEqual(result.out.count("ABX-GUEST-INIT"), 1, result.out)
        return result

    def test_power_off(self):
        self.assertEqual(self.expect("poweroff", 0).err, "")

    def test_reboot(self):
        self.expect("reboot", 120, "the guest asked for a reset")

    def test_panic(self):
        """Without a driver for the panic device the kernel can only reset itself."""
        self.assertIn("Kernel panic", self.expect("panic", 120, "the guest asked for a reset").out)

    def test_panic_with_a_driver(self):
        if arch == "aarch64":
            self.skipTest("Debian's kernel has no driver of it")
        disk = os.path.join(folder.name, "initrd-pvpanic")
        make_initrd(disk, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], "--module", "pvpanic-mmio")
        self.expect("panic", 122, "the guest panicked", disk)

    def test_power_button(self):
        """The guest opens the button's events, is asked to end by a signal to abx, and ends when one has come."""
        if arch == "aarch64":
            self.skipTest("Debian's cloud kernel has no driver of it")
        disk = os.path.join(folder.name, "initrd-button")
        make_initrd(disk, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], "--module", "button", "--module", "evdev")
        script = base64.b64encode(b"cd /sys/class/input; set -- $(grep -l Power event*/device/name); exec 3</dev/input/${1%%/*}\n"
                                  b"echo LISTENS; head -c 24 <&3 >/tmp/event && echo PRESSED").decode()
        with subprocess.Popen([command.abx, *options("script", disk), "--stop-timeout", "60", "--cmdline",
                               f"console={CONSOLE[arch]} {BRISK} abx.cmd={script}"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            for line in process.stdout:
                if line.startswith(b"LISTENS"):
                    process.send_signal(signal.SIGTERM)
                    break
            out, err = process.communicate(timeout=command.PATIENCE)
            self.assertIn(b"PRESSED", out, err)
            self.assertEqual((process.returncode, err), (0, b""))

    def test_shell_by_pipes(self):
        with subprocess.Popen([command.abx, *options("shell")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            seen = b""
            while b"# " not in seen:  # the shell's prompt
                byte = process.stdout.read(1)
                self.assertTrue(byte, f"there is no prompt after {seen!r}")
                seen += byte
            out, err = process.communicate(b"echo [$((40 + 2))]; poweroff -f\n", timeout=command.PATIENCE)
            self.assertIn(b"[42]", out)
            self.assertEqual(process.returncode, 0, err)


if __name__ == "__main__":
    command.require_linux(backend)
    make_initrd(initrd, "--arch", arch)
    command.main(sys.argv[5:])
