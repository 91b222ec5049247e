"""What is said to Tableau of Trino: capabilities tried on the server, and each formula of the dialect with its value."""

import math
import re
import xml.etree.ElementTree as Xml
from contextlib import closing
from pathlib import Path

import pyodbc
import pytest

from application import application
from conftest import DRIVER

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "installer/tableau/trino_odbc"
CUSTOMIZATION = Xml.parse(ROOT / "installer/tableau/trino-odbc.tdc").getroot()
MANIFEST = Xml.parse(FOLDER / "manifest.xml").getroot()
DIALECT = Xml.parse(FOLDER / "dialect.tdd").getroot()
N, R = "tpch.tiny.nation", "tpch.tiny.region"


def capabilities(element):
    return {it.get("name"): it.get("value") for it in element.iter("customization")}


# Per capability a statement that the server takes if it is there, and refuses if it is not.
STATEMENTS = {
    "CAP_CREATE_TEMP_TABLES": "CREATE LOCAL TEMPORARY TABLE tableau_1 (a integer)",
    "CAP_INDEX_TEMP_TABLES": f"CREATE INDEX i ON {N} (name)",
    "CAP_SELECT_INTO": f"SELECT * INTO memory.default.tableau_2 FROM {N}",
    "CAP_SELECT_TOP_INTO": f"SELECT TOP 1 * INTO memory.default.tableau_3 FROM {N}",
    # yes: no need to cast a condition to a number where a value is expected.
    "CAP_QUERY_BOOLEXPR_TO_INTEXPR": "SELECT (1 = 1) + 1",
    "CAP_QUERY_GROUP_BY_ALIAS": f"SELECT regionkey + 1 AS x, count(*) FROM {N} GROUP BY x",
    "CAP_QUERY_GROUP_BY_BOOL": f"SELECT regionkey = 1, count(*) FROM {N} GROUP BY regionkey = 1",
    "CAP_QUERY_GROUP_BY_DEGREE": f"SELECT regionkey, count(*) FROM {N} GROUP BY 1",
    "CAP_QUERY_JOIN_ACROSS_SCHEMAS": f"SELECT 1 FROM {R} a JOIN tpch.sf1.region b ON a.regionkey = b.regionkey",
    "CAP_QUERY_SORT_BY": f"SELECT name FROM {N} ORDER BY nationkey",
    "CAP_QUERY_SORT_BY_DEGREE": f"SELECT name FROM {N} ORDER BY 1",
    "CAP_QUERY_SUBQUERIES": f"SELECT t.name FROM (SELECT * FROM {N}) t",
    "CAP_QUERY_SUBQUERIES_WITH_TOP": f"SELECT t.name FROM (SELECT * FROM {N} LIMIT 3) t",
    "CAP_QUERY_TOP_N": f"SELECT name FROM {N} LIMIT 3",
    "CAP_QUERY_TOPSTYLE_LIMIT": f"SELECT name FROM {N} LIMIT 3",
    "CAP_QUERY_TOPSTYLE_ROWNUM": f"SELECT name FROM {N} WHERE ROWNUM <= 3",
    "CAP_QUERY_TOPSTYLE_TOP": f"SELECT TOP 3 name FROM {N}",
    "CAP_QUERY_TOP_0_METADATA": f"SELECT TOP 0 * FROM {N}",
    "CAP_QUERY_WHERE_FALSE_METADATA": f"SELECT * FROM {N} WHERE 1 = 0",
    "CAP_SET_ISOLATION_LEVEL_VIA_SQL": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
}
# Statements that work as they stand, so that the remedy of the capability is not needed.
NEEDLESS = {
    "CAP_QUERY_HAVING_REQUIRES_GROUP_BY": f"SELECT count(*) FROM {N} HAVING count(*) > 1",
    "CAP_QUERY_HAVING_UNSUPPORTED": f"SELECT regionkey FROM {N} GROUP BY regionkey HAVING count(*) > 1",
    "CAP_QUERY_NULL_REQUIRES_CAST": f"SELECT NULL, coalesce(NULL, name) FROM {N}",
    "CAP_QUERY_TIME_REQUIRES_CAST": "SELECT count(*) FROM tpch.tiny.orders WHERE orderdate < TIMESTAMP '1995-01-01 00:00:00'",
}
# What test_tools.py and the test below show of the driver.
OF_DRIVER = {
    "CAP_SUPPRESS_DISCOVERY_QUERIES": "yes",
    "CAP_ODBC_FETCH_BUFFERS_SIZE_MASSIVE": "yes",
    "CAP_ODBC_METADATA_SUPPRESS_PREPARED_QUERY": "no",
    "CAP_ODBC_METADATA_SUPPRESS_EXECUTED_QUERY": "yes",
    "CAP_ODBC_METADATA_SUPPRESS_SELECT_STAR": "yes",
    "CAP_ODBC_METADATA_SUPPRESS_SQLCOLUMNS_API": "no",
    "CAP_ODBC_METADATA_SUPPRESS_SQLFOREIGNKEYS_API": "yes",
    "CAP_ODBC_METADATA_SUPPRESS_SQLPRIMARYKEYS_API": "yes",
    "CAP_ODBC_METADATA_SUPPRESS_SQLSTATISTICS_API": "yes",
    "CAP_ODBC_TRIM_CHAR_PADDING": "no",
}


