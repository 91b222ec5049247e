"""Names and passwords beyond ASCII: Trino takes and gives them in headers and Basic credentials as ISO-8859-1."""

from contextlib import closing

import pyodbc
import pytest

CATALOG = "b\u00fccher"
SCHEMA = "gr\u00f6\u00dfe_\u00a0\u00ff"


def value(connection, sql):
    return connection.execute(sql).fetchval()


@pytest.fixture
def catalog(lab, connection):
    """A catalog whose name is not ASCII, with a schema whose name is not either."""
    catalogs = [row[0] for row in connection.execute("SHOW CATALOGS")]
    if CATALOG not in catalogs:
        pytest.skip("the server has no such catalog")
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{CATALOG}"."{SCHEMA}"')
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{CATALOG}"."{SCHEMA}".n AS SELECT 7 AS x')
    return CATALOG


def test_a_user_is_who_was_named(lab):
    for user in ["j\u00fcrgen", "\u00c5s\u00e9 \u00ff"]:
        with closing(lab.connect(User=user)) as connection:
            assert value(connection, "SELECT current_user") == user
            assert connection.getinfo(pyodbc.SQL_USER_NAME) == user


def test_catalog_and_schema_are_those_that_were_named(lab, catalog):
    with closing(lab.connect(Catalog=catalog, Schema=SCHEMA)) as connection:
        assert value(connection, "SELECT x FROM n") == 7
        assert value(connection, "SELECT current_catalog || '.' || current_schema") == f"{catalog}.{SCHEMA}"
        assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == catalog


def test_use_and_the_current_catalog_stay_as_they_were_set(lab, catalog):
    with closing(lab.connect()) as connection:
        connection.execute(f'USE "{catalog}"."{SCHEMA}"')
        assert value(connection, "SELECT x FROM n") == 7
        assert connection.getinfo(pyodbc.SQL_DATABASE_NAME) == catalog
        connection.execute("USE tpch.tiny")
        connection.set_attr(pyodbc.SQL_ATTR_CURRENT_CATALOG, catalog)
        assert value(connection, "SELECT current_catalog") == catalog


def test_a_path_is_what_was_set(lab, catalog):
    path = f'"{catalog}"."{SCHEMA}"'
    with closing(lab.connect(Path=path)) as connection:
        assert value(connection, "SELECT current_path") == path
    with closing(lab.connect()) as connection:
        connection.execute(f"SET PATH {path}")
        assert value(connection, "SELECT current_path") == path


def test_roles_and_properties_name_a_catalog_beyond_ascii(lab, catalog):
    # The connector has neither: the server's words show what it understood.
    for keywords, words in [
        ({"Roles": "{system:gr\u00f6\u00dfe\u540d}"}, "gr\u00f6\u00dfe\u540d"),
        ({"SessionProperties": f"{{{catalog}.\u00e9t\u00e9:1}}"}, f"{catalog}.\u00e9t\u00e9"),
    ]:
        with closing(lab.connect(ValidateConnection=0, **keywords)) as connection:
            with pytest.raises(pyodbc.Error, match=words):
                connection.execute("SELECT 1")


def test_a_new_schema_that_no_header_carries_is_an_error(lab, catalog):
    with closing(lab.connect()) as connection:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{catalog}"."\u540d"')
        with pytest.raises(pyodbc.Error, match="ISO 8859-1"):
            connection.execute(f'USE "{catalog}"."\u540d"')
        assert value(connection, "SELECT current_catalog || '.' || current_schema") == "tpch.tiny"


def test_prepared_statements_have_any_name(connection):
    connection.execute('PREPARE "gr\u00f6\u540d" FROM SELECT U&\'\\540D\'')
    assert value(connection, 'EXECUTE "gr\u00f6\u540d"') == "\u540d"


def test_source_and_client_are_made_to_fit(lab):
    with closing(lab.connect(Source="\u00d6l \u20ac", ClientInfo="\u540d")) as connection:
        sql = "SELECT source FROM system.runtime.queries WHERE query LIKE '%made to fit%' AND state = 'RUNNING'"
        assert value(connection, sql + " -- made to fit") == "\u00d6l ?"


def test_user_and_password_are_let_in(secured):
    other = secured.facts.get("other_user")
    if not other:
        pytest.skip("the server has no such user")
    user, password = other
    with closing(secured.connect(User=user, Password=f"{{{password}}}")) as connection:
        assert value(connection, "SELECT current_user") == user
    with pytest.raises(pyodbc.Error, match="28000"):
        secured.connect(User=user, Password="p\u00e4ssw\u00f6rd")
