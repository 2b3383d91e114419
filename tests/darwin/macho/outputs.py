# SPDX-License-Identifier: MIT OR Apache-2.0
"""What LLVM's tools tell of Mach-O files, and what a text stub says that a library exports."""
import re
import subprocess


def tell(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Import:
    def __init__(self, name, weak, library):
        self.name, self.weak, self.library = name, weak, library


def imports(file):
    """Undefined symbols of a linked file, with the library that they are bound to."""
    pattern = re.compile(r"\(undefined\) (weak )?external (\S+)(?: \(from (\S+)\))?")
    return [Import(name, bool(weak), library) for weak, name, library in pattern.findall(tell("llvm-nm", "-m", "--undefined-only", file))]


def definitions(archive):
    return set(re.findall(r"\([^()]+\) (?:.* )?external (?:\[.*\] )?(\S+)", tell("llvm-nm", "-m", "--defined-only", archive)))


def exports(file):
    return set(re.findall(r"^0x[0-9A-F]+\s+(?:\[.*\] )?(_\S+)", tell("llvm-objdump", "--macho", "--exports-trie", file), flags=re.MULTILINE))


class LoadedLibrary:
    def __init__(self, command, name):
        self.weak, self.name = command == "LC_LOAD_WEAK_DYLIB", name


def commands(file):
    return tell("llvm-objdump", "--macho", "--private-headers", file)


def loaded(file):
    return [LoadedLibrary(*found) for found in re.findall(r"cmd (LC_LOAD_DYLIB|LC_LOAD_WEAK_DYLIB)\n.*\n\s*name (\S+)", commands(file))]


def stub_exports(path, architecture):
    """All names in all documents of a .tbd for one architecture."""
    names = set()
    block = re.compile(r"- targets:\s*\[(.*?)\]\s*\n((?:\s+[\w-]+:\s*\[.*?\]\s*\n)+)", flags=re.DOTALL)
    for targets, lists in block.findall(path.read_text(encoding="utf-8")):
        if f"{architecture}-macos" in re.findall(r"[\w-]+", targets):
            for found in re.findall(r"(?:weak-|thread-local-)?symbols:\s*\[(.*?)\]", lists, flags=re.DOTALL):
                names |= {name.strip().strip("'") for name in found.split(",")}
    return names