def test_every_capability_is_tried_and_is_the_same_for_both_ways_to_connect():
    claimed = capabilities(CUSTOMIZATION)
    assert claimed == capabilities(MANIFEST)
    assert set(claimed) == {*STATEMENTS, *NEEDLESS, *OF_DRIVER}
    assert {name: claimed[name] for name in OF_DRIVER} == OF_DRIVER


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_server_takes_what_a_capability_promises_and_no_other(cursor, name):
    taken = True
    try:
        cursor.execute(STATEMENTS[name]).fetchall()
    except (pyodbc.Error, pyodbc.ProgrammingError) as error:
        taken = "not a query" in str(error).lower()
    assert capabilities(CUSTOMIZATION)[name] == ("yes" if taken else "no")


@pytest.mark.parametrize("name", NEEDLESS)
def test_what_needs_no_remedy_works_without(cursor, name):
    assert capabilities(CUSTOMIZATION)[name] == "no"
    cursor.execute(NEEDLESS[name]).fetchall()


def test_tableau_gets_columns_from_a_prepared_query_and_from_the_catalog(lab):
    with application(lab.connection_string()) as tool:
        assert (tool.text(17), DRIVER) == tuple(
            CUSTOMIZATION.find(kind).get("name") for kind in ("vendor", "driver")
        )
        cursor = tool.cursor()
        cursor.prepare("SELECT * FROM tpch.tiny.orders")
        described = cursor.described()
        cursor.call("SQLColumnsW", "tpch", "tiny", "orders", None)
        assert [column[0] for column in described] == [row[3] for row in cursor.rows()]
        for function in ("SQLPrimaryKeysW",):
            cursor.call(function, "tpch", "tiny", "orders")
            assert cursor.rows() == []
        cursor.execute("SELECT orderkey FROM tpch.tiny.orders")
        assert [len(block) for block in cursor.blocks(20_000, units=20)] == [15_000]
        # char comes without its padding's loss: as long as it is declared.
        cursor.execute("SELECT CAST('a' AS char(3))")
        assert cursor.rows() == [("a  ",)]


TS = "TIMESTAMP '2024-02-29 13:14:15.123'"
DT = "DATE '2024-02-29'"
near = pytest.approx


def call(*arguments, is_=None):
    return arguments, is_


