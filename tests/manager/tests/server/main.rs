//! The driver through unixODBC, against a real Trino.

mod values;

use std::time::Duration;

use client_tests::client::{
    Connection, Described, QUERY_ID, RETRIEVAL_MODE, SEGMENTS_SPOOLED, Statement,
};
use client_tests::lab::Lab;
use client_tests::odbc::*;
use client_tests::rows::{assert_same, fetched, rows_of};
use scripted_trino::Signature;

/// Each way in which rows may come.
const ENCODINGS: [&str; 4] = ["json+zstd", "json+lz4", "json", "none"];

fn every_encoding_gives_the_rows_of_the_direct_protocol(sql: &str, rows: usize) {
    let lab = Lab::get();
    let table = lab.read(sql);
    assert_eq!(table.rows.len(), rows);
    let mut wanted = rows_of(&table);
    // A query without an order may give its rows in any.
    wanted.sort_unstable();
    for encoding in ENCODINGS {
        let text = lab.string(&format!("Encoding={encoding};"));
        let mut rows = fetched(&text, sql, &table.columns);
        rows.sort_unstable();
        assert_same(encoding, &rows, &wanted);
    }
}

#[test]
fn fifteen_thousand_orders_are_the_same_in_every_encoding() {
    every_encoding_gives_the_rows_of_the_direct_protocol("SELECT * FROM tpch.tiny.orders", 15_000);
}

#[test]
fn a_hundred_and_fifty_thousand_orders_are_the_same_in_every_encoding() {
    let sql = "SELECT * FROM tpch.sf1.orders WHERE orderkey <= 600000";
    every_encoding_gives_the_rows_of_the_direct_protocol(sql, 150_000);
}

#[test]
fn an_ordered_result_arrives_in_order() {
    let lab = Lab::get();
    let sql =
        "SELECT orderkey FROM tpch.sf1.orders WHERE orderkey <= 400000 ORDER BY orderkey DESC";
    let columns = [("orderkey".to_owned(), Signature::parse("bigint"))];
    for encoding in ENCODINGS {
        let rows = fetched(&lab.string(&format!("Encoding={encoding};")), sql, &columns);
        let keys = rows
            .iter()
            .map(|row| row[0].as_deref().unwrap().parse::<u64>().unwrap());
        assert_eq!(rows.len(), 100_000, "{encoding}");
        assert!(keys.is_sorted_by(|a, b| a > b), "{encoding}");
    }
}

