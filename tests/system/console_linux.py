# SPDX-License-Identifier: MIT OR Apache-2.0
"""console_linux.py ABX BACKEND ARCH [TEST...]: virtio consoles and ports under the driver of a stock Linux kernel."""
import base64
import errno
import fcntl
import hashlib
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

import command
from guests import BRISK, guest_kernel, make_initrd

backend, arch = sys.argv[2:4]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
ours = backend != "qemu"
# The driver introduces its ports after the module is there.
WAIT_FOR_HVC = "until [ -c /dev/hvc0 ]; do sleep 0.1; done"
FIND_PORT = """set -e
port() {
    until file=$(grep -l "^$1$" /sys/class/virtio-ports/*/name 2>/dev/null); do sleep 0.1; done
    port=${file%/name}; echo /dev/${port##*/}
}
"""
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")


def options(script, *devices, console=CONSOLE[arch]):
    """For a guest that runs `script` and ends."""
    encoded = base64.b64encode(script.encode()).decode()
    return ["--backend", backend, "--memory", "256M", "--timeout", "240", "--kernel", guest_kernel(arch), "--initrd", initrd,
            *devices, "--cmdline", f"console={console} {BRISK} abx.cmd={encoded}"]


class ConsoleLinux(command.CommandTest):
    def test_console(self):
        """hvc0 is the console: what was typed before it was there arrives, and the last words before power-off come out."""
        sent = "".join(f"line {i} {'x' * (i % 70)}\n" for i in range(300)).encode()
        with tempfile.TemporaryFile() as typed:
            typed.write(sent)
            typed.seek(0)
            result = command.run("run", *options(f"""{WAIT_FOR_HVC}; exec </dev/hvc0 >/dev/hvc0
                stty -echo -onlcr; head -n 300 | sha256sum; seq 500""", "--console", "virtio", console="hvc0"), stdin=typed)
        self.check(result, 0, hashlib.sha256(sent).hexdigest() + "  -\n" + "".join(f"{i}\n" for i in range(1, 501)))

    @unittest.skipUnless(ours and arch == "x86_64", "QEMU's console has no size; ours is the same on both architectures")
    def test_window(self):
        """The guest's terminal has the size of ours, and follows it."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
        script = f"""{WAIT_FOR_HVC}; setsid -c sh -c '
            trap "stty size; exit" WINCH; stty size; echo READY; while :; do sleep 1; done' </dev/hvc0 >/dev/hvc0"""
        process = subprocess.Popen([command.abx, "run", *options(script, "--console", "virtio", console="hvc0")], stdin=theirs,
                                   stdout=theirs, stderr=theirs)
        os.close(theirs)  # so that its end is ours
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            self.assertIn(b"33 101", self.read_until(terminal, b"READY"))
            fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 155, 0, 0))
            process.send_signal(signal.SIGWINCH)
            self.read_until(terminal, b"44 155")
            self.read_until(terminal, None)
        self.assertEqual(process.wait(), 0)

    def read_until(self, terminal, text):
        """What comes up to there; without a text up to the end, which is an error on a terminal."""
        seen = b""
        while text is None or text not in seen:
            try:
                seen += terminal.read(4096)
            except OSError as error:
                self.assertEqual(error.errno, errno.EIO)
                self.assertIsNone(text, f"it ended after {seen}")
                break
        return seen

    @unittest.skipUnless(arch == "x86_64", "the same on both architectures")
    def test_attach(self):
        """Another process takes part in hvc0."""
        name = f"console-{os.getpid()}"
        process = subprocess.Popen([command.abx, "run", "--name", name, *options(f"""{WAIT_FOR_HVC}; exec </dev/hvc0 >/dev/hvc0
            stty -echo; echo READY; read -r line; echo "it was $line" """, "--console", "virtio", console="hvc0")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        said = b""
        while b"READY" not in said:
            said += os.read(process.stdout.fileno(), 4096)
        attached = subprocess.run([command.abx, "attach", name], input=b"typed\n", stdout=subprocess.PIPE, check=True,
                                  timeout=command.PATIENCE)
        rest = process.communicate(timeout=command.PATIENCE)[0]
        self.assertEqual(process.returncode, 0)
        for heard in rest, attached.stdout:
            self.assertIn(b"it was typed", heard)

    def test_ports(self):
        """Named ports: a file into the guest and out again, each way with its checksum; a socket that answers."""
        source, target = os.path.join(folder.name, "source"), os.path.join(folder.name, "target")
        content = os.urandom(4 << 20)
        with open(source, "wb") as file:
            file.write(content)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            process = subprocess.Popen([command.abx, "run", *options(FIND_PORT + """
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

    def test_ports_that_end(self):
        """The other end is gone: the guest gets what was sent, then the end, and there is an event."""
        events = os.path.join(folder.name, "events")
        ours, theirs = socket.socketpair()
        with theirs:
            ours.sendall(b"last words\n")
            ours.close()
            result = command.run("run", *options(FIND_PORT + """
                echo "heard: $(cat $(port org.example.talk)), $(cat $(port org.example.empty) | wc -c)"
                """, "--port", f"org.example.empty,in={os.devnull}", "--port", f"org.example.talk,fd={theirs.fileno()}",
                "--events", events), pass_fds=[theirs.fileno()])
        self.check(result, 0, "heard: last words, 0")
        with open(events, encoding="utf-8") as file:
            closed = [event for event in map(json.loads, file) if event["kind"] == "console-closed"]
        self.assertEqual([(event["code"], event["text"]) for event in closed], [(2, "console port 2: output: Broken pipe")])


if __name__ == "__main__":
    command.require_linux(backend)
    modules = [part for name in ["virtio_mmio" if ours else "virtio_pci", "virtio_console"] for part in ["--module", name]]
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], *modules)
    command.main(sys.argv[4:])
