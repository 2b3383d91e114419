# SPDX-License-Identifier: MIT OR Apache-2.0
"""Flat guests of x86_64: code by name, the options to run it, and a part of a Linux. Opcodes: Intel SDM volume 2."""

# Real mode at 0x1000, one behaviour each.
REAL = {
    "end": "fa f4",  # cli; hlt
    "hello": "ba f8 03  b0 68 ee  b0 69 ee  b0 0a ee  fa f4",  # "hi\n" to port 0x3f8
    "reset": "b0 fe  e6 64  fa f4",  # 0xfe to port 0x64
    "debug-exit": "b0 21  e6 f4  fa f4",  # 0x21 to port 0xf4
    "panic": "ba 05 05  b0 01  ee  fa f4",  # 1 to port 0x505
    "spin": "eb fe",
    # Greets with '>', then sends back what it reads until a 'q'.
    "echo": "ba f8 03  b0 3e  ee  ba fd 03  ec  a8 01  74 f8  ba f8 03  ec  ee  3c 71  75 ef  fa f4",
    "deaf": "ba f8 03  b0 3e ee  eb fe",  # greets and spins
    # Puts its handler at vector 0x2c, opens line 12 of the PICs for it, greets and halts. The handler: 0x2000 to port 0x604.
    "button": "fa 31 c0 8e d8 8e d0  bc 00 08  c7 06 b0 00 41 10  a3 b2 00  b0 11 e6 20 e6 a0  b0 20 e6 21 b0 28 e6 a1"
              "b0 04 e6 21 b0 02 e6 a1  b0 01 e6 21 e6 a1  b0 fb e6 21 b0 ef e6 a1  ba f8 03 b0 3e ee  fb f4 eb fd"
              "ba 04 06 b8 00 20 ef  f4 eb fd",
}

# The same for 32-bit protected mode, at 1 MiB.
PROTECTED = {
    "fault": "0f 01 1d 0c 00 10 00  0f 0b  90 90 90  00 00 00 00 00 00",  # lidt of nothing; ud2
}

IMAGES = {name: bytes.fromhex(code) for name, code in {**REAL, **PROTECTED}.items()}
FAULT = (126, "triple fault")  # exit status of "fault", and what is said of it


def truncate(kernel):
    """The beginning of a file."""
    return kernel.read(200000)


def options(what):
    if what in ("deaf", "button"):
        return ["--devices", "serial,power-button", "--irqchip", "kernel", "--acpi", "on", "--flat-mode", "real"]
    devices = ["--devices", "serial,debug-exit"] if what == "debug-exit" else []
    return [*devices, "--irqchip", "none", "--flat-mode", "real" if what in REAL else "protected"]
