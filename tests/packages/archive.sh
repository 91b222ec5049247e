#!/bin/sh
# The archive: unpacked in a folder of its user's choice, registered for all and for one user, and removed.
. /packages/common.sh
folder="/srv/some folder"
prepare
snapshot >/tmp/before
mkdir -p "$folder"
claim "the archive unpacks into one folder" sh -c 'tar -xzf /packages/1/archive.tar.gz -C "$1" && [ "$(ls "$1" | wc -l)" = 1 ]' - "$folder"
home=$(echo "$folder"/*)
library=$home/lib/libtrinoodbc.so

claim "the command registers the library beside it for all users" "$home/bin/trino-odbc" install --system
claim "the driver is registered with its library" registered Trino "$library"
claim "isql reads rows through the registered driver" reads_rows
claim "the command removes the registration" "$home/bin/trino-odbc" uninstall --system
claim "the driver is not registered" not is_registered Trino

claim "the command registers the driver for one user" "$home/bin/trino-odbc" install --user
claim "isql reads rows through the user's driver" reads_rows
claim "the command removes the user's registration" "$home/bin/trino-odbc" uninstall --user

says_whose() {
    "$home/bin/trino-odbc" install --system --name "Starburst ODBC Driver" | tee /tmp/said
    grep -q "not Starburst's" /tmp/said
}
claim "a drop-in says that it is not Starburst's" says_whose
claim "a data source that names the other driver connects" reads_rows DropIn
claim "the command removes the drop-in" "$home/bin/trino-odbc" uninstall --system --name "Starburst ODBC Driver"
claim "other drivers and data sources are unchanged" others_are_untouched
rm -rf --one-file-system "$folder"
claim "nothing is left" nothing_is_left /tmp/before
exit $failed
