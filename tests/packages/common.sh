# What the tests of packages share. They run as root in a root folder that is thrown away; /packages has the packages of
# two versions, the data source and what it needs.

failed=0

# isql leaves its history and files of data sources in the home folder.
export HOME=/tmp/home
mkdir "$HOME"

# The home folder of the account, which some programs use whatever HOME says.
account=$(getent passwd "$(id -u)" | cut -d: -f6)

# claim TEXT COMMAND...: a test, which passes if the command succeeds. What it prints is shown if it fails.
claim() {
    text=$1
    shift
    if "$@" >/tmp/claim 2>&1; then
        echo "passed: $text"
    else
        echo "failed: $text"
        sed 's/^/    /' /tmp/claim
        failed=1
    fi
}

not() { ! "$@"; }

# Rows of the server, through the Driver Manager.
reads_rows() {
    echo "SELECT count(*) AS n, 'whole' AS text FROM tpch.tiny.nation" | isql -b -v -d, "${1:-Mine}" >/tmp/rows || return 1
    cat /tmp/rows
    grep -q '^25,whole' /tmp/rows
}

# A result that is spooled, where the server spools, whole.
reads_many_rows() {
    echo "SELECT orderkey FROM tpch.sf1.orders LIMIT 200000" | isql -b -v -d, Mine >/tmp/rows || { tail -n 5 /tmp/rows; return 1; }
    [ "$(grep -c '^[0-9]' /tmp/rows)" = 200000 ]
}

# registered NAME LIBRARY: the Driver Manager finds the library under that name.
registered() {
    odbcinst -q -d -n "$1" | grep -qxF "Driver=$2" || { odbcinst -q -d -n "$1"; return 1; }
}

is_registered() { odbcinst -q -d -n "$1"; }

manuals_are_there() {
    gunzip -c /usr/share/man/man1/trino-odbc.1.gz | grep -q '^\.TH' &&
        grep -q trino-odbc /usr/share/bash-completion/completions/trino-odbc &&
        grep -q trino-odbc /usr/share/fish/vendor_completions.d/trino-odbc.fish &&
        grep -q compdef /usr/share/zsh/*/_trino-odbc
}

# What a machine has of others: a driver, and a data source that uses ours.
prepare() {
    printf '[Other]\nDriver=/opt/other/libother.so\nUsageCount=3\n\n' >/etc/odbcinst.ini
    cp /packages/odbc.ini /etc/odbc.ini
}

others_are_untouched() {
    cmp /packages/odbc.ini /etc/odbc.ini && odbcinst -q -d -n Other | grep -qxF "UsageCount=3" &&
        odbcinst -q -d -n Other | grep -qxF "Driver=/opt/other/libother.so"
}

# All files, without those of the package managers themselves and an empty one that the Driver Manager makes.
snapshot() {
    find / -xdev \( -path /tmp -o -path /proc -o -path /packages -o -path /var/lib/dpkg -o -path /var/lib/rpm \
        -o -path /var/log -o -path /var/cache -o -path "$account/.rpmdb" -o -path "$account/.odbc.ini" \) -prune -o -print | sort
}

nothing_is_left() {
    snapshot | diff "$1" -
}
