"""Inserting many rows: what arrives, in how many statements, and the errors when some of it is wrong."""

import datetime
from contextlib import closing
from decimal import Decimal

import pyodbc
import pytest
from conftest import release

TABLE = "inserts_many"


def statements(lab, source):
    """The INSERT statements that a source has sent."""
    with closing(lab.connect()) as connection:
        sql = "SELECT count(*) FROM system.runtime.queries WHERE source = ? AND upper(query) LIKE '%INSERT INTO%'"
        return connection.execute(sql + " AND query NOT LIKE 'DESCRIBE%'", source).fetchval()


@pytest.fixture
def writer(lab, request):
    """Makes connections with a table of these columns and their own source."""
    opened = []

    def connect(columns, **keywords):
        source = f"{TABLE}-{request.node.name}-{datetime.datetime.now():%H%M%S%f}"
        connection = lab.connect(Catalog="memory", Schema="default", Source=source, **keywords)
        opened.append(connection)
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
        connection.execute(f"CREATE TABLE {TABLE} ({columns})")
        cursor = connection.cursor()
        cursor.fast_executemany = True
        return cursor, source

    yield connect
    for connection in opened:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
        connection.close()


def test_ten_thousand_rows_take_few_statements(lab, writer):
    cursor, source = writer("a bigint, b varchar(40), c double, d timestamp(3), e decimal(10,2)")
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000)
    rows = [(n, f"it's {n}", n / 3, moment, Decimal(n) / 100) for n in range(10_000)]
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?)", rows)
    assert statements(lab, source) <= 3
    back = cursor.execute(f"SELECT * FROM {TABLE} ORDER BY a").fetchall()
    assert [tuple(row) for row in back] == rows


def test_each_row_is_a_statement_when_that_is_wanted(lab, writer):
    cursor, source = writer("a bigint", FastInserts=0)
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?)", [(n,) for n in range(5)])
    assert statements(lab, source) == 5
    cursor.fast_executemany = False
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?)", [(n,) for n in range(5)])
    assert statements(lab, source) == 10


def test_many_rows_have_the_types_of_the_table(lab, writer):
    cursor, source = writer(
        "i integer, v varchar, c char(4), d decimal(38,10), t timestamp(6), day date, b varbinary, r real, f boolean"
    )
    rows = [
        (None,) * 9,
        (1, "", "a", Decimal("1.5"), datetime.datetime(2020, 1, 2, 3, 4, 5), datetime.date(1, 1, 1), b"", 1.5, True),
        (-2, "x" * 5000, "abcd", Decimal("-9999999999999999999999999999.0000000001"),
         datetime.datetime(9999, 12, 31, 23, 59, 59, 999999), datetime.date(9999, 12, 31), bytes(range(256)), -0.25, False),
        (3, "Ünïcödé '世界' 🌍 \x00 ?", "ä ", Decimal("0.0000000001"), None, None, None, None, None),
    ]
    marks = ", ".join("?" for _ in rows[0])
    cursor.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", rows)
    assert statements(lab, source) == 1
    back = cursor.execute(f"SELECT * FROM {TABLE} ORDER BY abs(i) NULLS FIRST").fetchall()
    expected = [list(row) for row in rows]
    for row in expected:
        row[2] = row[2] and row[2].ljust(4)
    assert [list(row) for row in back] == expected


def test_text_is_not_lengthened_by_its_neighbours(writer):
    cursor, _ = writer("v varchar")
    # What a column of CHAR would be bound as.
    cursor.setinputsizes([(pyodbc.SQL_WCHAR, 10, 0)])
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?)", [("a",), ("abcdef",)])
    assert sorted(row[0] for row in cursor.execute(f"SELECT v FROM {TABLE}")) == ["a", "abcdef"]


