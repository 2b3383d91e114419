# SPDX-License-Identifier: MIT OR Apache-2.0
"""abx bench: what it reports, where it finds abx-baseline, and the goals of docs/performance.md that need no quiet host.

test_bench.py ABX [goals]: "goals" is for optimized builds; the figures of others mean nothing.
"""
import json
import os
import shutil
import sys
import tempfile
import unittest

import command
from command import run

FIGURES = {"create_to_first_exit": "ns", "exit_round_trip": "ns", "process_start_to_first_byte": "ns",
           "peak_memory_of_that_process": "KiB", "user_instructions_per_exit": ""}
NUMBERS = {"ours", "ours_min", "ours_max", "bare", "bare_min", "bare_max"}
BUILD = os.path.dirname(os.path.dirname(command.abx))


STAND_IN = "#!/bin/sh\necho stand-in >&2\nexit 1\n"  # shows that it was found, and ends the measurement early


def bench(*options, **others):
    """One round. Counting instructions takes its time in an emulated host."""
    return run("bench", "--rounds", "1", "--exits", "10", *options, timeout=300, **others)


class Bench(command.CommandTest):
    @classmethod
    def setUpClass(cls):
        cls.result = bench("--json")

    def setUp(self):
        self.report = json.loads(self.check(self.result, 0).out)

    def test_json_is_complete(self):
        self.assertEqual(self.report["rounds"], 1)
        self.assertEqual(set(self.report), {"rounds", *FIGURES})
        for name, unit in FIGURES.items():
            with self.subTest(name):
                figure = self.report[name]
                self.assertEqual(set(figure), NUMBERS | {"unit", "ratio"})
                self.assertEqual(figure["unit"], unit)
                for number in NUMBERS:
                    self.assertGreater(figure[number], 0)
                self.assertAlmostEqual(figure["ratio"], figure["ours"] / figure["bare"])

    def test_text(self):
        lines = self.check(bench(), 0).out.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["median", *FIGURES])

    @unittest.skipUnless(sys.argv[2:] == ["goals"], "the goals are those of an optimized build")
    def test_goals(self):
        self.assertLess(self.report["peak_memory_of_that_process"]["ours"], 2048)
        steps = self.report["user_instructions_per_exit"]
        if command.architecture() == "x86_64":  # where they are counted for the document
            self.assertLessEqual(steps["ours"] - steps["bare"], 50)

    def test_where_the_baseline_is(self):
        """By name, beside the command or where it is installed; nowhere is said."""
        with tempfile.TemporaryDirectory() as folder:
            abx = os.path.join(folder, "bin", "abx")
            os.makedirs(os.path.dirname(abx))
            shutil.copy(command.abx, abx)
            libraries = os.pathsep.join(os.path.join(BUILD, part) for part in ("src", "vmm"))
            copy = {"abx": abx, "env": {**os.environ, "LD_LIBRARY_PATH": libraries}}
            self.check(bench(**copy), 4, err="--baseline")
            self.check(bench("--baseline", "/nonexistent/abx-baseline", **copy), 4, err="/nonexistent/abx-baseline")
            for place, options in (("bin", []), ("libexec/arcbox", []), (".", ["--baseline", f"{folder}/./abx-baseline"])):
                with self.subTest(place):
                    os.makedirs(os.path.join(folder, place), exist_ok=True)
                    baseline = os.path.join(folder, place, "abx-baseline")
                    with open(baseline, "w", encoding="ascii") as file:
                        file.write(STAND_IN)
                    os.chmod(baseline, 0o755)
                    self.check(bench(*options, **copy), 4, err="stand-in")
                    os.remove(baseline)


if __name__ == "__main__":
    command.require("kvm")
    command.main()
