"""A statement is described before it is executed: the same, whether its text is short enough for a header or not."""

import odbc
import pytest

# A comment that makes the text too long for headers, and cannot be compressed to nothing.
LONG = "/* " + " ".join(f"{number * 2654435761 % 4294967296:08x}" for number in range(2000)) + " */"

QUERIES = [
    "SELECT 1, 2 a, 3",
    'SELECT 1 a, 2 a, 3 "A"',
    "SELECT * FROM tpch.tiny.nation a JOIN tpch.tiny.region b ON a.regionkey = b.regionkey",
    "TABLE tpch.tiny.nation",
    "VALUES (1, 'a'), (2, 'bcd')",
    "WITH x AS (SELECT 1.5 q) SELECT * FROM x",
    "WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()",
    "SELECT name n FROM tpch.tiny.nation ORDER BY nationkey LIMIT 3",
    "SELECT name FROM tpch.tiny.nation ORDER BY nationkey FETCH FIRST 3 ROWS WITH TIES",
    "(SELECT 1 UNION SELECT 2) ORDER BY 1",
    "SELECT 1 -- comment",
    "SELECT 1 ; ;",
    "SELECT NULL x, 'abc' y, CAST('a' AS char(3)) z, ARRAY[] e, ROW(1, 2) r, MAP() m",
    "SELECT DATE '2020-01-01', INTERVAL '1' DAY, TIMESTAMP '2020-01-01 00:00:00.123456', current_time",
    "SELECT 1.5, 1e0, X'00', json_parse('1'), true, CAST(ROW(1) AS row(a bigint))",
    "SELECT * FROM TABLE(sequence(1, 3))",
    "SELECT CAST(? AS date) d, ? q, coalesce(?, 1.5), upper(?)",
    "SELECT name FROM tpch.tiny.nation WHERE nationkey = ? OFFSET ? ROWS FETCH FIRST ? ROWS ONLY",
    "SELECT name || ? FROM tpch.tiny.nation",
    "EXPLAIN SELECT 1",
]


@pytest.fixture(scope="module")
def statement(lab):
    with odbc.statement(lab.connection_string()) as statement:
        yield statement


@pytest.mark.parametrize("sql", QUERIES)
def test_columns_are_the_same_whatever_the_length_of_the_text(statement, sql):
    short = statement.prepared_columns(sql)
    assert short, statement.state()
    long = statement.prepared_columns(f"{LONG}\n{sql}")
    if sql.startswith("EXPLAIN"):
        # How long the plan is shows only when it is described with its statement.
        short, long = [short[0][0]], [long[0][0]]
    assert long == short, statement.state()


@pytest.mark.parametrize("sql", ["SELECT nope FROM tpch.tiny.nation", "SELECT 1) UNION (SELECT 2"])
def test_errors_are_the_same_whatever_the_length_of_the_text(statement, sql):
    assert statement.prepared_columns(sql) is None
    state, message = statement.state()
    assert statement.prepared_columns(f"{sql.replace(' FROM', ' ' + LONG + ' FROM')}") is None
    assert statement.state()[0] == state
    assert statement.state()[1].split("]")[-1].split(":")[0] == message.split("]")[-1].split(":")[0]
