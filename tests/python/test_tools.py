"""The call sequences of tools that do not run here: Power Query, linked servers, SAS, Qlik, Access."""

import re
import sys
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from application import BIGINT, CURRENT_CATALOG, GUID, VARCHAR, WLONGVARCHAR, WVARCHAR, application, wide
from conftest import NOT_APPLICABLE
from odbc import ERROR, SUCCESS, SUCCESS_WITH_INFO

of_odbc_2 = pytest.mark.skipif(
    sys.platform == "win32", reason=f"{NOT_APPLICABLE}: Wine's Driver Manager does not serve programs of ODBC 2"
)

NATIONS, ORDERS = 25, 15_000
TABLE = ("tpch", "tiny", "orders")


@pytest.fixture(scope="module")
def table(lab):
    """A table with a column of each kind that tools treat differently, and a null in each."""
    name = f"tools{uuid.uuid4().hex}"
    with closing(lab.connect(Catalog="memory", Schema="default")) as connection:
        cursor = connection.cursor()
        cursor.execute(
            f"CREATE TABLE {name} (a bigint, b varchar, c varchar(10), d decimal(12, 2), e date, f timestamp(6),"
            " g boolean, h double, i char(3), j varbinary, k uuid, l array(integer))"
        )
        cursor.execute(
            f"INSERT INTO {name} VALUES (1, 'ñandú', 'x', 1.25, DATE '2020-02-29', TIMESTAMP '2020-02-29 01:02:03.5',"
            " true, 0.5, 'abc', X'00FF', UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59', ARRAY[1])"
        )
        cursor.execute(f"INSERT INTO {name} (a) VALUES (2)")
        yield name
        cursor.execute(f"DROP TABLE {name}")


# What Power Query's traces show it asks before it lists catalogs: 180 is of ODBC 4.
ASKED_FIRST = [17, 18, 77, 6, 7]
ASKED = [23, 24, 81, 29, 91, 92, 41, 114, 10003, 94, 89, 118, 160, 169, 88, 161, 165, 164, 48, 49, 50, 51, 52, 109,
         110, 115, 180, 119, 111, 112, 34, 35, 30, 32]
BIND_COLUMN, BIND_PARAMETER, EXTENDED_FETCH, FETCH_SCROLL = 4, 72, 59, 1021


def test_power_query_gets_an_answer_to_all_that_it_asks(lab):
    with application(lab.connection_string()) as tool:
        assert tool.has(BIND_COLUMN) and tool.has(EXTENDED_FETCH) and tool.has(FETCH_SCROLL)
        assert tool.text(17) == "Trino"
        for kind in ASKED_FIRST + ASKED:
            code, _, state = tool.info(kind)
            assert code in (SUCCESS, SUCCESS_WITH_INFO), (kind, state)
        # Others are refused in the standard's words, and the connection works on.
        states = {state for kind in (9998, 30000) for code, _, state in [tool.info(kind)] if code == ERROR}
        assert states == {"HY096"}
        assert tool.text(29) == '"'


def test_power_query_finds_its_way_from_catalogs_to_rows(lab):
    with application(lab.connection_string(Catalog=None, Schema=None, MetadataCache=60)) as tool:
        cursor = tool.cursor()
        cursor.call("SQLTablesW", "%", "", "", None)
        assert ("tpch", None, None, None, None) in cursor.rows()
        cursor.call("SQLTablesW", "tpch", "%", "", None)
        schemas = {row[1] for row in cursor.rows()}
        assert schemas == {None} or "tiny" in schemas
        cursor.call("SQLTablesW", "tpch", "tiny", "%", "TABLE,VIEW")
        assert "orders" in {row[2] for row in cursor.rows()}
        cursor.call("SQLColumnsW", *TABLE, None)
        columns = [row[3] for row in cursor.rows()]
        cursor.call("SQLPrimaryKeysW", *TABLE)
        assert cursor.rows() == []
        cursor.call("SQLForeignKeysW", *TABLE, None, None, None)
        assert cursor.rows() == []
        cursor.call("SQLStatisticsW", *TABLE, more=(0, 0))
        assert cursor.rows() == []
        cursor.close()
        catalog, schema, name = map(wide, TABLE)
        cursor.succeed(tool.odbc.SQLSpecialColumnsW(cursor.handle, 1, *catalog, *schema, *name, 0, 1))
        assert cursor.rows() == []
        cursor.execute('select "orderkey", "comment" from "tpch"."tiny"."orders"')
        blocks = list(cursor.blocks(1000))
        assert sum(map(len, blocks)) == ORDERS
        assert len(blocks) <= ORDERS // 1000 + 1
        assert columns[0] == "orderkey"


def test_msdasql_finds_the_columns_of_a_query_as_those_of_its_table(lab, table):
    """Or a linked server reports inconsistent metadata between compile time and run time."""
    with application(lab.connection_string(Catalog="memory", Schema="default")) as tool:
        cursor = tool.cursor()
        cursor.call("SQLColumnsW", "memory", "default", table, None)
        of_table = [(row[3], int(row[4]), int(row[6]), int(row[8] or 0), int(row[10])) for row in cursor.rows()]
        cursor.prepare(f'SELECT * FROM "memory"."default"."{table}"')
        assert cursor.described() == of_table
        cursor.execute()
        assert cursor.described() == of_table
        assert len(cursor.rows()) == 2
        again = tool.cursor()
        again.execute(f'SELECT "Tbl1002"."a" "Col1004" FROM "memory"."default"."{table}" "Tbl1002" '
                      'WHERE "Tbl1002"."a"=(1)')
        assert again.rows() == [("1",)]


