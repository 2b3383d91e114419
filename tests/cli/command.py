# SPDX-License-Identifier: MIT OR Apache-2.0
"""The command under test: runs it, and skips a test program where its backend is not usable."""
import json
import os
import subprocess
import sys
import unittest

SKIPPED = 77
PATIENCE = 120  # seconds until a test gives up on a process
abx = os.path.abspath(sys.argv[1])
runner = os.environ.get("ABX_RUNNER", "").split()  # what runs abx where it is for another processor


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"status {self.status}, output {self.out!r}, errors {self.err!r}"


def run(*arguments, abx=abx, **options):
    """Runs abx, or a copy of it, to its end. Output and errors are text."""
    options = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE, **options}
    done = subprocess.run([*runner, abx, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


class Console:
    """A machine whose console is a person's."""

    def __init__(self, *options):
        self.seen = b""
        self.process = subprocess.Popen([*runner, abx, "run", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)

    def wait_for(self, text):
        """Reads until `text` has come, and forgets it. Returns what was before it."""
        while text not in self.seen:
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise AssertionError(f"there is no {text!r} after {self.seen!r}: {self.process.communicate()[1]!r}")
            self.seen += more
        before, _, self.seen = self.seen.partition(text)
        return before

    def type(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def finish(self):
        """What is still said until the machine ends, and how abx ends."""
        out, err = self.process.communicate()
        return self.seen + out, self.process.returncode, err


def architecture():
    """The machine that abx is for, as the kernel names it."""
    name = json.loads(run("info", "--json").out)["arch"]
    return {"arm64": "aarch64"}.get(name, name)


def look_up(backend):
    """What abx info says of `backend`."""
    return next(b for b in json.loads(run("info", "--json").out)["backends"] if b["name"] == backend)


def missing(backend, why):
    """Says why a test of `backend` is skipped. In the emulated host kvm has everything, and the program fails."""
    if backend == "kvm" and "ABX_TESTBED" in os.environ:
        sys.exit(f"failed: {backend} {why}")
    print(f"skipped: {backend} {why}", flush=True)


def usable(backend):
    """Whether `backend` can be used here; says why not."""
    report = look_up(backend)
    if not report["usable"]:
        missing(backend, f"is not usable here: {report['reason']}")
    return report["usable"]


def require(backend):
    """Ends this program as skipped where `backend` cannot be used."""
    if not usable(backend):
        sys.exit(SKIPPED)


def require_linux(backend):
    """... and where it runs small guests only: a kvm without hardware virtualization emulates too little for Linux."""
    require(backend)
    capabilities = look_up(backend)["capabilities"]
    if backend == "kvm" and not capabilities["flags"]["hardware"]:
        missing(backend, f"by {capabilities['detail']} runs no stock Linux; this runs in the emulated host")
        sys.exit(SKIPPED)


def child_of(pid):
    """QEMU, which a thread of ours has started."""
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
            children = file.read().split()
        if children:
            return int(children[0])
    raise AssertionError("abx has no child")


class CommandTest(unittest.TestCase):
    def check(self, result, status, out="", err=""):
        self.assertEqual(result.status, status, result)
        self.assertIn(out, result.out)
        self.assertIn(err, result.err)
        return result


def main(names=()):
    """Runs the calling program's tests, or those of these names. All of them skipped is a skipped program."""
    result = unittest.main(argv=[sys.argv[0], *names], verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if len(result.skipped) == result.testsRun else 0)
