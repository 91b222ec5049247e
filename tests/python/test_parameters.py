"""Parameters: what Python sends is what Trino has, and comes back."""

import datetime
import math
import uuid
from contextlib import closing
from decimal import Decimal

import pyodbc
import pytest

from test_types import comparable

VALUES = {
    "str": "it's 'quoted' \"twice\" \\ and ? and ;",
    "empty_str": "",
    "unicode": "Grüße, 世界 🌍",
    "newline": "a\nb\tc\r\n-- no comment",
    "long_str": "0123456789" * 500,
    "very_long_str": "Ünïcödé " * 20_000,
    "zero": 0,
    "int": 42,
    "negative": -2147483648,
    "bigint": 9223372036854775807,
    "least_bigint": -9223372036854775808,
    "float": 1.5,
    "third": 1 / 3,
    "greatest_float": 1.7976931348623157e308,
    "least_float": 5e-324,
    "negative_zero": -0.0,
    "nan": math.nan,
    "infinity": math.inf,
    "negative_infinity": -math.inf,
    "decimal": Decimal("-12.50"),
    "small_decimal": Decimal("0.001"),
    "long_decimal": Decimal("-12345678901234567890123456789012345678"),
    "fine_decimal": Decimal("0.12345678901234567890123456789012345678"),
    "date": datetime.date(1969, 12, 31),
    "first_date": datetime.date(1, 1, 1),
    "last_date": datetime.date(9999, 12, 31),
    "time": datetime.time(1, 2, 3),
    "datetime": datetime.datetime(2020, 5, 6, 7, 8, 9),
    "fine_datetime": datetime.datetime(2020, 5, 6, 7, 8, 9, 123456),
    "old_datetime": datetime.datetime(1001, 1, 2, 23, 59, 59, 1000),
    "bytes": b"\x00\xff\x7f'",
    "empty_bytes": b"",
    "many_bytes": bytes(range(256)) * 400,
    "true": True,
    "false": False,
    "none": None,
}

# An expression with a parameter, the value, and what it is in Trino.
TYPED = [
    ("typeof(?)", "abc", "varchar(3)"),
    ("typeof(?)", 5, "bigint"),
    ("typeof(?)", 1.5, "double"),
    ("typeof(?)", Decimal("12.50"), "decimal(4,2)"),
    ("typeof(?)", True, "boolean"),
    ("typeof(?)", b"a", "varbinary"),
    ("typeof(?)", datetime.date(2020, 1, 2), "date"),
    ("typeof(?)", datetime.time(1, 2, 3), "time(0)"),
    ("typeof(?)", datetime.datetime(2020, 1, 2, 3, 4, 5, 123000), "timestamp(3)"),
    ("CAST(? AS uuid)", "12151fd2-7586-11e9-8f9e-2a86e4085a59", uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59")),
]


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_went(cursor, name):
    value = VALUES[name]
    back = cursor.execute("SELECT ?", value).fetchval()
    assert comparable(back) == comparable(value)
    assert type(back) is type(value)


@pytest.mark.parametrize("expression, value, expected", TYPED)
def test_a_value_has_its_type_in_trino(cursor, expression, value, expected):
    back = cursor.execute(f"SELECT {expression}", value).fetchval()
    if isinstance(expected, uuid.UUID):
        assert uuid.UUID(str(back)) == expected
    else:
        assert back in (expected, "integer" if expected == "bigint" else expected)


def test_all_values_at_once_stay_in_order(cursor):
    values = list(VALUES.values())
    marks = ", ".join("?" for _ in values)
    row = cursor.execute(f"SELECT '?', {marks} -- ?", values).fetchone()
    assert row[0] == "?"
    assert [comparable(value) for value in row[1:]] == [comparable(value) for value in values]


def test_a_query_is_filtered(cursor):
    rows = cursor.execute(
        "SELECT name FROM nation WHERE regionkey = ? AND nationkey < ? AND name LIKE ? ORDER BY 1",
        (3, 20, "%A%"),
    ).fetchall()
    assert [row[0] for row in rows] == ["FRANCE", "GERMANY", "ROMANIA"]


def test_a_prepared_query_runs_again_with_other_values(cursor):
    names = [
        cursor.execute("SELECT name FROM region WHERE regionkey = ?", key).fetchval()
        for key in range(5)
    ]
    assert names == ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]


