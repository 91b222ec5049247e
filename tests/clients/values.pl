use strict;
use warnings;
use DBI;
my ($source, $query) = @ARGV;
my $dbh = DBI->connect("dbi:ODBC:$source", undef, undef, {RaiseError => 1, PrintError => 0});
print defined $_ ? $_ : "NULL", "\n" for $dbh->selectrow_array($query);