def test_a_bounded_text_is_what_sas_allocates(lab, table):
    for length in (255, 1024):
        keywords = {"TextColumnLength": length, "ComplexColumnLength": 64, "Catalog": "memory", "Schema": "default"}
        with application(lab.connection_string(**keywords)) as tool:
            cursor = tool.cursor()
            cursor.execute(f"SELECT b, c, l FROM {table} ORDER BY a")
            # Ten characters are up to twenty units of UTF-16, which SAS allocates.
            assert [column[2] for column in cursor.described()] == [length, 20, 64]
            assert cursor.rows()[0] == ("ñandú", "x", "[1]")
            cursor.call("SQLColumnsW", "memory", "default", table, "b")
            row, = cursor.rows()
            assert int(row[6]) == length


def test_sas_changes_the_catalog_of_its_connection(lab):
    with application(lab.connection_string(Catalog="tpch", Schema="tiny")) as tool:
        text, length = wide("memory")
        code = tool.odbc.SQLSetConnectAttrW(tool.connection, CURRENT_CATALOG, text, 2 * length)
        assert code in (SUCCESS, SUCCESS_WITH_INFO)
        cursor = tool.cursor()
        cursor.execute("SELECT current_catalog")
        assert cursor.rows() == [("memory",)]


def test_qlik_reads_in_large_blocks_and_lists_by_catalog_and_schema(lab):
    with application(lab.connection_string()) as tool:
        cursor = tool.cursor()
        cursor.call("SQLTablesW", "tpch", "tiny", None, "'TABLE','VIEW'")
        assert len(cursor.rows()) == 8
        cursor.execute("SELECT orderkey, orderstatus, orderdate FROM tpch.tiny.orders")
        sizes = [len(block) for block in cursor.blocks(5000, units=30)]
        assert sizes == [5000] * 3


@of_odbc_2
def test_access_links_a_table_by_the_calls_of_odbc_2(lab):
    with application(lab.connection_string(BigInt="Decimal"), version=2) as tool:
        cursor = tool.cursor()
        cursor.call("SQLTablesW", None, None, "nation", "'TABLE','VIEW','SYSTEM TABLE','SYNONYM'")
        assert ("tpch", "tiny", "nation") in {row[:3] for row in cursor.rows()}
        cursor.call("SQLStatisticsW", "tpch", "tiny", "nation", more=(0, 0))
        assert cursor.rows() == []
        cursor.close()
        names = [part for name in ("tpch", "tiny", "nation") for part in wide(name)]
        cursor.succeed(tool.odbc.SQLSpecialColumnsW(cursor.handle, 2, *names, 0, 1))
        assert cursor.rows() == []
        cursor.execute('SELECT "nationkey","name" FROM "tpch"."tiny"."nation" ORDER BY "nationkey"')
        # decimal: Access has no 64-bit integers by default.
        assert [column[1] for column in cursor.described()] == [3, WVARCHAR]
        rows = cursor.rows(10, extended=True)
        assert len(rows) == NATIONS and rows[0] == ("0", "ALGERIA")


@of_odbc_2
def test_access_filters_by_dates_in_braces(lab):
    with application(lab.connection_string(), version=2) as tool:
        cursor = tool.cursor()
        cursor.execute('SELECT count(*) FROM "tpch"."tiny"."orders" WHERE ("orderdate" = {d \'1996-01-02\'})')
        one = cursor.rows()
        cursor.execute("SELECT count(*) FROM tpch.tiny.orders WHERE orderdate = DATE '1996-01-02'")
        assert one == cursor.rows() != [("0",)]
        # What ODBC 3 calls 91 and 93 is 9 and 11 to such a program.
        cursor.execute("SELECT {d '1996-01-02'}, {ts '1996-01-02 03:04:05'}, {t '03:04:05'}")
        assert [column[1] for column in cursor.described()] == [9, 11, 10]


def test_no_column_is_of_a_type_that_tools_do_not_know(lab, table):
    known = {VARCHAR, WVARCHAR, WLONGVARCHAR, BIGINT, GUID, 1, -8, 2, 3, 4, 5, -6, -7, 6, 7, 8, 91, 92, 93, -2, -3, -4}
    with application(lab.connection_string(Catalog="memory", Schema="default")) as tool:
        cursor = tool.cursor()
        cursor.execute(f"SELECT * FROM {table}")
        assert {column[1] for column in cursor.described()} <= known


PAGES = ["power-bi", "tableau", "excel", "microsoft", "other-bi"]
# What a recipe's own data source or sign-in says.
LEFT_OUT = {"DSN", "Driver", "Host", "SSL", "Catalog", "Schema"}


@pytest.mark.parametrize("page", PAGES)
def test_a_recipes_keywords_are_the_drivers_and_take_their_values(lab, page):
    text = (Path(__file__).parents[2] / f"docs/{page}.md").read_text()
    table = (Path(__file__).parents[2] / "docs/keywords.md").read_text()
    known = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M)))) | {"DSN", "Driver"}
    recipes = re.findall(r"^    ((?:\w+=[\w.]+;?)+)$", text, re.M) + re.findall(r"`(\w+=[\w.]+)`", text)
    assert recipes
    for recipe in recipes:
        keywords = dict(pair.split("=") for pair in recipe.split(";"))
        assert set(keywords) <= known, recipe
        kept = {name: value for name, value in keywords.items() if name not in LEFT_OUT}
        if "AuthenticationType" in kept:
            continue
        with closing(lab.connect(**kept)) as connection:
            assert connection.execute("SELECT 1").fetchval() == 1
