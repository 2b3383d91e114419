# The emulated ARM64 host: EL2 with GICv3, emulated by QEMU.
# Sourced by testbed; every architecture file defines the same names.
# shellcheck shell=bash disable=SC2034,SC2054

host_qemu_package=qemu-system-arm
host_qemu_binary=qemu-system-aarch64
host_kernel_package=linux-image-arm64
host_kernel_suite=debian_suite # not the newest, which is slower here
host_kvm_module=               # built in
host_modules=(virtio_mmio virtio_console 9p 9pnet_virtio overlay tun loop)
host_bus=device

# The plainest CPU that has EL2: others emulate more than is needed.
host_machine=(-M "virt,virtualization=on,gic-version=${gic:-3}" -cpu "${cpu:-cortex-a72}")

# Nothing is mitigated: it only costs time here.
host_parameters=(console=ttyAMA0 panic=-1 mitigations=off nokaslr cryptomgr.notests apparmor=0)

# host_unpack_kernel IMAGE OUTPUT: Debian's is not packed.
host_unpack_kernel() {
    cp "$1" "$2"
}
