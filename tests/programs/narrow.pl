# Perl's DBI with DBD::ODBC, which Debian builds for narrow strings: the text of this file is UTF-8 to the driver.
use strict;
use warnings;
use DBI;

my ($source, $table, $query) = @ARGV;
my $text = "zażółć 😀 日本";
my $dbh = DBI->connect("dbi:ODBC:$source", undef, undef, {RaiseError => 1, PrintError => 0});
my ($value) = $dbh->selectrow_array("SELECT '$text'");
$value eq $text or die "a literal became $value\n";

$dbh->do("CREATE TABLE $table (a integer, b varchar(20))");
my $insert = $dbh->prepare("INSERT INTO $table VALUES (?, ?)");
$insert->execute(1, $text);
$insert->execute(2, undef);
my $rows = $dbh->selectall_arrayref("SELECT a, b FROM $table ORDER BY a");
my ($found) = $dbh->selectrow_array("SELECT count(*) FROM $table WHERE b = ?", undef, $text);
$dbh->do("DROP TABLE $table");
@$rows == 2 && $rows->[0][1] eq $text && !defined $rows->[1][1] or die "rows became something else\n";
$found == 1 or die "a parameter became something else\n";

# The longest texts of their types, which DBD::ODBC sizes its buffers for.
my %longest = ("CAST(-0.99 AS decimal(2,2))" => "-0.99", "DATE '-5000000-02-03'" => "-5000000-02-03",
    "CAST('😀😀' AS char(2))" => "😀😀", "''" => "", "INTERVAL -'12345' DAY" => "-12345 00:00:00.000");
for my $literal (keys %longest) {
    my ($value) = $dbh->selectrow_array("SELECT $literal");
    $value eq $longest{$literal} or die "$literal became $value\n";
}

# Numbers and dates are bound as text.
my $orders = "SELECT count(*) FROM tpch.tiny.orders WHERE";
($found) = $dbh->selectrow_array("$orders orderkey = ?", undef, '5');
$found == 1 or die "no order 5\n";
($found) = $dbh->selectrow_array("$orders orderdate > ? AND totalprice > ?", undef, '1998-01-01', '1000.5');
$found > 0 or die "no late orders\n";
eval { $dbh->selectrow_array("$orders orderkey = ?", undef, 'five') };
$dbh->state eq "22018" or die "an error of a parameter became $@\n";
$dbh->do("CREATE TABLE $table (a bigint, b varchar, c decimal(10,2), d double, e boolean)");
$insert = $dbh->prepare("INSERT INTO $table VALUES (?, ?, ?, ?, ?)");
$insert->execute('1', 'x' x 40_000, '1.25', '2.5', '1');
$insert->execute(undef, undef, undef, undef, undef);
($found) = $dbh->selectrow_array("SELECT length(b) FROM $table WHERE c = ? AND d < ?", undef, '1.25', '3');
my $none = $dbh->do("INSERT INTO $table (a) SELECT a FROM $table WHERE a = ?", undef, '7');
$dbh->do("DROP TABLE $table");
$found == 40_000 or die "a long value became one of $found\n";
$none == 0 or die "rows came from nowhere\n";

# Messages go by way of the Driver Manager, which recodes them by the locale: hence a name in ASCII.
eval { $dbh->do("SELECT * FROM tpch.tiny.nowhere") };
$dbh->state eq "42S02" && $@ =~ /nowhere.*query \d{8}_/ or die "an error became $@\n";

my ($count, $sum) = (0, 0);
my $many = $dbh->prepare($query);
$many->execute;
while (my $row = $many->fetchrow_arrayref) {
    $count++;
    $sum += $row->[0];
}
print "$count,$sum\n";