# Per function and types of its arguments: arguments in SQL, and the value as Tableau's documentation has it.
CASES = {
    "ABS real": [call("-1.5e0", is_=1.5)],
    "ABS int": [call("-2", is_=2), call("NULL")],
    "ACOS real": [call("1e0", is_=0)],
    "ASIN real": [call("1e0", is_=near(math.pi / 2))],
    "ATAN real": [call("1e0", is_=near(math.pi / 4))],
    "COS real": [call("0e0", is_=1)],
    "SIN real": [call("0e0", is_=0)],
    "TAN real": [call("0e0", is_=0)],
    "DEGREES real": [call("pi()", is_=near(180))],
    "RADIANS real": [call("180e0", is_=near(math.pi))],
    "EXP real": [call("1e0", is_=near(math.e))],
    "ATAN2 real real": [call("1e0", "-1e0", is_=near(3 * math.pi / 4))],
    "CEILING real": [call("1.2e0", is_=2), call("-1.2e0", is_=-1)],
    "FLOOR real": [call("1.8e0", is_=1), call("-1.2e0", is_=-2)],
    "COT real": [call("pi() / 4", is_=near(1)), call("0e0")],
    "DIV int int": [call("11", "2", is_=5), call("-11", "2", is_=-5), call("1", "0")],
    "LN real": [call("exp(2)", is_=near(2)), call("0e0"), call("-1e0")],
    "LOG real": [call("1000e0", is_=near(3)), call("0e0")],
    "LOG real real": [call("8e0", "2e0", is_=near(3)), call("8e0", "1e0"), call("-8e0", "2e0")],
    "MAX real real": [call("1.5e0", "2.5e0", is_=2.5), call("1e0", "NULL")],
    "MIN real real": [call("1.5e0", "2.5e0", is_=1.5), call("NULL", "1e0")],
    "MAX int int": [call("1", "2", is_=2)],
    "MIN int int": [call("1", "2", is_=1)],
    "PI": [call(is_=near(math.pi))],
    "POWER real real": [call("2e0", "3e0", is_=8), call("-8e0", "0.5e0"), call("-2e0", "2e0", is_=4)],
    "ROUND real": [call("2.5e0", is_=3), call("-2.5e0", is_=-3)],
    "ROUND real int": [call("2.567e0", "2", is_=near(2.57)), call("1234e0", "-2", is_=1200)],
    "SIGN real": [call("-3.5e0", is_=-1), call("0e0", is_=0)],
    "SQRT real": [call("9e0", is_=3), call("-1e0")],
    "SQUARE real": [call("1.5e0", is_=2.25)],
    "SQUARE int": [call("-3", is_=9)],
    "% int int": [call("9", "4", is_=1), call("-9", "4", is_=-1), call("9", "0")],
    "IFNULL bool bool": [call("NULL", "TRUE", is_=True)],
    "IFNULL int int": [call("NULL", "2", is_=2), call("1", "2", is_=1)],
    "IFNULL real real": [call("NULL", "2e0", is_=2)],
    "IFNULL str str": [call("NULL", "'a'", is_="a")],
    "IFNULL date date": [call("NULL", DT, is_="2024-02-29")],
    "IFNULL datetime datetime": [call("NULL", TS, is_="2024-02-29 13:14:15.123")],
    "ISNULL bool": [call("NULL", is_=True), call("FALSE", is_=False)],
    "ISNULL real": [call("1e0", is_=False)],
    "ISNULL str": [call("''", is_=False)],
    "ISNULL datetime": [call(TS, is_=False)],
    **{f"IIF bool {kind} {kind}": [call("1 = 1", a, b, is_=x), call("1 = 2", a, b, is_=y), call("NULL", a, b)]
       for kind, a, b, x, y in [("bool", "TRUE", "FALSE", True, False), ("int", "1", "2", 1, 2),
                                ("real", "1e0", "2e0", 1, 2), ("str", "'a'", "'b'", "a", "b"),
                                ("date", DT, "NULL", "2024-02-29", None),
                                ("datetime", TS, "NULL", "2024-02-29 13:14:15.123", None)]},
    **{f"IIF bool {kind} {kind} {kind}": [call("NULL", a, a, b, is_=x), call("1 = 2", a, b, a, is_=x)]
       for kind, a, b, x in [("bool", "TRUE", "FALSE", False), ("int", "1", "2", 2), ("real", "1e0", "2e0", 2),
                             ("str", "'a'", "'b'", "b"), ("date", "NULL", DT, "2024-02-29"),
                             ("datetime", "NULL", TS, "2024-02-29 13:14:15.123")]},
    "ASCII str": [call("'Abc'", is_=65), call("''")],
    "CHAR int": [call("65", is_="A")],
    "CONTAINS str str": [call("'Calculation'", "'alcu'", is_=True), call("'Calculation'", "'x'", is_=False)],
    "STARTSWITH str str": [call("'Joker'", "'Jo'", is_=True), call("'Joker'", "'jo'", is_=False)],
    "ENDSWITH str str": [call("'Tableau'", "'leau'", is_=True), call("'eau'", "'Tableau'", is_=False)],
    "FIND str str": [call("'Calculation'", "'alcu'", is_=2), call("'Calculation'", "'x'", is_=0)],
    "FIND str str real": [call("'Calculation'", "'a'", "3e0", is_=7), call("'Calculation'", "'a'", "8e0", is_=0),
                          call("'Calculation'", "'a'", "-1e0", is_=2)],
    "LEFT str real": [call("'Matador'", "4e0", is_="Mata"), call("'M'", "-1e0", is_="")],
    "RIGHT str real": [call("'Calculation'", "4e0", is_="tion"), call("'ab'", "9e0", is_="ab"), call("'ab'", "0e0", is_="")],
    "LEN str": [call("'Matador'", is_=7)],
    "LOWER str": [call("'ProductÄ'", is_="productä")],
    "UPPER str": [call("'ä'", is_="Ä")],
    "LTRIM str": [call("' a '", is_="a ")],
    "RTRIM str": [call("' a '", is_=" a")],
    "TRIM str": [call("' a '", is_="a")],
    "MID str real": [call("'Calculation'", "2e0", is_="alculation"), call("'ab'", "0e0", is_="ab")],
    "MID str real real": [call("'Calculation'", "2e0", "5e0", is_="alcul")],
    "REPLACE str str str": [call("'Version 3.8'", "'3.8'", "'4x'", is_="Version 4x")],
    "SPACE int": [call("2", is_="  "), call("-1", is_="")],
    "MAX str str": [call("'a'", "'b'", is_="b")],
    "MIN str str": [call("'a'", "'b'", is_="a")],
    "REGEXP_EXTRACT str localstr": [call("'abc 123'", r"'[a-z]+\s+(\d+)'", is_="123"), call("'x'", r"'(\d)'")],
    "REGEXP_EXTRACT_NTH str localstr localint": [call("'abc 123'", r"'([a-z]+)\s+(\d+)'", "2", is_="123")],
    "REGEXP_MATCH str localstr": [call("'-([1234].[The.Market])-'", r"'\[\s*(\w*\.)(\w*\s*\])'", is_=True)],
    "REGEXP_REPLACE str localstr str": [call("'abc 123'", r"'\s'", "'-'", is_="abc-123")],
    "DATE datetime": [call(TS, is_="2024-02-29")],
    "DATE str": [call("'2024-02-29'", is_="2024-02-29")],
    "DATETIME datetime": [call(DT, is_="2024-02-29 00:00:00.000000")],
    "DATETIME str": [call("'2024-02-29 01:02:03'", is_="2024-02-29 01:02:03.000000")],
    "FLOAT bool": [call("TRUE", is_=1)],
    "FLOAT real": [call("1.5", is_=1.5)],
    "FLOAT str": [call("'1.5'", is_=1.5), call("'x'")],
    "INT bool": [call("TRUE", is_=1)],
    "INT real": [call("8.9e0", is_=8), call("-9.7e0", is_=-9)],
    "INT str": [call("'8.9'", is_=8), call("'x'")],
    "STR bool": [call("TRUE", is_="true")],
    "STR int": [call("12", is_="12")],
    "STR real": [call("1.5e0", is_="1.5")],
    "STR str": [call("'a'", is_="a")],
    "STR date": [call(DT, is_="2024-02-29")],
    "STR datetime": [call(TS, is_="2024-02-29 13:14:15.123")],
    "DAY datetime": [call(TS, is_=29)],
    "MONTH datetime": [call(DT, is_=2)],
    "QUARTER datetime": [call(TS, is_=1)],
    "YEAR datetime": [call(TS, is_=2024)],
    "WEEK datetime": [call("DATE '2023-01-01'", is_=1), call("DATE '2023-01-07'", is_=1), call("DATE '2023-01-08'", is_=2),
                      call("DATE '2024-01-07'", is_=2)],
    "ISOWEEK datetime": [call("DATE '2023-01-01'", is_=52)],
    "ISOWEEKDAY datetime": [call("DATE '2023-01-01'", is_=7)],
    "ISOYEAR datetime": [call("DATE '2023-01-01'", is_=2022)],
    "NOW": [call(is_=str)],
    "TODAY": [call(is_=str)],
    "MAX date date": [call(DT, "DATE '2020-01-01'", is_="2024-02-29")],
    "MIN date date": [call(DT, "DATE '2020-01-01'", is_="2020-01-01")],
    "MAX datetime datetime": [call(TS, "NULL")],
    "MIN datetime datetime": [call(TS, TS, is_="2024-02-29 13:14:15.123")],
}
# Aggregates over x and y of these rows.
ROWS = "(VALUES (1, 2), (2, 4), (3, 9), (CAST(NULL AS integer), 1)) AS t(x, y)"
KINDS = {"real": "CAST(x AS double)", "int": "x", "bool": "(x = 1)", "str": "CAST(x AS varchar)",
         "date": "date_add('day', x, DATE '2023-12-31')", "datetime": "date_add('day', x, TIMESTAMP '2023-12-31 00:00:00')"}
