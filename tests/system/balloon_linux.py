# SPDX-License-Identifier: MIT OR Apache-2.0
"""balloon_linux.py ABX PROGRAM BACKEND ARCH [TEST...]: memory of a stock Linux guest comes back to the host.

PROGRAM is balloon_machine: a program with a machine in it, which measures itself.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import command
from guests import BRISK, guest_kernel, make_initrd

program, backend, arch = sys.argv[2:5]
HUGE_PAGES = 128  # the memory of balloon_machine
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
    look) echo "FREE $(sed -n 's/^MemFree: *//p' /proc/meminfo)" ;;
    end) exit 0 ;;
    esac
done
"""


class Shortage:
    """The host has tasks that wait for memory: one that wants more than the limit of its control group."""
    HUNGRY = """import os, sys
open(sys.argv[1], "w").write(str(os.getpid()))
while True:
    eaten = [bytearray(os.urandom(1)) * (1 << 20) for _ in range(64)]
"""

    def __enter__(self):
        self.groups = tempfile.mkdtemp()
        subprocess.run(["mount", "-t", "cgroup2", "none", self.groups], check=True)
        self.group = os.path.join(self.groups, "hungry")
        self.write(self.groups, "cgroup.subtree_control", "+memory")
        os.mkdir(self.group)
        self.write(self.group, "memory.high", "16M")
        self.task = subprocess.Popen([sys.executable, "-c", self.HUNGRY, os.path.join(self.group, "cgroup.procs")])

    def __exit__(self, *_):
        self.task.kill()
        self.task.wait()
        os.rmdir(self.group)
        subprocess.run(["umount", self.groups], check=True)
        os.rmdir(self.groups)

    @staticmethod
    def write(folder, name, value):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(value)


class Pool:
    """The host has a pool of so many huge pages of 2 MiB."""
    FILE = "/proc/sys/vm/nr_hugepages"

    def __init__(self, pages):
        self.pages = pages

    def __enter__(self):
        with open(self.FILE, encoding="ascii") as file:
            self.before = int(file.read())
        self.resize(self.pages)

    def __exit__(self, *_):
        self.resize(self.before)

    def resize(self, pages):
        with open(self.FILE, "w", encoding="ascii") as file:
            file.write(str(pages))
        with open(self.FILE, encoding="ascii") as file:
            got = int(file.read())
        if got != pages:
            raise RuntimeError(f"the pool has {got} huge pages instead of {pages}")


def cmdline(script):
    """For a guest that runs `script` and ends."""
    return f"console={CONSOLE[arch]} {BRISK} abx.cmd={base64.b64encode(script.encode()).decode()}"


