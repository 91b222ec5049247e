#!/bin/sh
# The package for dpkg: installed, used, upgraded, removed and purged.
. /packages/common.sh
library=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")/odbc/libtrinoodbc.so
prepare
snapshot >/tmp/before

claim "dpkg installs the package with its dependencies there" dpkg -i /packages/1/trino-odbc.deb
claim "the driver is registered with its library" registered Trino "$library"
claim "the registration lets statements run at the same time" sh -c 'odbcinst -q -d -n Trino | grep -qx "Threading=0"'
claim "isql reads rows through the registered driver" reads_rows
claim "isql reads a large result whole" reads_many_rows
claim "the command runs" trino-odbc --version
claim "manual pages and completions are where their programs look" manuals_are_there
claim "the command finds the packaged library" trino-odbc install --system --name "Starburst ODBC Driver"
claim "it is registered under a second name" registered "Starburst ODBC Driver" "$library"
claim "a data source of the second name connects" reads_rows DropIn

# A setting of an administrator.
sed -i '/^\[Trino\]/a LogLevel=info' /etc/odbcinst.ini
claim "dpkg upgrades to a higher version" dpkg -i /packages/2/trino-odbc.deb
claim "the higher version is installed" sh -c 'dpkg-query -W -f "\${Version}" trino-odbc | grep -q "^99\."'
claim "the upgrade keeps the registration" registered Trino "$library"
claim "the upgrade keeps the administrator's setting" sh -c 'odbcinst -q -d -n Trino | grep -qx "LogLevel=info"'
claim "the upgrade does not count as another registration" sh -c 'odbcinst -q -d -n Trino | grep -qx "UsageCount=1"'
claim "isql reads rows after the upgrade" reads_rows
claim "the upgrade leaves other drivers and data sources unchanged" others_are_untouched

claim "dpkg removes the package" dpkg -r trino-odbc
claim "the removed driver is not registered" not is_registered Trino
claim "its second name is not registered" not is_registered "Starburst ODBC Driver"
claim "the removal leaves other drivers and data sources unchanged" others_are_untouched
claim "dpkg purges the package" dpkg --purge trino-odbc
claim "nothing is left" nothing_is_left /tmp/before

# Another driver under our name.
printf '[Trino]\nDriver=/opt/starburst/libstarburst.so\nUsageCount=1\n' >>/etc/odbcinst.ini
claim "dpkg installs beside another driver of the same name" dpkg -i /packages/1/trino-odbc.deb
claim "the other driver keeps the name" registered Trino /opt/starburst/libstarburst.so
claim "dpkg removes the package again" dpkg --purge trino-odbc
claim "the other driver is still registered" registered Trino /opt/starburst/libstarburst.so
exit $failed
