# The emulated x86_64 host: AMD SVM with nested paging, emulated by QEMU.
# Sourced by testbed; every architecture file defines the same names.
# shellcheck shell=bash disable=SC2034,SC2054,SC2154

host_qemu_package=qemu-system-x86
host_qemu_binary=qemu-system-x86_64
host_kernel_package=linux-image-amd64
host_kernel_suite=debian_newest_suite
host_kvm_module=kvm_amd
host_modules=(virtio_pci virtio_console 9p 9pnet_virtio overlay tun loop "$host_kvm_module")
host_bus=pci

# Not microvm, which hangs now and then under emulation; not -cpu max, which is slower. Without nested paging guests crawl.
host_machine=(-M pc -cpu "${cpu:-EPYC,+svm,+npt}")

# The emulated clock is trusted and nothing is mitigated: both only cost time here.
host_parameters=(console=ttyS0 panic=-1 mitigations=off nokaslr cryptomgr.notests apparmor=0
    tsc=reliable no_timer_check)

# A processor that loads FPU state writes a word of QEMU's first one (cpu_clear_ignne) without a lock, and may so undo
# what an exit cleared in it: guests of the first processor then hang, or the host falls. Where there are several, one is
# added and left alone.
if [ "$cpus" -gt 1 ]; then
    host_spare_cpus=1
    host_parameters+=(isolcpus=0)
fi

# host_unpack_kernel IMAGE OUTPUT: the ELF kernel inside a bzImage, which saves the emulated CPU the unpacking.
# Linux Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset at 0x248, payload_length at 0x24c.
host_unpack_kernel() {
    local image=$1 output=$2 setup_sectors offset length
    read -r setup_sectors < <(od -An -tu1 -j $((0x1f1)) -N 1 "$image")
    read -r offset length < <(od -An -tu4 -j $((0x248)) -N 8 "$image")
    tail -c +$(((setup_sectors + 1) * 512 + offset + 1)) "$image" | head -c "$length" >"$output.payload"
    local unpack
    case $(od -An -tx1 -N 4 "$output.payload") in
    ' 28 b5 2f fd') unpack=zstd ;;
    ' fd 37 7a 58') unpack=xz ;;
    ' 02 21 4c 18') unpack=lz4 ;;
    *) unpack=gzip ;;
    esac
    # The payload is followed by its unpacked size, which some of the tools call garbage after having unpacked all.
    "$unpack" -dc <"$output.payload" >"$output" 2>/dev/null
    rm -f "$output.payload"
    [ "$(od -An -tx1 -N 4 "$output")" = ' 7f 45 4c 46' ] || cp "$image" "$output"
}
