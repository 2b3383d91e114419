# SPDX-License-Identifier: MIT OR Apache-2.0
"""abx run on a terminal: raw while it runs, the escape key, and the settings as they were whatever happens."""
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

import command
from guests import Guests

ESCAPE = b"\x01"
LOCAL_FLAGS = 3  # of what tcgetattr() gives
folder = tempfile.TemporaryDirectory()
backend = sys.argv[2]
guests = Guests(backend, sys.argv[3] if len(sys.argv) > 3 else None, folder.name)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def is_alive(pid):
    try:
        return read(f"/proc/{pid}/stat").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Terminal(command.CommandTest):
    def setUp(self):
        self.ours, self.theirs = pty.openpty()
        self.addCleanup(os.close, self.ours)
        self.addCleanup(os.close, self.theirs)
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen([command.abx, "run", *guests("echo")], stdin=self.theirs, stdout=self.theirs,
                                        stderr=self.theirs, start_new_session=True)
        self.addCleanup(self.end)
        self.expect(guests.greeting.strip())

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def expect(self, text):
        """Reads what appears on the terminal until `text` has come."""
        seen = b""
        while text not in seen:
            ready, _, _ = select.select([self.ours], [], [], command.PATIENCE)
            self.assertTrue(ready, f"{text!r} does not come after {seen!r}")
            seen += os.read(self.ours, 1)
        return seen

    def settings(self):
        return termios.tcgetattr(self.theirs)

    def test_raw_while_it_runs(self):
        flags = self.settings()[LOCAL_FLAGS]
        self.assertFalse(flags & (termios.ECHO | termios.ICANON | termios.ISIG))
        os.write(self.ours, b"\x03q")  # the interrupt key is the guest's
        self.expect(b"\x03")
        self.assertEqual(self.process.wait(command.PATIENCE), 0)
        self.assertEqual(self.settings(), self.before)

    def test_escape_key_ends_it(self):
        os.write(self.ours, ESCAPE + b"x")
        self.assertEqual(self.process.wait(command.PATIENCE), 130)
        self.assertEqual(self.settings(), self.before)

    def test_escape_key_twice_is_the_key(self):
        os.write(self.ours, b"a" + ESCAPE + ESCAPE + b"b" + ESCAPE + b"?cq")
        self.assertIn(b"a" + ESCAPE + b"bc", self.expect(b"c"))
        self.assertEqual(self.process.wait(command.PATIENCE), 0)

    def test_signal(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(command.PATIENCE), 130)
        self.assertEqual(self.settings(), self.before)

    def children(self):
        pid = self.process.pid
        tasks = os.listdir(f"/proc/{pid}/task")
        return [child for task in tasks for child in read(f"/proc/{pid}/task/{task}/children").split()]

    def test_killed(self):
        children = self.children()
        self.assertGreaterEqual(len(children), 1)
        self.process.kill()
        self.assertEqual(self.process.wait(command.PATIENCE), -signal.SIGKILL)
        # What is left does it after that, and nobody is told when the children of the dead are gone: look until then.
        deadline = time.monotonic() + command.PATIENCE
        while time.monotonic() < deadline and (self.settings() != self.before or any(map(is_alive, children))):
            time.sleep(0.01)
        self.assertEqual(self.settings(), self.before)
        self.assertFalse(any(map(is_alive, children)))


if __name__ == "__main__":
    command.require(backend)
    command.main()
