# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_examples.py ABX EXAMPLE MESON BUILD SOURCE COMPILER...: compiles an example as its user would, and runs it."""
import os
import sys
import tempfile

import command
from guests import guest_kernel, make_initrd
from installed import Installed

example, meson, build, source = sys.argv[2:6]
compiler = sys.argv[6:]


class Example(command.CommandTest):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.installed = Installed([meson], build, os.path.join(cls.folder, "root"))
        cls.program = cls.installed.compile(compiler, source, cls.package)

    def run_program(self, *words):
        return self.installed.run(self.program, *words, timeout=command.PATIENCE)


class Embed(Example):
    package = "arcbox-hypervisor"

    def test_it_greets(self):
        if not command.usable("kvm"):
            self.skipTest("kvm is not usable here; it compiles")
        self.assertEqual(self.run_program(), (0, "Hello from the guest\n", ""))


class Machine(Example):
    package = "arcbox-vmm"

    def test_it_boots(self):
        initrd = os.path.join(self.folder, "initrd")
        make_initrd(initrd)
        status, out, err = self.run_program(guest_kernel(), initrd, "console=ttyS0 quiet panic=-1 abx.run=poweroff")
        self.assertEqual(status, 0, (out, err))
        self.assertIn("ABX-GUEST-INIT cpus=1 ", out)
        self.assertIn("the machine ended: shutdown", err)

    def test_it_says_what_is_wrong(self):
        status, out, err = self.run_program(os.path.join(self.folder, "none"))
        self.assertEqual((status, out), (1, ""))
        self.assertIn("No such file", err)


def load_tests(loader, tests, pattern):
    return loader.loadTestsFromTestCase({"embed": Embed, "machine": Machine}[example])


if __name__ == "__main__":
    command.main()
