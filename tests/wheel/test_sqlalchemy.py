"""The dialect `trino+pyodbc`, compared with the dialect of Trino's own client."""

import datetime
import decimal
import os
import uuid
from contextlib import closing
from zoneinfo import ZoneInfo

import pandas
import pyodbc
import pytest
import sqlalchemy
from sqlalchemy import Column, MetaData, Table, create_engine, inspect, select, text, types
from sqlalchemy.engine import URL
from trino.sqlalchemy import datatype

import trino_odbc

SCHEMA = f"wheel_{os.getpid()}"


@pytest.fixture(scope="module")
def url(lab):
    query = {"StorageTrustStore": lab["StorageTrustStore"], "SSLTrustStore": lab["SSLTrustStore"], "TimeZone": "Europe/Warsaw"}
    return URL.create(
        "trino+pyodbc", lab["UID"], lab["PWD"], lab["Host"], lab["Port"], f"memory/{SCHEMA}",
        {name: value for name, value in query.items() if value},
    )


@pytest.fixture(scope="module")
def engine(url, lab):
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA memory.{SCHEMA}"))
        yield engine
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{table}"'))
        connection.execute(text(f"DROP SCHEMA memory.{SCHEMA}"))
    engine.dispose()


@pytest.fixture(scope="module")
def peer(facts):
    """Trino's own dialect."""
    if facts["scheme"] != "http":
        pytest.skip("not applicable: compared without TLS")
    engine = create_engine(f"trino://{facts['user']}@{facts['host']}:{facts['port']}/memory/{SCHEMA}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def all_types(engine):
    with engine.connect() as connection:
        connection.execute(text("""CREATE TABLE all_types AS SELECT true AS b, TINYINT '1' AS t, SMALLINT '2' AS s,
            3 AS i, BIGINT '4' AS l, REAL '1.5' AS r, DOUBLE '2.5' AS d, DECIMAL '1.50' AS n, 'x' AS v5,
            CAST('é' AS varchar) AS v, CAST('ab' AS char(5)) AS c, X'00FF' AS raw, DATE '2020-02-29' AS day,
            TIME '01:02:03.456' AS tm, TIMESTAMP '2020-05-06 07:08:09.123456' AS ts,
            TIMESTAMP '2020-05-06 07:08:09.123 UTC' AS tz, JSON '{"a":[1,null]}' AS j,
            UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59' AS u, ARRAY[1, NULL] AS a,
            ARRAY[ARRAY[DECIMAL '1.5']] AS aa, MAP(ARRAY[1], ARRAY[DATE '2020-01-01']) AS m,
            CAST(ROW(1, 'x') AS ROW(n bigint, s varchar)) AS w"""))
    return Table("all_types", MetaData(), autoload_with=engine)


def test_reflection_finds_what_the_other_dialect_finds(all_types, engine, peer):
    ours, theirs = inspect(engine), inspect(peer)
    assert ours.get_table_names() == theirs.get_table_names()
    assert ours.get_schema_names() == theirs.get_schema_names()
    assert ours.get_view_names() == theirs.get_view_names()
    assert ours.default_schema_name == SCHEMA
    assert ours.has_table("all_types") and not ours.has_table("none")
    assert ours.get_pk_constraint("all_types") == theirs.get_pk_constraint("all_types")
    assert ours.get_indexes("all_types") == []
    assert ours.get_table_comment("all_types") == theirs.get_table_comment("all_types")

    def described(inspector):
        return [(column["name"], repr(column["type"]), column["nullable"]) for column in inspector.get_columns("all_types")]

    assert described(ours) == described(theirs)
    with pytest.raises(sqlalchemy.exc.NoSuchTableError):
        ours.get_columns("none")


def test_a_reflected_table_reads_each_type_as_python(all_types, engine):
    with engine.connect() as connection:
        row = connection.execute(select(all_types)).one()._asdict()
    assert row == {
        "b": True, "t": 1, "s": 2, "i": 3, "l": 4, "r": 1.5, "d": 2.5, "n": decimal.Decimal("1.50"), "v5": "x", "v": "é",
        "c": "ab   ", "raw": b"\x00\xff", "day": datetime.date(2020, 2, 29), "tm": datetime.time(1, 2, 3, 456000),
        "ts": datetime.datetime(2020, 5, 6, 7, 8, 9, 123456),
        "tz": datetime.datetime(2020, 5, 6, 9, 8, 9, 123000, ZoneInfo("Europe/Warsaw")), "j": {"a": [1, None]},
        "u": uuid.UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59"), "a": [1, None], "aa": [[decimal.Decimal("1.5")]],
        "m": {1: datetime.date(2020, 1, 1)}, "w": {"n": 1, "s": "x"},
    }


def test_the_other_dialect_reads_the_same(all_types, engine, peer):
    # The clients differ in rows, which theirs returns as tuples, and theirs cannot read its own client's UUIDs.
    columns = [column for column in all_types.c if column.name not in ("w", "u")]
    with engine.connect() as ours, peer.connect() as theirs:
        assert tuple(ours.execute(select(*columns)).one()) == tuple(theirs.execute(select(*columns)).one())


def test_a_table_is_created_filled_and_queried(engine):
    metadata = MetaData()
    table = Table(
        "made", metadata, Column("i", types.Integer), Column("n", types.Numeric(10, 2)), Column("v", types.String),
        Column("u", types.Uuid), Column("ts", types.DateTime), Column("raw", types.LargeBinary), Column("j", datatype.JSON),
        Column("ok", types.Boolean),
    )
    metadata.create_all(engine)
    rows = [
        {
            "i": i, "n": decimal.Decimal(i) / 4, "v": f"é{i}" if i % 3 else None, "u": uuid.UUID(int=i),
            "ts": datetime.datetime(2020, 1, 1, 0, 0, i % 60), "raw": bytes([i % 256]), "j": {"i": i}, "ok": i % 2 == 0,
        }
        for i in range(1, 301)
    ]
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
        found = connection.execute(select(table).order_by(table.c.i)).mappings().all()
        one = connection.execute(select(table.c.i).where(table.c.u == uuid.UUID(int=7))).scalar_one()
        page = connection.execute(select(table.c.i).order_by(table.c.i).offset(5).limit(2)).scalars().all()
    assert [dict(row) for row in found] == rows
    assert one == 7
    assert page == [6, 7]


def test_pandas_writes_by_fast_inserts_and_reads_back(engine, tmp_path, url):
    frame = pandas.DataFrame({
        "i": range(20_000),
        "f": [value / 8 for value in range(20_000)],
        "v": [f"text {value}" if value % 10 else None for value in range(20_000)],
        "at": pandas.date_range("2020-01-01", periods=20_000, freq="min"),
    })
    log = tmp_path / "driver.log"
    logged = create_engine(url.update_query_dict({"LogLevel": "info", "LogPath": str(log)}))
    assert frame.to_sql("frame", logged, index=False) is not None
    logged.dispose()
    read = pandas.read_sql_table("frame", engine).sort_values("i", ignore_index=True)
    pandas.testing.assert_frame_equal(read, frame, check_dtype=False)
    statements = log.read_text().count("query finished")
    assert statements < 40, statements
    chunks = pandas.read_sql("SELECT i FROM frame", engine, chunksize=5000)
    assert sum(len(chunk) for chunk in chunks) == 20_000


def test_rows_are_inserted_one_by_one_without_fast_executemany(url, engine):
    slow = create_engine(url, fast_executemany=False)
    with slow.begin() as connection:
        connection.execute(text("CREATE TABLE slow (i integer, v varchar)"))
        connection.execute(text("INSERT INTO slow VALUES (:i, :v)"), [{"i": 1, "v": None}, {"i": 2, "v": "x"}])
        rows = connection.execute(text("SELECT i, v FROM slow ORDER BY i")).all()
    slow.dispose()
    assert rows == [(1, None), (2, "x")]


def test_connections_commit_by_themselves_unless_a_level_is_set(engine):
    with engine.connect() as connection:
        assert connection.get_isolation_level() == "AUTOCOMMIT"
        assert connection.connection.dbapi_connection.autocommit
    with engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
        assert not connection.connection.dbapi_connection.autocommit
        assert connection.execute(text("SELECT 1")).scalar() == 1
        connection.rollback()
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection.autocommit


def test_errors_are_those_of_sqlalchemy(engine):
    with engine.connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError) as raised:
        connection.execute(text("SELECT * FROM nowhere"))
    assert raised.value.orig.args[0] == "42S02"
    assert not raised.value.connection_invalidated


