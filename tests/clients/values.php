<?php
[, $way, $source, $query] = $argv;
if ($way === 'odbc') {
    $row = odbc_fetch_array(odbc_exec(odbc_connect($source, '', ''), $query));
} else {
    $options = [PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_DRIVER];
    $row = (new PDO("odbc:$source", null, null, $options))->query($query)->fetch(PDO::FETCH_ASSOC);
}
foreach ($row as $value) {
    echo $value === null ? 'NULL' : $value, "\n";
}
