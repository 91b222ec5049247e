"""What the catalog functions tell, and statements without a result set."""

import uuid


def test_tables_of_a_schema_are_listed(cursor):
    rows = cursor.tables(catalog="tpch", schema="tiny").fetchall()
    names = {row.table_name for row in rows}
    assert {"nation", "orders", "lineitem"} <= names
    assert {(row.table_cat, row.table_schem, row.table_type) for row in rows} == {
        ("tpch", "tiny", "TABLE")
    }


def test_a_pattern_chooses_tables(cursor):
    rows = cursor.tables(catalog="tpch", schema="tiny", table="part%").fetchall()
    assert [row.table_name for row in rows] == ["part", "partsupp"]


def test_catalogs_are_listed(cursor):
    rows = cursor.tables(catalog="%", schema="", table="").fetchall()
    assert {"tpch", "memory"} <= {row.table_cat for row in rows}


def test_columns_of_a_table_are_listed_in_order(cursor):
    rows = cursor.columns(table="orders", catalog="tpch", schema="sf1").fetchall()
    assert [row.column_name for row in rows] == [
        "orderkey", "custkey", "orderstatus", "totalprice", "orderdate", "orderpriority", "clerk",
        "shippriority", "comment",
    ]
    assert [row.ordinal_position for row in rows] == list(range(1, 10))
    assert rows[0].type_name == "bigint"
    assert rows[2].column_size == 1
    assert rows[8].column_size == 79


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
