"""Types that came with releases after 476: NUMBER, VARIANT, defaults of columns, as a real server has them."""

import math
from contextlib import closing
from decimal import Decimal

import pytest

import odbc

DIGITS = "123456789012345678901234567890.123456789012345678901234567890"
DECIMAL, DOUBLE, TEXT = "Decimal", "Double", "Text"


@pytest.fixture
def table(lab):
    """A table of money and what else a NUMBER may hold."""
    name = "memory.default.new_types"
    with closing(lab.connect()) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(f"CREATE TABLE {name} (n number, id bigint)")
        connection.execute(f"INSERT INTO {name} VALUES (10.25, 1), (NUMBER '0.1', 2), (NUMBER '100', 3), (NULL, 4)")
        yield name
        connection.execute(f"DROP TABLE {name}")


@pytest.mark.since(480)
@pytest.mark.parametrize(
    "keyword, kind, size, first",
    [(None, Decimal, 38, Decimal("10.25")), (DOUBLE, float, 15, 10.25), (TEXT, str, 32767, "10.25")],
)
def test_a_number_is_what_the_keyword_says(lab, table, keyword, kind, size, first):
    with closing(lab.connect(Number=keyword, Catalog="memory", Schema="default")) as connection:
        cursor = connection.execute(f"SELECT n FROM {table} ORDER BY id")
        assert cursor.description[0][1:4:2] == (kind, size)
        values = [row.n for row in cursor.fetchall()]
        assert values[0] == first and type(values[0]) is kind
        assert values[-1] is None
        if kind is not str:
            assert sum(values[:-1]) == kind("110.35")
        column = cursor.columns(table="new_types", column="n").fetchone()
        sql_type = {Decimal: 3, float: 8, str: -9}[kind]
        assert (column.type_name, column.data_type, column.column_size) == ("number", sql_type, size)
        assert column.decimal_digits == (10 if kind is Decimal else None)
        assert column.num_prec_radix == (None if kind is str else 10)
        listed = [row for row in cursor.getTypeInfo(sql_type).fetchall()]
        assert [row.type_name for row in listed].count("number") == 1
        assert listed[0].type_name != "number"
        prepared = connection.cursor()
        prepared.execute(f"SELECT n FROM {table} WHERE id = ?", 1)
        assert prepared.description[0][1] is kind


@pytest.mark.since(480)
def test_every_digit_of_a_number_arrives(lab):
    values = ["1E-30", "-1E+40", DIGITS, "0", "-0.5", "1E+2"]
    selected = ", ".join(f"NUMBER '{value}'" for value in values)
    with closing(lab.connect()) as connection:
        # As pyodbc reads PostgreSQL's numeric. Its structure of another mode has the ten digits that are described.
        connection.decimal_mode = "text"
        row = connection.execute(f"SELECT {selected}").fetchone()
        assert list(row) == [Decimal(value) for value in values]
        row = connection.execute("SELECT NUMBER 'NaN', NUMBER '+Infinity', NUMBER '-Infinity'").fetchone()
        assert row[0].is_nan() and tuple(row[1:]) == (Decimal("Infinity"), Decimal("-Infinity"))


@pytest.mark.since(480)
def test_what_is_no_number_is_a_double_all_the_same(lab):
    sql = "SELECT NUMBER 'NaN', NUMBER '+Infinity', NUMBER '-Infinity'"
    with closing(lab.connect(Number=DOUBLE)) as connection:
        nan, infinity, least = connection.execute(sql).fetchone()
        assert math.isnan(nan) and (infinity, least) == (math.inf, -math.inf)
    with closing(lab.connect(Number=TEXT)) as connection:
        assert tuple(connection.execute(sql).fetchone()) == ("NaN", "+Infinity", "-Infinity")


@pytest.mark.since(480)
@pytest.mark.parametrize("keyword", [DECIMAL, DOUBLE, TEXT])
@pytest.mark.parametrize("value", [Decimal("2.125"), 2.125, 7, "2.125", None])
def test_a_parameter_of_any_type_goes_into_a_number_and_finds_it(lab, table, keyword, value):
    with closing(lab.connect(Number=keyword)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"INSERT INTO {table} VALUES (?, 9)", value)
        found = cursor.execute(f"SELECT CAST(n AS varchar) FROM {table} WHERE id = 9").fetchval()
        assert found == (None if value is None else str(value))
        if value is not None:
            sql = f"SELECT count(*) FROM {table} WHERE n = ?"
            assert cursor.execute(sql, value).fetchval() == 1
            assert cursor.execute(f"SELECT count(*) FROM {table} WHERE n >= ? AND id = 9", value).fetchval() == 1


@pytest.mark.since(480)
def test_arrays_of_parameters_go_into_a_number(lab, table):
    rows = [(Decimal("1.5"), 10), (Decimal("-0.0000000001"), 11), (Decimal(12345678901234567890), 12), (None, 13)]
    with closing(lab.connect()) as connection:
        cursor = connection.cursor()
        for fast in [False, True]:
            cursor.fast_executemany = fast
            cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
        found = cursor.execute(f"SELECT n, id FROM {table} WHERE id >= 10 ORDER BY id").fetchall()
    assert [tuple(row) for row in found] == [row for row in rows for _ in range(2)]


