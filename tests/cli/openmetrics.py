# SPDX-License-Identifier: MIT OR Apache-2.0
"""A strict parser of OpenMetrics text, version 1.0 (the specification's ABNF and its rules for each type). What is not
allowed is a ValueError that names the line."""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[Ii]nf(?:inity)?|[Nn]a[Nn]"
METADATA = re.compile(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)\Z")
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)?\}})? ({NUMBER})\Z")
SUFFIXES = {"counter": ("_total", "_created"), "gauge": ("",), "info": ("_info",), "stateset": ("",), "unknown": ("",),
            "histogram": ("_bucket", "_count", "_sum", "_created")}


class Family:
    def __init__(self, name):
        self.name, self.metadata, self.samples = name, {}, {}

    @property
    def type(self):
        return self.metadata.get("TYPE", "unknown")


def fail(number, line, why):
    raise ValueError(f"line {number}: {why}: {line!r}")


def parse_labels(text):
    pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"', text or "")
    return tuple((name, re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)) for name, value in pairs)


def check_metadata(family, kind, text, number, line):
    if kind in family.metadata:
        fail(number, line, f"a second {kind}")
    if family.samples:
        fail(number, line, "metadata after samples")
    if kind == "TYPE" and text not in SUFFIXES:
        fail(number, line, "unknown type")
    if kind == "UNIT" and not family.name.endswith("_" + text):
        fail(number, line, "the name does not end with the unit")
    if kind == "HELP" and re.search(r'\\(?![\\n"])', text):
        fail(number, line, "a wrong escape")
    family.metadata[kind] = text


def check_value(family, suffix, labels, value, number, line):
    if len({name for name, _ in labels}) != len(labels):
        fail(number, line, "a label comes twice")
    names = dict(labels)
    if family.type == "counter" and not value >= 0:
        fail(number, line, "a counter below zero")
    if family.type == "info" and value != 1:
        fail(number, line, "an info that is not 1")
    if family.type == "stateset" and (value not in (0, 1) or family.name not in names):
        fail(number, line, "no state of a set")
    if suffix == "_bucket" and "le" not in names:
        fail(number, line, "a bucket without bound")


def check_histograms(family):
    """Bounds rise, counts do not fall, and the last bucket takes all."""
    series = {}
    for (suffix, labels), value in family.samples.items():
        if suffix == "_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    for buckets in series.values():
        bounds, counts = zip(*buckets)
        if list(bounds) != sorted(set(bounds)) or list(counts) != sorted(counts) or bounds[-1] != float("inf"):
            raise ValueError(f"{family.name}: wrong buckets")


def belongs(name, family):
    return next((s for s in SUFFIXES[family.type] if name == family.name + s), None) if family else None


def parse(text):
    """The families by name. Samples: {(suffix, labels): value}."""
    if not ("\n" + text).endswith("\n# EOF\n"):
        raise ValueError("there is no # EOF at the end")
    families, present = {}, None
    for number, line in enumerate(text[:-len("# EOF\n")].split("\n")[:-1], 1):
        metadata, sample = METADATA.match(line), SAMPLE.match(line)
        if metadata:
            kind, name, rest = metadata.groups()
            if not present or present.name != name:
                if name in families:
                    fail(number, line, "the family is in two places")
                present = families[name] = Family(name)
            check_metadata(present, kind, rest, number, line)
        elif sample:
            name, labels, value = sample.groups()
            suffix = belongs(name, present)
            if suffix is None:
                fail(number, line, "a sample of no family")
            key = (suffix, parse_labels(labels))
            if key in present.samples:
                fail(number, line, "a second sample")
            check_value(present, suffix, key[1], float(value), number, line)
            present.samples[key] = float(value)
        else:
            fail(number, line, "neither metadata nor sample")
    for family in families.values():
        if family.type == "histogram":
            check_histograms(family)
    return families