def test_values_are_parts_of_expressions(lab, writer):
    cursor, source = writer("a bigint, b varchar, c varchar, d varchar")
    sql = f"INSERT INTO {TABLE} (b, a, c) VALUES (upper(?), ? + 1, 'what? ' || '''' /* ? */), (lower(?), 0, NULL) -- ?"
    cursor.setinputsizes([(pyodbc.SQL_VARCHAR, 20, 0), (pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_VARCHAR, 20, 0)])
    cursor.executemany(sql, [("it's", 1, "A"), ("two", 2, "B")])
    assert statements(lab, source) == 1
    back = cursor.execute(f"SELECT a, b, c, d FROM {TABLE} ORDER BY a, b").fetchall()
    assert [tuple(row) for row in back] == [
        (0, "a", None, None), (0, "b", None, None), (2, "IT'S", "what? '", None), (3, "TWO", "what? '", None),
    ]


def test_one_row_that_is_refused_does_not_take_the_others_along(lab, writer):
    cursor, source = writer("a bigint, b varchar(3)")
    rows = [(n, "abcdef" if n == 77 else "ab") for n in range(200)]
    cursor.setinputsizes([None, (pyodbc.SQL_VARCHAR, 10, 0)])
    try:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, ?)", rows)
    except pyodbc.Error as error:
        assert "Parameter set 78: Cannot truncate" in str(error)
    back = [row[0] for row in cursor.execute(f"SELECT a FROM {TABLE} ORDER BY a")]
    assert back == [n for n in range(200) if n != 77]
    assert statements(lab, source) < 20


def test_rows_for_a_table_that_does_not_exist_are_refused_at_once(lab, writer):
    cursor, source = writer("a bigint")
    cursor.setinputsizes([(pyodbc.SQL_BIGINT, 0, 0)])
    with pytest.raises(pyodbc.ProgrammingError) as error:
        cursor.executemany("INSERT INTO inserts_nowhere VALUES (?)", [(n,) for n in range(1000)])
    assert error.value.args[0] == "42S02"
    assert statements(lab, source) == 1


def test_text_beyond_the_limit_of_a_statement_is_cut_into_more(lab, writer):
    cursor, source = writer("a bigint, b varchar")
    rows = [(n, str(n % 10) * 30_000) for n in range(120)]
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, ?)", rows)
    assert 4 <= statements(lab, source) <= 5
    back = cursor.execute(f"SELECT a, length(b), substr(b, 1, 1) FROM {TABLE} ORDER BY a").fetchall()
    assert [tuple(row) for row in back] == [(n, 30_000, str(n % 10)) for n in range(120)]


@pytest.mark.parametrize("sql", ["SELECT length(?)", f"INSERT INTO {TABLE} VALUES (?)"])
def test_a_statement_beyond_the_limit_tells_the_limit_and_its_length(writer, sql):
    cursor, _ = writer("b varchar")
    with pytest.raises(pyodbc.Error) as error:
        cursor.execute(sql, "x" * 1_000_001)
    assert error.value.args[0] == "42000"
    assert "exceeds the maximum length (1000000)" in str(error.value)
    assert "(10000" in str(error.value)


