"""Values of each type as parameters: equal to the literal that a person would type, of the same type, and back unchanged."""

import datetime
import math
import random
from decimal import Decimal, localcontext

import pytest

from test_types import comparable


def text(value):
    return "'" + value.replace("'", "''") + "'"


def double(value):
    if math.isnan(value):
        return "nan()"
    if math.isinf(value):
        return "infinity()" if value > 0 else "-infinity()"
    return f"DOUBLE '{value!r}'"


def decimals():
    """Decimals of every scale, and of many lengths."""
    chance = random.Random(7)
    yield from map(Decimal, ["0", "1", "-1", "0.0", "0.10", "-0.05", "1.50", "100", "99.99", "-0.001"])
    with localcontext() as context:
        context.prec = 40
        for scale in range(0, 39, 2):
            digits = "".join(chance.choice("123456789") for _ in range(38))
            yield Decimal(digits).scaleb(-scale)
            yield -Decimal(digits[: max(1, scale)]).scaleb(-scale)


def moments():
    """Points in time with every number of digits, near and far."""
    for year in (1, 1001, 1582, 1969, 1970, 2000, 2024, 9999):
        for micros in (0, 1, 10, 999_999, 500_000, 120_000):
            yield datetime.datetime(year, 2, 28, 23, 59, 58, micros)


TEXTS = [
    "", " ", "a", "a ", " a", "'", "''", "'''", '"', "\\", "\\'", "%_", "?", "??", ":name", "{d '2020-01-01'}", "{", "}", ";",
    "--", "-- a", "/* a */", "a\nb", "a\r\nb", "\t", "\x00", "a\x00b", "\x01\x1f\x7f", "\u0085", "\u00a0", "é", "e\u0301",
    "ß", "ÄÖÜ", "Ελλάδα", "Россия", "עברית", "العربية", "हिन्दी", "日本語", "한국어", "𝒳", "🌍", "👩‍👩‍👧", "\ufeff", "\uffff", "\ue000",
    "U&'\\00e9'", "X'00'", "NULL", "null", "true", "0x41", "1e5", "it's a \"test\"", "x" * 4001, "ä" * 5000, "🌍" * 3000, "'" * 1000,
]

GROUPS = {
    "text": [(value, text(value)) for value in TEXTS],
    "integer": [
        (value, f"BIGINT '{value}'" if abs(value) > 2**31 - 1 and value != -(2**31) else f"INTEGER '{value}'")
        for value in [0, 1, -1, 127, 128, -128, 32767, -32768, 65536, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1,
                      10**12, -(10**15), 2**53 + 1, 2**63 - 1, -(2**63)]
    ],
    "double": [
        (value, double(value))
        for value in [0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 2 / 3, 1e21, 1e22, 123456789.123, 1e-7, 5e-324, 2.2250738585072014e-308,
                      1.7976931348623157e308, -1.7976931348623157e308, math.pi, math.nan, math.inf, -math.inf, 4.35, 1e100]
    ],
    "decimal": [(value, f"DECIMAL '{value:f}'") for value in decimals()],
    "binary": [
        (value, f"X'{value.hex()}'")
        for value in [b"", b"\x00", b"\x00\x00", b"'", b"\xff", b"\xff\xfe", b"abc", b"\x27\x5c", bytes(range(256)), b"\x00" * 5000,
                      "ä".encode()]
    ],
    "boolean": [(True, "true"), (False, "false")],
    "date": [
        (value, f"DATE '{value.isoformat()}'")
        for value in [datetime.date(1, 1, 1), datetime.date(1582, 10, 4), datetime.date(1582, 10, 10), datetime.date(1582, 10, 15),
                      datetime.date(1969, 12, 31), datetime.date(1970, 1, 1), datetime.date(2000, 2, 29), datetime.date(9999, 12, 31)]
    ],
    "time": [
        (value, f"TIME '{value.isoformat()}'")
        for value in [datetime.time(0, 0, 0), datetime.time(0, 0, 1), datetime.time(12, 30, 0), datetime.time(23, 59, 59)]
    ],
    "timestamp": [
        (value, f"TIMESTAMP '{value.isoformat(' ').rstrip('0') if value.microsecond else value.isoformat(' ')}'")
        for value in moments()
    ],
}

CHUNKS = [(name, first) for name, group in GROUPS.items() for first in range(0, len(group), 20)]


def test_there_are_enough_values():
    assert sum(len(group) for group in GROUPS.values()) >= 200


@pytest.mark.parametrize("name, first", CHUNKS)
def test_a_parameter_is_the_literal_and_comes_back(cursor, name, first):
    chunk = GROUPS[name][first : first + 20]
    parts, values = [], []
    for value, literal in chunk:
        parts += [f"? IS NOT DISTINCT FROM {literal}", "typeof(?)", f"typeof({literal})", "?"]
        values += [value] * 3
    row = list(cursor.execute(f"SELECT {', '.join(parts)}", values).fetchone())
    for index, (value, literal) in enumerate(chunk):
        same, kind, wanted, back = row[4 * index : 4 * index + 4]
        assert same is True, literal
        if name != "integer":
            assert kind == wanted, literal
        assert comparable(back) == comparable(value), literal
        assert type(back) is type(value), literal
        if isinstance(value, float):
            assert math.copysign(1, back) == math.copysign(1, value) or math.isnan(value)


# No one decimal type holds all decimals.
@pytest.mark.parametrize("name", [name for name in GROUPS if name != "decimal"])
def test_values_are_stored_together_as_they_are_one_by_one(lab, name):
    kinds = {
        "text": "varchar", "integer": "bigint", "double": "double", "binary": "varbinary",
        "boolean": "boolean", "date": "date", "time": "time(0)", "timestamp": "timestamp(6)",
    }
    connection = lab.connect(Catalog="memory", Schema="default")
    table = f"values_{name}"
    try:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(f"CREATE TABLE {table} (n bigint, v {kinds[name]})")
        rows = [(n, value) for n, (value, _) in enumerate(GROUPS[name])] + [(-1, None)]
        cursor = connection.cursor()
        cursor.fast_executemany = True
        cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
        back = dict(tuple(row) for row in cursor.execute(f"SELECT n, v FROM {table}"))
        for n, value in rows:
            assert comparable(back[n]) == comparable(value), n
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.close()
