"""Statements with effects: what they change is there for the next statement of the connection, and for no other."""

import time
from contextlib import closing

import pyodbc
import pytest

NAME = "memory.default.effects"


@pytest.fixture
def filled(connection):
    """A table with three rows."""
    connection.execute(f"DROP TABLE IF EXISTS {NAME}")
    assert connection.execute(f"CREATE TABLE {NAME} AS SELECT * FROM (VALUES 1, 2, 3) t (a)").rowcount == 3
    yield connection
    connection.execute(f"DROP TABLE IF EXISTS {NAME}")


def value(connection, sql):
    return connection.execute(sql).fetchval()


def test_changes_are_counted(filled):
    assert filled.execute(f"INSERT INTO {NAME} VALUES 4, 5").rowcount == 2
    assert filled.execute(f"INSERT INTO {NAME} SELECT a FROM {NAME} WHERE false").rowcount == 0
    assert filled.execute(f"INSERT INTO {NAME} SELECT a + ? FROM {NAME}", 10).rowcount == 5
    assert value(filled, f"SELECT count(*) FROM {NAME}") == 10


def test_definitions_have_no_rows_and_no_result(connection):
    table = f"{NAME}_defined"
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    for sql in [
        f"CREATE TABLE {table} (a bigint, b varchar)",
        f"COMMENT ON TABLE {table} IS 'a; b'",
        f"ALTER TABLE {table} ADD COLUMN c double",
        f"ALTER TABLE {table} RENAME TO {table}_2",
        f"CREATE OR REPLACE VIEW {table}_view AS SELECT * FROM {table}_2 -- the end",
        f"DROP VIEW {table}_view",
        f"TRUNCATE TABLE {table}_2",
        f"DROP TABLE {table}_2;",
    ]:
        cursor = connection.execute(sql)
        assert cursor.description is None, sql
        assert cursor.rowcount in (-1, 0), sql
        with pytest.raises(pyodbc.ProgrammingError):
            cursor.fetchall()


def test_a_procedure_is_called(lab, connection):
    source = f"effects-{time.time()}"
    with closing(lab.connect(Source=source)) as other:
        cursor = other.execute("SELECT * FROM tpch.sf100.lineitem")
        query = value(connection, f"SELECT query_id FROM system.runtime.queries WHERE source = '{source}'")
        called = connection.execute(f"CALL system.runtime.kill_query(query_id => '{query}', message => 'enough')")
        assert called.description is None
        with pytest.raises(pyodbc.Error) as error:
            while cursor.fetchmany(10_000):
                pass
        assert "enough" in str(error.value)


def test_use_changes_catalog_and_schema(lab):
    with closing(lab.connect(Catalog=None, Schema=None)) as connection:
        assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == ""
        connection.execute("USE tpch.tiny")
        assert value(connection, "SELECT count(*) FROM nation") == 25
        assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == "tpch"
        connection.execute("USE memory.information_schema")
        assert value(connection, "SELECT current_catalog || '.' || current_schema") == "memory.information_schema"
        assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == "memory"
        connection.execute("USE \"default\"")
        assert value(connection, "SELECT current_schema") == "default"
        connection.set_attr(pyodbc.SQL_ATTR_CURRENT_CATALOG, "tpch")
        assert value(connection, "SELECT current_catalog") == "tpch"
        with pytest.raises(pyodbc.Error):
            connection.execute("USE nowhere.nothing")
        assert value(connection, "SELECT current_catalog") == "tpch"


def test_session_properties_are_set_and_reset(connection):
    def shown():
        rows = connection.execute("SHOW SESSION LIKE 'query_max_run_time'").fetchall()
        return rows[0][1]

    before = shown()
    connection.execute("SET SESSION query_max_run_time = '17m'")
    assert shown() == "17m" != before
    connection.execute("RESET SESSION query_max_run_time")
    assert shown() == before


def test_the_time_zone_is_set(connection):
    connection.execute("SET TIME ZONE 'Asia/Kathmandu'")
    assert value(connection, "SELECT current_timezone()") == "Asia/Kathmandu"
    connection.execute("SET TIME ZONE LOCAL")
    assert value(connection, "SELECT current_timezone()") != "Asia/Kathmandu"


def test_a_path_is_set(connection):
    connection.execute("SET PATH tpch.tiny, memory.default")
    path = value(connection, "SELECT current_path").replace('"', "")
    assert [part.strip() for part in path.split(",")] == ["tpch.tiny", "memory.default"]


def test_a_role_is_set(connection):
    for role in ["NONE", "ALL"]:
        connection.execute(f"SET ROLE {role}")
        assert value(connection, "SELECT 1") == 1
    with pytest.raises(pyodbc.Error):
        connection.execute("SET ROLE nobody_has_this")
    assert value(connection, "SELECT 1") == 1


def test_another_user_is_taken_on_and_left_again(lab, connection):
    before = value(connection, "SELECT current_user")
    try:
        connection.execute("SET SESSION AUTHORIZATION effects_other")
    except pyodbc.Error as error:
        # A server with access control may refuse it, and then nothing has changed.
        assert "Access Denied" in str(error)
        assert value(connection, "SELECT current_user") == before
        return
    assert value(connection, "SELECT current_user") == "effects_other"
    assert connection.getinfo(pyodbc.SQL_USER_NAME) == "effects_other"
    connection.execute("RESET SESSION AUTHORIZATION")
    assert value(connection, "SELECT current_user") == before


def test_prepared_statements_of_the_server_are_kept(connection):
    long = ", ".join(f"'{n:04}'" for n in range(600))
    connection.execute("PREPARE effects_one FROM SELECT ? + 1")
    connection.execute(f"PREPARE \"effects, = %\" FROM SELECT ARRAY[{long}][?]")
    assert value(connection, "EXECUTE effects_one USING 41") == 42
    assert value(connection, "EXECUTE \"effects, = %\" USING 600") == "0599"
    rows = connection.execute("DESCRIBE INPUT effects_one").fetchall()
    assert len(rows) == 1
    connection.execute("DEALLOCATE PREPARE effects_one")
    with pytest.raises(pyodbc.Error) as error:
        connection.execute("EXECUTE effects_one USING 41")
    assert "effects_one" in str(error.value)
    assert value(connection, "EXECUTE \"effects, = %\" USING 1") == "0000"


def test_other_connections_notice_nothing(lab, connection):
    connection.execute("SET SESSION query_max_run_time = '19m'")
    connection.execute("USE memory.default")
    with closing(lab.connect()) as other:
        rows = other.execute("SHOW SESSION LIKE 'query_max_run_time'").fetchall()
        assert rows[0][1] != "19m"
        assert value(other, "SELECT current_catalog") == "tpch"


def test_a_statement_that_fails_changes_nothing_of_the_session(connection):
    with pytest.raises(pyodbc.Error):
        connection.execute("SET SESSION query_max_run_time = 'never'")
    with pytest.raises(pyodbc.Error):
        connection.execute("SET SESSION no_such_property = 1")
    assert value(connection, "SELECT 1") == 1


def test_two_statements_in_one_text_are_refused(connection):
    with pytest.raises(pyodbc.ProgrammingError) as error:
        connection.execute("SELECT 1; SELECT 2")
    assert error.value.args[0] == "42000"
    assert "Only one statement can be executed at a time" in str(error.value)
    assert value(connection, "SELECT ';' || '1' ; ") == ";1"
