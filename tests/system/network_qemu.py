# SPDX-License-Identifier: MIT OR Apache-2.0
"""network_qemu.py ABX ARCH [TEST...]: a stock Linux guest on QEMU's network with address translation: it gets an address by DHCP and talks to this host."""
import base64
import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile

import command
from guests import BRISK, guest_kernel, make_initrd

arch = sys.argv[2]
CONSOLE = {"x86_64": "ttyS0", "aarch64": "ttyAMA0"}
SIZE = 1 << 20
MAC = "02:00:00:00:ab:01"
folder = tempfile.TemporaryDirectory()
initrd = os.path.join(folder.name, "initrd")

# What udhcpc is to do with what it was offered; 10.0.2.2 is this host's loopback.
SCRIPT = """set -e
cat >/tmp/apply <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
ip route add default via "$router"
END
chmod +x /tmp/apply
echo "card $(cat /sys/class/net/eth0/address)"
ip link set eth0 up
udhcpc -i eth0 -f -q -n -s /tmp/apply
echo "address $(ip -4 -o address show eth0 | sed 's/.*inet \\([^ ]*\\).*/\\1/')"
dd if=/dev/urandom of=/tmp/out bs=64k count=16 2>/dev/null
nc 10.0.2.2 %d </tmp/out >/tmp/in
echo "sent $(sha256sum </tmp/out)"
echo "received $(sha256sum </tmp/in)"
"""


def receive_all(connection):
    """Until the other side has sent all."""
    content = b""
    while more := connection.recv(65536):
        content += more
    return content


class NetworkQemu(command.CommandTest):
    def start(self, port):
        encoded = base64.b64encode((SCRIPT % port).encode()).decode()
        return subprocess.Popen([command.abx, "run", "--backend", "qemu", "--memory", "256M", "--timeout", "240", "--kernel",
                                 guest_kernel(arch), "--initrd", initrd, "--net", f"nat,mac={MAC}", "--cmdline",
                                 f"console={CONSOLE[arch]} {BRISK} abx.cmd={encoded}"], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")

    def serve(self, listener, answer):
        """One connection, which gets the answer: what came."""
        listener.settimeout(command.PATIENCE)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(command.PATIENCE)
            came = receive_all(connection)
            connection.sendall(answer)
        return came

    def test_nat(self):
        """The card has the address that it was given, DHCP an address for the guest; a megabyte goes each way by TCP."""
        answer = os.urandom(SIZE)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            process = self.start(listener.getsockname()[1])
            try:
                came = self.serve(listener, answer)
            except TimeoutError:
                process.kill()
                came = b""
            out, err = process.communicate(timeout=command.PATIENCE)
        self.check(command.Result(process.returncode, out, err), 0, "ABX-GUEST-EXIT status=0")
        said = dict(re.findall(r"(?m)^(card|address|sent|received) (\S+)", out))
        self.assertEqual(len(came), SIZE)
        self.assertEqual(said, {"card": MAC, "address": "10.0.2.15/24", "sent": hashlib.sha256(came).hexdigest(),
                                "received": hashlib.sha256(answer).hexdigest()})


def has_nat():
    """It is not in every build of QEMU."""
    program = f"qemu-system-{arch}"
    kinds = subprocess.run([program, "-netdev", "help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return "user" in kinds.stdout.split()


if __name__ == "__main__":
    command.require_linux("qemu")
    if not has_nat():
        print("skipped: this QEMU has no network of kind user (slirp)", flush=True)
        sys.exit(command.SKIPPED)
    make_initrd(initrd, "--arch", arch, "--kernel", guest_kernel(arch).rpartition("/boot/")[0],
                "--module", "virtio_pci", "--module", "virtio_net")
    command.main(sys.argv[3:])
