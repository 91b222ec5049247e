"""Conversions of values that Trino itself made, and of parameters that it reads: a sample of each pair."""

import ctypes
import struct
from contextlib import closing
from decimal import Decimal

import pyodbc
import pytest

import odbc
from odbc import Date, Guid, Interval, Numeric, Time, Timestamp

UUID = "12151fd2-7586-11e9-8f9e-2a86e4085a59"
GUID = (0x12151FD2, 0x7586, 0x11E9, (0x8F, 0x9E, 0x2A, 0x86, 0xE4, 0x08, 0x5A, 0x59))
C_INTERVAL = {
    "YEAR": 101, "MONTH": 102, "DAY": 103, "HOUR": 104, "MINUTE": 105, "SECOND": 106,
    "YEAR TO MONTH": 107, "DAY TO HOUR": 108, "DAY TO MINUTE": 109, "DAY TO SECOND": 110,
    "HOUR TO MINUTE": 111, "HOUR TO SECOND": 112, "MINUTE TO SECOND": 113,
}


def number(unscaled, precision=38, scale=0):
    """An SQL_NUMERIC_STRUCT."""
    return (precision, scale, int(unscaled >= 0), tuple(abs(unscaled).to_bytes(16, "little")))


def interval(kind, *fields, negative=0):
    """An SQL_INTERVAL_STRUCT."""
    return (C_INTERVAL[kind] - 100, negative, *fields, *[0] * (5 - len(fields)))


# What Trino makes, the C type, and what comes: fields or bytes, and a SQLSTATE.
TO_C = [
    ("true", -7, ctypes.c_ubyte, 1, None),
    ("true", -18, ctypes.c_uint, 1, None),
    ("true", 103, Interval, None, "07006"),
    ("TINYINT '-5'", -26, ctypes.c_byte, -5, None),
    ("TINYINT '-5'", -28, ctypes.c_ubyte, None, "22003"),
    ("SMALLINT '300'", -15, ctypes.c_short, 300, None),
    ("INTEGER '7'", 103, Interval, interval("DAY", 7), None),
    ("INTEGER '7'", 110, Interval, None, "22015"),
    ("BIGINT '4294967296'", -18, ctypes.c_uint, None, "22003"),
    ("BIGINT '9223372036854775807'", -25, ctypes.c_longlong, 2**63 - 1, None),
    ("BIGINT '9223372036854775807'", 8, ctypes.c_double, 2.0**63, None),
    ("DECIMAL '1234.56'", -16, ctypes.c_int, 1234, "01S07"),
    ("DECIMAL '1234.56'", 2, Numeric, number(123456, 6, 2), None),
    ("CAST(1.5 AS decimal(3,2))", 2, Numeric, number(150, 3, 2), None),
    ("BIGINT '-7'", 2, Numeric, number(-7, 19), None),
    ("DOUBLE '0.1'", 2, Numeric, number(1, 38, 1), None),
    ("DOUBLE '9.223372036854775E18'", 2, Numeric, number(9_223_372_036_854_774_784), None),
    ("DOUBLE '9.223372036854775E18'", -25, ctypes.c_longlong, 9_223_372_036_854_774_784, None),
    ("DECIMAL '1234.56'", 7, ctypes.c_float, struct.unpack("f", struct.pack("f", 1234.56))[0], None),
    ("DECIMAL '12.345'", 106, Interval, interval("SECOND", 0, 0, 0, 12, 345_000), None),
    (f"DECIMAL '-{'9' * 38}'", 2, Numeric, number(1 - 10**38), None),
    ("REAL '1.5'", -7, ctypes.c_ubyte, 1, "01S07"),
    ("REAL '1.5'", 103, Interval, None, "07006"),
    ("DOUBLE '-0.5'", -7, ctypes.c_ubyte, None, "22003"),
    ("nan()", -25, ctypes.c_longlong, None, "22003"),
    ("infinity()", 7, ctypes.c_float, float("inf"), None),
    ("' 12.5 '", -15, ctypes.c_short, 12, "01S07"),
    ("'12x'", -15, ctypes.c_short, None, "22018"),
    ("'2024-02-29 12:00:00'", 91, Date, (2024, 2, 29), "01S07"),
    ("'2023-02-29'", 91, Date, None, "22018"),
    ("'INTERVAL -''16 23:39:56.23'' DAY TO SECOND'", 110, Interval,
     interval("DAY TO SECOND", 16, 23, 39, 56, 230_000, negative=1), None),
    ("'163:59.163'", 113, Interval, interval("MINUTE TO SECOND", 0, 0, 163, 59, 163_000), None),
    (f"'{UUID}'", -11, Guid, GUID, None),
    ("X'00FF'", -16, ctypes.c_int, None, "07006"),
    ("DATE '2024-02-29'", 93, Timestamp, (2024, 2, 29, 0, 0, 0, 0), None),
    ("DATE '-0044-03-15'", 91, Date, (-44, 3, 15), None),
    ("TIME '23:59:58.5'", 92, Time, (23, 59, 58), "01S07"),
    ("TIMESTAMP '2024-02-29 01:02:03.123456789012'", 93, Timestamp,
     (2024, 2, 29, 1, 2, 3, 123_456_789), "01S07"),
    ("TIMESTAMP '2024-02-29 01:02:03'", 92, Time, (1, 2, 3), None),
    ("TIMESTAMP '2024-07-01 12:00:00 UTC'", 93, Timestamp, (2024, 7, 1, 14, 0, 0, 0), None),
    ("TIMESTAMP '2024-10-27 02:30:00 Europe/Berlin'", 93, Timestamp,
     (2024, 10, 27, 2, 30, 0, 0), None),
    ("TIMESTAMP '2024-11-03 01:30:00 America/New_York'", 93, Timestamp,
     (2024, 11, 3, 6, 30, 0, 0), None),
    ("TIME '01:02:03 +05:30'", 92, Time, (1, 2, 3), None),
    ("TIME '01:02:03 +05:30'", -16, ctypes.c_int, None, "22018"),
    ("CAST(TIME '01:02:03 +05:30' AS varchar)", 92, Time, (1, 2, 3), None),
    ("CAST(TIMESTAMP '2024-07-01 12:00:00 UTC' AS varchar)", 93, Timestamp,
     (2024, 7, 1, 14, 0, 0, 0), None),
    ("INTERVAL '3-2' YEAR TO MONTH", 101, Interval, interval("YEAR", 3), "01S07"),
    ("INTERVAL '3-2' YEAR TO MONTH", -16, ctypes.c_int, None, "22018"),
    ("INTERVAL '100 03:04:05.678' DAY TO SECOND", 112, Interval,
     interval("HOUR TO SECOND", 0, 2403, 4, 5, 678_000), None),
    ("INTERVAL '2' DAY", -16, ctypes.c_int, None, "22018"),
    (f"UUID '{UUID}'", -11, Guid, GUID, None),
    (f"UUID '{UUID}'", -16, ctypes.c_int, None, "07006"),
]

