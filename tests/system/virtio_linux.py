# SPDX-License-Identifier: MIT OR Apache-2.0
"""virtio_linux.py ABX BACKEND ARCH [TEST...]: virtio devices of a machine under the drivers of a stock Linux kernel. They are ours on backend kvm, and QEMU's on qemu."""
import base64
import errno
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest

import command
from guests import BRISK, guest_kernel, make_initrd

backend, arch = sys.argv[2:4]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
SECTOR = 512
ours = backend != "qemu"
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")


def options(script, *devices, console=CONSOLE[arch]):
    """For a guest that runs `script` and ends."""
    encoded = base64.b64encode(script.encode()).decode()
    return ["--backend", backend, "--memory", "256M", "--timeout", "240", "--kernel", guest_kernel(arch), "--initrd", initrd,
            *devices, "--cmdline", f"console={console} {BRISK} abx.cmd={encoded}"]


def run(script, *devices):
    return command.run("run", *options(script, *devices))


def run_until(pattern, script, *devices):
    """Kills the process as soon as the guest has said `pattern`: what it has said, that last."""
    with subprocess.Popen([command.abx, "run", *options(script, *devices)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        said = ""
        for line in process.stdout:
            said += line.decode(errors="replace")
            found = re.search(pattern, said)
            if found:
                process.kill()
                return said[:found.end()]
    return said


def on_small_disk(*program):
    """The command line of a program that has a file system of 8 MiB in folder "small", and in that a disk "full" of 64 MiB. It goes with the program."""
    small = os.path.join(folder.name, "small")
    os.makedirs(small, exist_ok=True)
    rights = [] if os.getuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *rights, "sh", "-ec", 'mount -t tmpfs -o size=8m none "$0"; truncate -s 64M "$0/full"; exec "$@"', small, *program]


def count_wakes(pid):
    """How often each thread of a process has gone to sleep, which it does each time it has been woken: {name: count}."""
    wakes = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        wakes[f"{status['Name']} {task}"] = int(status["voluntary_ctxt_switches"])
    return wakes


class VirtioLinux(command.CommandTest):
    def image(self, name, sectors):
        """A disk whose sectors begin with their number."""
        path = os.path.join(folder.name, name)
        with open(path, "wb") as disk:
            for number in range(sectors):
                disk.write(f"sector {number}\n".encode().ljust(SECTOR, b"."))
        return path

    def test_disks(self):
        """Content, size, serial number; what was written and flushed is in the image; a read-only disk stays as it is. Interrupts come by descriptors."""
        first, second = self.image("first", 4096), self.image("second", 8)
        result = run("""set -e
            cat /sys/block/vda/size /sys/block/vdb/size /sys/block/vda/serial; echo
            dd if=/dev/vda bs=512 skip=4095 count=1 | head -n 1
            dd if=/dev/vdb bs=512 skip=5 count=1 | head -n 1
            dd if=/dev/urandom of=/tmp/random bs=64k count=16
            dd if=/tmp/random of=/dev/vda bs=64k seek=1 conv=fsync
            echo 3 >/proc/sys/vm/drop_caches
            dd if=/dev/vda bs=64k skip=1 count=16 | cmp - /tmp/random && echo same
            echo written | dd of=/dev/vda bs=512 seek=7 conv=sync,fsync
            ! echo refused | dd of=/dev/vdb bs=512 conv=sync,fsync
            grep -qi edge.*virtio0 /proc/interrupts && echo interrupts""", "--disk", first + ",serial=disk-1", "--disk", second + ",ro",
                     *(["--irqfd", "on"] if ours else []))
        self.check(result, 0, "ABX-GUEST-EXIT status=0")
        for line in ["4096", "8", "disk-1", "sector 4095", "sector 5", "same", "interrupts"]:
            self.assertIn(f"\n{line}\n", result.out.replace("\r", ""))
        with open(first, "rb") as disk:
            content = disk.read()
        self.assertEqual(content[6 * SECTOR:6 * SECTOR + 9], b"sector 6\n")
        self.assertEqual(content[7 * SECTOR:8 * SECTOR], b"written\n".ljust(SECTOR, b"\0"))
        self.assertNotEqual(content[128 * SECTOR:128 * SECTOR + 7], b"sector ")
        with open(second, "rb") as disk:
            self.assertEqual(disk.read(9), b"sector 0\n")

    def test_what_is_flushed_outlives_the_process(self):
        """It is killed in the midst of other writes, and the next guest finds what the first one had flushed. That one also reads the host's random numbers."""
        image = self.image("killed", 16384)
        said = run_until("sum [0-9a-f]{64}", """set -e
            mke2fs -F /dev/vda >/dev/null
            mount -t ext2 /dev/vda /mnt
            [ $(ls /sys/block/vda/mq | wc -l) -eq 2 ]
            dd if=/dev/urandom of=/mnt/kept bs=64k count=16
            sync
            echo "sum $(sha256sum </mnt/kept)"
            while :; do dd if=/dev/zero of=/mnt/lost bs=64k count=16 conv=fsync; done""", "--disk", image, "--cpus", "2")
        self.assertRegex(said, "sum [0-9a-f]{64}$")
        result = run("""set -e
            mount -t ext2 -o ro /dev/vda /mnt
            echo "sum $(sha256sum </mnt/kept)"; umount /mnt
            cat /sys/class/misc/hw_random/rng_current
            [ $(dd if=/dev/hwrng bs=512 count=8 | wc -c) -eq 4096 ] && echo 4096 bytes
            """ + ("! grep -qi edge.*virtio0 /proc/interrupts" if ours else ""),
            "--disk", image + ",ro,cache=" + self.uncached(image), "--rng")
        self.check(result, 0, said[-len("sum ") - 64:])
        self.assertIn("virtio_rng.0", result.out)
        self.assertIn("4096 bytes", result.out)

    @unittest.skipUnless(arch == "x86_64", "of no architecture")
    def test_full_host(self):
        """The host has no room for what the guest writes: that fails in the guest, which goes on and has what it had written before. An event says so."""
        try:
            subprocess.run(on_small_disk("true"), check=True, capture_output=True, timeout=command.PATIENCE)
        except (OSError, subprocess.CalledProcessError) as error:
            self.skipTest(f"no small file system can be mounted here: {error} {getattr(error, 'stderr', '')}")
        events = os.path.join(folder.name, "events")
        done = subprocess.run(on_small_disk(*command.runner, command.abx, "run", *options("""set -e
            dd if=/dev/urandom of=/tmp/random bs=64k count=16
            dd if=/tmp/random of=/dev/vda bs=64k conv=fsync
            ! dd if=/dev/zero of=/dev/vda bs=64k seek=16 count=256 conv=fsync && echo refused
            echo 3 >/proc/sys/vm/drop_caches
            dd if=/dev/vda bs=64k count=16 | cmp - /tmp/random && echo same""", "--disk", os.path.join(folder.name, "small", "full"), "--events", events)),
            stdin=subprocess.DEVNULL, capture_output=True, timeout=command.PATIENCE * 3, check=False)
        said = done.stdout.decode(errors="replace").replace("\r", "")
        self.assertEqual(done.returncode, 0, (said, done.stderr))
        for line in ["refused", "same", "ABX-GUEST-EXIT status=0"]:
            self.assertIn(f"\n{line}", said)
        with open(events, encoding="utf-8") as file:
            told = [json.loads(line) for line in file]
        self.assertNotIn("paused", [event.get("state") for event in told])
        failures = [event for event in told if event["kind"] == "disk-error"]
        self.assertTrue(failures, told)
        for event in failures:
            self.assertEqual((event["code"], event["text"]), (errno.ENOSPC, "full: write: No space left on device"))

    def await_reports(self, name):
        """Until the guest has reported all that is free, which it does in pieces, some every two seconds."""
        reported, before = -1, None
        while reported != before:
            time.sleep(5)
            metrics = command.run("metrics", name)
            self.check(metrics, 0)
            reported, before = int(re.search(r"^arcbox_balloon_reported_bytes_total (\d+)$", metrics.out, re.M)[1]), reported

    def uncached(self, image):
        """What the cache of a disk is where the image's file system allows for none."""
        try:
            os.close(os.open(image, os.O_RDONLY | os.O_DIRECT))
            return "uncached"
        except OSError:
            return "cached"

    @unittest.skipUnless(ours, "what QEMU makes of a discard is its own")
    @unittest.skipUnless(arch == "x86_64", "of no architecture")
    def test_discard_and_zeroes(self):
        """What the guest discards is a hole in the image; where it writes zeros are zeros. The kernel writes them for a loop
        device that discards: its own disk shall read as zeros there."""
        image = self.image("holes", 4096)
        before = os.stat(image).st_blocks
        result = run("""set -e
            cat /sys/block/vda/queue/discard_max_bytes /sys/block/vda/queue/write_zeroes_max_bytes
            blkdiscard -o 524288 -l 524288 /dev/vda
            losetup /dev/loop0 /dev/vda
            blkdiscard -o 1179648 -l 131072 /dev/loop0
            losetup -d /dev/loop0; sync; echo done""", "--disk", image)
        self.check(result, 0, "done")
        with open(image, "rb") as disk:
            content = disk.read()
        for start, length in [(524288, 524288), (1179648, 131072)]:
            self.assertEqual(content[start:start + length], bytes(length))
            self.assertEqual(content[start - SECTOR:start - SECTOR + 7], b"sector ")
            self.assertEqual(content[start + length:start + length + 7], b"sector ")
        self.assertLessEqual(os.stat(image).st_blocks, before - 524288 // SECTOR)

    @unittest.skipUnless(ours, "QEMU's threads are not ours")
    def test_idle(self):
        """A guest that does nothing for 20 seconds wakes nobody but its own vCPU, and that by timers of its own. Without
        --rng: there Linux asks for random numbers every now and then."""
        name = f"idle-{os.getpid()}"
        console = command.Console(*options("""until [ -c /dev/hvc0 ]; do sleep 0.1; done
            exec </dev/hvc0 >/dev/hvc0; echo idle; read word; echo over""", "--disk", self.image("idle", 8), "--name", name,
            "--balloon", "--console", "virtio", console="hvc0"))
        console.wait_for(b"idle")
        self.await_reports(name)
        before = count_wakes(console.process.pid)
        time.sleep(20)
        after = count_wakes(console.process.pid)
        console.type("end")
        out, status, err = console.finish()
        self.assertEqual(status, 0, (out, err))
        self.assertIn(b"over", out)
        self.assertEqual(before.keys(), after.keys())
        wakes = {name: after[name] - before[name] for name in after}
        print(f"in 20 seconds: {wakes}", flush=True)
        for name, count in wakes.items():
            self.assertLessEqual(count, 400 if name.startswith("vcpu-") else 0, wakes)

    @unittest.skipUnless(ours and arch == "x86_64", "arm64 guests have a device tree, QEMU's have PCI")
    def test_without_acpi(self):
        """Debian's kernels do not take the parameter: it is there, and the lines that it names are the PICs'."""
        result = run("cat /proc/cmdline; cat /proc/interrupts; reboot -f", "--acpi", "off", "--devices", "serial,i8042", "--rng")
        self.check(result, 120, "virtio_mmio.device=0x200@0xd0000000:5 console=")
        self.assertRegex(result.out, r"0: +[1-9][0-9]* +XT-PIC +timer")


if __name__ == "__main__":
    command.require_linux(backend)
    modules = [part for name in ["virtio_mmio" if ours else "virtio_pci", "virtio_blk", "virtio-rng", "virtio_console", "virtio_balloon", "loop"] for part in ["--module", name]]
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], *modules)
    command.main(sys.argv[4:])
