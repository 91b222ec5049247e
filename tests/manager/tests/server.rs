//! The driver through unixODBC, against a real Trino.

use std::time::Duration;

use client_tests::client::{Connection, QUERY_ID, RETRIEVAL_MODE, SEGMENTS_SPOOLED};
use client_tests::lab::Lab;
use client_tests::odbc::{
    SQL_ASYNC_ENABLE_ON, SQL_ATTR_ASYNC_ENABLE, SQL_STILL_EXECUTING, SQL_SUCCESS,
};
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