def test_rows_are_inserted(lab):
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS parameters")
        cursor.execute(
            "CREATE TABLE parameters (i integer, s varchar(10), c char(5), d decimal(10,2), x double, "
            "t timestamp(3), day date, b varbinary, flag boolean)"
        )
        insert = "INSERT INTO parameters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        full = (
            7, "it's", "ab", Decimal("12.50"), 0.1, datetime.datetime(2020, 1, 2, 3, 4, 5, 678000),
            datetime.date(2020, 1, 2), b"\x00\x01", True,
        )
        empty = (None,) * 9
        cursor.execute(insert, full)
        assert cursor.rowcount == 1
        cursor.execute(insert, empty)
        cursor.executemany(insert, [full, empty])
        cursor.fast_executemany = True
        cursor.executemany(insert, [full, empty, full])
        rows = cursor.execute("SELECT * FROM parameters ORDER BY i").fetchall()
        cursor.execute("DROP TABLE parameters")
    assert len(rows) == 7
    expected = list(full)
    expected[2] = "ab   "
    assert [list(row) for row in rows if row[0] == 7] == [expected] * 4
    assert [tuple(row) for row in rows if row[0] is None] == [empty] * 3


def test_arrays_of_text_are_inserted(lab):
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS texts")
        cursor.execute("CREATE TABLE texts (a varchar, b varchar(20))")
        cursor.fast_executemany = True
        rows = [("it's", "ä"), (None, ""), ("x" * 3000, None)]
        cursor.executemany("INSERT INTO texts VALUES (?, ?)", rows)
        back = cursor.execute("SELECT * FROM texts").fetchall()
        cursor.execute("DROP TABLE texts")
    assert sorted(map(tuple, back), key=str) == sorted(rows, key=str)


def test_a_wrong_number_of_values_is_refused(cursor):
    with pytest.raises(pyodbc.Error):
        cursor.execute("SELECT ?, ?", 1)
    with pytest.raises(pyodbc.Error):
        cursor.execute("SELECT 1", 1)
    assert cursor.execute("SELECT ?", 1).fetchval() == 1


def test_what_is_wrong_with_a_statement_is_told_at_its_place(cursor):
    with pytest.raises(pyodbc.ProgrammingError) as error:
        cursor.execute("SELECT nothing\nFROM nation WHERE nationkey = ?", 1)
    assert error.value.args[0] == "42S22"
    assert "line 1:8" in error.value.args[1]


# What the server takes a marker for, text that is that, and how many rows of `nation` there are then.
TAKEN = [
    ("nationkey = ?", "6", 1),
    ("nationkey = ?", "26", 0),
    ("nationkey IN (?, ?)", ("6", "7"), 2),
    ("nationkey BETWEEN ? AND ?", ("6", "7"), 2),
    ("nationkey + ? = 7", "1", 1),
    ("(nationkey = 6) = ?", "true", 1),
    ("date_add('day', nationkey, DATE '2020-01-01') = ?", "2020-01-07", 1),
    ("date_add('day', nationkey, TIMESTAMP '2020-01-01 00:00:00') > ?", "2020-01-24", 1),
    ("CAST(nationkey AS decimal(5,2)) < ?", "1.5", 2),
    ("CAST(nationkey AS double) < ?", "1.5", 2),
    ("CAST(nationkey AS varchar) = ?", "6", 1),
    ("abs(nationkey) = abs(?)", "6", 1),
    ("name LIKE '%' || ? || '%' AND nationkey = ?", ("RAN", "6"), 1),
    ("name LIKE ?", "FRAN%", 1),
    ("length(name) = length(?)", "FRANCE", 5),
]


