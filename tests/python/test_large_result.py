"""Results of many segments: the whole of them, in the face of what may go wrong on the way."""

import threading
import time
from contextlib import closing

import pyodbc
import pytest

ORDERS = "SELECT * FROM tpch.sf1.orders"
ROWS = 1_500_000


def summary(cursor):
    """Row count, a checksum per column, one of whole rows, and the types of the first row.

    Sums, as the server may send the rows in any order.
    """
    rows, columns, whole, types = 0, None, 0, None
    while batch := cursor.fetchmany(10_000):
        batch = [tuple(row) for row in batch]
        types = types or [type(value) for value in batch[0]]
        sums = [sum(map(hash, column)) for column in zip(*batch)]
        columns = [a + b for a, b in zip(columns, sums)] if columns else sums
        whole += sum(map(hash, batch))
        rows += len(batch)
    return rows, columns, whole, types


def test_orders_equal_those_of_trinos_own_client(lab, log):
    with closing(lab.connect(**log.keywords)) as connection:
        cursor = connection.cursor()
        cursor.execute(ORDERS)
        ours = summary(cursor)
        cursor.close()
    peer = lab.peer().cursor()
    peer.execute(ORDERS)
    assert ours[0] == ROWS
    assert ours == summary(peer)

    fields = log.finished()[-1]
    assert int(fields["rows"]) == ROWS
    if lab.spooling:
        assert int(fields["spooled"]) > 1
        assert fields["retrieval"] == lab.mode


def test_without_its_authority_the_error_names_storage_and_the_keyword(lab):
    if lab.mode not in ("STORAGE", "COORDINATOR_STORAGE_REDIRECT") or not lab.storage_ca:
        pytest.skip("this server's clients do not speak to storage")
    with closing(lab.connect(StorageTrustStore=None, SpoolingFallback="false")) as connection:
        cursor = connection.cursor()
        with pytest.raises(pyodbc.Error) as raised:
            cursor.execute(ORDERS)
            cursor.fetchall()
    state, message = raised.value.args
    assert state == "08S01"
    assert lab.storage.removeprefix("https://") in message
    assert "authority" in message
    assert "StorageTrustStore" in message


def test_storage_out_of_reach_is_gone_round_and_no_row_is_lost(lab, log):
    if lab.mode not in ("STORAGE", "COORDINATOR_STORAGE_REDIRECT") or not lab.storage_ca:
        pytest.skip("this server's clients do not speak to storage")
    with closing(lab.connect(StorageTrustStore=None, **log.keywords)) as connection:
        query = "SELECT count(*), sum(orderkey) FROM tpch.sf1.orders"
        expected = tuple(connection.execute(query).fetchone())
        rows = connection.execute("SELECT orderkey FROM tpch.sf1.orders").fetchall()
    assert (len(rows), sum(row[0] for row in rows)) == expected
    assert [fields["retrieval"] for fields in log.finished()][-1] == "DIRECT"


def test_storage_may_be_trusted_without_a_check(lab):
    with closing(lab.connect(StorageTrustStore=None, StorageSSLVerification="None")) as connection:
        rows = connection.execute("SELECT orderkey FROM tpch.sf1.orders LIMIT 300000").fetchall()
    assert len(rows) == 300_000


@pytest.mark.parametrize("encoding", ["json+zstd", "json+lz4", "json", "none"])
def test_every_encoding_brings_the_same_rows(lab, log, encoding):
    sql = "SELECT orderkey, comment, totalprice, orderdate FROM tpch.sf1.orders WHERE orderkey < 600000"
    with closing(lab.connect(Encoding=encoding, **log.keywords)) as connection:
        ours = summary(connection.execute(sql))
    peer = lab.peer().cursor()
    peer.execute(sql)
    assert ours == summary(peer)
    spooled = int(log.finished()[-1]["spooled"])
    assert (spooled > 0) == (bool(lab.spooling) and encoding != "none")


def test_the_encoding_that_the_driver_chooses_brings_the_same_rows_each_time(lab, log):
    if not lab.spooling:
        pytest.skip("this server does not spool")
    sql = "SELECT * FROM tpch.sf1.lineitem WHERE orderkey < 200000"
    peer = lab.peer().cursor()
    peer.execute(sql)
    expected = summary(peer)
    with closing(lab.connect(Encoding="auto", **log.keywords)) as connection:
        for _ in range(3):
            assert summary(connection.execute(sql)) == expected
    encodings = [fields["encoding"] for fields in log.finished()]
    assert encodings[0] == "json+zstd"
    assert set(encodings) <= {"json+zstd", "json+lz4", "json"}


def test_two_statements_of_a_connection_run_at_once(connection):
    first, second = connection.cursor(), connection.cursor()
    first.execute(ORDERS)
    begun = len(first.fetchmany(1000))
    second.execute("SELECT custkey FROM tpch.sf1.customer")
    assert len(second.fetchall()) == 150_000
    rest = sum(len(batch) for batch in iter(lambda: first.fetchmany(50_000), []))
    assert begun + rest == ROWS


def test_a_result_may_be_left_unread(connection):
    for _ in range(3):
        cursor = connection.cursor()
        cursor.execute(ORDERS)
        assert len(cursor.fetchmany(10)) == 10
        cursor.close()
    assert connection.execute("SELECT 1").fetchval() == 1


def test_cancel_from_another_thread_wakes_a_waiting_call(connection):
    cursor = connection.cursor()
    canceller = threading.Timer(2, cursor.cancel)
    canceller.start()
    started = time.monotonic()
    with pytest.raises(pyodbc.Error) as raised:
        cursor.execute("SELECT count(DISTINCT comment) FROM tpch.sf1000.lineitem").fetchall()
    assert raised.value.args[0] == "HY008"
    assert time.monotonic() - started < 8
    assert connection.execute("SELECT 1").fetchval() == 1
