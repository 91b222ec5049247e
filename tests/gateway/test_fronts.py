"""What stands between BI tools and Trino: every row of a result arrives, once, whatever the front does."""

import random
import threading
import time

import odbc
import pyodbc
import pytest

ROWS = "SELECT orderkey, linenumber, comment FROM tpch.tiny.lineitem"
COUNT = 60175
SUM = 1802759573

NODE = "SELECT node_id FROM system.runtime.nodes WHERE coordinator"

# Fronts with the keywords that a user would set there.
FRONTS = {
    "gateway": {},
    "gateway_spooled": {},
    "cookie": {},
    "cookie_tls": {"tls": True},
    "tls_upstream_host": {"tls": True},
    "tls_own_host": {"tls": True},
    "tls_forwarded": {"tls": True},
    "statements_only": {},
    "api_key": {"ExtraHeaders": "X-Api-Key:k"},
}


def all_rows(connection):
    rows = connection.cursor().execute(ROWS).fetchall()
    keys = {(row.orderkey, row.linenumber) for row in rows}
    return len(rows), len(keys), sum(row.orderkey for row in rows)


@pytest.mark.parametrize("front", FRONTS)
def test_all_rows_arrive_once(connect, front):
    connection = connect(front, **FRONTS[front])
    assert all_rows(connection) == (COUNT, COUNT, SUM)
    # What was learnt about the way holds for the next statement.
    assert all_rows(connection) == (COUNT, COUNT, SUM)


@pytest.mark.parametrize("encoding", ["json+zstd", "json+lz4", "json", "none"])
def test_rows_arrive_in_every_encoding_through_a_gateway(connect, encoding):
    connection = connect("gateway_spooled", Encoding=encoding)
    assert all_rows(connection) == (COUNT, COUNT, SUM)


@pytest.mark.parametrize("routed", [{"RoutingGroup": "etl"}, {"ExtraHeaders": "X-Trino-Routing-Group:etl"}])
def test_a_routing_group_chooses_the_cluster(connect, routed):
    assert connect("gateway", **routed).cursor().execute(NODE).fetchval() == "twin"
    assert connect("gateway").cursor().execute(NODE).fetchval() == "coordinator"


@pytest.mark.parametrize("front", ["head_403", "head_405", "head_501"])
def test_a_front_that_refuses_head_does_not_refuse_the_connection(connect, front):
    assert connect(front).cursor().execute("SELECT 1").fetchval() == 1


def long_query(texts, marker):
    random.seed(7)
    words = ", ".join(f"'{random.getrandbits(128):032x}'" for _ in range(texts))
    return f"SELECT orderkey FROM tpch.tiny.orders WHERE comment IN ({words}) OR orderkey = {marker}"


@pytest.mark.parametrize("texts", [100, 500])
def test_long_statements_with_parameters_run_behind_narrow_headers(connect, texts):
    connection = connect("narrow_headers", tls=True)
    rows = connection.cursor().execute(long_query(texts, "?"), 7).fetchall()
    assert [row.orderkey for row in rows] == [7]


@pytest.mark.parametrize("texts", [100, 180, 500])
def test_long_statements_are_described_behind_narrow_headers(fronts, texts):
    for marker in ("7", "?"):
        sql = long_query(texts, marker).replace("SELECT orderkey", "SELECT orderkey, comment AS c, 1")
        with odbc.statement(fronts.string("narrow_headers", tls=True)) as statement:
            started = time.monotonic()
            columns = statement.prepared_columns(sql)
            assert columns is not None, statement.state()
            assert [name for name, *_ in columns] == ["orderkey", "c", "_col2"]
            assert time.monotonic() - started < 5


def test_session_properties_that_are_too_large_are_named_behind_narrow_headers(connect):
    connection = connect("narrow_headers", tls=True, ExtraCredentials="{a:" + "x" * 9000 + "}")
    with pytest.raises(pyodbc.Error, match="ExtraCredentials 9"):
        connection.cursor().execute("SELECT 1")


