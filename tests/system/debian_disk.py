# SPDX-License-Identifier: MIT OR Apache-2.0
"""debian_disk.py ABX BACKEND ARCH [TEST...]: a Debian boots from its disk to a login, is used, and ends as it is asked to."""
import json
import os
import subprocess
import sys
import tempfile

import command
from guests import debian_image

backend, arch = sys.argv[2:4]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
folder = tempfile.TemporaryDirectory()
disk = os.path.join(folder.name, "disk.img")
MARK = "written-5b1f0c7e92d4"


def is_in_image(text):
    with open(disk, "rb") as file:
        end, at = os.fstat(file.fileno()).st_size, 0
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but a hole
                return False
            part = os.pread(file.fileno(), 1 << 22, at)
            if text in part:
                return True
            at += max(len(part) - len(text), 1)
    return False


def written():
    """What is in the guest's file; where the tools of its file system are not to be had, what must be somewhere."""
    if not os.path.exists("/sbin/debugfs"):
        return MARK + "\n" if is_in_image(MARK.encode()) else ""
    return subprocess.run(["/sbin/debugfs", "-R", "cat /root/file", disk], stdout=subprocess.PIPE, check=True, text=True).stdout


class DebianDisk(command.CommandTest):
    def end(self, console):
        """By the power button; Debian's cloud kernel for ARM64 has no driver of it."""
        if arch == "aarch64":
            console.type("poweroff")
        else:
            console.type("systemctl start systemd-logind && echo it ''listens")
            console.wait_for(b"it listens\r\n")
            answer = json.loads(self.check(command.run("stop", "debian", "--timeout", "100", "--json"), 0).out)
            self.assertEqual((answer["end"], answer["asked"], answer["forced"]), ("shutdown", True, False))
        out, status, err = console.finish()
        self.assertEqual(status, 0, (out, err))

    def test_login(self):
        os.environ["XDG_RUNTIME_DIR"] = folder.name
        kernel, initrd = debian_image(disk)
        console = command.Console("--name", "debian", "--backend", backend, "--memory", "512M", "--timeout", "400", "--kernel", kernel, "--initrd",
                                  initrd, "--disk", disk + ",serial=debian", "--rng",
                                  "--cmdline", f"console={CONSOLE[arch]} quiet panic=-1 mitigations=off root=/dev/vda rw")
        console.wait_for(b"login: ")
        console.type("root")
        console.wait_for(b"# ")
        # Not as it is typed: that may be written down elsewhere.
        console.type(f"echo {MARK[:9]}''{MARK[9:]} >/root/file; sync; echo disk $(cat /sys/block/vda/serial); uname -a; findmnt -n /")
        console.wait_for(b"disk debian\r\n")
        console.wait_for(b"Linux debian ")
        console.wait_for(b"/dev/vda ext4")
        console.wait_for(b"# ")
        self.end(console)
        self.assertEqual(written(), MARK + "\n")
        if os.path.exists("/sbin/e2fsck"):
            check = subprocess.run(["/sbin/e2fsck", "-f", "-n", disk], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            self.assertEqual(check.returncode, 0, check.stdout)


if __name__ == "__main__":
    command.require_linux(backend)
    command.main(sys.argv[4:])
