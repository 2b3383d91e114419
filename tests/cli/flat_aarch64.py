# SPDX-License-Identifier: MIT OR Apache-2.0
"""Flat guests of ARM64: code by name, the options to run it, and a part of a Linux.

Devices: docs/machine.md. PSCI: Arm DEN 0022, 5.1.
"""
import gzip

SYSTEM_OFF = ["52b08000", "72800100", "d4000002"]  # mov w0, #0x84000000; movk w0, #8; hvc #0
SYSTEM_RESET = ["52b08000", "72800120", "d4000002"]
SERIAL = ["d2a12001"]  # mov x1, #0x9000000

CODE = {
    "end": SYSTEM_OFF,
    # mov w0, #'h'; str w0, [x1] …
    "hello": SERIAL + ["52800d00", "b9000020", "52800d20", "b9000020", "52800140", "b9000020"] + SYSTEM_OFF,
    "reset": SYSTEM_RESET,
    "debug-exit": ["d2a12101", "52800420", "b9000020"],  # mov x1, #0x9080000; mov w0, #0x21; str w0, [x1]
    "panic": ["d2a120e1", "52800020", "39000020", "14000000"],  # mov x1, #0x9070000; mov w0, #1; strb w0, [x1]
    "fault": ["d2ba0001", "a9400c22"],  # mov x1, #0xd0000000; ldp x2, x3, [x1]
    "spin": ["14000000"],
    # Enables the receiver, greets with '>', then sends back what it reads until a 'q'.
    "echo": SERIAL + ["52806020", "b9003020", "528007c0", "b9000020", "b9401822", "3727ffe2", "b9400020", "b9000020",
                      "7101c41f", "54ffff61"] + SYSTEM_OFF,
    "deaf": SERIAL + ["528007c0", "b9000020", "14000000"],  # greets and spins
    # Greets, then mov x2, #0x9030000; ldr w0, [x2, #0x20] until line 3 is high.
    "button": SERIAL + ["528007c0", "b9000020", "d2a12062", "b9402040", "34ffffe0"] + SYSTEM_OFF,
}

IMAGES = {name: b"".join(bytes.fromhex(word)[::-1] for word in code) for name, code in CODE.items()}
FAULT = (4, "data-abort")  # exit status of "fault", and what is said of it


def truncate(kernel):
    """The beginning of a packed one: of an Image nobody can tell that it is not all."""
    return gzip.compress(kernel.read(1 << 20), 1)[:200000]


def options(what):
    more = {"debug-exit": ",debug-exit", "deaf": ",power-button", "button": ",power-button"}.get(what, "")
    return ["--devices", "serial,pvpanic" + more, "--irqchip", "none"]
