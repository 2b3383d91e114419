# SPDX-License-Identifier: MIT OR Apache-2.0
"""A program built as its user would: against the installed headers and libraries, by pkg-config."""
import os
import subprocess
from pathlib import Path


def output(*words, **environment):
    done = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True, env={**os.environ, **environment})
    return done.stdout


class Installed:
    def __init__(self, meson, build, folder):
        """Installs the build in folder `build` below `folder`."""
        self.folder = Path(folder)
        output(*meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", folder)
        self.packages = next(self.folder.glob("**/arcbox-hypervisor.pc")).parent
        self.libraries = next(self.folder.glob("**/libarcbox-hypervisor.so")).parent
        self.prefix = next(self.folder.glob("**/include/arcbox")).parents[1]

    def flags(self, package):
        return output("pkg-config", "--define-variable", f"prefix={self.prefix}", "--cflags", "--libs", package,
                      PKG_CONFIG_PATH=str(self.packages)).split()

    def compile(self, compiler, source, package):
        """Compiles the one file `source` as strict C17. Gives the program's path."""
        program = self.folder / Path(source).stem
        output(*compiler, "-std=c17", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-o", program, source,
               *self.flags(package))
        return program

    def run(self, *words, timeout, stdin=subprocess.DEVNULL):
        """Runs a compiled program: its status, output and errors."""
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.libraries)}
        done = subprocess.run(words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout, env=environment)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
