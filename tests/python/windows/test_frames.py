"""Data frames of the libraries that people on Windows read Trino with, equal to the rows of Trino's own client."""

import arrow_odbc
import pandas
import polars
import pyodbc

QUERY = "SELECT orderkey, orderdate, totalprice, clerk, comment FROM tpch.tiny.orders ORDER BY orderkey"
LARGE = "SELECT orderkey, custkey, comment FROM tpch.sf1.orders"
ORDERS = 1_500_000


def expected(lab):
    cursor = lab.peer().cursor()
    cursor.execute(QUERY)
    return [tuple(row) for row in cursor.fetchall()]


def test_pandas_reads_the_rows(lab):
    with pyodbc.connect(lab.connection_string(), autocommit=True) as connection:
        frame = pandas.read_sql(QUERY, connection)
    assert list(frame.itertuples(index=False, name=None)) == expected(lab)


def test_polars_reads_the_rows(lab):
    with pyodbc.connect(lab.connection_string(), autocommit=True) as connection:
        frame = polars.read_database(QUERY, connection)
    assert frame.rows() == expected(lab)


def test_arrow_odbc_reads_the_rows(lab):
    reader = arrow_odbc.read_arrow_batches_from_odbc(
        query=QUERY, connection_string=lab.connection_string() + ";", max_text_size=200
    )
    rows = [tuple(row.values()) for batch in reader for row in batch.to_pylist()]
    assert rows == expected(lab)


def test_arrow_odbc_reads_spooled_rows_whole(lab):
    reader = arrow_odbc.read_arrow_batches_from_odbc(
        query=LARGE, connection_string=lab.connection_string() + ";", max_text_size=100
    )
    assert sum(batch.num_rows for batch in reader) == ORDERS
