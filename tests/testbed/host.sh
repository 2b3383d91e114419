# Starting, saving and using the emulated host. Sourced by testbed, whose options and folders it uses, after
# tools/debian.sh and together with the file of the architecture.
# shellcheck shell=bash disable=SC2034,SC2054,SC2154

# Room for so many writable folders; the number belongs to the saved machine.
share_slots=4
# Seconds for a host to boot, or to be saved, on a slow and busy machine.
boot_limit=180

# Processors that are added and that the job does not use.
host_spare_cpus=0

# This machine's architecture, which need not be that of the host.
own_machine=$HOSTTYPE

# find_qemu: sets qemu to the command of a QEMU that is new enough (10: older ones crash guests' guests), and
# qemu_identity. Looks for it in $suite. A QEMU that was fetched is not asked its version again: it takes a while.
find_qemu() {
    local own_arch tree lib binary version
    own_arch=$(debian_architecture "$own_machine") || return
    tree=$debian_cache/$suite-$own_arch/$host_qemu_package
    binary=$(type -P "$host_qemu_binary")
    if [ ! -d "$tree" ] && [ -n "$binary" ]; then
        version=$("$binary" --version | sed -n '1s/.* version \([0-9]*\).*/\1/p')
        [ "${version:-0}" -ge 10 ] || binary=
    else
        binary=
    fi
    if [ -n "$binary" ]; then
        qemu=("$binary")
    else
        tree=$(debian_unpack missing "$suite" "$own_arch" "$host_qemu_package") || return
        lib=$tree/usr/lib/$own_machine-linux-gnu
        binary=$tree/usr/bin/$host_qemu_binary
        qemu=(env "LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "QEMU_MODULE_DIR=$lib/qemu"
            "$binary" -L "$tree/usr/share/qemu" -L "$tree/usr/share/seabios")
    fi
    qemu_identity=$(stat -L -c '%n %s %Y' "$binary")
}

# find_root: sets root to the folder whose files the host sees as its own: all of this machine's, or, where those are of
# another architecture, an unpacked Debian.
find_root() {
    root=/
    [ "$arch" = "$own_machine" ] || root=$("$tools/cross-root")
}

# build_base: the kernel and the initial RAM disk of the host, in $base.
build_base() {
    local kernel_tree=$1 image
    [ ! -d "$base" ] || return 0
    progress "preparing the host's kernel and initial RAM disk"
    rm -rf "$base.new"
    mkdir -p "$base.new" || return
    image=$(echo "$kernel_tree"/boot/vmlinuz-*)
    host_unpack_kernel "$image" "$base.new/kernel" || return
    local modules=() module
    for module in "${host_modules[@]}"; do
        modules+=(--module "$module")
    done
    "$tools/guest/initrd" --arch "$arch" --plain --init "$here/host-init" --kernel "$kernel_tree" "${modules[@]}" \
        "$base.new/initrd" || return
    mv "$base.new" "$base" && prune_cache
}

# prune_cache: what no run has used for weeks, and what a run that was killed left.
prune_cache() {
    local used
    find "$cache" -mindepth 2 -maxdepth 2 -name used -mtime +14 | while read -r used; do
        rm -rf "${used%/used}"
    done
    find "$cache" -maxdepth 1 -name 'run.*' -mtime +0 -exec rm -rf {} +
}

# describe_host: sets qemu_arguments, base and saved from the options. The names of base and saved carry a digest of
# everything that goes into them, so that a change of any makes new ones.
describe_host() {
    local deb_arch suite kernel_tree busybox
    suite=$(debian_newest_suite) && find_qemu && find_root && deb_arch=$(debian_architecture "$arch") || return
    [ -n "$kernel_suite" ] || kernel_suite=$("$host_kernel_suite") || return
    kernel_tree=$(debian_kernel "$kernel_suite" "$deb_arch" "$host_kernel_package") && busybox=$(debian_busybox "$deb_arch") || return

    local ingredients
    ingredients="$kernel_tree $busybox ${host_modules[*]} $(<"$here/host-init") $(<"$here/$arch.sh") $(<"$here/host.sh")"
    ingredients+=$(<"$tools/guest/initrd")
    base=$cache/$arch-$(digest "$ingredients")
    [ -d "$base" ] || with_lock "$cache/lock" build_base "$kernel_tree" || return
    : >"$base/used"

    local accelerator=(-accel tcg,thread=multi)
    # While the host is idle its clock follows the real one (sleep=on); it would otherwise leap to its next timer each
    # time it waits for a file.
    [ -z "$icount" ] || accelerator=(-accel tcg,thread=single -icount shift=0,sleep=on)
    # Console output is slow: only a boot that is watched has any.
    local parameters=("${host_parameters[@]}")
    [[ $console && $cold ]] || parameters+=(quiet)
    qemu_arguments=("${host_machine[@]}" "${accelerator[@]}" -smp "$((cpus + host_spare_cpus))" -m "$memory"
        -nodefaults -no-user-config -display none -no-reboot
        -kernel "$base/kernel" -initrd "$base/initrd" -append "${parameters[*]}"
        -device "virtio-serial-$host_bus")
    # Emulated time derives from the CPU's own counter: a saved host belongs to one model.
    local model
    mapfile -n 5 -t model </proc/cpuinfo
    saved=$base/saved-$(digest "$qemu_identity ${qemu_arguments[*]} ${model[*]}")
}

