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
