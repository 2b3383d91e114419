# Debian packages, fetched and unpacked beside the system: nothing is installed, nothing needs root.
# Source this file. It uses a private apt configuration whose mirror is the one the system itself uses,
# and keeps what it unpacked in the user's cache.
# shellcheck shell=bash

arcbox_cache=${XDG_CACHE_HOME:-$HOME/.cache}/arcbox
debian_cache=$arcbox_cache/packages

progress() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# with_lock FILE COMMAND...: one process at a time; the lock is not inherited by what COMMAND starts.
with_lock() {
    local lock
    mkdir -p "${1%/*}" || return
    exec {lock}>"$1" || return
    shift
    flock "$lock" || return
    local status=0
    ("$@") {lock}>&- || status=$?
    exec {lock}>&-
    return "$status"
}

# The architecture names of uname -m, as Debian spells them.
debian_architecture() {
    case $1 in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *)
        progress "unknown architecture '$1' (x86_64 or aarch64)"
        return 1
        ;;
    esac
}

# Prints "URI SUITE" of the repository that the system's own packages come from. apt takes a while to tell, so the
# answer is kept until the system's sources change.
debian_repository() {
    local answer=$debian_cache/repository source
    for source in /etc/os-release /etc/apt/sources.list /etc/apt/sources.list.d; do
        [ ! "$source" -nt "$answer" ] || rm -f "$answer"
    done
    if [ ! -s "$answer" ]; then
        mkdir -p "$debian_cache" || return
        debian_ask_repository >"$answer.$$" || { rm -f "$answer.$$"; return 1; }
        mv "$answer.$$" "$answer" || return
    fi
    echo "$(<"$answer")"
}

debian_ask_repository() {
    local codename uri suite component candidate targets
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null)
    # shellcheck disable=SC2016 # apt-get expands these itself
    targets=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null)
    for candidate in "$codename" stable testing sid unstable; do
        while read -r uri suite component; do
            if [ "$suite" = "$candidate" ] && [ "$component" = main ]; then
                echo "$uri $suite"
                return 0
            fi
        done <<<"$targets"
    done
    progress "no Debian release among the apt sources of this system"
    return 1
}

# The suite of the system itself, and the one with its newest kernel and QEMU.
debian_suite() {
    local repository
    repository=$(debian_repository) || return
    echo "${repository##* }"
}

debian_newest_suite() {
    local suite
    suite=$(debian_suite) || return
    [ "$suite" != bookworm ] || suite=bookworm-backports
    echo "$suite"
}

# debian_apt SUITE ARCH TOOL ARGUMENT...: apt-get or apt-cache that sees only this suite.
debian_apt() {
    local home=$debian_cache/apt/$1-$2 tool=$3
    debian_lists "$1" "$2" || return
    shift 3
    "$tool" -c "$home/apt.conf" -q "$@"
}

# debian_lists SUITE ARCH: the package lists of a suite, read on first use.
debian_lists() {
    local home=$debian_cache/apt/$1-$2
    [ -e "$home/apt.conf" ] || with_lock "$debian_cache/apt/lock" debian_read_lists "$1" "$2" "$home"
}

debian_read_lists() {
    local suite=$1 arch=$2 home=$3 repository keyring signed=
    [ ! -e "$home/apt.conf" ] || return 0
    repository=$(debian_repository) || return
    for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        [ ! -e "$keyring" ] || signed=" signed-by=$keyring"
    done
    mkdir -p "$home/lists/partial" "$home/cache/archives/partial" || return
    printf 'deb [arch=%s target=Packages%s] %s %s main\n' \
        "$arch" "$signed" "${repository% *}" "$suite" >"$home/sources.list" || return
    cat >"$home/apt.conf.new" <<EOF || return
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Debug::NoLocking "true";
Dir::State "$home";
Dir::State::lists "$home/lists";
Dir::State::status "/dev/null";
Dir::Cache "$home/cache";
Dir::Etc::SourceList "$home/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
EOF
    progress "reading the package lists of $suite ($arch)"
    if ! apt-get -c "$home/apt.conf.new" -q update >"$home/log" 2>&1; then
        cat "$home/log" >&2
        return 1
    fi
    mv "$home/apt.conf.new" "$home/apt.conf"
}