def test_an_idle_connection_that_the_balancer_closed_loses_and_doubles_nothing(connect):
    connection = connect("idle")
    cursor = connection.cursor()
    table = f"memory.default.idle_{random.SystemRandom().randrange(10**9)}"
    cursor.execute(f"CREATE TABLE {table} (n bigint)")
    try:
        for number in range(12):
            # Around the second after which the balancer closes.
            time.sleep(0.8 + number % 5 * 0.1)
            cursor.execute(f"INSERT INTO {table} VALUES ({number})")
        counted = cursor.execute(f"SELECT count(*), count(DISTINCT n) FROM {table}").fetchone()
        assert tuple(counted) == (12, 12)
    finally:
        cursor.execute(f"DROP TABLE {table}")


@pytest.mark.parametrize("front", ["gateway_spooled", "cookie"])
def test_reads_without_autocommit_run_behind_two_clusters(connect, front):
    connection = connect(front, autocommit=False)
    for _ in range(4):
        assert connection.cursor().execute("SELECT count(*) FROM tpch.tiny.nation").fetchval() == 25
    connection.commit()


def test_cancelling_reaches_the_query_behind_the_gateway(connect):
    connection = connect("gateway")
    cursor = connection.cursor()
    mark = f"cancelled_{random.SystemRandom().randrange(10**9)}"
    threading.Timer(2, cursor.cancel).start()
    with pytest.raises(pyodbc.Error, match="HY008"):
        cursor.execute(
            f"SELECT count(*) FROM tpch.sf100.lineitem a, tpch.sf1.nation b WHERE a.comment || b.name = '{mark}'"
        ).fetchall()
    sql = (
        "SELECT error_code FROM system.runtime.queries "
        f"WHERE query LIKE '%{mark}%' AND query NOT LIKE '%runtime%'"
    )
    for _ in range(20):
        code = connect("a").cursor().execute(sql).fetchval()
        if code:
            break
        time.sleep(0.5)
    assert code == "USER_CANCELED"


# Where /v1/spooled is let through: no segment of a result that was read is left.
OPEN = [front for front in FRONTS if front not in ("gateway", "statements_only")]


@pytest.mark.parametrize("front", OPEN)
def test_segments_are_acknowledged_where_the_path_is_open(fronts, connect, front):
    connection = connect(front, **FRONTS[front])
    before = fronts.objects()
    assert all_rows(connection) == (COUNT, COUNT, SUM)
    connection.close()
    for _ in range(50):
        if fronts.objects() <= before:
            break
        time.sleep(0.1)
    assert fronts.objects() <= before


def test_arrays_are_inserted_in_pieces_behind_a_front_that_takes_small_bodies(connect):
    connection = connect("small_bodies")
    cursor = connection.cursor()
    cursor.fast_executemany = True
    table = f"memory.default.small_{random.SystemRandom().randrange(10**9)}"
    cursor.execute(f"CREATE TABLE {table} (n bigint, v varchar)")
    try:
        for part in range(2):
            rows = [(20_000 * part + n, f"some text {n}") for n in range(20_000)]
            cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
        counts = cursor.execute(f"SELECT count(*), count(DISTINCT n), sum(n) FROM {table}").fetchone()
        assert tuple(counts) == (40_000, 40_000, sum(range(40_000)))
        # A row that is too large by itself fails alone, and says what to set.
        rows = [(-1 - n, "x" * (120_000 if n == 3 else 3)) for n in range(60)]
        cursor.setinputsizes([(pyodbc.SQL_BIGINT, 0, 0), (pyodbc.SQL_WVARCHAR, 200_000, 0)])
        cursor.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
        message = str(cursor.messages)
        assert "Parameter set 4:" in message
        assert "HTTP status 413" in message and "client_max_body_size" in message
        assert cursor.execute(f"SELECT count(*) FROM {table} WHERE n < 0").fetchval() == 59
    finally:
        cursor.execute(f"DROP TABLE {table}")
