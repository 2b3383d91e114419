# SPDX-License-Identifier: MIT OR Apache-2.0
"""The parser of metrics refuses what is not allowed."""
import unittest

from openmetrics import parse

GOOD = """# TYPE a counter
# HELP a Some \\"text\\".
a_total{x="1",y="\\\\ \\" \\n"} 1
a_total 2.5e3
# TYPE b_bytes gauge
# UNIT b_bytes bytes
b_bytes -1
# TYPE c info
c_info{v="1"} 1
# TYPE d stateset
d{d="on"} 1
d{d="off"} 0
# TYPE e histogram
e_bucket{le="0.0"} 1
e_bucket{le="1.0"} 1
e_bucket{le="+Inf"} 3
# EOF
"""

BAD = {
    "no end": "a 1\n",
    "after the end": "# EOF\n# EOF\n",
    "no newline": "# TYPE a gauge\na 1# EOF\n",
    "unknown family": "a 1\n# EOF\n",
    "wrong suffix": "# TYPE a counter\na 1\n# EOF\n",
    "unknown type": "# TYPE a meter\n# EOF\n",
    "wrong unit": "# TYPE a gauge\n# UNIT a bytes\n# EOF\n",
    "type twice": "# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
    "metadata after samples": "# TYPE a gauge\na 1\n# HELP a b\n# EOF\n",
    "in two places": "# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n",
    "sample twice": "# TYPE a gauge\na 1\na 2\n# EOF\n",
    "label twice": '# TYPE a gauge\na{b="1",b="2"} 1\n# EOF\n',
    "no value": "# TYPE a gauge\na\n# EOF\n",
    "two spaces": "# TYPE a gauge\na  1\n# EOF\n",
    "wrong escape": '# TYPE a gauge\na{b="\\x"} 1\n# EOF\n',
    "falling counter": "# TYPE a counter\na_total -1\n# EOF\n",
    "info of two": "# TYPE a info\na_info 2\n# EOF\n",
    "state without name": "# TYPE a stateset\na 1\n# EOF\n",
    "no last bucket": '# TYPE a histogram\na_bucket{le="1"} 1\n# EOF\n',
    "falling buckets": '# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\n# EOF\n',
    "empty line": "\n# EOF\n",
}


class OpenMetrics(unittest.TestCase):
    def test_what_is_allowed(self):
        families = parse(GOOD)
        self.assertEqual(families["a"].samples[("_total", ())], 2500)
        self.assertEqual(families["a"].samples[("_total", (("x", "1"), ("y", '\\ " \n')))], 1)
        self.assertEqual(families["b_bytes"].metadata["UNIT"], "bytes")

    def test_what_is_not(self):
        for why, text in BAD.items():
            with self.subTest(why), self.assertRaises(ValueError):
                parse(text)


if __name__ == "__main__":
    unittest.main()
