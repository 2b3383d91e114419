# SPDX-License-Identifier: MIT OR Apache-2.0
"""Reads the metadata of Apple's SDK that NativeScript's runtime for macOS carries.

It is one section of that library, written from the SDK's headers by clang: strings, constants, enumerations, signatures,
functions, protocols, classes, structures and unions. Everything refers to everything else by offsets from the beginning
of a section, of which the top bit says that another one follows. Members have their real selectors, and signatures have
types, which come out here as the letters of the Objective-C runtime.
"""
import struct

MAGIC = b"NSMD"
VERSION = 1
SECTIONS = ("constants", "enums", "signatures", "functions", "protocols", "classes", "structs", "unions")
NEXT = 1 << 31
NULL = NEXT - 1
PROPERTY, READONLY, STATIC, METHOD, MEMBER_NEXT = 1, 2, 8, 16, 0x80
TYPE_NEXT, TYPE_VARIADIC = 0x80, 0x40

# Kinds of types that are a single letter. An enumeration is written as a signed 64 bit number, whatever it is.
LETTERS = {0: "c", 1: "i", 2: "s", 3: "l", 4: "q", 5: "C", 6: "I", 7: "S", 8: "L", 9: "Q", 10: "f", 11: "d", 12: "B", 13: "v",
           14: "*", 15: "@", 18: "@", 19: "@", 20: "@", 21: "#", 22: ":", 26: "^v", 28: "B"}
PROTOCOL_OBJECT, CLASS_OBJECT, STRUCT, POINTER, FUNCTION_POINTER, BLOCK = 16, 17, 24, 25, 27, 29
ARRAYS = (23, 32, 33, 34)


class Malformed(Exception):
    pass


def section_of(library, name):
    """The contents of a section of a 64 bit Mach-O file, by its name."""
    magic, _, _, _, commands = struct.unpack_from("<5I", library)
    if magic != 0xfeedfacf:
        raise Malformed("this is no 64 bit Mach-O file")
    at = 32
    for _ in range(commands):
        command, size = struct.unpack_from("<2I", library, at)
        if command == 0x19:  # LC_SEGMENT_64
            count, = struct.unpack_from("<I", library, at + 64)
            for section in range(at + 72, at + 72 + 80 * count, 80):
                if library[section:section + 16].rstrip(b"\0") == name:
                    length, offset = struct.unpack_from("<QI", library, section + 40)
                    return library[offset:offset + length]
        at += size
    raise Malformed("there is no section %s" % name.decode())


class Method:
    """A method, or one of the two that a property stands for."""

    def __init__(self, static, selector, encoding):
        self.static, self.selector, self.encoding = static, selector, encoding


class Owner:
    """A class or a protocol: `above` is the class above it, `protocols` are those that it adopts."""

    def __init__(self, name, above, protocols, methods):
        self.name, self.above, self.protocols, self.methods = name, above, protocols, methods


class Metadata:
    def __init__(self, library):
        self.data = section_of(library, b"__objc_metadata")
        if self.data[:4] != MAGIC or struct.unpack_from("<H", self.data, 4)[0] != VERSION:
            raise Malformed("this is no metadata of a version that is known")
        offsets = struct.unpack_from("<%dI" % len(SECTIONS), self.data, 6)
        self.start = dict(zip(SECTIONS, offsets))
        self.end = dict(zip(SECTIONS, offsets[1:] + (len(self.data) - 4,)))
        self.strings = 6 + 4 * len(SECTIONS)
        self.enums = self._read_enums()
        self.functions = self._read_functions()
        self.protocols, _ = self._read_owners("protocols", False)
        self.classes, _ = self._read_owners("classes", True)

    def _word(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def _string(self, offset):
        start = self.strings + (offset & NULL)
        return self.data[start:self.data.index(b"\0", start)].decode()

    def _words(self, at):
        """A list of offsets, of which each but the last has the top bit."""
        words = [self._word(at)]
        while words[-1] & NEXT:
            at += 4
            words.append(self._word(at))
        return [word & NULL for word in words], at + 4

    def _read_enums(self):
        enums, at = {}, self.start["enums"]
        while at < self.end["enums"]:
            values = enums.setdefault(self._string(self._word(at)), {})
            at += 4
            more = True
            while more:
                name, value = struct.unpack_from("<Iq", self.data, at)
                values[self._string(name)] = value
                at += 12
                more = name & NEXT
        return enums

    def _read_functions(self):
        functions = {}
        for at in range(self.start["functions"], self.end["functions"], 8):
            name, signature = struct.unpack_from("<2I", self.data, at)
            functions[self._string(name)] = signature
        return functions

    def function_types(self, name):
        """Types of a function's result and arguments."""
        return self._signature(self.functions[name])

    def _read_owners(self, section, classes):
        """Classes or protocols by name; and names by offset, by which they refer to each other."""
        owners, names, at = {}, {}, self.start[section]
        begin = at
        while at < self.end[section]:
            offset = at - begin
            name = self._word(at)
            at += 8 if classes else 4 # the name that the class has at run time, if that is another
            protocols, above, more = [], None, True
            if name & NEXT:
                protocols, at = self._words(at)
            if classes:
                above = self._word(at)
                more, above = above & NEXT, above & NULL
                at += 4
            methods, at = self._members(at) if more else ([], at)
            names[offset] = self._string(name)
            owners[names[offset]] = Owner(names[offset], above, protocols, methods)
        for owner in owners.values():
            owner.above = names.get(owner.above)
        return owners, names

    def _members(self, at):
        methods = []
        more = True
        while more:
            flags = self.data[at]
            more = flags & MEMBER_NEXT
            static = bool(flags & STATIC)
            at += 1
            if flags & PROPERTY:
                _, getter, signature = struct.unpack_from("<3I", self.data, at)
                methods.append(self._method(static, getter, signature))
                at += 12
                if not flags & READONLY:
                    methods.append(self._method(static, *struct.unpack_from("<2I", self.data, at)))
                    at += 8
            elif flags & METHOD:
                methods.append(self._method(static, *struct.unpack_from("<2I", self.data, at)))
                at += 8
        return methods, at

    def _method(self, static, selector, signature):
        result, arguments = self._signature(signature)
        return Method(static, self._string(selector), result + "@:" + "".join(arguments))

    def _signature(self, offset):
        at = self.start["signatures"] + offset
        more = self.data[at] & (TYPE_NEXT | TYPE_VARIADIC)
        result, at = self._type(at)
        arguments = []
        while more:
            more = self.data[at] & TYPE_NEXT
            argument, at = self._type(at)
            arguments.append(argument)
        return result, arguments

    def _type(self, at):
        """The letters of a type and where the next one is."""
        kind = self.data[at] & ~(TYPE_NEXT | TYPE_VARIADIC)
        at += 1
        if kind in LETTERS:
            return LETTERS[kind], at
        if kind == PROTOCOL_OBJECT or kind == CLASS_OBJECT:
            return "@", self._words(at)[1]
        if kind == POINTER:
            pointee, at = self._type(at)
            return "^" + pointee, at
        if kind == BLOCK:
            return "@?", at + 4
        if kind == FUNCTION_POINTER:
            return "^?", at + 4
        if kind == STRUCT:
            return "{}", at + 4
        if kind in ARRAYS:
            element, at = self._type(at + 2)
            return "[%s]" % element, at
        return "?", at