digest() {
    local sum
    sum=$(sha256sum <<<"$1")
    echo "${sum:0:16}"
}

# start_host ARGUMENT...: starts QEMU in the background. Its ports are connected to the descriptors $output, $errors
# and $ready of this shell, and to the FIFO $run/job-line.
start_host() {
    local slot arguments=()
    for ((slot = 0; slot < share_slots; slot++)); do
        arguments+=(-fsdev "local,id=share$slot,path=${shares[slot]:-$run/empty},security_model=none,multidevs=remap"
            -device "virtio-9p-$host_bus,fsdev=share$slot,mount_tag=share$slot")
    done
    # setpriv: QEMU must not outlive this script, whatever ends it.
    setpriv --pdeathsig KILL "${qemu[@]}" "${qemu_arguments[@]}" \
        -serial "file:$run/console" \
        -chardev "file,id=ready,path=/dev/fd/$ready" -device virtserialport,chardev=ready,name=ready \
        -chardev "pipe,id=job,path=$run/job-line" -device virtserialport,chardev=job,name=job \
        -chardev "file,id=output,path=/dev/fd/$output" -device virtserialport,chardev=output,name=output \
        -chardev "file,id=errors,path=/dev/fd/$errors" -device virtserialport,chardev=errors,name=errors \
        -fsdev "local,id=root,path=$root,security_model=none,readonly=on,multidevs=remap" \
        -device "virtio-9p-$host_bus,fsdev=root,mount_tag=root" \
        -fsdev "local,id=job,path=$run/job,security_model=none,readonly=on" \
        -device "virtio-9p-$host_bus,fsdev=job,mount_tag=job" \
        "${arguments[@]}" "$@" </dev/null >"$run/qemu.log" 2>&1 &
    qemu_pid=$!
    exec {ready}>&- {output}>&- {errors}>&-
}

# stop_host: at once; it holds nothing that is worth keeping.
stop_host() {
    [ -n "$qemu_pid" ] || return 0
    kill -KILL "$qemu_pid" 2>/dev/null
    wait "$qemu_pid" 2>/dev/null
    qemu_pid=
}

# save_host: boots a host and saves it. A subshell of its own, so that it cleans up by itself.
save_host() {
    [ ! -e "$saved" ] || return 0
    progress "booting a host once, to save it"
    local shares=() status=0
    mkfifo "$run/monitor" || return
    exec {output}>/dev/null {errors}>/dev/null
    exec {ready}> >(exec timeout "$boot_limit" "$here/stream" READY "$run/ready")
    local reader=$!
    start_host -chardev "file,id=monitor,path=$run/monitor.log,input-path=$run/monitor" -mon monitor,mode=readline
    trap stop_host EXIT
    exec {monitor}<>"$run/monitor"
    wait "$reader" || { progress "the host did not come up"; return 1; }
    printf '%s\n' 'migrate_set_capability mapped-ram on' "migrate file:$saved.new" quit >&"$monitor"
    timeout "$boot_limit" tail -s 0.1 --pid="$qemu_pid" -f /dev/null || status=$?
    stop_host
    rm -f "$run/monitor"
    if [ "$status" -ne 0 ] || [ ! -s "$saved.new" ]; then
        progress "the booted host could not be saved"
        grep -a '^Error' "$run/monitor.log" >&2
        return 1
    fi
    mv "$saved.new" "$saved"
}

# run_job: starts a host, saved or cold, which runs the job in $run/job; sets job_status. Fails if the host does.
run_job() {
    local start=() reader_status=0 output_reader errors_reader
    [ -n "$cold" ] || start=(-global migration.mapped-ram=on -incoming "file:$saved")
    exec {ready}>/dev/null
    exec {output}> >(exec timeout "$limit" "$here/stream" "$marker" "$run/status")
    output_reader=$!
    exec {errors}> >(exec "$here/stream" "$marker" "$run/errors-status" >&2)
    errors_reader=$!
    start_host "${start[@]}"
    printf '%(%s)T\n' -1 >&"$job_line"
    wait "$output_reader" || reader_status=$?
    [ "$reader_status" -ne 0 ] || wait "$errors_reader"
    stop_host
    case $reader_status in
    0) read -r job_status <"$run/status" ;;
    124)
        progress "time limit of $limit s"
        job_status=124
        ;;
    141) job_status=141 ;; # nobody reads our output any more
    *) return 1 ;;
    esac
}
