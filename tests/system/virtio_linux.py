# SPDX-License-Identifier: MIT OR Apache-2.0
"""virtio_linux.py ABX BACKEND ARCH [TEST...]: virtio devices of a machine under the drivers of a stock Linux kernel."""
import base64
import fcntl
import hashlib
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios

import command
from guests import guest_kernel, make_initrd

backend, arch = sys.argv[2:4]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
SECTOR = 512
# The driver introduces its ports after the module is there.
WAIT_FOR_HVC = "until [ -c /dev/hvc0 ]; do sleep 0.1; done"
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")


def arguments(script, *devices, console=CONSOLE[arch]):
    """Of abx, for a guest that runs `script` and ends."""
    encoded = base64.b64encode(script.encode()).decode()
    return ["run", "--backend", backend, "--memory", "256M", "--timeout", "240", "--kernel", guest_kernel(arch), "--initrd", initrd,
            *devices, "--cmdline", f"console={console} quiet panic=-1 abx.cmd={encoded}"]


def run(script, *devices):
    return command.run(*arguments(script, *devices))


class VirtioLinux(command.CommandTest):
    def image(self, name, sectors):
        """A disk whose sectors begin with their number."""
        path = os.path.join(folder.name, name)
        with open(path, "wb") as disk:
            for number in range(sectors):
                disk.write(f"sector {number}\n".encode().ljust(SECTOR, b"."))
        return path

    def test_disks(self):
        """Content, size, serial number; what was written and flushed is in the image; a read-only disk stays as it is."""
        first, second = self.image("first", 4096), self.image("second", 8)
        result = run("""set -e
            cat /sys/block/vda/size /sys/block/vdb/size /sys/block/vda/serial; echo
            dd if=/dev/vda bs=512 skip=4095 count=1 | head -n 1
            dd if=/dev/vdb bs=512 skip=5 count=1 | head -n 1
            dd if=/dev/urandom of=/tmp/random bs=64k count=16
            dd if=/tmp/random of=/dev/vda bs=64k seek=1 conv=fsync
            echo 3 >/proc/sys/vm/drop_caches
            dd if=/dev/vda bs=64k skip=1 count=16 | cmp - /tmp/random && echo same
            echo written | dd of=/dev/vda bs=512 seek=7 conv=sync,fsync
            ! echo refused | dd of=/dev/vdb bs=512 conv=sync,fsync
            grep -q virtio0 /proc/interrupts && echo interrupts""", "--disk", first + ",serial=disk-1", "--disk", second + ",ro")
        self.check(result, 0, "ABX-GUEST-EXIT status=0")
        for line in ["4096", "8", "disk-1", "sector 4095", "sector 5", "same", "interrupts"]:
            self.assertIn(f"\n{line}\n", result.out.replace("\r", ""))
        with open(first, "rb") as disk:
            content = disk.read()
        self.assertEqual(content[6 * SECTOR:6 * SECTOR + 9], b"sector 6\n")
        self.assertEqual(content[7 * SECTOR:8 * SECTOR], b"written\n".ljust(SECTOR, b"\0"))
        self.assertNotEqual(content[128 * SECTOR:128 * SECTOR + 7], b"sector ")
        with open(second, "rb") as disk:
            self.assertEqual(disk.read(9), b"sector 0\n")

    def test_entropy(self):
        result = run("""set -e
            cat /sys/class/misc/hw_random/rng_current
            [ $(dd if=/dev/hwrng bs=512 count=8 | wc -c) -eq 4096 ] && echo 4096 bytes""", "--rng")
        self.check(result, 0, "ABX-GUEST-EXIT status=0")
        self.assertIn("virtio_rng.0", result.out)
        self.assertIn("4096 bytes", result.out)

    def test_console(self):
        """hvc0 is the console: what was typed before it was there arrives, and the last words before power-off come out."""
        sent = "".join(f"line {i} {'x' * (i % 70)}\n" for i in range(1000)).encode()
        with tempfile.TemporaryFile() as typed:
            typed.write(sent)
            typed.seek(0)
            result = command.run(*arguments(f"""{WAIT_FOR_HVC}; exec </dev/hvc0 >/dev/hvc0
                stty -echo -onlcr; head -n 1000 | sha256sum; seq 2000""", "--console", "virtio", console="hvc0"), stdin=typed)
        self.check(result, 0, hashlib.sha256(sent).hexdigest() + "  -\n" + "".join(f"{i}\n" for i in range(1, 2001)))

    def test_window(self):
        """The guest's terminal has the size of ours, and follows it."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
        script = f"""{WAIT_FOR_HVC}; setsid -c sh -c '
            trap "stty size; exit" WINCH; stty size; echo READY; while :; do sleep 1; done' </dev/hvc0 >/dev/hvc0"""
        process = subprocess.Popen([command.abx, *arguments(script, "--console", "virtio", console="hvc0")], stdin=theirs, stdout=theirs,
                                   stderr=theirs)
        seen = b""
        while b"READY" not in seen:
            seen += os.read(ours, 4096)
        self.assertIn(b"33 101", seen)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 155, 0, 0))
        process.send_signal(signal.SIGWINCH)
        while b"44 155" not in seen:
            seen += os.read(ours, 4096)
        while process.poll() is None:
            if select.select([ours], [], [], 0.1)[0]:
                os.read(ours, 4096)
        self.assertEqual(process.returncode, 0)
        os.close(ours)
        os.close(theirs)

    def test_ports(self):
        """Named ports: a file into the guest and out again, each way with its checksum; a socket that answers."""
        source, target = os.path.join(folder.name, "source"), os.path.join(folder.name, "target")
        content = os.urandom(4 << 20)
        with open(source, "wb") as file:
            file.write(content)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = subprocess.Popen([command.abx, *arguments("""set -e
                port() {
                    until file=$(grep -l "^$1$" /sys/class/virtio-ports/*/name 2>/dev/null); do sleep 0.1; done
                    port=${file%/name}; echo /dev/${port##*/}
                }
                in=$(port org.example.in) out=$(port org.example.out) talk=$(port org.example.talk)
                cat $in >/tmp/copy; sha256sum </tmp/copy
                cat /tmp/copy >$out
                exec 3<>$talk; echo hello >&3; read -r answer <&3; echo "answer: $answer" """,
                "--port", f"org.example.in,in={source}", "--port", f"org.example.out,out={target}",
                "--port", f"org.example.talk,fd={theirs.fileno()}")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[theirs.fileno()])
            theirs.close()
            said = ours.recv(6, socket.MSG_WAITALL)
            ours.sendall(b"good day\n")
            out, err = process.communicate(timeout=command.PATIENCE)
        self.assertEqual(said, b"hello\n")
        self.check(command.Result(process.returncode, out.decode(), err.decode()), 0, "ABX-GUEST-EXIT status=0")
        for line in [hashlib.sha256(content).hexdigest() + "  -", "answer: good day"]:
            self.assertIn(f"\n{line}\n", out.decode().replace("\r", ""))
        with open(target, "rb") as file:
            self.assertEqual(file.read(), content)


if __name__ == "__main__":
    command.require_linux(backend)
    modules = [part for name in ["virtio_mmio", "virtio_blk", "virtio-rng", "virtio_console"] for part in ["--module", name]]
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], *modules)
    command.main(sys.argv[4:])