class BalloonLinux(command.CommandTest):
    def measure(self, backing):
        done = subprocess.run([program, backend, guest_kernel(arch), initrd, cmdline(SCRIPT), backing],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=900)
        print(done.stdout.decode(), flush=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))

    @unittest.skipIf(arch == "x86_64" and "ABX_TESTBED" in os.environ, "a memory file of huge pages is measured there")
    def test_memory_comes_back(self):
        """Each kind of memory on one architecture: they differ in nothing that is of an architecture."""
        self.measure("memfd" if arch == "x86_64" else "anonymous")

    @unittest.skipUnless(arch == "x86_64" and "ABX_TESTBED" in os.environ, "it changes the host's pool of huge pages")
    def test_huge_pages_come_back(self):
        """RAM of huge pages, in a memory file, goes back to the host's pool."""
        with Pool(HUGE_PAGES):
            self.measure("huge")

    @unittest.skipUnless(arch == "x86_64", "the same on both architectures")
    def test_option(self):
        """A target from the start, by the command."""
        script = """kib() { sed -n "s/^$1: *\\([0-9]*\\) kB/\\1/p" /proc/meminfo; }
            until [ $(($(kib MemTotal) - $(kib MemFree))) -ge 65536 ]; do sleep 0.1; done; echo small"""
        result = command.run("run", "--backend", backend, "--memory", "192M", "--timeout", "240", "--kernel",
                             guest_kernel(arch), "--initrd", initrd, "--balloon", "target=128M", "--events", "-",
                             "--cmdline", cmdline(script))
        self.check(result, 0, "small")
        self.assertIn('"balloon"', result.out)

    @unittest.skipUnless(arch == "x86_64", "the same on both architectures")
    def test_hint(self):
        """The guest names what it has free, twice, and uses it afterwards. Linux names whole blocks of 4 MiB, so that what
        is left in smaller ones counts for nothing."""
        name, memory, file = f"hint-{os.getpid()}", 512, 96  # MiB
        console = command.Console("--backend", backend, "--name", name, "--memory", f"{memory}M", "--timeout", "600",
                                  "--kernel", guest_kernel(arch), "--initrd", initrd, "--balloon", "--cmdline",
                                  cmdline(SCRIPT))

        def say(word, answer):
            console.type(word)
            console.wait_for(answer)

        def free():
            say("look", b"FREE ")
            return int(console.wait_for(b" kB")) * 1024

        console.wait_for(b"READY")
        for _ in range(2):
            before = free()
            result = command.run("balloon", name, "--hint", "--json")
            self.check(result, 0)
            hints = json.loads(result.out)
            print(f"of {before >> 20} MiB free {hints['hinted'] >> 20} MiB named, in {hints['ranges']} ranges, "
                  f"in {hints['seconds']:.3f} s", flush=True)
            self.assertGreater(hints["hinted"], before * 8 // 10)
            self.assertLess(hints["hinted"], memory << 20)
            self.assertGreater(hints["ranges"], 0)
            self.assertEqual(hints["hinted"] % 4096, 0)
        self.check(command.run("balloon", name, "--hint"), 0, "the guest named ")
        metrics = command.run("metrics", name)
        self.check(metrics, 0, "arcbox_balloon_hint_runs_total 3\n")
        self.assertIn("arcbox_balloon_discard_failures_total 0\n", metrics.out)
        self.assertRegex(metrics.out, r"\narcbox_balloon_reported_bytes_total \d+\n")
        for _ in range(2):  # its memory is its again
            say("fill", b"FILLED")
            self.assertLess(free(), before - (file * 7 // 8 << 20))
            say("free", b"FREED")
        deadline = time.monotonic() + command.PATIENCE
        while free() < before * 7 // 8:
            self.assertLess(time.monotonic(), deadline, "what the guest has free did not come back")
        console.type("end")
        out, status, err = console.finish()
        self.assertEqual(status, 0, (out, err))

    @unittest.skipUnless(arch == "x86_64" and "ABX_TESTBED" in os.environ, "it makes the host short of memory")
    def test_auto(self):
        """The policy takes from a guest that can spare it when the host is short."""
        script = """free() { sed -n 's/^MemFree: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo; }
            before=$(free); echo READY
            until [ $(free) -lt $((before - 16384)) ]; do sleep 0.2; done; echo smaller"""
        events = os.path.join(folder.name, "events")
        console = command.Console("--backend", backend, "--memory", "256M", "--timeout", "240", "--kernel", guest_kernel(arch),
                                  "--initrd", initrd, "--balloon", "auto", "--events", events,
                                  "--cmdline", cmdline(script))
        console.wait_for(b"READY")
        with Shortage():
            console.wait_for(b"smaller")
        out, status, err = console.finish()
        self.assertEqual(status, 0, (out, err))
        with open(events, encoding="utf-8") as file:
            kinds = [json.loads(line)["kind"] for line in file]
        self.assertLess(kinds.index("memory-pressure"), kinds.index("balloon"))


if __name__ == "__main__":
    command.require_linux(backend)
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0],
                "--module", "virtio_mmio", "--module", "virtio_balloon")
    command.main(sys.argv[5:])
