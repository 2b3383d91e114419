# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_examples.py ABX EXAMPLE MESON BUILD SOURCE COMPILER...: compiles an example against the installed library and runs it."""
import os
import sys
import tempfile

import command
from guests import guest_kernel, make_initrd
from installed import Installed

example, meson, build, source = sys.argv[2:6]
compiler = sys.argv[6:]


class Example(command.CommandTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.installed = Installed([meson], build, folder.name)
        self.folder = folder.name


class Embed(Example):
    def test_it_greets(self):
        program = self.installed.compile(compiler, source, "arcbox-hypervisor")
        self.assertEqual(self.installed.run(program, timeout=command.PATIENCE), (0, "Hello from the guest\n", ""))


class Machine(Example):
    def test_it_boots(self):
        program = self.installed.compile(compiler, source, "arcbox-vmm")
        initrd = os.path.join(self.folder, "initrd")
        make_initrd(initrd)
        status, out, err = self.installed.run(program, guest_kernel(), initrd,
                                              "console=ttyS0 quiet panic=-1 abx.run=poweroff", timeout=command.PATIENCE)
        self.assertEqual(status, 0, (out, err))
        self.assertIn("ABX-GUEST-INIT cpus=1 ", out)
        self.assertIn("the machine ended: shutdown", err)

    def test_it_says_what_is_wrong(self):
        program = self.installed.compile(compiler, source, "arcbox-vmm")
        status, out, err = self.installed.run(program, os.path.join(self.folder, "none"), timeout=command.PATIENCE)
        self.assertEqual((status, out), (1, ""))
        self.assertIn("No such file", err)


def load_tests(loader, tests, pattern):
    return loader.loadTestsFromTestCase({"embed": Embed, "machine": Machine}[example])


if __name__ == "__main__":
    if example == "embed":
        command.require("kvm")
    command.main()
