# SPDX-License-Identifier: MIT OR Apache-2.0
"""Stub libraries: what the linker has to know of a library, as text (.tbd). And the list of what we use of Apple's: stubs.ini."""
import configparser
import pathlib

ARCHITECTURES = ["arm64", "x86_64"]


class Library:
    """A library of stubs.ini: its place in an SDK, and its symbols with the macOS that brought them."""

    def __init__(self, place, section):
        self.place = place
        self.install_name = section.pop("install-name")
        self.architectures = section.pop("architectures").split()
        self.backend = section.pop("backend")
        self.since = {"_" + name: tuple(map(int, version.split("."))) for version, names in section.items() for name in names.split()}


def libraries():
    listed = configparser.ConfigParser(delimiters="=", interpolation=None)
    listed.optionxform = str
    listed.read(pathlib.Path(__file__).with_name("stubs.ini"), encoding="utf-8")
    return [Library(place, dict(listed[place])) for place in listed.sections()]


def put(path, text):
    """A file that stays as it is when it says that already: nothing is built anew for it."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write(path, install_name, symbols, architectures=None):
    """Text stub, version 4, as LLVM's TextAPI reads it."""
    targets = ", ".join(f"{architecture}-macos" for architecture in architectures or ARCHITECTURES)
    exports = f"exports:\n  - targets: [ {targets} ]\n    symbols: [ {', '.join(sorted(symbols))} ]\n" if symbols else ""
    put(path, f"--- !tapi-tbd\ntbd-version: 4\ntargets: [ {targets} ]\ninstall-name: '{install_name}'\n{exports}...\n")
