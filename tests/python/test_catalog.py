"""The catalog functions return the same as `system.jdbc`, asked by another client."""

import uuid
from contextlib import closing

import pyodbc
import pytest

from conftest import release

SQL_ATTR_METADATA_ID = 10014

# Names of tables in the test's own schema; Trino writes them in lower case.
NAMES = [
    "my_table", "my1table", "Größe und Maß", 'we"ird', "MixedCase", "per%cent", "back\\slash", "日本",
]

COLUMNS = {
    "a": "boolean",
    "b": "tinyint",
    "c": "smallint",
    "d": "integer COMMENT 'how many'",
    "e": "bigint NOT NULL",
    "f": "real",
    "g": "double",
    "h": "decimal(12,2)",
    "i": "decimal(38,10)",
    "j": "varchar",
    "k": "varchar(20)",
    "l": "char(7)",
    "m": "varbinary",
    "n": "date",
    "o": "time(0)",
    "p": "time(6)",
    "q": "timestamp(0)",
    "r": "timestamp(9)",
    "s": "timestamp(3) with time zone",
    "t": "time(3) with time zone",
    "u": "uuid",
    "v": "json",
    "w": "ipaddress",
    "x": "array(integer)",
    "y": "map(varchar, bigint)",
    '"Z z"': "row(a integer, b varchar)",
}


@pytest.fixture(scope="module")
def peer(lab):
    with closing(lab.peer()) as connection:
        yield connection


@pytest.fixture(scope="module")
def ask(peer):
    """The rows that Trino's own client gets."""

    def ask(sql, *parameters):
        return [tuple(row) for row in peer.cursor().execute(sql, parameters or None).fetchall()]

    return ask


@pytest.fixture(scope="module")
def schema(ask, lab):
    """A schema of the test's own, with tables whose names need care, and a view."""
    schema = f"catalog_{uuid.uuid4().hex}"
    ask(f"CREATE SCHEMA memory.{schema}")
    tables = [name.replace('"', '""') for name in NAMES]
    for name in tables:
        ask(f'CREATE TABLE memory.{schema}."{name}" (n integer)')
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    if not knows_not_null(lab):
        columns = columns.replace(" NOT NULL", "")
    ask(f"CREATE TABLE memory.{schema}.types ({columns}) COMMENT 'every type'")
    ask(f"CREATE VIEW memory.{schema}.view_ COMMENT 'a view' AS SELECT 1 AS one")
    yield schema
    ask(f"DROP VIEW memory.{schema}.view_")
    for name in [*tables, "types"]:
        ask(f'DROP TABLE memory.{schema}."{name}"')
    ask(f"DROP SCHEMA memory.{schema}")


def knows_not_null(lab):
    """Whether tables of the connector `memory` may have columns without NULL."""
    return release(lab.version) >= 452


def told(rows):
    return [tuple(row) for row in rows]


TABLES = "SELECT table_cat, table_schem, table_name, table_type FROM system.jdbc.tables"
ORDER = " ORDER BY table_type, table_cat, table_schem, table_name"


def like(column, pattern):
    return f"{column} LIKE '{pattern}' ESCAPE '\\'"