#[test]
fn an_execution_goes_on_after_its_call_and_can_be_cancelled() {
    let lab = Lab::get();
    let connection = Connection::open(&lab.string("")).unwrap();
    let mut statement = connection.statement();
    statement
        .set_attribute(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON)
        .unwrap();
    let sql = "SELECT count(*) FROM tpch.tiny.lineitem";
    let mut times = 0;
    while statement.execute(sql).unwrap() == SQL_STILL_EXECUTING {
        times += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(times > 0);
    assert_eq!(statement.rest().unwrap(), [[Some("60175".to_owned())]]);
    statement.close_cursor().unwrap();

    // A query would be executed once its columns are known. The memory connector keeps the table of one that is cancelled.
    let drop = "DROP TABLE IF EXISTS memory.default.async_never";
    connection.run(drop).unwrap();
    let endless = "CREATE TABLE memory.default.async_never AS \
                   SELECT count(*) AS n FROM tpch.sf1000.lineitem a, tpch.sf1000.lineitem b";
    assert_eq!(statement.execute(endless).unwrap(), SQL_STILL_EXECUTING);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(statement.canceller().cancel(), SQL_SUCCESS);
    let failure = loop {
        match statement.execute(endless) {
            Ok(SQL_STILL_EXECUTING) => std::thread::sleep(Duration::from_millis(5)),
            Ok(code) => panic!("{code}"),
            Err(failure) => break failure,
        }
    };
    assert_eq!(failure.state(), "HY008", "{failure}");
    connection.run(drop).unwrap();
}

/// Literals and their text in ODBC.
const LITERALS: &[(&str, &str)] = &[
    ("true", "1"),
    ("false", "0"),
    ("TINYINT '-128'", "-128"),
    ("SMALLINT '32767'", "32767"),
    ("INTEGER '-2147483648'", "-2147483648"),
    ("BIGINT '9223372036854775807'", "9223372036854775807"),
    ("REAL '1.5'", "1.5"),
    ("DOUBLE '-0.25'", "-0.25"),
    ("nan()", "NaN"),
    ("infinity()", "Infinity"),
    ("-infinity()", "-Infinity"),
    ("DECIMAL '123.45'", "123.45"),
    ("DECIMAL '0.00'", "0.00"),
    ("CAST('-.05' AS decimal(2,2))", "-0.05"),
    (
        "DECIMAL '99999999999999999999999999999999999999'",
        "99999999999999999999999999999999999999",
    ),
    (
        "DECIMAL '-0.00000000000000000000000000000000000001'",
        "-0.00000000000000000000000000000000000001",
    ),
    ("'plain'", "plain"),
    ("''", ""),
    ("U&'Gr\\00F6\\00DFe \\+01F600'", "Größe 😀"),
    ("CAST('ab' AS char(4))", "ab  "),
    ("X'00FF10'", "00FF10"),
    ("JSON '{\"a\":[1,null]}'", "{\"a\":[1,null]}"),
    ("DATE '2024-02-29'", "2024-02-29"),
    ("DATE '0001-01-01'", "0001-01-01"),
    ("TIME '23:59:59'", "23:59:59"),
    ("TIME '01:02:03.123456789012'", "01:02:03.123456789012"),
    ("TIME '01:02:03.5 +05:30'", "01:02:03.5+05:30"),
    ("TIMESTAMP '2024-02-29 12:34:56'", "2024-02-29 12:34:56"),
    (
        "TIMESTAMP '1969-12-31 23:59:59.999'",
        "1969-12-31 23:59:59.999",
    ),
    (
        "TIMESTAMP '2024-02-29 12:34:56.123456789012'",
        "2024-02-29 12:34:56.123456789012",
    ),
    (
        "TIMESTAMP '2024-02-29 12:34:56.1 UTC'",
        "2024-02-29 12:34:56.1 UTC",
    ),
    (
        "TIMESTAMP '2024-07-01 12:34:56.123456 America/New_York'",
        "2024-07-01 12:34:56.123456 America/New_York",
    ),
    ("INTERVAL '-1' DAY", "-1 00:00:00.000"),
    ("INTERVAL '1 02:03:04.567' DAY TO SECOND", "1 02:03:04.567"),
    ("INTERVAL '3-2' YEAR TO MONTH", "3-2"),
    (
        "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
        "12151fd2-7586-11e9-8f9e-2a86e4085a59",
    ),
    ("IPADDRESS '10.0.0.1'", "10.0.0.1"),
    ("IPADDRESS '2001:db8::1'", "2001:db8::1"),
    ("ARRAY[1, NULL, 3]", "[1,null,3]"),
    ("MAP(ARRAY['a'], ARRAY[DECIMAL '1.50'])", "{\"a\":\"1.50\"}"),
    (
        "CAST(ROW(1, 'x') AS row(a integer, \"b c\" varchar))",
        "{\"a\":1,\"b c\":\"x\"}",
    ),
    (
        "ARRAY[CAST(ROW(DATE '2024-01-01') AS row(d date))]",
        "[{\"d\":\"2024-01-01\"}]",
    ),
];

#[test]
fn a_value_of_each_type_has_its_text() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let literals: Vec<_> = LITERALS.iter().map(|(literal, _)| *literal).collect();
    let rows = connection
        .rows(&format!("SELECT {}", literals.join(", ")))
        .unwrap();
    for ((literal, wanted), got) in LITERALS.iter().zip(&rows[0]) {
        assert_eq!(got.as_deref(), Some(*wanted), "{literal}");
    }
}

#[test]
fn a_null_of_each_type_is_null() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let nulls: Vec<_> = LITERALS
        .iter()
        .map(|(literal, _)| format!("if(false, {literal})"))
        .collect();
    let sql = format!("SELECT NULL, {}", nulls.join(", "));
    let rows = connection.rows(&sql).unwrap();
    assert!(rows[0].iter().all(Option::is_none), "{:?}", rows[0]);
}

#[test]
fn a_bad_query_is_told_as_trino_tells_it() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let failure = connection.run("SELECT * FROM tpch.tiny.nope").unwrap_err();
    assert_eq!(failure.state(), "42S02", "{failure}");
    assert_eq!(failure.native(), 46, "{failure}");
    assert!(
        failure
            .message()
            .contains("Table 'tpch.tiny.nope' does not exist"),
        "{failure}"
    );
    let failure = connection.run("SELEC 1").unwrap_err();
    assert_eq!(
        (failure.state(), failure.native()),
        ("42000", 1),
        "{failure}"
    );
    let failure = connection.rows("SELECT 1 / (nationkey - nationkey) FROM tpch.tiny.nation");
    assert_eq!(failure.unwrap_err().state(), "22012");
}

