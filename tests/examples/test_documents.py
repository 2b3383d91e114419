# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_documents.py SOURCE ABX: a program that a document shows under <!-- PATH --> is that file, without its licence; the command takes the options that a document shows."""
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

root, abx = Path(sys.argv[1]), os.path.abspath(sys.argv[2])
SHOWN = re.compile(r"^<!-- (examples/\S+) -->\n```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)

GUEST = "--kernel debian/vmlinuz --initrd debian/initrd --disk debian/disk.img --memory 512M"


def commands(document):
    """The whole commands that boot something: those with an ellipsis, or without a kernel, are parts of one."""
    text = document.read_text(encoding="utf-8").replace("\\\n", " ").replace("$G", GUEST)
    shown = re.findall(r"^(?:build/cli/)?(abx run [^\n…]*)$|`(abx run [^`…]*)`", text, re.MULTILINE)
    return {command.rstrip("& ") for command in map(max, shown) if "--kernel " in command}


class Documents(unittest.TestCase):
    def test_shown_programs_are_the_files(self):
        shown = set()
        for document in (root / "README.md", root / "docs" / "embedding.md"):
            for path, text in SHOWN.findall(document.read_text(encoding="utf-8")):
                with self.subTest(document=document.name, path=path):
                    licence, program = (root / path).read_text(encoding="utf-8").split("\n", 1)
                    self.assertIn("SPDX-License-Identifier", licence)
                    self.assertEqual(text, program)
                    shown.add(path)
        self.assertEqual(shown, {f"examples/{file.name}" for file in (root / "examples").glob("*.c")})

    def test_shown_commands_are_taken(self):
        """No file that they name is there, so that none runs; a wrong command line would have status 2."""
        shown = set().union(*map(commands, (root / "README.md", *(root / "docs").glob("**/*.md"))))
        self.assertGreater(len(shown), 20)
        with tempfile.TemporaryDirectory() as folder:
            for command in sorted(shown):
                with self.subTest(command=command):
                    words = shlex.split(command.replace("$HOME", folder), comments=True)
                    done = subprocess.run([abx, *words[1:]], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
                    self.assertNotEqual(done.returncode, 2, done.stdout)
                    self.assertNotEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
