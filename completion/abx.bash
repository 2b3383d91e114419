# SPDX-License-Identifier: MIT OR Apache-2.0
# Completion of abx for bash.
# shellcheck shell=bash

# Offers what the words $1 have that begins with $2.
_abx_words() {
    local IFS=$' \t\n'
    # shellcheck disable=SC2207 # words without spaces
    COMPREPLY=($(compgen -W "$1" -- "$2"))
}

# Offers files (or folders, with -d as first argument) that begin with $2.
_abx_files() {
    local IFS=$'\n'
    type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
    # shellcheck disable=SC2207 # lines
    COMPREPLY=($(compgen "$1" -- "$2"))
}

# Offers a list of words with commas between them: none of them twice.
_abx_list() {
    local word done=${2%"${2##*,}"} offers=''
    for word in $1; do
        [[ ,$done == *,$word,* ]] || offers+=" $done$word"
    done
    _abx_words "$offers" "$2"
    type compopt >/dev/null 2>&1 && compopt -o nospace 2>/dev/null
}

# Offers values of option $1 that begin with $2. Fails if it takes none.
_abx_value() {
    case $1 in
    --kernel | --initrd | --module | --events | --baseline | --disk | --efi | --machine-id) _abx_files -f "$2" ;;
    --kernel-cache) _abx_files -d "$2" ;;
    --fw-cfg) [[ $2 != *=* ]] || _abx_files -f "${2#*=}" ;;
    --share) [[ $2 != *=* ]] || _abx_files -d "${2#*=}" ;;
    --net) _abx_words 'nat bridged: fd:' "$2" ;;
    --console) _abx_words 'serial virtio' "$2" ;;
    --balloon) # its value may be left out
        [[ $2 != -* ]] || return 1
        _abx_list 'auto no-reporting no-deflate target= min=' "$2"
        ;;
    --backend) _abx_words 'auto kvm qemu' "$2" ;;
    --arch) _abx_words 'x86_64 arm64' "$2" ;;
    --kind) _abx_words 'auto linux pvh multiboot flat elf' "$2" ;;
    --flat-mode) _abx_words 'real protected long' "$2" ;;
    --qemu-accel) _abx_words 'tcg kvm hvf' "$2" ;;
    --irqchip) _abx_words 'default none kernel' "$2" ;;
    --devices) _abx_list 'none serial rtc pvpanic power-button i8042 fw-cfg debug-exit' "$2" ;;
    --acpi | --irqfd) _abx_words 'default on off' "$2" ;;
    --memory) _abx_words '128M 256M 512M 1G 2G 4G' "$2" ;;
    --cmdline | --name | --cpus | --flat-address | --debug-exit-port | --timeout | --stop-timeout | --rosetta | --port | --rounds | --exits | \
        --interval) ;;
    *) return 1 ;;
    esac
    return 0
}

# The options of command $1.
_abx_options() {
    case $1 in
    run) echo --kernel --initrd --cmdline --module --kind --flat-mode --flat-address --kernel-cache --efi --cpus --memory --name \
        --machine-id --backend --arch --qemu-accel --irqchip --nested --pmu --sve --pointer-auth --devices --console --port --debug-exit \
        --debug-exit-port --fw-cfg --disk --net --share --rosetta --vsock --rng --balloon --acpi --irqfd --timeout --stop-timeout --events --quiet --help ;;
    ps) echo --json --help ;;
    top) echo --once --json --interval --help ;;
    attach) echo --read-only --help ;;
    events) echo --follow --json --help ;;
    pause | resume | metrics) echo --help ;;
    stop) echo --force --timeout --json --help ;;
    balloon) echo --hint --json --help ;;
    info) echo --json --all --arch --help ;;
    bench) echo --rounds --exits --baseline --json --help ;;
    esac
}

_abx() {
    local names='run ps top attach events pause resume stop balloon metrics info bench'
    local commands="$names help version" current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _abx_words "$commands --help --version" "$current"
        return
    fi
    # Bash takes --option=value apart at the sign.
    if [ "$current" = = ]; then
        current='' previous=${COMP_WORDS[COMP_CWORD - 1]}
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
        # --fw-cfg NAME=FILE: the file; --share TAG=FOLDER: the folder
        case ${COMP_WORDS[COMP_CWORD - 3]} in
        --fw-cfg) _abx_files -f "$current" && return ;;
        --share) _abx_files -d "$current" && return ;;
        esac
    fi
    case ${COMP_WORDS[1]} in
    help) [ "$COMP_CWORD" != 2 ] || _abx_words "$names" "$current" ;;
    *)
        [[ " $names " == *" ${COMP_WORDS[1]} "* ]] || return 0
        if [[ $previous != --* ]] || ! _abx_value "$previous" "$current"; then
            _abx_words "$(_abx_options "${COMP_WORDS[1]}")" "$current"
        fi
        ;;
    esac
}

complete -F _abx abx
