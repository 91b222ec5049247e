"""Transactions, as Python programs have them that do not think of autocommit."""

import time
from contextlib import closing

import pyodbc
import pytest


@pytest.fixture
def manual(lab):
    """A connection as pyodbc makes it when nobody says autocommit."""
    with closing(pyodbc.connect(lab.connection_string())) as connection:
        yield connection


@pytest.fixture
def warehouse(lab):
    """A schema of a catalog whose connector writes in transactions."""
    with closing(lab.connect()) as connection:
        catalogs = [row[0] for row in connection.execute("SHOW CATALOGS")]
        if "hive" not in catalogs:
            pytest.skip("the server has no catalog that writes in transactions")
        connection.execute("CREATE SCHEMA IF NOT EXISTS hive.transactions")
    return "hive.transactions"


def table(connection, name):
    """An empty table of that name."""
    connection.autocommit = True
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} (a bigint)")
    connection.autocommit = False


def rows(lab, name):
    """What others see in a table."""
    with closing(lab.connect()) as connection:
        return sorted(row[0] for row in connection.execute(f"SELECT a FROM {name}"))


def fail(connection, sql):
    """Executes what fails, and waits until the server has ended the transaction for it, which it does a moment later."""
    with pytest.raises(pyodbc.Error) as error:
        connection.execute(sql)
    time.sleep(0.5)
    return error.value


def queries(lab, source):
    """What a source has sent, in order."""
    with closing(lab.connect()) as connection:
        sql = "SELECT query FROM system.runtime.queries WHERE source = ? ORDER BY created"
        return [row[0] for row in connection.execute(sql, source)]


def test_reading_needs_no_thought_of_transactions(manual):
    cursor = manual.cursor()
    assert cursor.execute("SELECT count(*) FROM nation").fetchval() == 25
    manual.commit()
    assert cursor.execute("SELECT count(*) FROM region WHERE regionkey < ?", 3).fetchval() == 3
    manual.rollback()
    assert [row.table_name for row in cursor.tables(catalog="tpch", schema="tiny", table="nation")] == ["nation"]
    assert manual.autocommit is False


def test_reading_opens_no_transaction(lab):
    source = f"transactions-{time.time()}"
    with closing(pyodbc.connect(lab.connection_string(Source=source))) as connection:
        connection.execute("SELECT 1").fetchall()
        connection.commit()
        connection.execute("EXPLAIN SELECT 2").fetchall()
        connection.execute("SELECT 3 WHERE 4 > ?", 3).fetchall()
        connection.rollback()
        connection.execute("USE tpch.tiny")
    sent = queries(lab, source)
    assert not [sql for sql in sent if sql.split()[0] in ("START", "COMMIT", "ROLLBACK")]
    assert sent[0] == "SELECT 1"


def test_what_changes_something_opens_a_transaction_that_reads_share(lab):
    source = f"transactions-{time.time()}"
    with closing(pyodbc.connect(lab.connection_string(Source=source))) as connection:
        connection.execute("SELECT 1").fetchall()
        connection.execute("SELECT * FROM TABLE(sequence(1, 2))").fetchall()
        connection.execute("SELECT 2").fetchall()
        connection.commit()
        connection.commit()
        connection.execute("SELECT 3").fetchall()
    expected = [
        "SELECT 1",
        "START TRANSACTION",
        "SELECT * FROM TABLE(sequence(1, 2))",
        "SELECT 2",
        "COMMIT",
        "SELECT 3",
    ]
    assert queries(lab, source) == expected


def test_reading_shares_a_transaction_where_isolation_is_asked_for(lab):
    source = f"transactions-{time.time()}"
    with closing(pyodbc.connect(lab.connection_string(Source=source))) as connection:
        connection.set_attr(pyodbc.SQL_ATTR_TXN_ISOLATION, pyodbc.SQL_TXN_REPEATABLE_READ)
        connection.execute("SELECT 1").fetchall()
        connection.execute("SELECT 2").fetchall()
        connection.commit()
    start = "START TRANSACTION ISOLATION LEVEL REPEATABLE READ"
    assert queries(lab, source) == [start, "SELECT 1", "SELECT 2", "COMMIT"]