# Arguments of SQLTables (catalog, schema, table, types) and what they mean, in the server's words.
TABLE_ARGUMENTS = [
    (("tpch", "tiny", None, None), "{tpch} AND table_schem = 'tiny'"),
    (("tpch", "TINY", "Orders", None), "{tpch} AND table_schem = 'tiny' AND table_name = 'orders'"),
    (("tpch", "sf1%", "%item", None), "{tpch} AND table_schem LIKE 'sf1%' AND table_name = 'lineitem'"),
    (("tp%", "tin_", "p%", None), "{tpch} AND table_schem = 'tiny' AND table_name LIKE 'p%'"),
    (("tpch", "%", "nation", None), "{tpch} AND table_name = 'nation'"),
    (("memory", "{schema}", "my_table", None), "{own} AND table_name IN ('my_table', 'my1table')"),
    (("memory", "{schema}", "my\\_table", None), "{own} AND table_name = 'my_table'"),
    (("memory", "{schema}", "my\\_t%", None), "{own} AND table_name = 'my_table'"),
    (("memory", "{schema}", '"my_table"', None), "{own} AND table_name = 'my_table'"),
    (("memory", "{schema}", "per\\%cent", None), "{own} AND table_name = 'per%cent'"),
    (("memory", "{schema}", "back\\\\slash", None), "{own} AND table_name = 'back\\slash'"),
    (("memory", "{schema}", "back\\slash", None), "{own} AND table_name = 'back\\slash'"),
    (("memory", "{schema}", 'we"ird', None), "{own} AND table_name = 'we\"ird'"),
    (("memory", "{schema}", '"we""ird"', None), "{own} AND table_name = 'we\"ird'"),
    (("memory", "{schema}", "MIXEDCASE", None), "{own} AND table_name = 'mixedcase'"),
    (("memory", "{schema}", "GRÖSSE%", None), "false"),
    (("memory", "{schema}", "größe UND maß", None), "{own} AND table_name = 'größe und maß'"),
    (("memory", "{schema}", "GRÖ%", None), "{own} AND table_name LIKE 'grö%'"),
    (("memory", "{schema}", "日_", None), "{own} AND table_name = '日本'"),
    (("memory", "{schema}", None, "VIEW"), "{own} AND table_type = 'VIEW'"),
    (("memory", "{schema}", "%", "'TABLE'"), "{own} AND table_type = 'TABLE'"),
    (("memory", "{schema}", "%", "TABLE,VIEW"), "{own}"),
    (("memory", "{schema}", "%", "'TABLE', 'VIEW', 'SYNONYM'"), "{own}"),
    (("memory", "{schema}", "%", ""), "{own}"),
    (("memory", "{schema}", "%", "SYSTEM TABLE"), "false"),
    (("memory", "{schema}", "", "TABLE"), "false"),
    (("memory", "", "my\\_table", None), "table_cat = 'memory' AND table_name = 'my_table'"),
    (("", "{schema}", None, None), "false"),
    (("", "tiny", "nation", None), "{tpch} AND table_schem = 'tiny' AND table_name = 'nation'"),
    (("no_such_catalog", None, "%", None), "false"),
    (("tpch", "x" * 300, "y" * 300, None), "false"),
    ((None, "{schema}", "types", None), "{own} AND table_name = 'types'"),
    (("%", "{schema}", "types", None), "{own} AND table_name = 'types'"),
]


@pytest.mark.parametrize("arguments, condition", TABLE_ARGUMENTS)
def test_tables_are_those_of_the_server(cursor, ask, schema, arguments, condition):
    own = f"table_cat = 'memory' AND table_schem = '{schema}'"
    catalog, in_schema, table, kind = arguments
    in_schema = in_schema and in_schema.replace("{schema}", schema)
    rows = cursor.tables(table=table, catalog=catalog, schema=in_schema, tableType=kind).fetchall()
    condition = condition.replace("{own}", own).replace("{tpch}", "table_cat = 'tpch'")
    expected = ask(f"{TABLES} WHERE {condition}{ORDER}")
    assert [tuple(row)[:4] for row in rows] == expected


def test_all_tables_of_all_catalogs_are_listed_in_order(cursor, ask):
    # Other tests make and drop tables meanwhile.
    stable = "table_cat IN ('tpch', 'system')"
    expected = ask(f"{TABLES} WHERE {stable}{ORDER}")
    for catalog in [None, "%"]:
        rows = [tuple(row)[:4] for row in cursor.tables(catalog=catalog).fetchall()]
        assert [row for row in rows if row[0] in ("tpch", "system")] == expected
        assert rows == sorted(rows, key=lambda row: (row[3], row[0], row[1], row[2]))
        assert {"memory"} <= {row[0] for row in rows}


def test_the_enumerations_are_those_of_the_server(cursor, ask):
    catalogs = told(cursor.tables(catalog="%", schema="", table="").fetchall())
    assert catalogs == [
        (name, None, None, None, None)
        for (name,) in ask("SELECT table_cat FROM system.jdbc.catalogs ORDER BY 1")
    ]
    schemas = told(cursor.tables(catalog="", schema="%", table="").fetchall())
    assert schemas == [
        (None, name, None, None, None)
        for (name,) in ask(
            "SELECT table_schem FROM system.jdbc.schemas WHERE table_catalog = 'tpch' ORDER BY 1"
        )
    ]
    named = told(cursor.tables(catalog="system", schema="%", table="").fetchall())
    assert [row[1] for row in named] == ["information_schema", "jdbc", "metadata", "runtime"]
    types = told(cursor.tables(catalog="", schema="", table="", tableType="%").fetchall())
    assert types == [
        (None, None, None, kind, None)
        for (kind,) in ask("SELECT table_type FROM system.jdbc.table_types ORDER BY 1")
    ]


