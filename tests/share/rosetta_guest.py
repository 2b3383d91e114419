# SPDX-License-Identifier: MIT OR Apache-2.0
"""rosetta_guest.py ABX SCRIPT STANDIN: rosetta-guest in a stock ARM64 Linux guest, by QEMU, with a stand-in for Rosetta.

What cannot be had here is the virtiofs share: that mount fails, and is told; then the stand-in lies where it would be.
"""
import base64
import os
import subprocess
import sys
import tempfile

import command
from guests import TOOLS, guest_kernel, make_initrd

ARCH = "aarch64"
script, standin = sys.argv[2:4]
entry = "/proc/sys/fs/binfmt_misc/rosetta"

# Each step: what the guest's shell does, and what it must say.
STEPS = [
    ("rosetta-guest; echo status $?", ["cannot mount the share 'rosetta'", "abx run --rosetta rosetta", "status 1"]),
    # The shell takes what the kernel does not run for a script.
    ("foreign one; echo status $?", ["not found", "status 2"]),
    ("mkdir -p /run/rosetta; cp /bin/standin /run/rosetta/rosetta; rosetta-guest; echo status $?", ["status 0"]),
    ("foreign one 'two three'", ["standin /bin/foreign one two three"]),
    ("rosetta-guest; echo status $?", ["/run/rosetta/rosetta is registered already", "status 0"]),
    ("cat " + entry, ["enabled", "interpreter /run/rosetta/rosetta", "flags: OCF",
                      "magic 7f454c4602010100000000000000000002003e00", "mask ffffffffffffff00fffffffffffffffffeffffff"]),
    # It was opened when it was registered: its name is not needed any more.
    ("mv /run/rosetta/rosetta /run/away; foreign two", ["standin /bin/foreign two"]),
    # Elsewhere: the old registration gives way.
    ("mkdir /run/other; mv /run/away /run/other/rosetta; rosetta-guest rosetta /run/other; echo status $?", ["status 0"]),
    ("grep interpreter " + entry, ["interpreter /run/other/rosetta"]),
    ("foreign three", ["standin /bin/foreign three"]),
    # Programs of the guest's own are as before.
    ("uname -m", ["aarch64"]),
    ("rosetta-guest --remove; echo status $?; rosetta-guest --remove; echo status $?", ["status 0\nstatus 0"]),
    ("foreign four; echo status $?", ["not found", "status 2"]),
    ("rosetta-guest --fly; echo status $?", ["usage: rosetta-guest", "status 2"]),
    ("su somebody -c rosetta-guest; echo status $?", ["only root", "status 1"]),
]


def foreign_program(folder):
    """A static x86_64 program under the name 'foreign'."""
    path = os.path.join(folder, "foreign")
    find = ". '%s/../debian.sh' && debian_busybox amd64" % TOOLS
    busybox = subprocess.run(["bash", "-c", find], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    os.symlink(busybox, path)
    return path


class RosettaGuest(command.CommandTest):
    def test_it(self):
        with tempfile.TemporaryDirectory() as folder:
            initrd = os.path.join(folder, "initrd")
            steps = os.path.join(folder, "steps")
            with open(steps, "w", encoding="utf-8") as file:
                file.write("exec 2>&1\necho somebody:x:1000:1000::/:/bin/sh >/etc/passwd\n")
                for number, (what, _) in enumerate(STEPS):
                    file.write("echo STEP %d; %s\n" % (number, what))
                file.write("echo STEP %d\n" % len(STEPS))
            make_initrd(initrd, "--arch", ARCH, "--kernel", guest_kernel(ARCH).rpartition("/boot/")[0], "--module",
                        "binfmt_misc", "--file", script, "--file", standin, "--file", foreign_program(folder), "--file", steps)
            word = base64.b64encode(b"sh /bin/steps").decode()
            result = command.run("run", "--backend", "qemu", "--arch", "arm64", "--memory", "512M", "--timeout", "110", "--kernel",
                                 guest_kernel(ARCH), "--initrd", initrd, "--cmdline",
                                 "console=ttyAMA0 quiet panic=-1 abx.cmd=" + word)
        out = result.out.replace("\r", "")
        self.assertEqual(result.status, 0, result)
        for number, (what, expected) in enumerate(STEPS):
            said = out.partition("STEP %d\n" % number)[2].partition("STEP %d\n" % (number + 1))[0]
            for text in expected:
                self.assertIn(text, said, "%s\n%s" % (what, out))


if __name__ == "__main__":
    command.require_linux("qemu")
    command.main()