AGGREGATES = {
    "AVG": {"real": 2},
    "COUNT": dict.fromkeys(["bool", "real", "str", "datetime"], 3),
    "COUNTD": {"bool": 2, "real": 3, "str": 3, "datetime": 3},
    "MAX": {"bool": True, "real": 3, "int": 3, "str": "3", "date": "2024-01-03", "datetime": "2024-01-03 00:00:00"},
    "MIN": {"bool": False, "real": 1, "int": 1, "str": "1", "date": "2024-01-01", "datetime": "2024-01-01 00:00:00"},
    "SUM": {"real": 6, "int": 6},
    "STDEV": {"real": 1},
    "STDEVP": {"real": near(math.sqrt(2 / 3))},
    "VAR": {"real": 1},
    "VARP": {"real": near(2 / 3)},
    "CORR": {"real": near(0.970725)},
    "COVAR": {"real": near(3.5)},
    "COVARP": {"real": near(7 / 3)},
}
# Per function of dates: the part, the other arguments, and the value.
PARTS = {
    "DATEADD": [
        ("year", ("1", TS), "2025-02-28 13:14:15.123000"), ("quarter", ("1", DT), "2024-05-29 00:00:00.000000"),
        ("month", ("-1", DT), "2024-01-29 00:00:00.000000"), ("week", ("1", DT), "2024-03-07 00:00:00.000000"),
        ("weekday", ("1", DT), "2024-03-01 00:00:00.000000"), ("dayofyear", ("1", DT), "2024-03-01 00:00:00.000000"),
        ("day", ("1", DT), "2024-03-01 00:00:00.000000"), ("hour", ("1", DT), "2024-02-29 01:00:00.000000"),
        ("minute", ("1", DT), "2024-02-29 00:01:00.000000"), ("second", ("1", DT), "2024-02-29 00:00:01.000000"),
    ],
    "DATEDIFF": [
        ("year", ("DATE '2023-12-31'", "DATE '2024-01-01'"), 1), ("quarter", ("DATE '2024-03-31'", "DATE '2024-04-01'"), 1),
        ("month", ("DATE '2024-01-31'", "DATE '2024-02-01'"), 1), ("week", ("DATE '2024-03-02'", "DATE '2024-03-03'"), 1),
        ("week", ("DATE '2024-03-03'", "DATE '2024-03-04'"), 0), ("iso-week", ("DATE '2024-03-03'", "DATE '2024-03-04'"), 1),
        ("day", (DT, "DATE '2024-03-01'"), 1), ("weekday", (DT, "DATE '2024-03-01'"), 1),
        ("dayofyear", (DT, "DATE '2024-02-28'"), -1), ("iso-weekday", (DT, DT), 0),
        ("hour", ("TIMESTAMP '2024-01-01 00:59:59'", "TIMESTAMP '2024-01-01 01:00:00'"), 1), ("minute", (DT, DT), 0),
        ("second", (DT, TS), 47655),
    ],
    "DATENAME": [
        ("year", (TS,), "2024"), ("quarter", (TS,), "1"), ("month", (TS,), "February"), ("week", (TS,), "9"),
        ("weekday", (TS,), "Thursday"), ("dayofyear", (TS,), "60"), ("day", (TS,), "29"), ("hour", (TS,), "13"),
        ("minute", (TS,), "14"), ("second", (TS,), "15"),
    ],
    "DATEPARSE": [(None, ("'yyyy-MM-dd HH:mm:ss'", "'2024-02-29 01:02:03'"), "2024-02-29 01:02:03.000"),
                  (None, ("'dd.MM.yyyy'", "'29.02.2024'"), "2024-02-29 00:00:00.000")],
    "DATEPART": [
        ("year", (TS,), 2024), ("quarter", (TS,), 1), ("month", (TS,), 2), ("week", (TS,), 9), ("weekday", (TS,), 5),
        ("weekday", ("DATE '2024-03-03'",), 1), ("dayofyear", (TS,), 60), ("day", (TS,), 29), ("hour", (DT,), 0),
        ("minute", (TS,), 14), ("second", (TS,), 15), ("iso-year", ("DATE '2023-01-01'",), 2022),
        ("iso-week", ("DATE '2023-01-01'",), 52), ("iso-weekday", ("DATE '2023-01-01'",), 7),
    ],
    "DATETRUNC": [
        ("year", (TS,), "2024-01-01 00:00:00.000000"), ("quarter", (TS,), "2024-01-01 00:00:00.000000"),
        ("month", (TS,), "2024-02-01 00:00:00.000000"), ("week", (TS,), "2024-02-25 00:00:00.000000"),
        ("week", ("DATE '2024-03-03'",), "2024-03-03 00:00:00.000000"), ("iso-week", (TS,), "2024-02-26 00:00:00.000000"),
        ("day", (TS,), "2024-02-29 00:00:00.000000"), ("weekday", (TS,), "2024-02-29 00:00:00.000000"),
        ("dayofyear", (TS,), "2024-02-29 00:00:00.000000"), ("iso-weekday", (TS,), "2024-02-29 00:00:00.000000"),
        ("hour", (TS,), "2024-02-29 13:00:00.000000"), ("minute", (TS,), "2024-02-29 13:14:00.000000"),
        ("second", (TS,), "2024-02-29 13:14:15.000000"),
    ],
}