def test_timestamps_follow_the_zone_that_a_session_is_set_to(manual):
    cursor = manual.cursor()
    noon = "SELECT TIMESTAMP '2024-01-01 12:00:00 UTC'"
    for zone, hour in [("Europe/Berlin", 13), ("Asia/Tokyo", 21)]:
        cursor.execute(f"SET TIME ZONE '{zone}'")
        assert cursor.execute(noon).fetchval().hour == hour
    cursor.execute("SET TIME ZONE INTERVAL '-2' HOUR")
    assert cursor.execute(noon).fetchval().hour == 10


def test_a_mistake_does_not_end_the_reading(manual):
    cursor = manual.cursor()
    cursor.execute("SELECT 1").fetchall()
    with pytest.raises(pyodbc.ProgrammingError):
        cursor.execute("SELECT nothing FROM nation")
    assert cursor.execute("SELECT 2").fetchval() == 2
    manual.commit()


def test_a_cursor_that_is_left_early_does_not_end_the_reading(manual):
    for _ in range(3):
        cursor = manual.cursor()
        cursor.execute("SELECT * FROM tpch.sf1.orders")
        assert cursor.fetchone()
        cursor.close()
    assert manual.execute("SELECT 2").fetchval() == 2
    manual.commit()


def test_a_commit_closes_the_cursors(manual):
    cursor = manual.cursor()
    cursor.execute("SELECT * FROM tpch.sf1.orders")
    assert cursor.fetchone()
    manual.commit()
    with pytest.raises(pyodbc.Error):
        cursor.fetchall()
    assert cursor.execute("SELECT 3").fetchval() == 3


def test_a_catalog_that_writes_by_itself_only_says_so(lab):
    with closing(pyodbc.connect(lab.connection_string())) as connection:
        error = fail(connection, "CREATE TABLE memory.default.transactions_none AS SELECT 1 a")
        assert error.args[0] == "25000"
        assert "only supports writes using autocommit: memory" in str(error)
        assert "SQL_ATTR_AUTOCOMMIT" in str(error)
        with pytest.raises(pyodbc.Error) as error:
            connection.execute("SELECT 1")
        assert error.value.args[0] == "25S03"
        with pytest.raises(pyodbc.Error) as error:
            connection.commit()
        assert error.value.args[0] == "25S03"
        assert connection.execute("SELECT 1").fetchval() == 1


def test_without_transactions_writing_goes_on_statement_by_statement(lab):
    name = "memory.default.transactions_off"
    with closing(pyodbc.connect(lab.connection_string(Transactions=0))) as connection:
        connection.execute(f"CREATE TABLE {name} (a bigint)")
        connection.execute(f"INSERT INTO {name} VALUES (?)", 7)
        connection.rollback()
        assert rows(lab, name) == [7]
        connection.execute(f"DROP TABLE {name}")


def test_a_read_only_connection_does_not_write(lab):
    with closing(pyodbc.connect(lab.connection_string(), readonly=True)) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1
        error = fail(connection, "CREATE TABLE memory.default.transactions_none AS SELECT 1 a")
        assert error.args[0] == "25000"
        connection.rollback()


def test_an_isolation_level_is_kept_by_connectors_that_can(manual):
    manual.set_attr(pyodbc.SQL_ATTR_TXN_ISOLATION, pyodbc.SQL_TXN_SERIALIZABLE)
    assert manual.execute("SELECT count(*) FROM nation").fetchval() == 25
    manual.commit()
    for info, expected in [
        (pyodbc.SQL_TXN_CAPABLE, 2),
        (pyodbc.SQL_TXN_ISOLATION_OPTION, 15),
        (pyodbc.SQL_DEFAULT_TXN_ISOLATION, 1),
        (pyodbc.SQL_CURSOR_COMMIT_BEHAVIOR, 1),
        (pyodbc.SQL_CURSOR_ROLLBACK_BEHAVIOR, 1),
        (pyodbc.SQL_MULTIPLE_ACTIVE_TXN, True),
    ]:
        assert manual.getinfo(info) == expected, info