# What Trino makes, how long the buffer is, and what comes of it as narrow text.
TO_TEXT = [
    ("true", 2, b"1", None),
    ("true", 1, None, "22003"),
    ("DECIMAL '1234.56'", 8, b"1234.56", None),
    ("DECIMAL '1234.56'", 5, b"1234", "01004"),
    ("DECIMAL '1234.56'", 4, None, "22003"),
    ("DATE '1992-12-31'", 11, b"1992-12-31", None),
    ("DATE '1992-12-31'", 10, None, "22003"),
    ("TIMESTAMP '1992-12-31 23:45:55.12'", 22, b"1992-12-31 23:45:55.1", "01004"),
    ("TIMESTAMP '1992-12-31 23:45:55.12'", 18, None, "22003"),
    ("X'001FFF'", 7, b"001FFF", None),
    ("X'001FFF'", 6, b"001F", "01004"),
    ("'abcdef'", 6, b"abcde", "01004"),
    ("INTERVAL '3-2' YEAR TO MONTH", 4, b"3-2", None),
    (f"UUID '{UUID}'", 37, UUID.encode(), None),
    (f"UUID '{UUID}'", 36, None, "22003"),
    ("TIME '01:02:03.5 +05:30'", 7, b"01:02:", "01004"),
]

# A C value, the SQL type, and what Trino takes it for.
TO_SQL = [
    (1, b"abc", 12, 0, "'abc'"),
    (1, b"-12.50", 3, 0, "DECIMAL '-12.50'"),
    (1, b" 42 ", 4, 0, "INTEGER '42'"),
    (1, b"1e3", 8, 0, "DOUBLE '1000'"),
    (1, b"00fF", -3, 0, "X'00FF'"),
    (1, b"2024-02-29", 91, 0, "DATE '2024-02-29'"),
    (1, b"01:02:03.5", 92, 0, "TIME '01:02:03.5'"),
    (1, b"2024-02-29 01:02:03 UTC", 93, 0, "TIMESTAMP '2024-02-29 01:02:03 UTC'"),
    (1, b"163:39", 111, 0, "INTERVAL '9819' MINUTE"),
    (1, b"INTERVAL -'3-2' YEAR TO MONTH", 107, 0, "INTERVAL -'38' MONTH"),
    (1, UUID.upper().encode(), -11, 0, f"UUID '{UUID}'"),
    (-8, "Grüße 🌍".encode("utf-16-le"), -9, 0, "'Grüße 🌍'"),
    (-16, struct.pack("i", -7), -5, 0, "BIGINT '-7'"),
    (-16, struct.pack("i", 5), 101, 0, "INTERVAL '5' YEAR"),
    (2, struct.pack("BbB16s", 5, 2, 0, (12345).to_bytes(16, "little")), 3, 0, "DECIMAL '-123.45'"),
    (8, struct.pack("d", 1.5), 7, 0, "REAL '1.5'"),
    (8, struct.pack("d", float("nan")), 8, 0, None),
    (-7, b"\x01", -7, 0, "true"),
    (-7, b"\x01", 12, 0, "'1'"),
    (-2, struct.pack("i", 7), 4, 0, "INTEGER '7'"),
    (-2, b"\x00\xff", -3, 0, "X'00FF'"),
    (91, struct.pack("hHH", 2024, 2, 29), 93, 0, "TIMESTAMP '2024-02-29 00:00:00'"),
    (92, struct.pack("HHH", 23, 59, 58), 12, 0, "'23:59:58'"),
    (93, struct.pack("hHHHHHI", 2024, 2, 29, 1, 2, 3, 1), 93, 0, "TIMESTAMP '2024-02-29 01:02:03.000000001'"),
    (103, struct.pack("ihxx5I", 3, 1, 2, 0, 0, 0, 0), 110, 0, "INTERVAL -'2' DAY"),
    (104, struct.pack("ihxx5I", 4, 0, 0, 51, 0, 0, 0), 4, 0, "INTEGER '51'"),
    (113, struct.pack("ihxx5I", 13, 0, 0, 0, 163, 59, 0), 1, 0, "'163:59.000'"),
]

