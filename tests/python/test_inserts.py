"""Inserting many rows: what arrives, in how many statements, and what is told when some of it is wrong."""

import datetime
from contextlib import closing
from decimal import Decimal

import pyodbc
import pytest

TABLE = "inserts_many"


def statements(lab, source):
    """The INSERT statements that a source has sent."""
    with closing(lab.connect()) as connection:
        sql = "SELECT count(*) FROM system.runtime.queries WHERE source = ? AND upper(query) LIKE '%INSERT INTO%VALUES%'"
        return connection.execute(sql + " AND query NOT LIKE 'DESCRIBE%'", source).fetchval()


@pytest.fixture
def writer(lab, request):
    """Makes connections with a table of these columns and a source of their own."""
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