#[test]
fn columns_of_a_prepared_query_are_described_before_it_runs() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let mut statement = connection.statement();
    statement
        .prepare("SELECT orderkey, totalprice, comment FROM tpch.tiny.orders")
        .unwrap();
    assert_eq!(statement.column_count().unwrap(), 3);
    let names: Vec<_> = (1..=3)
        .map(|at| statement.describe(at).unwrap().name)
        .collect();
    assert_eq!(names, ["orderkey", "totalprice", "comment"]);
    statement.execute_prepared().unwrap();
    assert!(statement.fetch().unwrap());
}

#[test]
fn tables_and_columns_of_a_catalog_are_listed() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let mut statement = connection.statement();
    statement
        .tables([Some("tpch"), Some("tiny"), Some("%"), None])
        .unwrap();
    let rows = statement.rest().unwrap();
    let names: Vec<_> = rows.iter().filter_map(|row| row[2].as_deref()).collect();
    let tables = [
        "customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier",
    ];
    assert_eq!(names, tables);
    statement.close().unwrap();

    statement
        .columns([Some("tpch"), Some("tiny"), Some("nation"), None])
        .unwrap();
    let rows = statement.rest().unwrap();
    let names: Vec<_> = rows.iter().filter_map(|row| row[3].as_deref()).collect();
    assert_eq!(names, ["nationkey", "name", "regionkey", "comment"]);
    statement.close().unwrap();

    statement
        .tables([Some("%"), Some(""), Some(""), None])
        .unwrap();
    let rows = statement.rest().unwrap();
    let catalogs: Vec<_> = rows.iter().filter_map(|row| row[0].as_deref()).collect();
    assert!(
        catalogs.contains(&"tpch") && catalogs.contains(&"memory"),
        "{catalogs:?}"
    );
}

#[test]
fn a_table_is_made_filled_counted_and_dropped() {
    let connection =
        Connection::open(&Lab::get().string("Catalog=memory;Schema=default;")).unwrap();
    let name = format!("made_by_test_{}", std::process::id());
    connection
        .run(&format!("CREATE TABLE {name} (a bigint, b varchar)"))
        .unwrap();
    let mut statement = connection
        .run(&format!("INSERT INTO {name} VALUES (1, 'x'), (2, NULL)"))
        .unwrap();
    assert_eq!(
        (
            statement.column_count().unwrap(),
            statement.row_count().unwrap()
        ),
        (0, 2)
    );
    let rows = connection
        .rows(&format!("SELECT * FROM {name} ORDER BY a"))
        .unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1], [Some("2".to_owned()), None]);
    connection.run(&format!("DROP TABLE {name}")).unwrap();
}

#[test]
fn a_statement_tells_how_its_rows_came() {
    let lab = Lab::get();
    if !lab.spools() {
        return;
    }
    let connection = Connection::open(&lab.string("")).unwrap();
    let mut statement = connection
        .run("SELECT * FROM tpch.sf1.orders LIMIT 200000")
        .unwrap();
    while statement.fetch().unwrap() {}
    assert!(statement.number_attribute(SEGMENTS_SPOOLED).unwrap() > 0);
    assert!(!statement.text_attribute(QUERY_ID).unwrap().is_empty());
    let mode = lab.fact("mode").unwrap();
    assert_eq!(statement.text_attribute(RETRIEVAL_MODE).unwrap(), mode);
}