REFUSED = [
    (1, b"abcdef", 12, 5, "22001"),
    (1, b"1.5", 4, 0, "22001"),
    (1, b"2147483648", 4, 0, "22003"),
    (1, b"four", 4, 0, "22018"),
    (1, b"2024-02-29 01:02:03", 91, 0, "22008"),
    (1, b"2023-02-29", 91, 0, "22018"),
    (91, struct.pack("hHH", 2023, 2, 29), 91, 0, "22007"),
    (91, struct.pack("hHH", 2023, 2, 29), 12, 0, "22008"),
    (110, struct.pack("ihxx5I", 10, 0, 154, 22, 44, 10, 0), 109, 0, "22015"),
    (-2, b"\x00", 4, 0, "22003"),
    (91, struct.pack("hHH", 2024, 2, 29), 4, 0, "07006"),
    (8, struct.pack("d", 1.0), 103, 0, "07006"),
]


@pytest.fixture(scope="module")
def statement(lab):
    with odbc.statement(lab.connection_string(TimeZone="Europe/Berlin")) as statement:
        yield statement


def selected(statement, sql):
    assert statement.execute(sql) == odbc.SUCCESS, statement.state()
    assert statement.fetch() == odbc.SUCCESS, statement.state()
    return statement


@pytest.mark.parametrize("literal, c_type, kind, expected, state", TO_C)
def test_a_value_of_trino_in_a_c_type(statement, literal, c_type, kind, expected, state):
    value = kind()
    code, length = selected(statement, f"SELECT {literal}").get(1, c_type, value)
    assert statement.state()[0] == state
    if expected is None:
        assert code == odbc.ERROR
    else:
        assert odbc.fields(value) == expected
        assert length == ctypes.sizeof(kind)


@pytest.mark.parametrize("kind", ["date", "uuid", "varbinary", "time(3)", "double", "interval day to second"])
def test_a_null_is_told_in_any_c_type(statement, kind):
    for c_type in (-16, 2, 91, 93, 103, -11, odbc.CHAR, odbc.BINARY):
        value = ctypes.create_string_buffer(40)
        assert selected(statement, f"SELECT CAST(NULL AS {kind})").get(1, c_type, value) == (odbc.SUCCESS, -1)