def test_a_url_becomes_a_connection_string():
    dialect = create_engine("trino+pyodbc://u@h/c").dialect

    def made(given):
        (string,), options = dialect.create_connect_args(sqlalchemy.make_url(given))
        assert options == {"autocommit": True}
        return string

    driver = f"DRIVER={trino_odbc.driver_path()}"
    assert made("trino+pyodbc://ann@h:8080/c/s") == f"{driver};Host=h;Port=8080;UID=ann;Catalog=c;Schema=s"
    assert made("trino+pyodbc://ann:a%3Bb%7D@h/c") == f"{driver};Host=h;UID=ann;PWD={{a;b}}}}}};Catalog=c;SSL=true"
    assert made("trino+pyodbc://ann:p@h/c?ssl=0") == f"{driver};Host=h;UID=ann;PWD=p;Catalog=c;ssl=0"
    assert made("trino+pyodbc://ann@/a%20b?DSN=W") == "UID=ann;Catalog=a b;DSN=W"
    assert made("trino+pyodbc://ann@h/c?DRIVER=Trino&Schema=x") == "Host=h;UID=ann;Catalog=c;DRIVER=Trino;Schema=x"
    assert made("trino+pyodbc://?odbc_connect=DSN%3DW%3BUID%3Dann") == "DSN=W;UID=ann"


def test_a_lost_connection_is_recognised(lab):
    dialect = create_engine("trino+pyodbc://u@h/c").dialect
    with pytest.raises(pyodbc.Error) as raised, closing(pyodbc.connect(trino_odbc.connect_string(**{**lab, "Port": 1}))):
        pass
    assert dialect.is_disconnect(raised.value, None, None)
    assert not dialect.is_disconnect(pyodbc.ProgrammingError("42000", "x"), None, None)