# Text that SQLBindParameter calls text, whatever the column is: the driver writes it as a literal of the column's type.
EVERY_TYPE = {
    "tinyint": ["-128", "127"],
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648", "2147483647"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "real": ["NaN", "Infinity", "-Infinity", "1.4E-45", "-0.0", "3.4028235E38", "0.1"],
    "double": ["NaN", "Infinity", "-Infinity", "4.9E-324", "-0.0", "1.7976931348623157E308", "0.1", "1e23"],
    "decimal(38,10)": ["-9999999999999999999999999999.9999999999", "0.0000000001", "0", "12.5"],
    "decimal(5,0)": ["-99999", "0", "7"],
    "boolean": ["true", "false"],
    "varchar": ["", "it's", "'", "\"\\/\b\t\n\r", "a\0b", "Ünïcödé '世界' 🌍", "?", "[1]", "NULL", "null"],
    "varchar(4)": ["", "ab", "🌍🌍🌍🌍", "ab  "],
    "char(4)": ["", "a", "ab ", "äöü'"],
    "date": ["-0001-12-31", "0000-01-01", "0001-01-01", "9999-12-31", "12345-06-07", "2024-02-29"],
    "time(0)": ["00:00:00", "23:59:59"],
    "time(12)": ["00:00:00", "23:59:59.999999999999", "01:02:03.000000000001", "12:00:00.5"],
    "time(12) with time zone": ["01:02:03.123456789012+05:30", "23:59:59-14:00", "00:00:00+00:00"],
    "timestamp(0)": ["1969-12-31 23:59:59", "-0044-03-15 00:00:00"],
    "timestamp(12)": ["2020-01-02 03:04:05.123456789012", "1900-01-01 00:00:00", "12345-01-01 00:00:00.1"],
    "timestamp(12) with time zone": [
        "2020-10-25 02:30:00 Europe/Berlin", "2020-10-25 02:30:00 +01:00", "2020-10-25 02:30:00 +02:00",
        "2020-01-02 03:04:05.123456789012 Asia/Kolkata", "1900-01-01 00:00:00 UTC", "2020-07-01 00:00:00.5 America/New_York",
    ],
    "timestamp(3) with time zone": ["2020-10-25 01:30:00.123 UTC", "1969-12-31 23:59:59.999 Pacific/Apia"],
    "uuid": ["12151fd2-7586-11e9-8f9e-2a86e4085a59", "00000000-0000-0000-0000-000000000000"],
    "ipaddress": ["10.0.0.1", "::1", "2001:db8::ff00:42:8329"],
    "json": ['{"b": 1, "a": [1.50, null, "it\'s \\"q\\""]}', "null", '"\\u0000"', "12345678901234567890.5"],
    "varbinary": ["", "00", "00FF7f80", "ff" * 100],
    "interval year to month": ["0-0", "-178956970-7", "1-2"],
    "interval day to second": ["0 00:00:00.000", "-1 02:03:04.005", "99999 23:59:59.999"],
}


@pytest.mark.parametrize("kind", EVERY_TYPE)
def test_values_of_every_type_arrive_as_their_literals_do(lab, writer, kind):
    texts = [*EVERY_TYPE[kind], None]
    cursor, source = writer(f"a bigint, b {kind}")
    sql = f"INSERT INTO {TABLE} VALUES (?, ?)"
    # Alone, a value is a literal after USING; among many it is one of a text.
    bound = [(pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_WVARCHAR, 200, 0)]
    for n, value in enumerate(texts):
        cursor.setinputsizes(bound)
        cursor.execute(sql, n, value)
    before = statements(lab, source)
    rows = [(1000 * copy + n, value) for copy in range(1, 60) for n, value in enumerate(texts)]
    cursor.setinputsizes(bound)
    cursor.executemany(sql, rows)
    assert statements(lab, source) - before <= 2, "one statement, and one that was refused for its types"
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        sent = connection.execute(
            "SELECT count(*) FROM system.runtime.queries WHERE source = ? AND query LIKE '%UNNEST%' AND state = 'FINISHED'",
            source,
        ).fetchval()
    # Servers from before get literals in VALUES.
    assert sent == (1 if release(lab.version) >= 476 else 0)
    # NaN is no value that is equal to itself, and zeros are equal whatever their sign.
    same = "b IS NOT DISTINCT FROM c AND CAST(b AS varchar) IS NOT DISTINCT FROM CAST(c AS varchar)"
    if kind == "varbinary":
        same = "b IS NOT DISTINCT FROM c"
    elif kind == "json":
        same = "json_format(b) IS NOT DISTINCT FROM json_format(c)"
    wrong = cursor.execute(
        f"SELECT many.a FROM {TABLE} many JOIN (SELECT a, b AS c FROM {TABLE} WHERE a < 1000) one"
        f" ON many.a % 1000 = one.a WHERE many.a >= 1000 AND NOT ({same})"
    ).fetchall()
    assert [texts[row[0] % 1000] for row in wrong] == []
    assert cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE a >= 1000").fetchval() == len(rows)