@pytest.mark.since(480)
def test_a_number_with_more_digits_than_a_decimal_goes_in_as_text(lab, table):
    with closing(lab.connect()) as connection:
        connection.decimal_mode = "text"
        connection.execute(f"INSERT INTO {table} VALUES (?, 9)", DIGITS)
        assert connection.execute(f"SELECT n FROM {table} WHERE id = 9").fetchval() == Decimal(DIGITS)


@pytest.mark.since(480)
def test_functions_of_doubles_take_a_number(lab, table):
    calls = [
        "ABS(n)", "CEILING(n)", "FLOOR(n)", "MOD(n, 3)", "ROUND(n, 1)", "SIGN(n)", "TRUNCATE(n, 1)", "SQRT(n)",
        "POWER(n, 2)", "EXP(n)", "LOG(n)", "LOG10(n)", "SIN(n)", "COS(n)", "TAN(n)", "COT(n)", "ATAN(n)", "ATAN2(n, 2)",
        "DEGREES(n)", "RADIANS(n)", "IFNULL(n, 0)", "CONVERT(n, SQL_DOUBLE)", "CONVERT(n, SQL_VARCHAR)",
        "CONVERT(n, SQL_DECIMAL)", "CONVERT(n, SQL_BIGINT)",
    ]
    with closing(lab.connect()) as connection:
        for call in calls:
            sql = f"SELECT {{fn {call}}} FROM {table} WHERE id = 1"
            assert connection.execute(sql).fetchval() is not None, call
        sums = connection.execute(f"SELECT sum(n), avg(n), min(n), max(n) FROM {table}").fetchone()
        assert sums[0] == Decimal("110.35")


@pytest.mark.since(480)
def test_a_number_within_a_value_is_one_of_json(cursor):
    sql = "SELECT ARRAY[NUMBER '1.5', NUMBER '1E-30', NUMBER 'NaN', NULL], CAST(ROW(NUMBER '100') AS row(x number))"
    assert tuple(cursor.execute(sql).fetchone()) == ('[1.5,1E-30,"NaN",null]', '{"x":1E+2}')


@pytest.mark.since(481)
def test_a_variant_has_one_name_and_is_json(lab):
    table = "memory.default.new_variant"
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (v variant, a array(variant))")
        try:
            cursor.execute(f"INSERT INTO {table} (v) VALUES (?)", '{"a": [1, "x", null]}')
            cursor.execute(f"INSERT INTO {table} (a) SELECT ARRAY[CAST('x' AS variant), CAST(JSON '{{\"b\":1.50}}' AS variant)]")
            with odbc.statement(lab.connection_string()) as statement:
                for function in [statement.prepare, statement.execute]:
                    assert function(f"SELECT v FROM {table}") == odbc.SUCCESS
                    assert statement.type_name(1) == "variant"
            rows = cursor.execute(f"SELECT v, a FROM {table} ORDER BY v IS NULL").fetchall()
            assert [tuple(row) for row in rows] == [('{"a":[1,"x",null]}', None), (None, '["x",{"b":1.5}]')]
            names = [row.type_name for row in cursor.columns(table="new_variant").fetchall()]
            assert names == ["variant", "array"]
            assert "variant" in [row.type_name for row in cursor.getTypeInfo(-9).fetchall()]
        finally:
            cursor.execute(f"DROP TABLE {table}")


@pytest.mark.since(477)
def test_the_default_of_a_column_is_what_its_table_says(lab):
    table = "memory.default.new_defaults"
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE TABLE {table} (a int DEFAULT 5, b varchar DEFAULT 'it''s', c bigint DEFAULT NULL, d date COMMENT 'day')"
        )
        try:
            rows = cursor.columns(table="new_defaults", catalog="memory").fetchall()
            told = {row.column_name: (row.column_def, row.remarks) for row in rows}
            assert told == {"a": ("5", None), "b": ("'it''s'", None), "c": ("NULL", None), "d": (None, "day")}
            # Without a catalog there is none to look into.
            rows = cursor.columns(table="new_defaults", schema="default", catalog="%").fetchall()
            assert [row.column_def for row in rows] == [None] * 4
        finally:
            cursor.execute(f"DROP TABLE {table}")


def test_types_are_listed_as_the_server_has_them(lab, cursor):
    release = int(lab.version.split("-")[0])
    listed = {row.type_name for row in cursor.getTypeInfo().fetchall()}
    assert ("number" in listed) == (release >= 480)
    assert ("variant" in listed) == (release >= 481)
    assert ("interval hour to minute" in listed) == (release >= 484)


def test_names_of_fields_are_read_however_the_server_writes_them(lab):
    table = "memory.default.new_fields"
    kind = 'row("a b" bigint, "select" date, "x""y" array(row("p q" decimal(3,1))), "größe" varchar(3))'
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (a {kind})")
        try:
            cursor.execute(
                f"INSERT INTO {table} SELECT CAST(ROW(1, DATE '2020-01-02', ARRAY[ROW(1.5)], 'x') AS {kind})"
            )
            column = cursor.columns(table="new_fields").fetchone()
            assert (column.type_name, column.data_type) == ("row", -9)
            value = cursor.execute(f"SELECT a FROM {table}").fetchval()
            assert value == '{"a b":1,"select":"2020-01-02","x\\"y":[{"p q":"1.5"}],"größe":"x"}'
        finally:
            cursor.execute(f"DROP TABLE {table}")