def filled(formula, arguments):
    return re.sub(r"%(\d)", lambda match: arguments[int(match.group(1)) - 1], formula)


def evaluated(cursor, expressions, source=""):
    """The values in one row, those of time as Trino writes them."""
    kinds = cursor.execute(f"SELECT {', '.join(f'typeof({it})' for it in expressions)} {source}").fetchone()
    shown = [f"CAST({it} AS varchar)" if re.match("date|time", kind) else it for it, kind in zip(expressions, kinds)]
    return list(cursor.execute(f"SELECT {', '.join(shown)} {source}").fetchone())


def is_(value, expected):
    return isinstance(value, expected) if isinstance(expected, type) else value == expected


def test_each_formula_has_the_value_that_tableau_documents(cursor):
    formulas = {}
    for function in DIALECT.iter("function"):
        if function.get("group") != "aggregate":
            kinds = [argument.get("type") for argument in function.iter("argument")]
            formulas[" ".join([function.get("name"), *kinds])] = function.find("formula").text
    assert set(formulas) == set(CASES)
    cases = [(name, arguments, expected) for name, calls in CASES.items() for arguments, expected in calls]
    size = 60
    for start in range(0, len(cases), size):
        some = cases[start : start + size]
        values = evaluated(cursor, [filled(formulas[name], arguments) for name, arguments, _ in some])
        wrong = [(case, value) for case, value in zip(some, values) if not is_(value, case[2])]
        assert not wrong