TEXT, WHOLE, DOUBLE = (pyodbc.SQL_WVARCHAR, 40, 0), (pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_DOUBLE, 0, 0)
EXACT, STAMP = (pyodbc.SQL_DECIMAL, 10, 4), (pyodbc.SQL_TYPE_TIMESTAMP, 23, 3)


@pytest.mark.parametrize(
    "columns, values, bound, row",
    [
        ("a bigint, b varchar", "? + 1, upper(?)", [WHOLE, TEXT], (1, "it's")),
        ("a bigint, b varchar(4)", "? + 1, upper(?)", [WHOLE, TEXT], (1, "it's")),
        ("a double, b char(6)", "? / 3, substr(? || 'x', 1, 3)", [DOUBLE, TEXT], (1.5, "ab")),
        ("a decimal(38,10), b varchar", "? / 3, CASE WHEN ? IS NULL THEN 'n' END", [EXACT, TEXT], (Decimal("1.5"), None)),
        ("a varchar, b json", "CAST(? AS varchar), CAST(? AS json)", [WHOLE, TEXT], (7, "it's")),
        ("a timestamp(3), b varchar", "date_trunc('hour', ?), CAST(? AS varchar)", [STAMP, EXACT],
         (datetime.datetime(2020, 1, 2, 3, 4, 5, 6000), Decimal("1.5"))),
        ("a bigint, b varchar", "?, ?), (-1, 'fixed'), (3 - ?, ? || ''", [WHOLE, TEXT] * 2, (1, "a", 2, "b")),
        ("a bigint, b bigint", "coalesce(?, 7), length(?)", [WHOLE, TEXT], (None, "abc")),
        ("a bigint, b varchar", "reduce(ARRAY[?, 2], 0, (s, x) -> s + x, s -> s + ?), typeof(?)", [WHOLE, WHOLE, TEXT],
         (1, 2, "abc")),
        ("a array(varchar(3)), b varchar", "ARRAY[CAST(? AS varchar(3)), 'z'], '\'' || ? -- ?\n", [TEXT, TEXT], ("a", "b")),
        ("a bigint, b varchar", "DEFAULT, ?", [TEXT], ("a",)),
    ],
)
def test_expressions_are_what_they_are_for_few_rows(writer, columns, values, bound, row):
    cursor, _ = writer(columns)
    sql = f"INSERT INTO {TABLE} VALUES ({values})".replace("\\'", "''")
    outcomes = []
    # Few rows are literals, many are one text.
    for count in (2, 60):
        cursor.setinputsizes(bound)
        try:
            cursor.executemany(sql, [row] * count)
        except pyodbc.Error as error:
            outcomes.append(error.args[0])
            continue
        rows = sorted(map(repr, cursor.execute(f"SELECT * FROM {TABLE}").fetchall()))
        outcomes.append((sorted(set(rows)), len(rows) // count))
        cursor.execute(f"TRUNCATE TABLE {TABLE}")
    assert outcomes[0] == outcomes[1]


def test_a_hundred_thousand_rows_take_few_statements_and_are_counted(lab, writer):
    cursor, source = writer("a bigint, b varchar(20), c double, d date")
    day = datetime.date(2020, 1, 1)
    rows = [(n, f"text {n}", n / 7, day + datetime.timedelta(days=n % 5000)) for n in range(100_000)]
    cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?)", rows)
    assert statements(lab, source) <= 9
    found = cursor.execute(f"SELECT count(*), count(DISTINCT a), sum(a), max(b), sum(date_diff('day', DATE '2020-01-01', d)) FROM {TABLE}")
    assert tuple(found.fetchone()) == (
        100_000, 100_000, sum(range(100_000)), "text 99999", sum(n % 5000 for n in range(100_000)),
    )


@pytest.mark.parametrize("bad", [0, 4500, 8999])
def test_a_value_that_cannot_be_computed_fails_alone_among_thousands(lab, writer, bad):
    cursor, source = writer("a bigint, b bigint")
    rows = [(n, "x" if n == bad else str(n)) for n in range(9000)]
    cursor.setinputsizes([(pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_VARCHAR, 10, 0)])
    try:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, CAST(? AS bigint))", rows)
    except pyodbc.Error as error:
        assert f"Parameter set {bad + 1}: Cannot cast 'x'" in str(error)
    counts = cursor.execute(f"SELECT count(*), count(DISTINCT a) FROM {TABLE}").fetchone()
    assert tuple(counts) == (8999, 8999)
    assert cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE a = ?", bad).fetchval() == 0
    assert statements(lab, source) < 40


