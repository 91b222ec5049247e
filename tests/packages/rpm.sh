#!/bin/sh
# The package for rpm: installed, used, upgraded and removed. rpm is Debian's: an empty package stands for what Debian's own
# packages provide here, the C library and the Driver Manager.
. /packages/common.sh
library=/usr/lib64/libtrinoodbc.so
prepare
rpm --initdb
claim "rpm refuses the package without the Driver Manager" not rpm -i /packages/1/trino-odbc.rpm
claim "rpm names the missing Driver Manager" sh -c 'rpm -i /packages/1/trino-odbc.rpm 2>&1 | grep -q libodbcinst'
claim "rpm installs what stands for the Driver Manager" rpm -i /packages/manager.rpm
snapshot >/tmp/before

claim "rpm installs the package" rpm -i /packages/1/trino-odbc.rpm
claim "the driver is registered with its library" registered Trino "$library"
claim "isql reads rows through the registered driver" reads_rows
claim "isql reads a large result whole" reads_many_rows
claim "the files are as packaged" rpm -V --nodeps trino-odbc
claim "manual pages and completions are where their programs look" manuals_are_there
claim "the command finds the packaged library" trino-odbc install --system --name "Starburst ODBC Driver"
claim "a data source of the second name connects" reads_rows DropIn

claim "rpm upgrades to a higher version" rpm -U /packages/2/trino-odbc.rpm
claim "the higher version alone is installed" sh -c 'rpm -q trino-odbc | grep -q "^trino-odbc-99\." && [ "$(rpm -q trino-odbc | wc -l)" = 1 ]'
claim "the upgrade keeps the registration" registered Trino "$library"
claim "the upgrade does not count as another registration" sh -c 'odbcinst -q -d -n Trino | grep -qx "UsageCount=1"'
claim "isql reads rows after the upgrade" reads_rows

claim "rpm removes the package" rpm -e trino-odbc
claim "the removed driver is not registered" not is_registered Trino
claim "its second name is not registered" not is_registered "Starburst ODBC Driver"
claim "the removal leaves other drivers and data sources unchanged" others_are_untouched
claim "nothing is left" nothing_is_left /tmp/before
exit $failed