def test_each_aggregate_has_its_value(cursor):
    found, expressions, expected = {}, [], []
    for function in DIALECT.iter("function"):
        if function.get("group") == "aggregate":
            name, kind = function.get("name"), function.find("argument").get("type")
            found.setdefault(name, set()).add(kind)
            expressions.append(filled(function.find("formula").text, [KINDS[kind], "CAST(y AS double)"]))
            expected.append((name, kind, AGGREGATES[name][kind]))
    assert found == {name: set(kinds) for name, kinds in AGGREGATES.items()}
    values = evaluated(cursor, expressions, f"FROM {ROWS}")
    assert not [(case, value) for case, value in zip(expected, values) if not is_(value, case[2])]
    # Over one row, where Tableau leaves the aggregate out.
    for function in DIALECT.iter("function"):
        if function.get("group") == "aggregate":
            kind = function.find("argument").get("type")
            one = filled(function.find("unagg-formula").text, [KINDS[kind], "y"])
            cursor.execute(f"SELECT {one} FROM {ROWS}").fetchall()


def test_each_part_of_dates_has_its_value(cursor):
    groups = {}
    for group in DIALECT.iter("date-part-group"):
        for function in group.iter("date-function"):
            groups[function.get("name")] = {part.get("name"): part.get("value") for part in group.iter("part")}
    expressions, cases = [], []
    for function in DIALECT.find("function-map").iter("date-function"):
        name = function.get("name")
        formulas = {formula.get("part"): formula.text for formula in function.iter("formula")}
        tried = {part for part, _, _ in PARTS[name]}
        assert tried >= set(formulas) - {None} | set(groups.get(name, {})), name
        for part, arguments, expected in PARTS[name]:
            # The first argument is the part, or of DATEPARSE the format.
            first = [groups[name].get(part, "")] if part else []
            expressions.append(filled(formulas.get(part, formulas[None]), [*first, *arguments]))
            cases.append((name, part, arguments, expected))
    values = evaluated(cursor, expressions)
    assert not [(case, value) for case, value in zip(cases, values) if not is_(value, case[3])]