def test_text_of_an_expression_that_its_column_does_not_take_fails_alone(writer):
    cursor, _ = writer("a bigint, b varchar(3)")
    rows = [(n, "abc" if n != 600 else "abcd") for n in range(1000)]
    cursor.setinputsizes([(pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_VARCHAR, 10, 0)])
    try:
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (?, upper(?))", rows)
    except pyodbc.Error as error:
        assert "Parameter set 601: Cannot truncate" in str(error)
    back = [row[0] for row in cursor.execute(f"SELECT a FROM {TABLE} ORDER BY a")]
    assert back == [n for n in range(1000) if n != 600]


def test_partitions_are_deleted_many_at_a_time_as_one_at_a_time(lab):
    keys = [*range(20), 3, None, 99]
    left = []
    for fast in [1, 0]:
        source = f"{TABLE}-deletions-{fast}-{datetime.datetime.now():%H%M%S%f}"
        with closing(lab.connect(Source=source, FastInserts=fast)) as connection:
            catalogs = [row[0] for row in connection.execute("SHOW CATALOGS")]
            if "hive" not in catalogs:
                pytest.skip("no catalog that deletes")
            connection.execute("CREATE SCHEMA IF NOT EXISTS hive.deletions")
            connection.execute("DROP TABLE IF EXISTS hive.deletions.t")
            connection.execute(
                "CREATE TABLE hive.deletions.t (v varchar, p bigint) WITH (partitioned_by = ARRAY['p'])"
            )
            connection.execute(
                "INSERT INTO hive.deletions.t SELECT 'v', n FROM UNNEST(sequence(0, 29)) AS s (n)"
            )
            cursor = connection.cursor()
            cursor.fast_executemany = True
            cursor.executemany("DELETE FROM hive.deletions.t WHERE p = ?", [(key,) for key in keys])
            left.append(cursor.execute("SELECT p FROM hive.deletions.t ORDER BY p").fetchall())
            sql = "SELECT count(*) FROM system.runtime.queries WHERE source = ? AND query LIKE '%DELETE FROM%'"
            sent = connection.execute(sql + " AND query NOT LIKE '%runtime%'", source).fetchval()
            assert sent == (1 if fast else len(keys))
            connection.execute("DROP TABLE hive.deletions.t")
            connection.execute("DROP SCHEMA hive.deletions")
    assert [row[0] for row in left[0]] == list(range(20, 30))
    assert left[0] == left[1]


def test_a_query_of_parameters_is_inserted_as_rows_are(lab, writer):
    cursor, source = writer("a bigint, b varchar(40)")
    rows = [(n, f"it's {n}") for n in range(1000)]
    cursor.executemany(f"INSERT INTO {TABLE} SELECT ? AS a, ?", rows)
    assert statements(lab, source) == 1
    back = cursor.execute(f"SELECT * FROM {TABLE} ORDER BY a").fetchall()
    assert [tuple(row) for row in back] == rows