def test_transactions_in_sql_are_kept(lab):
    source = f"transactions-{time.time()}"
    with closing(lab.connect(Source=source)) as connection:
        connection.execute("START TRANSACTION READ ONLY")
        fail(connection, "CREATE TABLE memory.default.transactions_none (a bigint)")
        with pytest.raises(pyodbc.Error) as error:
            connection.execute("COMMIT")
        assert error.value.args[0] == "25S03"
        assert connection.execute("SELECT 1").fetchval() == 1
        connection.execute("START TRANSACTION")
        assert connection.execute("SELECT 1").fetchval() == 1
        connection.execute("ROLLBACK")
        with pytest.raises(pyodbc.Error) as error:
            connection.execute("COMMIT")
        assert error.value.args[0] == "25000"


def test_changes_are_there_after_the_commit(lab, manual, warehouse):
    name = f"{warehouse}.committed"
    table(manual, name)
    manual.execute(f"INSERT INTO {name} VALUES (?)", 1)
    assert rows(lab, name) == []
    manual.commit()
    assert rows(lab, name) == [1]
    with manual:
        manual.execute(f"INSERT INTO {name} VALUES (?)", 2)
    assert rows(lab, name) == [1, 2]
    manual.execute(f"INSERT INTO {name} VALUES (?)", 3)
    manual.autocommit = True
    assert rows(lab, name) == [1, 2, 3]


def test_changes_are_gone_after_a_rollback(lab, manual, warehouse):
    name = f"{warehouse}.undone"
    table(manual, name)
    manual.execute(f"INSERT INTO {name} VALUES (1)")
    manual.rollback()
    assert rows(lab, name) == []
    with pytest.raises(ZeroDivisionError), manual:
        manual.execute(f"INSERT INTO {name} VALUES (1)")
        raise ZeroDivisionError
    manual.rollback()
    assert rows(lab, name) == []
    manual.execute(f"INSERT INTO {name} VALUES (1)")
    fail(manual, "SELECT nothing")
    with pytest.raises(pyodbc.Error) as error:
        manual.commit()
    assert error.value.args[0] == "25S03"
    assert rows(lab, name) == []


def test_changes_outlive_a_cursor_that_is_left_early(lab, manual, warehouse):
    name = f"{warehouse}.early"
    table(manual, name)
    manual.execute(f"INSERT INTO {name} VALUES (1)")
    for sql in ["SELECT * FROM tpch.sf1.orders", "SELECT * FROM tpch.tiny.lineitem ORDER BY comment"]:
        cursor = manual.cursor()
        cursor.execute(sql)
        assert cursor.fetchone()
        cursor.close()
        time.sleep(0.5)
    assert manual.execute("SELECT 1").fetchval() == 1
    manual.commit()
    assert rows(lab, name) == [1]


def test_a_connection_that_is_dropped_undoes_its_changes(lab, warehouse):
    name = f"{warehouse}.dropped"
    connection = pyodbc.connect(lab.connection_string())
    table(connection, name)
    connection.execute(f"INSERT INTO {name} VALUES (1)")
    connection.close()
    assert rows(lab, name) == []


def test_many_rows_are_inserted_in_one_transaction(lab, manual, warehouse):
    name = f"{warehouse}.many"
    table(manual, name)
    cursor = manual.cursor()
    cursor.fast_executemany = True
    cursor.executemany(f"INSERT INTO {name} VALUES (?)", [(n,) for n in range(500)])
    assert rows(lab, name) == []
    manual.commit()
    assert rows(lab, name) == list(range(500))


def test_many_rows_wait_for_the_commit(lab, warehouse, manual):
    name = f"{warehouse}.many"
    table(manual, name)
    cursor = manual.cursor()
    cursor.fast_executemany = True
    for end, count in [(manual.rollback, 0), (manual.commit, 1000)]:
        cursor.executemany(f"INSERT INTO {name} VALUES (? + 1)", [(n,) for n in range(1000)])
        assert rows(lab, name) == []
        end()
        assert rows(lab, name) == list(range(1, count + 1))
    manual.autocommit = True
    manual.execute(f"DROP TABLE {name}")