@pytest.mark.parametrize("condition, values, rows", TAKEN)
def test_text_is_what_the_server_takes_it_for(cursor, condition, values, rows):
    for sql_type in (pyodbc.SQL_WVARCHAR, pyodbc.SQL_WCHAR):
        values = values if isinstance(values, tuple) else (values,)
        cursor.setinputsizes([(sql_type, 0, 0)] * len(values))
        sql = f"SELECT count(*) FROM nation WHERE {condition}"
        assert cursor.execute(sql, values).fetchval() == rows


@pytest.mark.parametrize("text", ["six", "6.5", "", "99999999999999999999", "6; DROP"])
def test_text_that_is_something_else_names_its_parameter(cursor, text):
    with pytest.raises(pyodbc.Error) as error:
        cursor.execute("SELECT 1 FROM nation WHERE name = ? AND nationkey = ?", "FRANCE", text)
    assert error.value.args[0] == "22018"
    assert "Parameter 2" in error.value.args[1]


TABLE = {
    "i": "integer", "v": "varchar", "n": "varchar(5)", "c": "char(3)", "d": "decimal(10,2)", "x": "double",
    "t": "timestamp(3)", "day": "date", "b": "varbinary", "f": "boolean", "u": "uuid", "o": "time(3)",
}
BOUND = [
    pyodbc.SQL_INTEGER, pyodbc.SQL_BIGINT, pyodbc.SQL_VARCHAR, pyodbc.SQL_WCHAR, pyodbc.SQL_DECIMAL, pyodbc.SQL_DOUBLE,
    pyodbc.SQL_TYPE_TIMESTAMP, pyodbc.SQL_TYPE_DATE, pyodbc.SQL_VARBINARY, pyodbc.SQL_BIT, pyodbc.SQL_GUID,
    pyodbc.SQL_TYPE_TIME,
]


@pytest.fixture
def table(lab):
    """A table with a column of each type, and a cursor."""
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute("DROP TABLE IF EXISTS parameters_taken")
        columns = ", ".join(f"{name} {kind}" for name, kind in TABLE.items())
        cursor.execute(f"CREATE TABLE parameters_taken ({columns})")
        yield cursor
        connection.execute("DROP TABLE parameters_taken")


@pytest.mark.parametrize("fast", [False, True])
def test_null_of_any_type_fits_every_column(table, fast):
    marks = ", ".join("?" for _ in TABLE)
    insert = f"INSERT INTO parameters_taken VALUES ({marks})"
    equal = "SELECT count(*) FROM parameters_taken WHERE " + " OR ".join(f"{name} = ?" for name in TABLE)
    nulls = (None,) * len(TABLE)
    table.fast_executemany = fast
    for sql_type in BOUND:
        sizes = [(sql_type, 0, 0)] * len(TABLE)
        table.setinputsizes(sizes)
        table.executemany(insert, [nulls, nulls])
        table.setinputsizes(sizes)
        assert table.execute(equal, nulls).fetchval() == 0
    assert table.execute("SELECT count(*) FROM parameters_taken").fetchval() == 2 * len(BOUND)


@pytest.mark.parametrize("sql_type", BOUND)
def test_null_by_itself_has_the_type_that_it_is_bound_with(cursor, sql_type):
    cursor.setinputsizes([(sql_type, 0, 0)])
    cursor.execute("SELECT typeof(?) AS a, ? AS b", None, None)
    assert cursor.fetchone()[1] is None
    cursor.setinputsizes([(sql_type, 0, 0)])
    kind = cursor.execute("SELECT typeof(a) FROM (SELECT ? AS a)", None).fetchval()
    assert kind != "unknown"


