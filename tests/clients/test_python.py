"""Clients in Python: each type is compared with what Trino's own client returns, and rows are written and read back."""

import math
import os
from contextlib import closing

import pyodbc
import pytest

from compare import differences
from conftest import LITERALS, QUERY

ROWS = [(number, f"é{number}" if number % 3 else None) for number in range(200)]


def texts(values):
    def text(value):
        if value is None or isinstance(value, float) and math.isnan(value):
            return "NULL"
        if isinstance(value, (bytes, bytearray)):
            return bytes(value).hex()
        return str(value)

    return [text(value) for value in values]


@pytest.fixture
def table(connection_string, request):
    name = f"memory.default.clients_{os.getpid()}_{request.node.name.removeprefix('test_')}"
    yield name
    with closing(pyodbc.connect(connection_string, autocommit=True)) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}")


def test_pyodbc(client, connection_string, expected, table):
    client.is_called("pyodbc", pyodbc.version)
    with closing(pyodbc.connect(connection_string, autocommit=True)) as connection:
        assert not differences(expected, texts(connection.execute(QUERY).fetchone()))
        cursor = connection.execute(f"CREATE TABLE {table} (a integer, b varchar)")
        cursor.fast_executemany = True
        cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", ROWS)
        assert [tuple(row) for row in cursor.execute(f"SELECT a, b FROM {table} ORDER BY a")] == ROWS


def test_pandas(client, connection_string, expected, table):
    import pandas

    client.is_called("pandas `read_sql`", pandas.__version__, "`coerce_float=False` keeps decimals exact; for `to_sql` use SQLAlchemy")
    with closing(pyodbc.connect(connection_string, autocommit=True)) as connection, pytest.warns(UserWarning):
        frame = pandas.read_sql(QUERY, connection, coerce_float=False)
        assert list(frame.columns) == [f"c_{name}" for name in LITERALS]
        assert not differences(expected, texts(frame.astype(object).iloc[0]))


def test_arrow_odbc(client, connection_string, expected, table):
    import arrow_odbc
    import pyarrow

    from importlib.metadata import version

    client.is_called("arrow-odbc", version("arrow-odbc"))
    reader = arrow_odbc.read_arrow_batches_from_odbc(QUERY, connection_string)
    (row,) = pyarrow.Table.from_batches(reader, reader.schema).to_pylist()
    assert not differences(expected, texts(row.values()))
    with closing(pyodbc.connect(connection_string, autocommit=True)) as connection:
        connection.execute(f"CREATE TABLE {table} (a integer, b varchar(20))")
        schema = pyarrow.schema([("a", pyarrow.int32()), ("b", pyarrow.string())])
        batch = pyarrow.RecordBatch.from_arrays([list(column) for column in zip(*ROWS)], schema=schema)
        source = pyarrow.RecordBatchReader.from_batches(schema, [batch])
        catalog, name = table.rsplit(".", 1)
        arrow_odbc.insert_into_table(source, 1000, f"{catalog}.{name}", connection_string)
        found = connection.execute(f"SELECT a, b FROM {table} ORDER BY a").fetchall()
        assert [tuple(row) for row in found] == ROWS


def test_polars(client, keywords, expected):
    import polars

    client.is_called("polars `read_database`", polars.__version__, "by arrow-odbc; the connection string must name `DRIVER`")
    frame = polars.read_database(QUERY, "DRIVER={Trino};" + keywords)
    assert not differences(expected, texts(frame.row(0)))


def test_turbodbc(client, connection_string, expected):
    try:
        import turbodbc
    except ImportError:
        client.is_missing("turbodbc", "PyPI has no binaries for Linux, and its sources need a C++ library (simdutf) beside")
    client.is_called("turbodbc", turbodbc.__version__)
    cursor = turbodbc.connect(connection_string=connection_string).cursor()
    cursor.execute(QUERY)
    assert not differences(expected, texts(cursor.fetchone()))


def test_duckdb(client, connection_string):
    import duckdb

    try:
        duckdb.sql("INSTALL odbc_scanner FROM community; LOAD odbc_scanner")
    except duckdb.Error:
        client.is_missing("DuckDB `odbc_scanner`", "the extension's server cannot be reached")
    client.is_called("DuckDB `odbc_scanner`", duckdb.__version__)
    assert duckdb.sql(f"SELECT * FROM odbc_query('{connection_string}', 'SELECT 1 AS a')").fetchall() == [(1,)]
