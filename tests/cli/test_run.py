# SPDX-License-Identifier: MIT OR Apache-2.0
"""abx run BACKEND with small guests: each end and its exit status, events, signals, pipes, bad kernels."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import command
from command import run
from guests import HOST, Guests, flat, guest_kernel

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
HAS = {"kvm": ("block", "entropy", "balloon"), "qemu": ("block", "entropy", "net", "balloon")}
folder = tempfile.TemporaryDirectory()
backend = sys.argv[2]
guests = Guests(backend, sys.argv[3] if len(sys.argv) > 3 else None, folder.name)


def start(what, *options):
    return subprocess.Popen([command.abx, "run", *guests(what), *options], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Run(command.CommandTest):
    def test_an_end(self):
        self.check(run("run", *guests("end")), 0)

    def test_output(self):
        self.check(run("run", *guests("hello")), 0, out="hello\n" if backend == "qemu" else "hi\n")

    def test_reset(self):
        self.check(run("run", *guests("reset")), 120, err="the guest asked for a reset")

    @unittest.skipUnless(backend == "kvm" and HOST == "x86_64", "of a device that only x86_64 has")
    def test_no_reset_without_the_device(self):
        self.check(run("run", *guests("reset"), "--devices", "serial"), 0, err="the guest halted for good")

    def test_panic(self):
        self.check(run("run", *guests("panic")), 122, err="the guest panicked")

    def test_debug_exit(self):
        result = self.check(run("run", *guests("debug-exit")), 0x21 << 1 | 1)
        self.assertEqual(result.err, "")

    def test_fault(self):
        if "fault" not in guests:
            self.skipTest(f"{backend} tells a triple fault as a reset")
        status, said = flat.FAULT
        self.check(run("run", *guests("fault")), status, err=said)

    def test_time_limit(self):
        self.check(run("run", *guests("spin"), "--timeout", "0.5"), 124, err="did not end within 0.500 s")

    def test_signals_end_it(self):
        for number in SIGNALS:
            with self.subTest(number):
                with start("echo") as process:
                    self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
                    process.send_signal(number)
                    out, err = process.communicate(timeout=command.PATIENCE)
                    self.assertEqual(process.returncode, 130, err)
                    self.assertIn(b"abx: stopped", err)

    def test_a_guest_that_is_asked_to_end_and_does_not(self):
        """The first signal asks the guest, a second one ends it, and so does the time."""
        with start("deaf", "--stop-timeout", "60") as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            process.send_signal(signal.SIGTERM)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(timeout=1)
            process.send_signal(signal.SIGTERM)
            err = process.communicate(timeout=command.PATIENCE)[1]
            self.assertEqual(process.returncode, 130, err)
        with start("deaf", "--stop-timeout", "0.1") as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            process.send_signal(signal.SIGTERM)
            err = process.communicate(timeout=command.PATIENCE)[1]
            self.assertEqual(process.returncode, 130, err)

    def test_a_guest_that_is_asked_to_end_and_does(self):
        with start("button", "--stop-timeout", "60") as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            process.send_signal(signal.SIGTERM)
            err = process.communicate(timeout=command.PATIENCE)[1]
            self.assertEqual((process.returncode, err), (0, b""))

    @unittest.skipUnless(backend == "kvm" and HOST == "x86_64", "others have it without ACPI")
    def test_a_button_needs_acpi(self):
        """By default there is none without it; what cannot be is refused."""
        path = os.path.join(folder.name, "flat")
        with open(path, "wb") as image:
            image.write(flat.IMAGES["end"])
        machine = ["run", "--backend", backend, "--memory", "16M", "--kind", "flat", "--flat-mode", "real", "--kernel", path]
        for words in (["--irqchip", "none"], ["--acpi", "off"], []):
            with self.subTest(words=words):
                self.check(run(*machine, *words), 0)
                result = run(*machine, *words, "--devices", "serial,power-button")
                self.check(result, 4, err="on x86_64 a power button needs ACPI")

    def test_a_machine_without_a_button(self):
        if backend == "qemu":
            self.skipTest("it always has one")
        with start("echo", "--stop-timeout", "60") as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            process.send_signal(signal.SIGTERM)
            err = process.communicate(timeout=command.PATIENCE)[1]
            self.assertEqual(process.returncode, 130, err)
            self.assertIn(b"power button", err)

    def test_devices_that_the_backend_has_not(self):
        for words, kind in (
            (["--disk", "image,ro"], "block"),
            (["--net", "nat,mac=02:00:00:00:00:01"], "net"),
            (["--vsock"], "vsock"),
            (["--rng"], "entropy"),
            (["--balloon"], "balloon"),
            (["--share", "tag=/,ro"], "fs"),
            (["--share", "tag/a=/", "--share", "tag/b=/"], "fs"),
            (["--rosetta", "tag,cache=unix:/run/socket"], "rosetta"),
        ):
            if kind in HAS[backend]:
                continue
            with self.subTest(words=words):
                result = self.check(run("run", *guests("end"), *words), 4, err=f"no device of kind {kind}")
                self.assertRegex(result.err, r"devices\[[0-9]\]: ")

    @unittest.skipUnless(backend == "qemu", "what QEMU says of images")
    def test_devices_of_qemu(self):
        image = os.path.join(folder.name, "image")
        with open(image, "wb") as file:
            file.truncate(1 << 20)
        disk = ["--disk", f"{image},serial=one,cache=uncached,sync=fsync"]
        self.check(run("run", *guests("hello"), *disk, "--rng", "--balloon"), 0, out="hello\n")
        with start("echo", *disk) as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            result = self.check(run("run", *guests("end"), *disk), 4, err=f"use disk image {image}")
            self.assertIn("Another program uses it", result.err)
            process.communicate(b"q", timeout=command.PATIENCE)
        self.check(run("run", *guests("end"), "--disk", image + "s"), 4, err=f"open disk image {image}s")
        self.check(run("run", *guests("end"), "--net", "bridged:eth0"), 4, err="NAT and DATAGRAM")

    def test_memory(self):
        for parts in ("huge=transparent", "huge=never", "huge=none"):
            self.check(run("run", *guests("end"), "--memory", f"64M,{parts}"), 0)
        if backend == "qemu":
            self.check(run("run", *guests("end"), "--memory", "64M,memfd,huge=2M"), 4, err="memory_backing: ")
            return
        self.check(run("run", *guests("end"), "--memory", "64M,memfd"), 0)
        # More than any pool has: the refusal shows that the pool was asked.
        self.check(run("run", *guests("end"), "--memory", "256G,huge=2M"), 4, err="huge")

    @unittest.skipUnless(backend == "kvm", "of machines on manual backends")
    def test_devices_without_interrupt_controllers(self):
        for words in (["--disk", "image,ro"], ["--rng"]):
            with self.subTest(words=words):
                result = run("run", *guests("end"), "--irqchip", "none", *words)
                self.check(result, 4, err="virtio devices need interrupt controllers")

    def test_processor_features(self):
        """A guest is given what the backend has for it, and nothing is left out in silence."""
        backends = json.loads(run("info", "--json", "--all").out)["backends"]
        has = next(b["capabilities"]["flags"] for b in backends if b["name"] == backend)
        for option, field in ("pmu", "pmu"), ("sve", "sve"), ("pointer-auth", "pointer_auth"):
            with self.subTest(option):
                result = run("run", *guests("end"), f"--{option}")
                if has[option]:
                    self.check(result, 0)
                else:
                    self.check(result, 4, err=f"vm.{field}: backend {backend} cannot give it to guests here")

    def test_what_the_core_knows_of_devices(self):
        result = run("run", *guests("end"), "--share", "tag/a=/", "--share", "tag/a=/")
        self.check(result, 4, err="fs.shares[1].name: shares[0] has the same")

    def test_boot_by_efi(self):
        result = run("run", "--backend", backend, "--memory", "16M", "--efi", os.path.join(folder.name, "variables"))
        self.check(result, 4, err="EFI")

    def test_machine_identifiers(self):
        """No backend here has them: a file that is there is refused by it, one that is not is not made."""
        path = os.path.join(folder.name, "identifier")
        self.check(run("run", *guests("end"), "--machine-id", path), 4, err="get a machine's identifier")
        self.assertFalse(os.path.exists(path))
        with open(path, "wb") as file:
            file.write(b"me")
        self.check(run("run", *guests("end"), "--machine-id", path), 4, err="has no machine identifiers")
        with open(path, "wb") as file:
            file.write(b"x" * 5000)
        self.check(run("run", *guests("end"), "--machine-id", path), 4, err="this is no machine's identifier")

    def test_input_from_a_pipe(self):
        with start("echo") as process:
            self.assertEqual(process.stdout.read(len(guests.greeting)), guests.greeting)
            out, err = process.communicate(b"abc\x01xyzq", timeout=command.PATIENCE)
            # The escape key is for terminals: a pipe is passed on as it is.
            self.assertTrue(out.startswith(b"abc\x01xyz"), (out, err))
            self.assertEqual(process.returncode, 0, err)

    def test_closed_output_is_no_hang(self):
        with start("spin" if backend == "qemu" else "hello", "--timeout", "5") as process:
            process.stdout.close()
            process.stdin.close()
            process.wait(timeout=command.PATIENCE)
            self.assertGreaterEqual(process.returncode, 0)
            process.stderr.read()

    def test_quiet(self):
        self.assertEqual(self.check(run("run", *guests("reset"), "--quiet"), 120).err, "")

    def check_events(self, text):
        events = [json.loads(line) for line in text.splitlines()]
        self.assertEqual([e["sequence"] for e in events], list(range(1, len(events) + 1)))
        self.assertEqual(sorted(e["time"] for e in events), [e["time"] for e in events])
        states = [e["state"] for e in events if e["kind"] == "state"]
        self.assertEqual(states, ["running", "stopped"])
        last = max(i for i, e in enumerate(events) if e["kind"] == "state")
        self.assertLessEqual({e["kind"] for e in events[last + 1:]}, {"vcpu-off"})
        self.assertIn("guest-reset", [e["kind"] for e in events])

    def test_events_to_a_file(self):
        path = os.path.join(folder.name, "events")
        self.check(run("run", *guests("reset"), "--events", path), 120)
        with open(path, encoding="utf-8") as file:
            self.check_events(file.read())

    def test_events_to_standard_output(self):
        self.check_events(self.check(run("run", *guests("reset"), "--events", "-"), 120).out)

    def test_events_to_nowhere(self):
        path = os.path.join(folder.name, "no", "such", "folder")
        self.check(run("run", *guests("end"), "--events", path), 4, err=path)

    def run_kernel(self, path, *options):
        return run("run", "--backend", backend, "--memory", "64M", "--kernel", path, "--timeout", "20", *options)

    def test_no_such_kernel(self):
        path = os.path.join(folder.name, "no-kernel")
        result = self.check(self.run_kernel(path), 4, err=path)
        self.assertIn("No such file", result.err)

    def test_a_kernel_that_is_none(self):
        path = os.path.join(folder.name, "text")
        with open(path, "w", encoding="utf-8") as file:
            file.write("This is not a kernel.\n" * 100)
        self.check(self.run_kernel(path), 4, err="kernel")

    def test_a_truncated_kernel(self):
        path = os.path.join(folder.name, "part")
        with open(guest_kernel(), "rb") as whole, open(path, "wb") as part:
            part.write(flat.truncate(whole))
        self.check(self.run_kernel(path), 4, err="truncated")

    def test_no_such_initrd(self):
        path = os.path.join(folder.name, "no-initrd")
        self.check(self.run_kernel(guest_kernel(), "--initrd", path), 4, err=path)


if __name__ == "__main__":
    command.require(backend)
    command.main()
