# SPDX-License-Identifier: MIT OR Apache-2.0
"""test_documents.py SOURCE: a program that a document shows under <!-- PATH --> is that file, without its licence."""
import re
import sys
import unittest
from pathlib import Path

root = Path(sys.argv[1])
SHOWN = re.compile(r"^<!-- (examples/\S+) -->\n```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
