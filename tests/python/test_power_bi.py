"""What the connector for Power BI relies on: each form in which the mashup engine writes SQL, run on the server."""

import datetime
import json
import re
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pyodbc
import pytest

from test_escapes import CALLS, CONVERSIONS, expression

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "installer/powerbi"
CONNECTOR = (FOLDER / "TrinoOdbc.pq").read_text()
NATION, REGION, ORDERS = ('"tpch"."tiny"."%s"' % name for name in ("nation", "region", "orders"))


def fields(record):
    """Name and value of each `Name = value` of that record of the connector."""
    body = re.search(rf"\b{record} = \[(.*?)\n\s*\]", CONNECTOR, re.S).group(1)
    return dict(re.findall(r"^\s*(\w+) = ([^\n]*?),?$", body, re.M))


@pytest.fixture(scope="module")
def engine(lab):
    """A connection as the connector makes it: no catalog, no schema."""
    with closing(lab.connect(Catalog=None, Schema=None, MetadataCache=60, Source="Power BI")) as connection:
        yield connection


def rows(engine, sql):
    return [tuple(row) for row in engine.execute(sql).fetchall()]


def test_the_drivers_own_answers_let_queries_fold(engine):
    """What the connector does not override, the driver answers as the engine needs it."""
    assert set(fields("SQLGetInfo")) == {"SQL_CONVERT_FUNCTIONS"}
    full, group_by_contains_select = 8, 2
    assert engine.getinfo(118) == full
    assert engine.getinfo(pyodbc.SQL_GROUP_BY) == group_by_contains_select
    avg_count_max_min_sum_distinct = 0x3F
    assert engine.getinfo(pyodbc.SQL_AGGREGATE_FUNCTIONS) & 0x3F == avg_count_max_min_sum_distinct
    like_in_between_exists_null_comparison = 0x1 | 0x2 | 0x4 | 0x200 | 0x400 | 0x800 | 0x1000
    predicates = engine.getinfo(pyodbc.SQL_SQL92_PREDICATES)
    assert predicates & like_in_between_exists_null_comparison == like_in_between_exists_null_comparison
    case_cast_coalesce_nullif = 0xF
    assert engine.getinfo(pyodbc.SQL_SQL92_VALUE_EXPRESSIONS) == case_cast_coalesce_nullif
    assert engine.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR) == '"'


def test_what_is_overridden_is_a_part_of_what_the_driver_answers(engine):
    override = int(fields("SQLGetInfo")["SQL_CONVERT_FUNCTIONS"], 16)
    assert override & engine.getinfo(pyodbc.SQL_CONVERT_FUNCTIONS) == override
    # Why: what CAST loses, CONVERT keeps.
    cast = "SELECT CAST(1.75 AS decimal), CAST('abc' AS char)"
    convert = "SELECT {fn CONVERT(1.75, SQL_DECIMAL)}, {fn CONVERT('abc', SQL_CHAR)}"
    assert rows(engine, cast) == [(Decimal(2), "a")]
    assert rows(engine, convert) == [(Decimal("1.75"), "abc")]


def test_a_parameter_in_a_group_is_refused_and_a_literal_is_not(engine):
    assert fields("SQLGetFunctions") == {"SQL_API_SQLBINDCOL": "true", "SQL_API_SQLBINDPARAMETER": "false"}
    sql = 'select "nationkey" + {0} as "c", count(*) from {1} group by "nationkey" + {0}'
    assert len(rows(engine, sql.format(1, NATION))) == 25
    with pytest.raises(pyodbc.Error, match="must be an aggregate expression"):
        engine.execute(sql.format("?", NATION), 1, 1)