def test_a_table_asked_for_by_name_comes_with_its_comment(cursor, lab, schema):
    def remarks(cursor, table):
        rows = cursor.tables(catalog="memory", schema=schema, table=table).fetchall()
        return {row.table_name: row.remarks for row in rows}

    assert remarks(cursor, "types") == {"types": "every type"}
    assert remarks(cursor, "view_") == {"view_": "a view"}
    assert remarks(cursor, "my\\_table") == {"my_table": None}
    assert set(remarks(cursor, "%").values()) == {None}
    with closing(lab.connect(TableRemarks=1)) as connection:
        assert set(remarks(connection.cursor(), "%").values()) == {"every type", "a view", None}


def test_an_underscore_is_itself_for_those_who_say_so(lab, schema):
    with closing(lab.connect(LiteralUnderscore=1)) as connection:
        cursor = connection.cursor()
        for pattern, expected in [
            ("my_table", ["my_table"]),
            ("my\\_table", ["my_table"]),
            ("my_t%", ["my_table"]),
            ("my%table", ["my1table", "my_table"]),
        ]:
            rows = cursor.tables(catalog="memory", schema=schema, table=pattern).fetchall()
            assert [row.table_name for row in rows] == expected
            rows = cursor.columns(catalog="memory", schema=schema, table=pattern).fetchall()
            assert [row.table_name for row in rows] == expected


def test_no_catalog_is_the_current_one_for_those_who_say_so(lab):
    with closing(lab.connect(NullCatalogIsCurrent=1)) as connection:
        rows = connection.cursor().tables(table="n%").fetchall()
        assert {row.table_cat for row in rows} == {"tpch"}
        rows = connection.cursor().tables(catalog="%", table="n%").fetchall()
        assert {"tpch", "system"} <= {row.table_cat for row in rows}


def test_identifiers_are_no_patterns(connection, schema):
    connection.set_attr(SQL_ATTR_METADATA_ID, 1)

    def names(catalog, schema, table):
        rows = connection.cursor().tables(catalog=catalog, schema=schema, table=table).fetchall()
        return [row.table_name for row in rows]

    assert names("MEMORY", schema.upper(), "MY_TABLE  ") == ["my_table"]
    assert names('"memory"', f' "{schema}" ', '"we""ird"') == ['we"ird']
    assert names("memory", schema, "my%") == []
    assert names("memory", schema, "per%cent") == ["per%cent"]
    with pytest.raises(pyodbc.Error, match="HY009"):
        connection.cursor().tables(catalog="memory", schema=schema)
    with pytest.raises(pyodbc.Error, match="HY009"):
        connection.cursor().columns(catalog="memory", schema=schema, table="types")


COLUMN_ARGUMENTS = [
    ("tpch", "tiny", "orders", None),
    ("tpch", "tiny", "o%", "%key"),
    ("tpch", "sf1", None, "comment"),
    ("TPCH", "Sf1", "ORDERS", "ORDERKEY"),
    ("tpch", "sf_", "region", None),
    ("tp%", "tiny", "region", None),
    ("memory", "{schema}", None, None),
    ("memory", "{schema}", "my\\_table", None),
    ("memory", "{schema}", "types", "z z"),
    ("memory", "{schema}", "types", "Z_z"),
    ("memory", "{schema}", "types", ""),
    ("memory", "{schema}", "", None),
    ("memory", "{schema}", "größe%", "n"),
    ("no_such_catalog", None, "orders", None),
    (None, "{schema}", "types", None),
    ("%", "tiny", "nation", None),
    ("", "tiny", "nation", None),
]


@pytest.mark.parametrize("arguments", COLUMN_ARGUMENTS)
def test_columns_are_those_of_the_server(cursor, ask, schema, arguments):
    catalog, in_schema, table, column = arguments
    in_schema = in_schema and in_schema.replace("{schema}", schema)
    rows = cursor.columns(table=table, catalog=catalog, schema=in_schema, column=column).fetchall()
    conditions = ["table_name <> ''"]
    if catalog not in (None, "%"):
        # The catalog is no pattern; an empty one is the connection's.
        conditions.append(f"table_cat = '{(catalog or 'tpch').lower()}'")
    patterns = {"table_schem": in_schema, "table_name": table, "column_name": column or None}
    conditions += [
        like(name, pattern.lower()) for name, pattern in patterns.items() if pattern is not None
    ]
    names = (
        "table_cat, table_schem, table_name, column_name, remarks, column_def, ordinal_position, "
        "is_nullable"
    )
    expected = ask(
        f"SELECT {names} FROM system.jdbc.columns WHERE {' AND '.join(conditions)} ORDER BY 1, 2, 3, 7"
    )
    assert [tuple(getattr(row, name) for name in names.split(", ")) for row in rows] == expected