#[test]
fn a_result_larger_than_memory_scrolls_both_ways() {
    let lab = Lab::get();
    let sql = "SELECT * FROM tpch.sf1.orders WHERE orderkey <= 100000 ORDER BY orderkey";
    let table = lab.read(sql);
    let keys: Vec<i64> = table
        .rows
        .iter()
        .map(|row| row[0].get().parse().unwrap())
        .collect();
    assert_eq!(keys.len(), 25_000);
    let connection = Connection::open(&lab.string("MemoryLimit=1MB;")).unwrap();
    let mut statement = connection.statement();
    let chosen = statement.set_attribute(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    assert_eq!(chosen.unwrap(), SQL_SUCCESS);
    statement.execute(sql).unwrap();
    let mut at = |orientation, offset| {
        let found = statement.scroll(orientation, offset).unwrap();
        let key = found.then(|| statement.fixed(1, SQL_C_SBIGINT).unwrap().unwrap());
        key.map(i64::from_ne_bytes)
    };
    assert_eq!(at(SQL_FETCH_LAST, 0), keys.last().copied());
    for key in keys.iter().rev().skip(1) {
        assert_eq!(at(SQL_FETCH_PRIOR, 0), Some(*key));
    }
    assert_eq!(at(SQL_FETCH_PRIOR, 0), None);
    for key in &keys {
        assert_eq!(at(SQL_FETCH_NEXT, 0), Some(*key));
    }
    assert_eq!(at(SQL_FETCH_NEXT, 0), None);
    let mut row = 0;
    for _ in 0..1000 {
        row = (row * 7919 + 17) % keys.len();
        let from_end = row as isize - keys.len() as isize;
        assert_eq!(at(SQL_FETCH_ABSOLUTE, row as isize + 1), Some(keys[row]));
        assert_eq!(at(SQL_FETCH_ABSOLUTE, from_end), Some(keys[row]));
        assert_eq!(at(SQL_FETCH_RELATIVE, 3), keys.get(row + 3).copied());
    }
    assert_eq!(at(SQL_FETCH_FIRST, 0), Some(keys[0]));
}

#[test]
fn tables_scroll_as_rows_of_a_query_do() {
    let connection = Connection::open(&Lab::get().string("")).unwrap();
    let mut statement = connection.statement();
    let chosen = statement.set_attribute(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    assert_eq!(chosen.unwrap(), SQL_SUCCESS);
    statement
        .tables([Some("tpch"), Some("tiny"), Some("%"), None])
        .unwrap();
    let mut names = Vec::new();
    while statement.fetch().unwrap() {
        names.push(statement.text(3).unwrap().unwrap());
    }
    assert_eq!(names.len(), 8);
    for name in names.iter().rev() {
        assert!(statement.scroll(SQL_FETCH_PRIOR, 0).unwrap());
        assert_eq!(statement.text(3).unwrap().as_ref(), Some(name));
    }
    assert!(!statement.scroll(SQL_FETCH_PRIOR, 0).unwrap());
}

#[test]
fn no_query_is_left_after_disconnecting() {
    let lab = Lab::get();
    let source = format!("left-over-{}", std::process::id());
    let connection = Connection::open(&lab.string(&format!("Source={source};"))).unwrap();
    for _ in 0..3 {
        let mut statement = connection.run("SELECT * FROM tpch.sf1.lineitem").unwrap();
        assert!(statement.fetch().unwrap());
        std::mem::forget(statement);
    }
    connection.close().unwrap();
    lab.assert_nothing_runs(&source);
}

/// Columns of each type that a table of memory can have.
const COLUMNS: &str = "a boolean, b tinyint, c smallint, d integer, e bigint, f real, g double, h decimal(12,2), \
    i varchar, j varchar(20), k char(7), l varbinary, m date, n time(0), o time(9), p timestamp(0), \
    q timestamp(12), r timestamp(3) with time zone, s time(3) with time zone, t uuid, u json, v ipaddress, \
    w array(integer), x map(varchar, bigint), y row(a integer), z interval day to second";

#[test]
fn a_tables_columns_have_the_types_of_a_querys_and_those_that_are_listed() {
    let connection =
        Connection::open(&Lab::get().string("Catalog=memory;Schema=default;")).unwrap();
    let name = format!("catalog_types_{}", std::process::id());
    connection
        .run(&format!("CREATE TABLE {name} ({COLUMNS})"))
        .unwrap();
    let mut statement = connection.statement();
    statement.prepare(&format!("SELECT * FROM {name}")).unwrap();
    let described: Vec<_> = (1..=26)
        .map(|column| statement.describe(column).unwrap())
        .map(|column| {
            let Described {
                name,
                sql_type,
                size,
                digits,
                ..
            } = column;
            (name, sql_type, size, digits)
        })
        .collect();
    let mut statement = connection.statement();
    statement
        .columns([Some("memory"), Some("default"), Some(&name), None])
        .unwrap();
    let columns = statement.rest().unwrap();
    let number = |cell: &Option<String>| cell.as_ref().map_or(0, |text| text.parse().unwrap());
    let told: Vec<_> = columns
        .iter()
        .map(|row| {
            let name = row[3].clone().unwrap();
            let (size, digits) = (number(&row[6]), number(&row[8]));
            (name, number(&row[4]) as i16, size as usize, digits as i16)
        })
        .collect();
    connection.run(&format!("DROP TABLE {name}")).unwrap();
    assert_eq!(told, described);

    let mut statement = connection.statement();
    statement.type_info(0).unwrap();
    let listed = statement.rest().unwrap();
    for row in &columns {
        let listed = listed
            .iter()
            .find(|listed| listed[0] == row[5] && listed[1] == row[4]);
        let listed = listed.unwrap_or_else(|| panic!("{:?} is not listed", row[5]));
        // SQL_DATA_TYPE and SQL_DATETIME_SUB.
        assert_eq!(
            (&listed[15], &listed[16]),
            (&row[13], &row[14]),
            "{:?}",
            row[5]
        );
    }
}

#[test]
fn the_columns_of_a_prepared_query_name_their_tables() {
    const NAME: u16 = 1011;
    const LABEL: u16 = 18;
    const CATALOG: u16 = 17;
    const SCHEMA: u16 = 16;
    const TABLE: u16 = 15;
    const BASE_COLUMN: u16 = 22;
    const BASE_TABLE: u16 = 23;
    let connection = Connection::open(&Lab::get().string("Catalog=tpch;Schema=tiny;")).unwrap();
    let mut statement = connection.statement();
    let sql = "SELECT n.name, nationkey AS key, 1 + 1 AS sum FROM nation n WHERE nationkey < ?";
    statement.prepare(sql).unwrap();
    assert_eq!(statement.column_count().unwrap(), 3);
    let mut told = |column| {
        [CATALOG, SCHEMA, TABLE, BASE_TABLE, BASE_COLUMN, NAME, LABEL]
            .map(|field| statement.text_of_column(column, field).unwrap())
    };
    assert_eq!(
        told(1),
        ["tpch", "tiny", "nation", "nation", "name", "name", "name"]
    );
    assert_eq!(
        told(2),
        ["tpch", "tiny", "nation", "nation", "", "key", "key"]
    );
    assert_eq!(told(3), ["", "", "", "", "", "sum", "sum"]);

    statement.prepare("SELECT name FROM nation").unwrap();
    let table = |statement: &mut Statement<'_>| statement.text_of_column(1, TABLE).unwrap();
    assert_eq!(table(&mut statement), "nation");
    statement.execute_prepared().unwrap();
    assert_eq!(table(&mut statement), "nation");
    // Nobody asked before: what an execution brings does not tell.
    let mut statement = connection.run("SELECT name FROM nation").unwrap();
    assert_eq!(table(&mut statement), "");
}

#[test]
fn the_current_catalog_is_where_names_without_one_are_looked_up() {
    let connection = Connection::open(&Lab::get().string("Catalog=tpch;Schema=tiny;")).unwrap();
    assert_eq!(connection.catalog().unwrap(), "tpch");
    connection.set_catalog("system").unwrap();
    assert_eq!(connection.catalog().unwrap(), "system");
    let current = "SELECT current_catalog";
    assert_eq!(
        connection.rows(current).unwrap(),
        [[Some("system".to_owned())]]
    );
    let schemas = |connection: &Connection| {
        let mut statement = connection.statement();
        statement
            .tables([Some(""), Some("%"), Some(""), None])
            .unwrap();
        let rows = statement.rest().unwrap();
        rows.into_iter()
            .filter_map(|row| row[1].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        schemas(&connection),
        ["information_schema", "jdbc", "metadata", "runtime"]
    );
    // What USE changes is read, too.
    connection.run("USE tpch.sf1").unwrap();
    assert_eq!(connection.catalog().unwrap(), "tpch");
    assert!(schemas(&connection).contains(&"sf1".to_owned()));
    connection.set_catalog("").unwrap();
    assert_eq!(connection.catalog().unwrap(), "");
    assert_eq!(connection.rows(current).unwrap(), [[None::<String>]]);
}

#[test]
fn browsing_leaves_nothing_behind() {
    let lab = Lab::get();
    let source = format!("browsing-{}", std::process::id());
    let connection = Connection::open(&lab.string(&format!("Source={source};"))).unwrap();
    for _ in 0..3 {
        let mut statement = connection.statement();
        statement.columns([None; 4]).unwrap();
        assert!(statement.fetch().unwrap());
    }
    connection.close().unwrap();
    let states = lab.queries_of(&source);
    assert_eq!(states.len(), 3, "{states:?}");
    lab.assert_nothing_runs(&source);
}