def test_every_function_folds_into_a_derived_table(engine):
    """As a column that is calculated, filtered and grouped."""
    size = 20
    for start in range(0, len(CALLS), size):
        calls = [expression(param.values[0]) for param in CALLS[start : start + size]]
        columns = ", ".join(f'{call} as "c{number}"' for number, call in enumerate(calls))
        names = ", ".join(f'"rows"."c{number}" as "c{number}"' for number in range(len(calls)))
        sql = (
            f'select {names} from (select {columns} from (select "_"."regionkey" from {REGION} "_") "OTBL" '
            'where "OTBL"."regionkey" = 1) "rows" OFFSET 0 LIMIT 4096'
        )
        assert len(rows(engine, sql)) == 1


def test_every_conversion_folds_into_a_group(engine):
    for call, _ in CONVERSIONS:
        converted = f"{{fn {call}}}"
        sql = (f'select {converted} as "c", count(1) as "n" from {REGION} "$Table" '
               f"group by {converted} OFFSET 0 LIMIT 1000001")
        assert [row[1] for row in rows(engine, sql)] == [5], call


LIMITS = [
    ("OFFSET 2 LIMIT 3", [2, 3, 4]),
    ("LIMIT 2", [0, 1]),
    ("OFFSET 22", [22, 23, 24]),
    ("LIMIT 0", []),
]


@pytest.mark.parametrize("clause, keys", LIMITS)
def test_a_limit_is_written_in_trinos_order(engine, clause, keys):
    assert re.findall(r'"(OFFSET|LIMIT) "', CONNECTOR) == ["OFFSET", "LIMIT"]
    sorted_first = f'select "nationkey" from {NATION} "_" order by "_"."nationkey" {clause}'
    assert [row[0] for row in rows(engine, sorted_first)] == keys
    nested = f'select "a"."nationkey" from ({sorted_first}) "a" order by "a"."nationkey"'
    assert [row[0] for row in rows(engine, nested)] == keys


def test_limit_before_offset_is_not_trinos(engine):
    with pytest.raises(pyodbc.Error):
        engine.execute(f"select 1 from {NATION} LIMIT 3 OFFSET 2")


