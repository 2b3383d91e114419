# SPDX-License-Identifier: MIT OR Apache-2.0
"""What our tables say of Apple's frameworks, entry by entry: each can be compared with the SDK's metadata, and has
mutants that are wrong in one place each, to prove that the comparison would find it."""
import re
from dataclasses import dataclass, replace

# Where the common beginning of an enumeration's names, which the metadata leaves out, is not all that it leaves out.
SUFFIXES = {"hv_interrupt_type_t": "Q"}


def other_letters(encoding):
    """The encoding with another first type, and with another last one or one less."""
    yield ("i" if encoding[0] == "v" else "v") + encoding.lstrip("r")[1:]
    yield encoding + "@"
    if not encoding.endswith("@:"):
        yield encoding[:-2] if encoding.endswith(("@?", "^@", "^v")) else encoding[:-1]


@dataclass(frozen=True)
class Class:
    name: str

    @property
    def key(self):
        return "class %s" % self.name

    def fault(self, sdk):
        return None if self.name in sdk.classes else "there is no such class"

    def mutants(self):
        yield replace(self, name=self.name + "X")


def declared(sdk, owner, static, selector):
    """A method of a class or protocol, of those that it adopts, or of the classes above it."""
    waiting, seen = [owner], set()
    while waiting:
        current = waiting.pop(0)
        if current is None or current.name in seen:
            continue
        seen.add(current.name)
        for method in current.methods:
            if method.static == static and method.selector == selector:
                return method
        waiting += [sdk.protocols.get(name) for name in current.protocols]
        waiting.append(sdk.classes.get(current.above))
    return None


@dataclass(frozen=True)
class Method:
    owner: str
    static: bool
    selector: str
    encoding: str
    protocol: bool = False

    @property
    def key(self):
        return "method %s[%s %s]" % ("+" if self.static else "-", self.owner, self.selector)

    def fault(self, sdk):
        owner = (sdk.protocols if self.protocol else sdk.classes).get(self.owner)
        if not owner:
            return "there is no such %s" % ("protocol" if self.protocol else "class")
        method = declared(sdk, owner, self.static, self.selector)
        if not method:
            return "there is no such method"
        # The metadata has no qualifiers: a constant is what it is a constant of.
        if method.encoding != self.encoding.replace("r", ""):
            return "its types are %s, not %s" % (method.encoding, self.encoding)
        return None

    def mutants(self):
        yield replace(self, owner=self.owner + "X")
        yield replace(self, selector="x" + self.selector)
        yield replace(self, selector=self.selector + "x:")
        for encoding in other_letters(self.encoding):
            yield replace(self, encoding=encoding)


@dataclass(frozen=True)
class Value:
    enumeration: str
    name: str
    value: int

    @property
    def key(self):
        return "value %s %s" % (self.enumeration, self.name)

    def fault(self, sdk):
        value = sdk.enums.get(self.enumeration, {}).get(self.name)
        if value is None:
            return "there is none of that name"
        return None if value == self.value else "it is %d, not %d" % (value, self.value)

    def mutants(self):
        yield replace(self, name=self.name + "X")
        yield replace(self, value=self.value + 1)


def prefix_of(enumeration):
    """What all names of a C enumeration begin with: HV_REG_ for hv_reg_t."""
    return enumeration.removesuffix("_t").upper() + "_"


@dataclass(frozen=True)
class Constant:
    """An enumerator of C, by its whole name."""
    name: str
    value: int

    @property
    def key(self):
        return "constant %s" % self.name

    def fault(self, sdk):
        enumerations = [e for e in sdk.enums if e.startswith("hv_") and self.name.startswith(prefix_of(e))]
        if not enumerations:
            return "no enumeration has such names"
        enumeration = max(enumerations, key=len)
        short = self.name[len(prefix_of(enumeration)):].removesuffix(SUFFIXES.get(enumeration, ""))
        return Value(enumeration, short, self.value).fault(sdk)

    def mutants(self):
        yield replace(self, name=self.name + "X")
        yield replace(self, value=self.value + 1)


@dataclass(frozen=True)
class Function:
    """`result` and `arguments` are letters, or NAME=LETTER for a type with a name of its own."""
    name: str
    result: str
    arguments: tuple

    @property
    def key(self):
        return "function %s" % self.name

    def fault(self, sdk):
        if self.name not in sdk.functions:
            return "there is no such function"
        # The metadata writes every enumeration as a 64 bit number.
        ours = [re.sub(r"(\w+)=(\w)", lambda named: "q" if named[1] in sdk.enums else named[2], letters)
                for letters in (self.result, *self.arguments)]
        result, arguments = sdk.function_types(self.name)
        if [result, *arguments] == ours:
            return None
        return "its types are %s, not %s" % (" ".join([result, *arguments]), " ".join(ours))

    def mutants(self):
        yield replace(self, name=self.name + "x")
        yield replace(self, result="f")
        yield replace(self, arguments=(*self.arguments, "Q"))
        for i in range(len(self.arguments)):
            yield replace(self, arguments=(*self.arguments[:i], "f", *self.arguments[i + 1:]))


@dataclass(frozen=True)
class SystemRegister:
    """By name and number: op0 << 14 | op1 << 11 | CRn << 7 | CRm << 3 | op2."""
    name: str
    number: int

    @property
    def key(self):
        return "register %s" % self.name

    def fault(self, sdk):
        for enumeration in ("hv_sys_reg_t", "hv_gic_icc_reg_t"):
            value = sdk.enums[enumeration].get(self.name)
            if value is not None:
                value &= 0xffff
                return None if value == self.number else "it is %#06x, not %#06x" % (value, self.number)
        return "there is none of that name"

    def mutants(self):
        yield replace(self, name=self.name + "X")
        for bit in range(16):
            yield replace(self, number=self.number ^ 1 << bit)