@pytest.mark.parametrize(
    "sql", ["SELECT nationkey FROM nation UNION SELECT ?", "SELECT coalesce(?, nationkey) FROM nation", "SELECT -? FROM nation"]
)
def test_null_fits_where_the_server_takes_one_of_another_type(cursor, sql):
    for sql_type in (pyodbc.SQL_INTEGER, pyodbc.SQL_VARCHAR):
        if sql.startswith("SELECT -") and sql_type == pyodbc.SQL_VARCHAR:
            continue
        cursor.setinputsizes([(sql_type, 0, 0)])
        assert len(cursor.execute(sql, None).fetchall()) >= 25


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("source", ["VALUES", "SELECT"])
def test_text_is_stored_as_the_column_has_it(table, fast, source):
    row = {
        "i": "7", "v": "it's", "n": "abcde", "c": "ab", "d": "1.50", "x": "2.5", "t": "2020-01-02 03:04:05.678",
        "day": "2020-01-02", "b": "00ff", "f": "true", "u": "12151fd2-7586-11e9-8f9e-2a86e4085a59", "o": "01:02:03",
    }
    marks = ", ".join("?" for _ in row)
    values = f"VALUES ({marks})" if source == "VALUES" else f"SELECT {marks}"
    table.fast_executemany = fast
    table.setinputsizes([(pyodbc.SQL_WVARCHAR, 50, 0)] * len(row))
    table.executemany(f"INSERT INTO parameters_taken ({', '.join(row)}) {values}", [tuple(row.values())] * 2)
    back = [tuple(found) for found in table.execute("SELECT i, v, n, c, d, day, f FROM parameters_taken")]
    assert back == [(7, "it's", "abcde", "ab ", Decimal("1.50"), datetime.date(2020, 1, 2), True)] * 2


def test_no_size_but_the_columns_is_held_against_text(table):
    for length in (32_768, 100_000):
        table.execute("INSERT INTO parameters_taken (v, b) VALUES (?, ?)", "x" * length, b"y" * length)
        # What an application copies from SQLDescribeParam.
        table.setinputsizes([(pyodbc.SQL_WVARCHAR, 32_767, 0)])
        table.execute("INSERT INTO parameters_taken (v) VALUES (?)", "x" * length)
    with pytest.raises(pyodbc.Error) as error:
        table.execute("INSERT INTO parameters_taken (n) VALUES (?)", "abcdef")
    assert error.value.args[0] == "22001"
    lengths = table.execute("SELECT length(v) FROM parameters_taken ORDER BY 1").fetchall()
    assert [row[0] for row in lengths] == [32_768, 32_768, 100_000, 100_000]


def test_wide_text_of_fixed_length_is_text(cursor):
    for sql, text, expected in [
        ("SELECT count(*) FROM nation WHERE name LIKE ?", "FR%", 1),
        ("SELECT count(*) FROM nation WHERE name = ?", "FRANCE   ", 0),
        ("SELECT cardinality(split(?, ','))", "a,b", 2),
        ("SELECT json_extract_scalar(json_parse(?), '$.a')", '{"a": 1}', "1"),
        ("SELECT regexp_like('abc', ?)", "b", True),
        ("SELECT count(*) FROM (VALUES CAST('ab' AS char(5))) t(c) WHERE c = ?", "ab", 1),
    ]:
        cursor.setinputsizes([(pyodbc.SQL_WCHAR, 20, 0)])
        assert cursor.execute(sql, text).fetchval() == expected, sql


def test_a_plan_is_made_with_values(cursor):
    for value in (6, "6"):
        plan = cursor.execute("EXPLAIN SELECT name FROM nation WHERE nationkey = ?", value).fetchval()
        assert "Fragment" in plan and "tiny" in plan
    assert cursor.execute("EXPLAIN (TYPE VALIDATE) SELECT name FROM nation WHERE nationkey = ?", 6).fetchval() is True
    assert "Fragment" in cursor.execute("EXPLAIN ANALYZE SELECT name FROM nation WHERE nationkey = ?", 6).fetchval()


def test_a_change_of_no_rows_is_no_error(table):
    table.execute("INSERT INTO parameters_taken (i) SELECT i FROM parameters_taken WHERE i = ?", 5)
    assert table.rowcount == 0
    table.execute("INSERT INTO parameters_taken (i) VALUES (?)", 5)
    assert table.rowcount == 1


def test_a_null_does_not_end_a_message(cursor):
    with pytest.raises(pyodbc.Error) as error:
        cursor.execute("SELECT CAST(? AS date)", "one\0two").fetchall()
    assert "one\\u0000two" in error.value.args[1] and "query" in error.value.args[1]