@pytest.mark.parametrize("literal, size, expected, state", TO_TEXT)
@pytest.mark.parametrize("c_type", [odbc.CHAR, odbc.WCHAR])
def test_a_value_of_trino_as_text(statement, literal, size, expected, state, c_type):
    unit = 1 if c_type == odbc.CHAR else 2
    value = ctypes.create_string_buffer(b"?" * (size * unit), size * unit)
    selected(statement, f"SELECT {literal}").get(1, c_type, value)
    assert statement.state()[0] == state
    if expected is not None:
        if unit == 2:
            expected = expected.decode().encode(odbc.WIDE)
        end = len(expected)
        assert value.raw[: end + unit] == expected + b"\0" * unit


@pytest.mark.parametrize("c_type, data, sql_type, size, expected", TO_SQL)
def test_trino_takes_a_parameter_for_what_it_is(statement, c_type, data, sql_type, size, expected):
    value = ctypes.create_string_buffer(data, len(data))
    code = statement.bind(1, c_type, sql_type, value, size=size)
    assert code == odbc.SUCCESS, statement.state()
    wanted = f"x = {expected}" if expected else "is_nan(x)"
    try:
        same = ctypes.c_int()
        selected(statement, f"SELECT CAST({wanted} AS integer) FROM (SELECT ? AS x)").get(1, -16, same)
        assert same.value == 1
    finally:
        statement.odbc.SQLFreeStmt(statement.handle, 3)


@pytest.mark.parametrize("c_type, data, sql_type, size, state", REFUSED)
def test_a_parameter_that_its_type_cannot_hold_is_not_sent(statement, c_type, data, sql_type, size, state):
    value = ctypes.create_string_buffer(data, len(data))
    code = statement.bind(1, c_type, sql_type, value, size=size)
    if code == odbc.SUCCESS:
        code = statement.execute("SELECT ?")
    seen = statement.state()[0]
    statement.odbc.SQLFreeStmt(statement.handle, 3)
    assert (code, seen) == (odbc.ERROR, state)


def test_intervals_are_text_unless_an_application_asks(lab):
    sql = "SELECT INTERVAL '3-2' YEAR TO MONTH AS m, INTERVAL -'2 03:04:05.678' DAY TO SECOND AS d"
    with closing(lab.connect()) as connection:
        cursor = connection.execute(sql)
        assert [column[1] for column in cursor.description] == [str, str]
        assert tuple(cursor.fetchone()) == ("3-2", "-2 03:04:05.678")
    with closing(lab.connect(Interval="Interval")) as connection:
        with pytest.raises(pyodbc.Error, match="type 110"):
            connection.execute("SELECT TIMESTAMP '2024-01-02 00:00:00' - TIMESTAMP '2024-01-01 00:00:00'").fetchone()


@pytest.mark.parametrize(
    "keyword, sql_type, size, kind, value",
    [
        ("BigInt", -5, 19, int, -(2**63)),
        ("Decimal", 3, 19, Decimal, Decimal(-(2**63))),
        ("Text", -9, 20, str, str(-(2**63))),
    ],
)
def test_bigints_are_decimals_or_text_for_who_asks(lab, keyword, sql_type, size, kind, value):
    table = "memory.default.convert_bigint"
    with closing(lab.connect(BigInt=keyword, Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} AS SELECT bigint '{-(2**63)}' AS n")
        try:
            cursor.execute(f"SELECT n FROM {table}")
            assert (cursor.description[0][1], cursor.description[0][3]) == (kind, size)
            assert cursor.fetchval() == value
            column = cursor.columns(table="convert_bigint").fetchone()
            assert (column.data_type, column.type_name, column.column_size) == (sql_type, "bigint", size)
            types = [row.type_name for row in cursor.getTypeInfo(sql_type)]
            assert "bigint" in types
            assert cursor.execute(f"SELECT count(*) FROM {table} WHERE n = ?", int(value)).fetchval() == type(value)(1)
        finally:
            cursor.execute(f"DROP TABLE {table}")


def test_zoned_timestamps_are_text_for_who_asks(lab):
    table = "memory.default.convert_zoned"
    with closing(lab.connect(TimestampWithTimeZone="Text", Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} AS SELECT TIMESTAMP '2024-07-01 12:00:00.5 Asia/Tokyo' AS t")
        try:
            cursor.execute(f"SELECT t FROM {table}")
            name, kind, _, size, *_ = cursor.description[0]
            assert (name, kind) == ("t", str)
            assert cursor.fetchval() == "2024-07-01 12:00:00.5 Asia/Tokyo"
            column = cursor.columns(table="convert_zoned").fetchone()
            assert (column.data_type, column.type_name) == (-9, "timestamp with time zone")
            assert column.column_size == size
            types = {row.type_name: row.data_type for row in cursor.getTypeInfo()}
            assert types["timestamp with time zone"] == -9
        finally:
            cursor.execute(f"DROP TABLE {table}")
