#!/bin/sh
# Unregisters the driver before its files are removed, under each name that it was registered by. dpkg calls this with
# `remove`, rpm with the number of versions that stay. An upgrade keeps the registrations. Data sources are the users' own.
set -e
case $1 in
remove | 0) ;;
*) exit 0 ;;
esac
unset ODBCSYSINI ODBCINSTINI
library=$(sed -n 's/^Driver *= *//p' /usr/share/trino-odbc/odbcinst.ini)

is_ours() {
    odbcinst -q -d -n "$1" 2>/dev/null | grep -qxF "Driver=$library"
}

odbcinst -q -d 2>/dev/null | sed -n 's/^\[\(.*\)\]$/\1/p' | while IFS= read -r name; do
    # Each call lowers the count of those who registered the name; the last one removes it.
    while is_ours "$name" && odbcinst -u -d -n "$name" >/dev/null; do :; done
done