def test_texts_are_split_from_both_ends(cursor):
    split = {formula.get("part"): formula.text for formula in DIALECT.find(".//native-split-function").iter("formula")}
    expressions = [filled(split["left"], ["'a-b-c'", "'-'", "2"]), filled(split["left"], ["'a-b-c'", "'-'", "9"]),
                   filled(split["right"], ["'a-b-c'", "'-'", "-1"]), filled(split["right"], ["'a-b-c'", "'-'", "-9"])]
    assert evaluated(cursor, expressions) == ["b", "", "c", ""]


def test_the_forms_of_the_dialect_are_the_servers(lab, cursor):
    form = {element.tag: element for element in DIALECT.find("sql-format")}
    date = form["format-date-literal"].get("formula").replace("%1", "2024-02-29")
    time = form["format-datetime-literal"].get("formula").replace("%1", "2024-02-29 01:02:03.004")
    true, false = form["format-true"].get("literal"), form["format-false"].get("predicate")
    top = next(part.get("value") for part in form["format-select"] if part.get("name") == "Top")
    quote = form["id-quotes"].get("value")
    sql = (f"SELECT count(*) FROM {R} AS {quote[0]}a{quote[1]} WHERE {date} < {time} AND {true} AND NOT {false} "
           f"AND name IS NOT DISTINCT FROM name ORDER BY 1 DESC NULLS LAST {top.replace('%1', '1')}")
    assert cursor.execute(sql).fetchval() == 5
    with closing(lab.connect()) as connection:
        assert connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR) == quote[0]


def test_the_connection_builder_writes_keywords_of_the_driver():
    script = (FOLDER / "connectionBuilder.js").read_text()
    written = set(re.findall(r'^\s+"(\w+)": (?!"[A-Z][a-z]+\d?",?$)', script, re.M)) | set(
        re.findall(r'keywords\["(\w+)"\]', script)
    )
    table = (ROOT / "docs/keywords.md").read_text()
    known = {name.upper() for name in re.findall(r"^\| `(\w+)`", table, re.M)}
    assert {"Host", "AuthenticationType", "PWD"} <= written
    assert {name.upper() for name in written} <= known
