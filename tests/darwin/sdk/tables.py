# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads our tables of Apple's frameworks, as they stand in the sources."""
import re

from entries import Class, Constant, Function, Method, SystemRegister, Value

VALUES = {"uint8_t": "B", "uint16_t": "S", "uint32_t": "I", "uint64_t": "Q", "int32_t": "i", "int": "i", "intptr_t": "q", "size_t": "Q",
          "bool": "B", "void": "v"}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def encoding_of(pieces):
    """The text of adjacent literals. The SDK's metadata is of Apple silicon, whose boolean is B; on Intel it is c: none
    may be written out."""
    parts = re.findall(r'"([^"]*)"|\b(VZ_BOOL)\b', pieces)
    if any(set(literal) & set("Bc") for literal, _ in parts):
        raise ValueError("%s: a boolean is VZ_BOOL" % pieces)
    return "".join("B" if name else literal for literal, name in parts)


def read_definitions(path):
    """VZ_CLASS, VZ_METHOD, VZ_CALLBACK and VZ_VALUE, whose arguments the table's own comment explains."""
    entries = []
    text = without_comments(read(path))
    for kind, arguments in re.findall(r"^VZ_([A-Z]+)\((.*)\)$", text, re.M):
        if kind == "CLASS":
            entries.append(Class(arguments.split(",")[0]))
        elif kind == "METHOD":
            owner, sign, selector, pieces = re.match(r"""(\w+), '([+-])', "([^"]+)", (.*?), \d+, \d+, \w+$""", arguments).groups()
            entries.append(Method(owner, sign == "+", selector, encoding_of(pieces)))
        elif kind == "CALLBACK":
            owner, selector, pieces = re.match(r"""(\w+), "([^"]+)", (.*?), \d+, \d+$""", arguments).groups()
            entries.append(Method(owner, False, selector, encoding_of(pieces), True))
        elif kind == "VALUE":
            enumeration, name, value = re.match(r"(\w+), (\w+), (\w+)$", arguments).groups()
            entries.append(Value(enumeration, name, int(value, 0)))
        else:
            raise ValueError("%s: VZ_%s is not known" % (path, kind))
    return entries


class Declarations:
    """A header of C prototypes, type names and constants."""

    def __init__(self, path):
        self.text = without_comments(read(path))
        plain = re.findall(r"^typedef (\w+) (\w+);", self.text, re.M)
        self.numbers = {name: base for base, name in plain}
        pointers = re.findall(r"^typedef struct \w+ \*(\w+);", self.text, re.M)
        self.references = {name for name in pointers if name.endswith("Ref")}
        self.objects = set(pointers) - self.references
        self.callbacks = set(re.findall(r"^typedef \w+ \(\*(\w+)\)", self.text, re.M))
        self.structures = set(re.findall(r"^} (\w+);", self.text, re.M)) | set(re.findall(r"^struct (\w+) {", self.text, re.M))

    def letters(self, text):
        """Those of a type; of one with a name of its own NAME=LETTER, as it may be an enumeration."""
        base = re.sub(r"\b(const|struct)\b|\*", " ", text).split()[0]
        stars = text.count("*")
        if base == "char" and stars:
            return "^" * (stars - 1) + "*"
        if base in self.objects:
            letters = "@"
        elif base in self.references:
            letters = "^{}"
        elif base in self.callbacks:
            letters = "^?"
        elif base in self.structures:
            letters = "{}"
        elif base in self.numbers:
            letters = "%s=%s" % (base, VALUES[self.numbers[base]])
        else:
            letters = VALUES.get(base, "?")
        return "^" * stars + letters

    def functions(self):
        text = re.sub(r"^#.*$", "", self.text, flags=re.M)
        text = re.sub(r"\s+ABX_MACOS_SINCE\([^)]*\)", "", text)
        for result, name, arguments in re.findall(r"^(?:extern )?([\w ]+?[ *]+)(\w+)\(([^()]*)\);", text, re.M):
            if not result.startswith("typedef"):
                types = [] if arguments.strip() == "void" else arguments.split(",")
                yield Function(name, self.letters(result), tuple(self.letters(type) for type in types))

    def constants(self):
        for block in re.findall(r"\benum {(.*?)}", self.text, re.S):
            for name, value in re.findall(r"(\w+) = (\w+)", block):
                yield Constant(name, int(value, 0))
        for name, value in re.findall(r"^#define (HV_\w+) +(?:\(\(\w+\))?(?:UINT64_C\()?(\w+)", self.text, re.M):
            yield Constant(name, int(value, 0))


def read_declarations(path):
    declarations = Declarations(path)
    return [*declarations.functions(), *declarations.constants()]


def number_of(fields):
    op0, op1, crn, crm, op2 = (int(field) for field in fields.split(","))
    return op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2


def read_registers(path):
    """Registers of a source: ABX_SYSREG_NAME = ABX_ARM64_SYSREG_NUMBER(…), ABX_ARM64_NAME as ABX_ARM64_SYSREG(…), and
    REG(…) with the name behind it."""
    text = read(path)
    named = re.findall(r"ABX_SYSREG_(\w+) = ABX_ARM64_SYSREG_NUMBER\(([\d, ]+)\)", text)
    named += re.findall(r"^#define ABX_ARM64_(\w+) +ABX_ARM64_SYSREG\(([\d, ]+)\)$", text, re.M)
    entries = [SystemRegister(name, number_of(fields)) for name, fields in named]
    for fields, comment in re.findall(r"\bREG\(([\d, ]+)\),?(?: */\* (\w+))?", text):
        # Those of the GIC's interface are written without their common ending.
        name = comment if not comment or comment.endswith(("_EL0", "_EL1", "_EL2")) else comment + "_EL1"
        entries.append(SystemRegister(name or "without a name", number_of(fields)))
    return entries
