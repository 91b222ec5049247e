#!/usr/bin/env bash
# Registers the driver with unixODBC, or removes it. Other drivers and all data sources are left alone.
set -euo pipefail

usage() {
    cat <<'TEXT'
installer/register.sh [--user | --system] [--library FILE]
installer/register.sh [--user | --system] --uninstall

  --system          for all users, in unixODBC's odbcinst.ini (default for root, or where ODBCSYSINI is set)
  --user            for this user, in ~/.odbcinst.ini (default for others)
  --library FILE    the driver; by default libtrinoodbc beside this script, or the release build
  --uninstall       removes the registration, not the library
TEXT
}

fail() {
    echo "register.sh: $*" >&2
    exit 1
}

name=Trino
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scope=
library=
action=install

while (($#)); do
    case $1 in
    --user | --system) scope=${1#--} ;;
    --library)
        (($# > 1)) || fail "--library needs a file"
        library=$2
        shift
        ;;
    --uninstall) action=uninstall ;;
    -h | --help)
        usage
        exit
        ;;
    *)
        usage >&2
        fail "$1 is not understood"
        ;;
    esac
    shift
done

command -v odbcinst >/dev/null ||
    fail "unixODBC's odbcinst, which knows where that file is, is missing (Debian, Ubuntu: odbcinst; Fedora: unixODBC; macOS: brew install unixodbc)"

if [[ -z $scope ]]; then
    if [[ $(id -u) == 0 || -n ${ODBCSYSINI:-} ]]; then scope=system; else scope=user; fi
fi
if [[ $scope == user ]]; then
    # The Driver Manager reads ~/.odbcinst.ini beside the system's file, but its tool writes the system's only:
    # let the tool take the user's for the system's.
    export ODBCSYSINI=$HOME ODBCINSTINI=.odbcinst.ini
fi
file=$(odbcinst -j | sed -n 's/^DRIVERS\.*: //p')
# Some versions leave out a file name that the environment gives.
[[ $file != */ ]] || file+=${ODBCINSTINI:-odbcinst.ini}

# The file without our section: odbcinst would do it, but loses every comment in the file.
others() {
    [[ -f $file ]] || return 0
    awk -v header="[$name]" '
        /^[ \t]*\[/ {
            line = $0
            gsub(/[ \t\r]/, "", line)
            if (tolower(line) == tolower(header)) {
                # The line that set our section apart goes with it; what follows may belong to the next.
                if (blanks > 0) blanks--
                ours = 1
                held = ""
                next
            }
            if (ours) printf "%s", held
            ours = 0
        }
        ours {
            if ($0 ~ /^[ \t\r]*([#;]|$)/) held = held $0 "\n"
            else held = ""
            next
        }
        /^[ \t\r]*$/ { blanks++; next }
        { for (; blanks > 0; blanks--) print ""; print }
    ' "$file"
}

is_registered() {
    [[ -f $file ]] && tr -d ' \t\r' <"$file" | grep -qixF "[$name]"
}

# Written through, so that owner, mode and links of the file stay.
replace() {
    cat "$scratch" >"$file" || fail "$file cannot be written"
}

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
others >"$scratch"

if [[ $action == uninstall ]]; then
    is_registered || fail "$name is not registered in $file"
    replace
    echo "$name is no longer registered in $file"
    exit
fi

if [[ -z $library ]]; then
    for candidate in "$here" "$here/.." "$here/../lib" "${CARGO_TARGET_DIR:-$here/../target}/release"; do
        for suffix in so dylib; do
            [[ -n $library || ! -f $candidate/libtrinoodbc.$suffix ]] || library=$candidate/libtrinoodbc.$suffix
        done
    done
    [[ -n $library ]] || fail "there is no driver here yet: run cargo build --release, or give --library"
fi
[[ -f $library ]] || fail "there is no $library"
library=$(cd "$(dirname "$library")" && pwd)/$(basename "$library")

[[ ! -s $scratch ]] || echo >>"$scratch"
template=$(grep -v '^#' "$here/odbcinst.ini.in")
printf '%s\n' "${template//@DRIVER@/$library}" >>"$scratch"
replace
echo "$name is registered in $file: $library"