def test_a_tables_columns_are_described_as_a_querys_are(cursor, connection, schema):
    rows = cursor.columns(catalog="memory", schema=schema, table="types").fetchall()
    assert [row.column_name for row in rows] == [name.strip('"').lower() for name in COLUMNS]
    query = connection.execute(f"SELECT * FROM memory.{schema}.types")
    described = [(name, size, digits) for name, _, _, size, _, digits, _ in query.description]
    told = [(row.column_name, row.column_size, row.decimal_digits or 0) for row in rows]
    assert told == described
    # Trino does not say which columns of a query have NULLs: any may.
    assert {null for *_, null in query.description} == {True}


def test_a_columns_type_is_one_that_the_driver_lists(cursor, schema):
    listed = {(row.type_name, row.data_type) for row in cursor.getTypeInfo().fetchall()}
    rows = cursor.columns(catalog="memory", schema=schema, table="types").fetchall()
    assert {(row.type_name, row.data_type) for row in rows} <= listed


def test_sizes_are_true(cursor, schema, lab):
    rows = cursor.columns(catalog="memory", schema=schema, table="types").fetchall()
    names = ["column_size", "buffer_length", "char_octet_length", "num_prec_radix"]
    sizes = {row.column_name: tuple(getattr(row, name) for name in names) for row in rows}
    assert sizes["e"] == (19, 8, None, 10)
    assert sizes["g"] == (15, 8, None, 10)
    assert sizes["h"] == (12, 14, None, 10)
    # Units of UTF-16, of which a character may take two.
    assert sizes["k"] == (40, 80, 80, None)
    assert sizes["l"] == (14, 28, 28, None)
    assert sizes["j"] == (32767, 131068, 131068, None)
    assert sizes["m"] == (32767, 32767, 32767, None)
    assert sizes["n"] == (10, 6, None, None)
    assert sizes["p"] == (15, 6, None, None)
    assert sizes["r"] == (29, 16, None, None)
    assert sizes["u"] == (36, 16, None, None)
    by_name = {row.column_name: row for row in rows}
    assert by_name["d"].is_nullable == "YES"
    assert by_name["e"].is_nullable == ("NO" if knows_not_null(lab) else "YES")
    nulls = {"NO": 0, "YES": 1}
    assert all(row.nullable == nulls[row.is_nullable] for row in rows)
    assert by_name["d"].remarks == "how many"


def test_what_trino_lacks_has_no_rows(cursor):
    for call, columns in [
        (lambda: cursor.primaryKeys("orders", catalog="tpch", schema="tiny"), 6),
        (lambda: cursor.foreignKeys("orders", catalog="tpch", schema="tiny"), 14),
        (lambda: cursor.foreignKeys(foreignTable="orders"), 14),
        (lambda: cursor.statistics("orders", catalog="tpch", schema="tiny", unique=True), 13),
        (lambda: cursor.rowIdColumns("orders"), 8),
        (lambda: cursor.rowVerColumns("orders"), 8),
        (lambda: cursor.procedures(), 8),
        (lambda: cursor.procedureColumns(), 19),
    ]:
        rows = call()
        assert len(rows.description) == columns
        assert rows.fetchall() == []


def test_a_cache_sees_what_its_connection_changes(lab, ask, schema):
    table = f"made_{uuid.uuid4().hex}"

    def count(connection):
        cursor = connection.cursor()
        return len(cursor.tables(catalog="memory", schema=schema, table=table).fetchall())

    with closing(lab.connect(MetadataCache="1 h")) as connection:
        assert count(connection) == 0
        ask(f"CREATE TABLE memory.{schema}.{table} (a integer)")
        assert count(connection) == 0
        connection.execute(f"COMMENT ON TABLE memory.{schema}.types IS 'every type'")
        assert count(connection) == 1
        connection.execute(f"DROP TABLE memory.{schema}.{table}")
        assert count(connection) == 0


def test_type_info_tells_of_varchar(cursor):
    names = [row.type_name for row in cursor.getTypeInfo().fetchall()]
    assert {"bigint", "varchar", "timestamp", "decimal"} <= set(names)


def test_an_insert_tells_how_many_rows_it_changed(cursor):
    table = f"memory.default.t{uuid.uuid4().hex}"
    cursor.execute(f"CREATE TABLE {table} (a integer, b varchar)")
    assert cursor.description is None
    try:
        cursor.execute(f"INSERT INTO {table} VALUES (1, 'x'), (2, 'y'), (3, NULL)")
        assert cursor.description is None
        assert cursor.rowcount == 3
        rows = cursor.execute(f"SELECT a, b FROM {table} ORDER BY a").fetchall()
        assert [tuple(row) for row in rows] == [(1, "x"), (2, "y"), (3, None)]
    finally:
        cursor.execute(f"DROP TABLE {table}")
