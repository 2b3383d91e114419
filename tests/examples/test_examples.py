# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_examples.py ABX EXAMPLE MESON BUILD SOURCE COMPILER...: compiles an example as its user would, and runs it."""
import base64
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

    def run_program(self, *words, **options):
        return self.installed.run(self.program, *words, timeout=command.PATIENCE, **options)


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


class Loop(Example):
    """Events, the disk and standard input come in one loop."""

    package = "arcbox-vmm"

    def run_script(self, script, typed=b""):
        """Runs a shell script in the guest; standard input stays open."""
        initrd, disk = (os.path.join(self.folder, name) for name in ("initrd", "disk"))
        make_initrd(initrd, *(word for module in ("mmio", "pci", "blk") for word in ("--module", f"virtio_{module}")))
        with open(disk, "wb") as file:
            file.write(b"what the disk holds\n".ljust(1 << 20, b"\0"))
        keyboard, typist = os.pipe()
        os.write(typist, typed)
        try:
            cmdline = f"console=ttyS0 quiet panic=-1 abx.cmd={base64.b64encode(script).decode()}"
            status, out, err = self.run_program(guest_kernel(), initrd, cmdline, disk, stdin=keyboard)
        finally:
            os.close(typist)
            os.close(keyboard)
        self.assertEqual(status, 0, (out, err))
        return out, err

    def test_the_guest_reads_its_disk_and_ends(self):
        out, err = self.run_script(b"head -n 1 /dev/vda")
        self.assertIn("what the disk holds", out)
        self.assertIn("guest-shutdown", err)

    def test_input_ends_it(self):
        out, err = self.run_script(b"sleep 1000", b"\n")
        self.assertNotIn("guest-shutdown", err)
        self.assertNotIn("ABX-GUEST-EXIT", out)


def load_tests(loader, tests, pattern):
    return loader.loadTestsFromTestCase({"embed": Embed, "machine": Machine, "loop": Loop}[example])


if __name__ == "__main__":
    command.main()