FOLDED = {
    "aggregates": (
        'select "rows"."r" as "r", count(*), count(1), count("rows"."k"), count(distinct "rows"."k"), sum("rows"."k"), '
        'min("rows"."n"), max("rows"."n"), avg({fn CONVERT("rows"."k", SQL_DOUBLE)}) '
        f'from (select "regionkey" as "r", "nationkey" as "k", "name" as "n" from {NATION}) "rows" '
        'where "rows"."r" < 2 group by "r" order by "r"',
        [(0, 5, 5, 5, 5, 50, "ALGERIA", "MOZAMBIQUE", 10.0), (1, 5, 5, 5, 5, 47, "ARGENTINA", "UNITED STATES", 9.4)],
    ),
    "inner join": (
        f'select "b"."name", count(1) as "C1" from {NATION} "a" inner join {REGION} "b" '
        'on ("a"."regionkey" = "b"."regionkey") group by "b"."name" order by "b"."name" asc LIMIT 1',
        [("AFRICA", 5)],
    ),
    "left outer join of nullable keys": (
        f'select "$Outer"."name", "$Inner"."k2" from (select "name", "regionkey" from {REGION}) "$Outer" '
        f'left outer join (select "nationkey" as "k2" from {NATION} where "nationkey" < 2) "$Inner" '
        'on ("$Outer"."regionkey" = "$Inner"."k2" or "$Outer"."regionkey" is null and "$Inner"."k2" is null) '
        'order by "$Outer"."name"',
        [("AFRICA", 0), ("AMERICA", 1), ("ASIA", None), ("EUROPE", None), ("MIDDLE EAST", None)],
    ),
    "right and full outer join": (
        f'select count(1) from {REGION} "a" full outer join {NATION} "b" on "a"."regionkey" = "b"."nationkey" '
        f'right outer join {REGION} "c" on "c"."regionkey" = "a"."regionkey"',
        [(5,)],
    ),
    "cross join": (f'select count(1) from {REGION} "a" cross join {REGION} "b"', [(25,)]),
    "union all": (
        f'select "k" from (select "regionkey" as "k" from {REGION} union all select "nationkey" from {NATION}) "t" '
        'where "k" = 1',
        [(1,), (1,)],
    ),
    "distinct": (f'select distinct "regionkey" from {NATION} order by "regionkey" LIMIT 2', [(0,), (1,)]),
    "like with an escape": (
        f"select \"name\" from {NATION} where \"name\" like '%!_%' {{escape '!'}} or \"name\" like 'UNITED%' "
        'order by 1',
        [("UNITED KINGDOM",), ("UNITED STATES",)],
    ),
    "in and not in": (
        f'select count(1) from {NATION} where "name" in (\'CHINA\', \'EGYPT\') and "regionkey" not in (0)', [(2,)]
    ),
    "a quote in a text": ("select 'it''s' as \"a\"\"b\"", [("it's",)]),
    "case of nulls": (
        f'select case when "k" is null then 1 when not("k" <> 3) then 2 else null end from '
        f'(select nullif("regionkey", 4) as "k" from {REGION}) "t" order by "k"',
        [(None,), (None,), (None,), (2,), (1,)],
    ),
    "exists": (
        f'select count(1) from {REGION} "a" where exists (select 1 from {NATION} "b" '
        'where "b"."regionkey" = "a"."regionkey" and "b"."nationkey" > 23)',
        [(1,)],
    ),
    "literals of time": (
        'select count(1) from (select {d \'1996-01-02\'} as "d", {ts \'1996-01-02 03:04:05.1234567\'} as "s", '
        "{t '03:04:05'} as \"t\") \"x\" where \"d\" = {d '1996-01-02'} and \"s\" > {ts '1996-01-02 03:04:05.1234566'} "
        "and \"s\" < {ts '1996-01-02 03:04:05.1234568'} and \"t\" = {t '03:04:05'}",
        [(1,)],
    ),
    "parts of dates": (
        'select {fn YEAR("orderdate")} as "y", {fn MONTH("orderdate")} as "m", count(1) from '
        f'{ORDERS} where "orderdate" >= {{d \'1998-07-01\'}} group by {{fn YEAR("orderdate")}}, {{fn MONTH("orderdate")}}'
        ' order by 1, 2 LIMIT 1',
        [(1998, 7, 198)],
    ),
    "days after a date": (
        "select {fn TIMESTAMPADD(SQL_TSI_DAY, 2, {ts '2024-02-28 00:00:00'})}, "
        "{fn TIMESTAMPDIFF(SQL_TSI_DAY, {ts '2024-02-28 00:00:00'}, {ts '2024-03-01 00:00:00'})}",
        [(datetime.datetime(2024, 3, 1), 2)],
    ),
}


@pytest.mark.parametrize("name", FOLDED)
def test_a_folded_form_has_its_rows(engine, name):
    sql, expected = FOLDED[name]
    assert rows(engine, sql) == expected


# What the connector's Constant writes, by type; and the type of the column that it is compared with.
CONSTANTS = {
    "boolean": "TRUE",
    "date": "DATE '2020-02-29'",
    "time": "TIME '12:34:56.1234567'",
    "timestamp": "TIMESTAMP '2020-02-29 12:34:56.1234567'",
    "uuid": "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
    "varbinary": "X'00ff'",
}


def test_constants_are_written_as_the_server_reads_them(engine):
    writers = fields("writers")
    assert set(writers) == set(CONSTANTS)
    listed = {row.type_name for row in engine.cursor().getTypeInfo().fetchall()}
    assert set(CONSTANTS) <= listed
    for kind, literal in CONSTANTS.items():
        sql = f'select typeof({literal}) from {REGION} "t" where {literal} = {literal} LIMIT 1'
        assert rows(engine, sql)[0][0].split("(")[0] == kind
    # Why booleans are among them.
    with pytest.raises(pyodbc.Error):
        engine.execute("select 1 where true = 1")


