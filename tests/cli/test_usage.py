# SPDX-License-Identifier: MIT OR Apache-2.0
"""Help, and what is said of wrong usage."""
import command
from command import run


class Usage(command.CommandTest):
    def test_overview(self):
        for words in (["help"], ["--help"], ["-h"]):
            self.check(run(*words), 0, "usage: abx COMMAND")
        self.check(run(), 2, "usage: abx COMMAND")

    def test_version(self):
        for word in ("version", "--version"):
            self.assertRegex(self.check(run(word), 0).out, r"\Aabx \d+\.\d+\.\d+\n\Z")

    def test_help_of_each_command(self):
        for name in ("run", "info", "bench"):
            page = self.check(run("help", name), 0, f"usage: abx {name}")
            self.assertEqual(run(name, "--help").out, page.out)
            self.assertEqual(page.err, "")

    def test_help_of_run_has_the_exit_statuses(self):
        page = run("run", "--help").out
        for status in ("120", "122", "124", "126", "130"):
            self.assertIn(status, page)

    def test_unknown_words(self):
        self.check(run("fly"), 2, err="there is no command 'fly'")
        self.check(run("help", "fly"), 2, err="there is no command 'fly'")
        self.check(run("run", "--fly"), 2, err="unknown option '--fly'")
        self.check(run("info", "now"), 2, err="unexpected word 'now'")

    def test_run_needs_a_kernel(self):
        self.check(run("run"), 2, err="which kernel?")

    def test_wrong_values(self):
        for words, said in (
            (["--kernel"], "'--kernel' needs a value"),
            (["--quiet=yes"], "'--quiet' takes no value"),
            (["--cpus", "0"], "--cpus"),
            (["--cpus", "two"], "--cpus"),
            (["--memory", "12Q"], "--memory"),
            (["--memory", "99999999999999999999G"], "--memory"),
            (["--kind", "windows"], "--kind"),
            (["--arch", "vax"], "--arch"),
            (["--timeout", "soon"], "--timeout"),
            (["--devices", "serial,toaster"], "--devices"),
            (["--debug-exit-port", "65536"], "--debug-exit-port"),
            (["--fw-cfg", "nothing"], "--fw-cfg"),
        ):
            with self.subTest(words=words):
                result = self.check(run("run", *words), 2, err=said)
                self.assertEqual(result.out, "")
                self.assertTrue(result.err.startswith("abx: "))

    def test_a_backend_that_is_not(self):
        self.check(run("run", "--kernel", command.abx, "--backend", "none"), 4, err="none")


if __name__ == "__main__":
    command.main()
