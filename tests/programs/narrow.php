<?php
// PHP's odbc functions and its PDO, both of narrow strings: the text of this file is UTF-8 to the driver.
[, $source, $table, $query] = $argv;
$text = 'zażółć 😀 日本';

function check(bool $holds, string $what): void
{
    if (!$holds) {
        echo "$what\n";
        exit(1);
    }
}

$connection = odbc_connect($source, '', '');
$result = odbc_exec($connection, "SELECT '$text'");
odbc_fetch_row($result);
check(odbc_result($result, 1) === $text, 'a literal became something else');
odbc_exec($connection, "CREATE TABLE $table (a integer, b varchar(20))");
odbc_execute(odbc_prepare($connection, "INSERT INTO $table VALUES (?, ?)"), [1, $text]);
$row = odbc_fetch_array(odbc_exec($connection, "SELECT a, b FROM $table"));
odbc_exec($connection, "DROP TABLE $table");
check($row == ['a' => 1, 'b' => $text], 'a parameter became something else');
check(!@odbc_exec($connection, 'SELECT * FROM tpch.tiny.nowhere'), 'a missing table was found');
check(str_contains(odbc_errormsg($connection), 'nowhere'), 'an error became something else');

// The longest texts of their types, which PHP sizes its buffers for.
$longest = ["CAST(-0.99 AS decimal(2,2))" => '-0.99', "DATE '-5000000-02-03'" => '-5000000-02-03',
    "CAST('😀😀' AS char(2))" => '😀😀', "''" => '', "INTERVAL -'12345' DAY" => '-12345 00:00:00.000'];
foreach ($longest as $literal => $expected) {
    $result = odbc_exec($connection, "SELECT $literal");
    odbc_fetch_row($result);
    check(odbc_result($result, 1) === $expected, "$literal became something else");
}

// The cursor library, which PDO puts before a driver, does not know columns that are read in parts.
$options = [PDO::ODBC_ATTR_USE_CURSOR_LIBRARY => PDO::ODBC_SQL_USE_DRIVER];
$pdo = new PDO("odbc:$source", null, null, $options);
$statement = $pdo->prepare('SELECT CAST(? AS varchar)');
$statement->execute([$text]);
check($statement->fetchColumn() === $text, "PDO's parameter became something else");

// PDO binds everything as text, with the sizes that it was told of.
function selected(PDO $pdo, string $sql, ?string ...$values): mixed
{
    $statement = $pdo->prepare($sql);
    $statement->execute($values);
    return $statement->fetchColumn();
}

check(selected($pdo, 'SELECT count(*) FROM tpch.tiny.orders WHERE orderkey = ?', '5') == 1, 'no order 5');
$late = 'SELECT count(*) FROM tpch.tiny.orders WHERE orderdate >= ? AND totalprice < ? AND orderpriority LIKE ? || ?';
check(selected($pdo, $late, '1998-08-01', '2000.5', '1-', '%') >= 0, 'no late orders');
try {
    selected($pdo, 'SELECT 1 FROM tpch.tiny.orders WHERE orderkey = ?', 'five');
    check(false, 'five is a number');
} catch (PDOException $error) {
    check($error->getCode() === '22018', 'an error of a parameter became ' . $error->getMessage());
}
$long = str_repeat('x', 40000);
$pdo->exec("CREATE TABLE $table (a bigint, b varchar, c varbinary, d varchar(3), e boolean)");
$insert = $pdo->prepare("INSERT INTO $table VALUES (?, ?, ?, ?, ?)");
$insert->execute(['1', $long, null, 'abc', '1']);
$insert->execute([null, null, null, null, null]);
check(selected($pdo, "SELECT count(*) FROM $table WHERE b = ?", $long) == 1, 'a long value was cut');
check(selected($pdo, "SELECT count(*) FROM $table WHERE d = ?", 'abcd') == 0, 'a longer value was found');
$none = $pdo->prepare("INSERT INTO $table (a) SELECT a FROM $table WHERE a = ?");
check($none->execute(['7']) && $none->rowCount() === 0, 'rows came from nowhere');
$pdo->exec("DROP TABLE $table");

$result = odbc_exec($connection, $query);
for ($count = 0, $sum = 0; odbc_fetch_row($result); $count++) {
    $sum += odbc_result($result, 1);
}
echo "$count,$sum\n";