def test_options_are_keywords_of_the_driver_and_no_secrets():
    table = (ROOT / "docs/keywords.md").read_text()
    keywords = {}
    for line in table.splitlines():
        name = re.match(r"\| `(\w+)`", line)
        if name:
            keywords[name.group(1).upper()] = line
    known = re.search(r"OptionsType = type nullable \[(.*?)\];", CONNECTOR, re.S).group(1)
    options = re.findall(r"optional (\w+) =", known)
    assert len(options) > 30
    own = {"ConnectionTimeout", "CommandTimeout"}
    # An address of a proxy may carry a password, which a report would show; the plain address is what it is for.
    proxies = {"HTTPProxy", "StorageProxy"}
    for option in set(options) - own:
        line = keywords[option.upper()]
        assert option in proxies or ", secret" not in line, option
    written = re.findall(r"\b(UID|PWD|AccessToken|KerberosPrincipal|KerberosPassword|Driver|Host|Catalog|Source|"
                         r"MetadataCache|SSL|AuthenticationType) = ", CONNECTOR)
    assert {name.upper() for name in written} <= set(keywords)


def test_texts_of_the_connector_are_in_its_resources():
    loaded = set(re.findall(r'Extension\.LoadString\("(\w+)"\)', CONNECTOR))
    named = set(re.findall(r'<data name="(\w+)"', (FOLDER / "resources.resx").read_text()))
    assert loaded == named


# The SQL that each query of the sanity tests folds to.
SANITY = {
    "AllRegions": f'select "regionkey", "name" from {REGION} order by "regionkey"',
    "SkipTake": f'select "nationkey", "name" from {NATION} order by "nationkey" OFFSET 2 LIMIT 3',
    "GroupJoinFilter": (
        f'select "r"."name", count(1), max("n"."nationkey") from {NATION} "n" inner join {REGION} "r" '
        'on "n"."regionkey" = "r"."regionkey" where {fn LEFT("n"."name", 1)} = \'I\' or "n"."nationkey" > 20 '
        'group by "r"."name" order by "r"."name"'
    ),
    "OrdersOfAYear": (
        'select {fn MONTH("orderdate")} as "month", count(1), {fn ROUND(sum("totalprice"), 2)} '
        f'from {ORDERS} where {{fn YEAR("orderdate")}} = 1995 and "orderdate" >= {{d \'1995-11-01\'}} '
        'group by {fn MONTH("orderdate")} order by 1'
    ),
}


@pytest.mark.parametrize("name", SANITY)
def test_sanity_tests_expect_what_the_server_has(engine, name):
    text = (FOLDER / f"tests/Sanity/{name}.query.pqout").read_text()
    assert (FOLDER / f"tests/Sanity/{name}.query.pq").exists()
    values = re.search(r"\], (\{.*\})\)", text, re.S).group(1)
    expected = json.loads(values.replace("{", "[").replace("}", "]"))
    found = [[float(v) if isinstance(v, Decimal) else v for v in row] for row in rows(engine, SANITY[name])]
    assert found == expected


def test_sanity_tests_expect_the_columns_of_the_table(engine):
    text = (FOLDER / "tests/Sanity/Schema.query.pqout").read_text()
    expected = re.findall(r'\{"(\w+)", "(\w+)", "(\w+)"\}', text)
    kinds = {"bigint": "number", "double": "number", "integer": "number", "varchar": "text", "date": "date"}
    columns = engine.cursor().columns(catalog="tpch", schema="tiny", table="orders").fetchall()
    assert expected == sorted((row.column_name, kinds[row.type_name], row.type_name) for row in columns)
    queries = {path.name.split(".")[0] for path in (FOLDER / "tests/Sanity").iterdir()}
    assert queries == {*SANITY, "Schema"}
