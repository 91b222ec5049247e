#!/bin/sh
# Registers the driver once its files are in place. dpkg calls this with `configure`, rpm with the number of installed
# versions. A registration that is there stays as it is: it may have settings of an administrator, or be another driver's.
set -e
case $1 in
configure | [0-9]*) ;;
*) exit 0 ;;
esac
unset ODBCSYSINI ODBCINSTINI
template=/usr/share/trino-odbc/odbcinst.ini
library=$(sed -n 's/^Driver *= *//p' "$template")
if registered=$(odbcinst -q -d -n Trino 2>/dev/null); then
    if ! printf '%s\n' "$registered" | grep -qxF "Driver=$library"; then
        echo "trino-odbc: a driver is registered as Trino with another library; it was left unchanged." >&2
        echo "Register this one under another name: trino-odbc install --system --name NAME" >&2
    fi
else
    odbcinst -i -d -f "$template" >/dev/null
fi
