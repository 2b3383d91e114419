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
            (["--memory", "1G,huge"], "--memory: 'huge' is not known"),
            (["--memory", "1G,huge=4M"], "--memory: '4M' is none of none, transparent, 2M, 1G, never"),
            (["--memory", "1G,memfd=yes"], "--memory: 'memfd=yes' is not known"),
            (["--kind", "windows"], "--kind"),
            (["--arch", "vax"], "--arch"),
            (["--timeout", "soon"], "--timeout"),
            (["--devices", "serial,toaster"], "--devices"),
            (["--debug-exit-port", "65536"], "--debug-exit-port"),
            (["--fw-cfg", "nothing"], "--fw-cfg"),
            (["--disk", "image,rw"], "--disk: 'rw' is not known"),
            (["--disk", "image,cache"], "--disk: 'cache' is not known"),
            (["--disk", "image,cache=warm"], "--disk: 'warm' is none of auto, cached, uncached"),
            (["--disk", "image,sync=maybe"], "--disk: 'maybe' is none of full, fsync, none"),
            (["--disk", "image,queues=99"], "--disk: '99' is not a number from 1 to 16"),
            (["--disk", "image" + ",ro" * 9], "--disk: 'image,ro,ro,ro,ro,ro,ro,ro,ro,ro' has too many parts"),
            (["--net", "wifi"], "--net: 'wifi' is none of nat, bridged:INTERFACE, fd:NUMBER"),
            (["--net", "bridged:"], "--net"),
            (["--net", "fd:x"], "--net"),
            (["--net", "nat,mac=02:00"], "--net: '02:00' is not an address"),
            (["--net", "nat,mac=02:00:00:00:00:0g"], "--net"),
            (["--net", "nat,mtu=0"], "--net"),
            (["--share", "folder"], "--share: 'folder' is not TAG=FOLDER"),
            (["--share", "=folder"], "--share"),
            (["--share", "tag=folder,rw"], "--share: 'rw' is not known"),
            (["--rosetta", "tag,cache=tcp:1"], "--rosetta: 'tcp:1' is none of unix:PATH, abstract:NAME"),
            (["--rosetta", "tag,ro"], "--rosetta: 'ro' is not known"),
            (["--stop-timeout", "0"], "--stop-timeout"),
        ):
            with self.subTest(words=words):
                result = self.check(run("run", *words), 2, err=said)
                self.assertEqual(result.out, "")
                self.assertEqual(result.err.count("abx: "), 1, result.err)

    def test_too_many_devices(self):
        words = ["--disk", "image"] * 65
        self.check(run("run", *words), 2, err="--disk: at most 64 devices")

    def test_a_backend_that_is_not(self):
        self.check(run("run", "--kernel", command.abx, "--backend", "none"), 4, err="none")


if __name__ == "__main__":
    command.main()
