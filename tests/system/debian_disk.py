# SPDX-License-Identifier: MIT OR Apache-2.0
"""debian_disk.py ABX BACKEND ARCH [TEST...]: a Debian boots from its disk to a login, is used, and switches itself off."""
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


class Terminal:
    """A machine whose console is a person's."""

    def __init__(self, *options):
        self.seen = b""
        self.process = subprocess.Popen([command.abx, "run", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def wait_for(self, text):
        """Reads until `text` has come, and forgets what was before its end."""
        while text not in self.seen:
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise AssertionError(f"there is no {text!r} after {self.seen!r}: {self.process.communicate()[1]!r}")
            self.seen += more
        self.seen = self.seen.partition(text)[2]

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def finish(self):
        """What is still said until the machine ends, and how abx ends."""
        out, err = self.process.communicate()
        return self.seen + out, self.process.returncode, err


class DebianDisk(command.CommandTest):
    def test_login(self):
        kernel, initrd = debian_image(disk)
        terminal = Terminal("--backend", backend, "--memory", "512M", "--timeout", "400", "--kernel", kernel, "--initrd",
                            initrd, "--disk", disk + ",serial=debian", "--rng",
                            "--cmdline", f"console={CONSOLE[arch]} quiet panic=-1 root=/dev/vda rw")
        terminal.wait_for(b"login: ")
        terminal.type("root")
        terminal.wait_for(b"# ")
        terminal.type("echo written >/root/file; sync; echo disk $(cat /sys/block/vda/serial); uname -a; findmnt -n /")
        terminal.wait_for(b"\ndisk debian")
        terminal.wait_for(b"\nLinux debian ")
        terminal.wait_for(b"\n/ ")
        terminal.wait_for(b"# ")
        terminal.type("poweroff")
        out, status, err = terminal.finish()
        self.assertEqual(status, 0, (out, err))
        said = subprocess.run(["/sbin/debugfs", "-R", "cat /root/file", disk], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True)
        self.assertEqual(said.stdout, b"written\n", said.stderr)
        check = subprocess.run(["/sbin/e2fsck", "-f", "-n", disk], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual(check.returncode, 0, check.stdout)


if __name__ == "__main__":
    command.require_linux(backend)
    command.main(sys.argv[4:])