# debian_download WHAT SUITE ARCH PACKAGE...: .deb files into the current directory. WHAT is "alone", "missing"
# (with the dependencies that this system lacks) or "closure" (with all dependencies, C library included).
debian_download() {
    local what=$1 suite=$2 arch=$3 packages=("${@:4}")
    case $what in
    alone) set -- download "${packages[@]}" ;;
    missing) set -- -o Dir::State::status=/var/lib/dpkg/status ;;
    closure) set -- ;;
    esac
    [ "$what" = alone ] ||
        set -- "$@" -y --no-install-recommends --download-only -o "Dir::Cache::archives=$PWD" install "${packages[@]}"
    debian_lists "$suite" "$arch" || return
    debian_apt "$suite" "$arch" apt-get "$@" >apt.log 2>&1 && return
    # The lists may be older than the archive: read them again, once.
    rm -f "$debian_cache/repository" "$debian_cache/apt/$suite-$arch/apt.conf"
    debian_lists "$suite" "$arch" || return
    if ! debian_apt "$suite" "$arch" apt-get "$@" >apt.log 2>&1; then
        grep '^[EW]:' apt.log >&2
        return 1
    fi
}

debian_unpack_locked() {
    local target=$1 what=$2 suite=$3 arch=$4 packages=("${@:5}") work=$1.new deb
    [ ! -d "$target" ] || return 0
    rm -rf "$work"
    mkdir -p "$work/deb/partial" "$work/tree" || return
    progress "fetching ${packages[*]} ($arch) from $suite"
    (cd "$work/deb" && debian_download "$what" "$suite" "$arch" "${packages[@]}") || {
        rm -rf "$work"
        return 1
    }
    for deb in "$work"/deb/*.deb; do
        dpkg-deb -x "$deb" "$work/tree" || return
    done
    mv "$work/tree" "$target" && rm -rf "$work"
}

# debian_unpack WHAT SUITE ARCH PACKAGE: prints the folder that holds the unpacked package.
debian_unpack() {
    debian_unpack_into "$4" "$@"
}

# debian_root SUITE ARCH PACKAGE...: prints the folder that holds these packages and all that they need, as one tree.
# Its name holds a digest of the list.
debian_root() {
    local sum
    sum=$(sha256sum <<<"${*:3}")
    debian_unpack_into "root-${sum:0:16}" closure "$@"
}

# debian_unpack_into NAME WHAT SUITE ARCH PACKAGE...
debian_unpack_into() {
    local target=$debian_cache/$3-$4/$1
    if [ ! -d "$target" ]; then
        mkdir -p "${target%/*}" || return
        with_lock "$debian_cache/lock" debian_unpack_locked "$target" "${@:2}" || return
    fi
    echo "$target"
}

# debian_kernel SUITE ARCH METAPACKAGE: prints the folder of the unpacked kernel that METAPACKAGE stands for.
# The answer is kept, so that a new kernel in the archive does not change what a tree of results rests on.
debian_kernel() {
    local suite=$1 arch=$2 meta=$3 link=$debian_cache/$1-$2/$3 package tree
    if [ ! -e "$link" ]; then
        package=$(debian_apt "$suite" "$arch" apt-cache show "$meta" |
            sed -n 's/^Depends:.*\(linux-image-[^ ,]*\).*/\1/p' | head -n 1)
        if [ -z "$package" ]; then
            progress "no kernel package $meta in $suite ($arch)"
            return 1
        fi
        tree=$(debian_unpack alone "$suite" "$arch" "$package") || return
        ln -sfn "${tree##*/}" "$link" || return
    fi
    (cd -P "$link" && pwd)
}

# debian_busybox ARCH: prints the path of a static busybox.
debian_busybox() {
    local suite tree path
    suite=$(debian_suite) || return
    tree=$(debian_unpack alone "$suite" "$1" busybox-static) || return
    for path in "$tree/bin/busybox" "$tree/usr/bin/busybox"; do
        if [ -x "$path" ]; then
            echo "$path"
            return 0
        fi
    done
    progress "package busybox-static holds no busybox"
    return 1
}
