# SPDX-License-Identifier: MIT OR Apache-2.0
"""balloon_qemu.py ABX ARCH [TEST...]: memory of a stock Linux guest comes back to the host from QEMU, too. What came back is read from what the kernel says of QEMU's process."""
import base64
import os
import re
import sys
import tempfile
import time

import command
from guests import BRISK, guest_kernel, make_initrd

arch = sys.argv[2]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
MEMORY, FILE, LESS = 256, 96, 128  # MiB
NAME = f"balloon-{os.getpid()}"
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")

SCRIPT = f"""
mount -o remount,size=80% /tmp
echo READY
while read word; do
    case $word in
    fill) dd if=/dev/urandom of=/tmp/file bs=1M count={FILE} 2>/dev/null && echo FILLED ;;
    free) rm /tmp/file && echo FREED ;;
    look) echo "FREE $(sed -n 's/^MemFree: *//p' /proc/meminfo)" ;;
    end) exit 0 ;;
    esac
done
"""


def resident(pid):
    """MiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int(re.search(r"^VmRSS:\s*(\d+)", file.read(), re.M)[1]) // 1024


class BalloonQemu(command.CommandTest):
    def start(self, *balloon):
        encoded = base64.b64encode(SCRIPT.encode()).decode()
        cmdline = f"console={CONSOLE[arch]} {BRISK} page_reporting.page_reporting_order=0 abx.cmd={encoded}"
        self.console = command.Console("--backend", "qemu", "--name", NAME, "--memory", f"{MEMORY}M", "--timeout", "240", "--kernel",
                                       guest_kernel(arch), "--initrd", initrd, "--balloon", *balloon, "--cmdline", cmdline)
        self.console.wait_for(b"READY")
        self.qemu = command.child_of(self.console.process.pid)

    def say(self, word, answer):
        self.console.type(word)
        self.console.wait_for(answer)

    def fill_and_free(self):
        """What QEMU's process had in between, in MiB."""
        self.say("fill", b"FILLED")
        full = resident(self.qemu)
        self.say("free", b"FREED")
        return full

    def expect_back(self, full):
        """Most of the file is gone from the process."""
        deadline = time.monotonic() + command.PATIENCE
        while full - resident(self.qemu) < FILE * 3 // 4:
            self.assertLess(time.monotonic(), deadline, f"{resident(self.qemu)} MiB of {full} MiB are left")
            time.sleep(0.1)
        print(f"{full} MiB with a file of {FILE} MiB, {resident(self.qemu)} MiB afterwards", flush=True)

    def finish(self):
        self.console.type("end")
        out, status, err = self.console.finish()
        self.assertEqual(status, 0, (out, err))

    def test_reporting(self):
        """What is free comes back without being asked for, and can be used again."""
        self.start()
        self.expect_back(self.fill_and_free())
        self.expect_back(self.fill_and_free())
        self.finish()

    def free_memory(self):
        """What the guest has free, in MiB."""
        self.say("look", b"FREE ")
        return int(self.console.wait_for(b" kB")) // 1024

    def wait_for_free_memory(self, least, most):
        deadline = time.monotonic() + command.PATIENCE
        while not least <= self.free_memory() <= most:
            self.assertLess(time.monotonic(), deadline, f"{self.free_memory()} MiB free")

    def test_target(self):
        """To a target and back."""
        self.start()
        before = self.free_memory()
        self.assertGreater(before, MEMORY - LESS)
        self.check(command.run("balloon", NAME, f"{LESS}M"), 0)
        self.wait_for_free_memory(0, before - (MEMORY - LESS) * 7 // 8)
        self.check(command.run("balloon", NAME, f"{MEMORY}M"), 0)
        self.check(command.run("balloon", NAME), 0, f"target {MEMORY} MiB")
        self.wait_for_free_memory(before * 7 // 8, MEMORY)
        self.check(command.run("balloon", NAME, "--hint"), 4, err="managed backends have no hints")
        self.finish()

    def test_first_target(self):
        """The guest begins with a target; it keeps a minimum."""
        self.start(f"target={LESS}M,min={LESS}M,no-reporting")
        self.wait_for_free_memory(0, LESS)
        self.check(command.run("balloon", NAME), 0, f"target {LESS} MiB")
        self.check(command.run("balloon", NAME, f"{LESS - 1}M"), 4, err="minimum")
        self.check(command.run("balloon", NAME, f"{MEMORY}M"), 0)
        self.wait_for_free_memory(LESS, MEMORY)
        self.finish()


if __name__ == "__main__":
    command.require_linux("qemu")
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0],
                "--module", "virtio_pci", "--module", "virtio_balloon")
    command.main(sys.argv[3:])
