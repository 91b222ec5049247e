"""Each Trino type as a Python value."""

import datetime
import math
from contextlib import closing
from decimal import Decimal

import pytest

DIGITS = "12345678901234567890123456789012345678"
UUID = "12151fd2-7586-11e9-8f9e-2a86e4085a59"

# Python has microseconds. Decimals inside of other values are strings, as the server sends them.
VALUES = {
    "boolean": ("true", True),
    "tinyint": ("TINYINT '-128'", -128),
    "smallint": ("SMALLINT '32767'", 32767),
    "integer": ("-2147483648", -2147483648),
    "bigint": ("BIGINT '-9223372036854775808'", -9223372036854775808),
    "real": ("REAL '3.25'", 3.25),
    "double": ("DOUBLE '1.7976931348623157e308'", 1.7976931348623157e308),
    "nan": ("nan()", math.nan),
    "infinity": ("-infinity()", -math.inf),
    "decimal": ("DECIMAL '-0.10'", Decimal("-0.10")),
    "long_decimal": (f"DECIMAL '{DIGITS}'", Decimal(DIGITS)),
    "varchar": ("'Grüße, 世界 🌍'", "Grüße, 世界 🌍"),
    "empty_varchar": ("''", ""),
    "long_varchar": ("CAST(array_join(repeat('0123456789', 500), '') AS varchar)", "0123456789" * 500),
    "char": ("CAST('ab' AS char(5))", "ab   "),
    "varbinary": ("X'00FF7F'", b"\x00\xff\x7f"),
    "date": ("DATE '1969-12-31'", datetime.date(1969, 12, 31)),
    "time": ("TIME '01:02:03.456'", datetime.time(1, 2, 3, 456000)),
    "time_with_zone": ("TIME '01:02:03.456 +02:00'", "01:02:03.456+02:00"),
    "timestamp": ("TIMESTAMP '2020-05-06 07:08:09.123'",
                  datetime.datetime(2020, 5, 6, 7, 8, 9, 123000)),
    "old_timestamp": ("TIMESTAMP '1001-01-02 23:59:59'", datetime.datetime(1001, 1, 2, 23, 59, 59)),
    "fine_timestamp": ("TIMESTAMP '2020-05-06 07:08:09.123456789'",
                       datetime.datetime(2020, 5, 6, 7, 8, 9, 123456)),
    "timestamp_with_zone": ("TIMESTAMP '2020-05-06 07:08:09.123 UTC'",
                            datetime.datetime(2020, 5, 6, 7, 8, 9, 123000)),
    "uuid": (f"UUID '{UUID}'", UUID),
    "ipaddress": ("IPADDRESS '10.0.0.1'", "10.0.0.1"),
    "json": ("""JSON '{"a":[1,null]}'""", '{"a":[1,null]}'),
    "array": ("ARRAY[1, NULL, 3]", "[1,null,3]"),
    "map": ("MAP(ARRAY['k'], ARRAY[DECIMAL '1.50'])", '{"k":"1.50"}'),
    "row": ("CAST(ROW(1, 'x') AS ROW(n integer, s varchar))", '{"n":1,"s":"x"}'),
    "unknown": ("NULL", None),
}

NULLABLE = [
    "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(10,2)",
    "decimal(38,3)", "varchar", "varchar(5)", "char(3)", "varbinary", "date", "time(6)", "timestamp(3)",
    "timestamp(12)", "timestamp(3) with time zone", "time(3) with time zone", "uuid", "ipaddress",
    "json", "array(integer)", "map(varchar, integer)", "row(a integer)",
]


def comparable(value):
    """NaN equals itself here, and a UUID is written in small letters."""
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, str) and value.lower() == UUID:
        return UUID
    return value


@pytest.mark.parametrize("name", VALUES)
def test_a_value_arrives_as_what_it_is(lab, name):
    literal, expected = VALUES[name]
    with closing(lab.connect(TimeZone="UTC")) as connection:
        value = connection.execute(f"SELECT {literal}").fetchval()
    assert comparable(value) == comparable(expected)
    assert type(value) is type(expected)


@pytest.mark.parametrize("encoding", ["json+zstd", "json+lz4", "json", "none"])
def test_all_values_of_many_rows_arrive(lab, log, encoding):
    selected = ", ".join(f"{literal} AS {name}" for name, (literal, _) in VALUES.items())
    expected = [comparable(value) for _, value in VALUES.values()]
    keywords = {"TimeZone": "UTC", "Encoding": encoding, **log.keywords}
    with closing(lab.connect(**keywords)) as connection:
        cursor = connection.execute(f"SELECT {selected} FROM UNNEST(sequence(1, 5000))")
        assert [column[0] for column in cursor.description] == list(VALUES)
        rows = cursor.fetchall()
    assert len(rows) == 5000
    for row in rows:
        assert [comparable(value) for value in row] == expected


@pytest.mark.parametrize("kind", NULLABLE)
def test_null_is_none(cursor, kind):
    row = cursor.execute(f"SELECT CAST(NULL AS {kind}), 1").fetchone()
    assert tuple(row) == (None, 1)


def test_a_column_is_described_by_its_python_type_and_size(cursor):
    cursor.execute(
        "SELECT 1 AS i, BIGINT '1' AS b, DECIMAL '1.25' AS d, CAST('x' AS varchar(7)) AS s, "
        "DATE '2020-01-01' AS day, DOUBLE '1' AS f, X'00' AS bytes, true AS flag"
    )
    told = {name: (kind, size, scale) for name, kind, _, size, _, scale, _ in cursor.description}
    assert told["i"] == (int, 10, 0)
    assert told["b"] == (int, 19, 0)
    assert told["d"] == (Decimal, 3, 2)
    assert told["s"][:2] == (str, 14)
    assert told["day"][0] is datetime.date
    assert told["f"][0] is float
    assert told["bytes"][0] is bytearray or told["bytes"][0] is bytes
    assert told["flag"][0] is bool


def test_a_long_text_arrives_whole(cursor):
    sql = "SELECT array_join(repeat('0123456789', 10000), '') || '世界'"
    assert cursor.execute(sql).fetchval() == "0123456789" * 10_000 + "世界"


def test_a_query_without_rows_has_columns(cursor):
    cursor.execute("SELECT 1 AS a, 'x' AS b WHERE false")
    assert [column[0] for column in cursor.description] == ["a", "b"]
    assert cursor.fetchall() == []
