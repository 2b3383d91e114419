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


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"status {self.status}, output {self.out!r}, errors {self.err!r}"


def run(*arguments, **options):
    """Runs abx to its end. Output and errors are text."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([abx, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE, **options)
    return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def require(backend):
    """Ends this program as skipped where `backend` cannot be used; in the emulated host that is a failure for kvm."""
    report = next(b for b in json.loads(run("info", "--json").out)["backends"] if b["name"] == backend)
    if report["usable"]:
        return
    must = backend == "kvm" and "ABX_TESTBED" in os.environ
    print(f"{'failed' if must else 'skipped'}: {backend} is not usable here: {report['reason']}")
    sys.exit(1 if must else SKIPPED)


class CommandTest(unittest.TestCase):
    def check(self, result, status, out="", err=""):
        self.assertEqual(result.status, status, result)
        self.assertIn(out, result.out)
        self.assertIn(err, result.err)
        return result


def main():
    unittest.main(argv=sys.argv[:1], verbosity=2)
