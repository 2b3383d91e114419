# SPDX-License-Identifier: MIT OR Apache-2.0
"""virtio_linux.py ABX BACKEND ARCH [TEST...]: virtio devices of a machine under the drivers of a stock Linux kernel."""
import base64
import os
import re
import subprocess
import sys
import tempfile

import command
from guests import guest_kernel, make_initrd

backend, arch = sys.argv[2:4]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
SECTOR = 512
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")


def options(script, *devices):
    """Those of a guest that runs `script` and ends."""
    encoded = base64.b64encode(script.encode()).decode()
    return ["run", "--backend", backend, "--memory", "256M", "--timeout", "240", "--kernel", guest_kernel(arch),
            "--initrd", initrd, *devices, "--cmdline", f"console={CONSOLE[arch]} quiet panic=-1 abx.cmd={encoded}"]


def run(script, *devices):
    return command.run(*options(script, *devices))


def run_until(pattern, script, *devices):
    """Kills the process as soon as the guest has said `pattern`; what that was, or None."""
    with subprocess.Popen([command.abx, *options(script, *devices)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            found = re.search(pattern, line.decode(errors="replace"))
            if found:
                process.kill()
                return found[0]
    return None


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
            grep -q edge.*virtio0 /proc/interrupts && echo interrupts""", "--disk", first + ",serial=disk-1", "--disk", second + ",ro",
                     "--irqfd", "on")
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
        """It is killed in the midst of other writes, and the next guest finds what the first one had flushed."""
        image = self.image("killed", 16384)
        said = run_until("sum [0-9a-f]{64}", """set -e
            mke2fs -F /dev/vda >/dev/null
            mkdir /mnt
            mount -t ext2 /dev/vda /mnt
            [ $(ls /sys/block/vda/mq | wc -l) -eq 2 ]
            dd if=/dev/urandom of=/mnt/kept bs=64k count=16
            sync
            echo "sum $(sha256sum </mnt/kept)"
            while :; do dd if=/dev/zero of=/mnt/lost bs=64k count=16 conv=fsync; done""", "--disk", image, "--cpus", "2")
        self.assertIsNotNone(said)
        result = run("""set -e
            mkdir /mnt
            mount -t ext2 -o ro /dev/vda /mnt
            echo "sum $(sha256sum </mnt/kept)"; umount /mnt""", "--disk", image + ",ro,cache=" + self.uncached(image))
        self.check(result, 0, said)

    def uncached(self, image):
        """What the cache of a disk is where the image's file system allows for none."""
        try:
            os.close(os.open(image, os.O_RDONLY | os.O_DIRECT))
            return "uncached"
        except OSError:
            return "cached"

    def test_entropy(self):
        result = run("""set -e
            cat /sys/class/misc/hw_random/rng_current
            [ $(dd if=/dev/hwrng bs=512 count=8 | wc -c) -eq 4096 ] && echo 4096 bytes
            ! grep -q edge.*virtio0 /proc/interrupts""", "--rng")
        self.check(result, 0, "ABX-GUEST-EXIT status=0")
        self.assertIn("virtio_rng.0", result.out)
        self.assertIn("4096 bytes", result.out)


if __name__ == "__main__":
    command.require_linux(backend)
    modules = [part for name in ["virtio_mmio", "virtio_blk", "virtio-rng"] for part in ["--module", name]]
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0], *modules)
    command.main(sys.argv[4:])
