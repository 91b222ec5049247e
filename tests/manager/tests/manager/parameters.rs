//! Parameters: the server gets what a program binds.

use client_tests::driver;
use odbc_api::buffers::BufferDesc;
use odbc_api::parameter::{VarBinarySlice, WithDataType};
use odbc_api::sys::{Date, Timestamp};
use odbc_api::{
    BindParamDesc, Bit, Connection, ConnectionOptions, Cursor, DataType, IntoParameter,
};
use scripted_trino::{Answer, Server, columns};
use serde_json::json;

fn server() -> Server {
    let server = Server::start();
    server.on_matching(|sql| {
        let changes = sql.contains("INSERT");
        (sql.starts_with("EXECUTE") || changes).then(|| {
            if changes {
                Answer::update("INSERT", 1)
            } else {
                Answer::rows(columns![("n", "bigint")], vec![vec![json!(1)]])
            }
        })
    });
    server
}

fn connect(server: &Server) -> Connection<'static> {
    driver::register();
    odbc_api::environment()
        .unwrap()
        .connect_with_connection_string(&driver::string(server), ConnectionOptions::default())
        .unwrap()
}

fn submitted(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter();
    let posts = requests.filter(|request| request.method == "POST");
    posts.map(|request| request.body).collect()
}

#[test]
fn a_query_has_values_of_many_types() {
    let server = server();
    let connection = connect(&server);
    let sql = "SELECT * FROM t WHERE a = ? AND b < ? AND c IN (?, ?, ?, ?) AND d = ? AND e = ?";
    let day = Date {
        year: 2020,
        month: 1,
        day: 31,
    };
    let moment = Timestamp {
        year: 2020,
        month: 1,
        day: 31,
        hour: 23,
        minute: 59,
        second: 58,
        fraction: 120_000_000,
    };
    let values = (
        &"it's ä".into_parameter(),
        &7_i32,
        &1.5_f64.into_parameter(),
        &Bit(1).into_parameter(),
        &day.into_parameter(),
        &WithDataType::new(moment, DataType::Timestamp { precision: 9 }),
        &VarBinarySlice::new(&[0, 255]),
        &None::<i64>.into_parameter(),
    );
    let mut cursor = connection
        .execute(sql, values, None)
        .unwrap()
        .expect("rows");
    assert!(cursor.next_row().unwrap().is_some());
    let text = "EXECUTE IMMEDIATE 'SELECT * FROM t WHERE a = ? AND b < ? AND c IN (?, ?, ?, ?) AND d = ? AND e = ?' \
         USING 'it''s ä', INTEGER '7', DOUBLE '1.5', true, DATE '2020-01-31', TIMESTAMP '2020-01-31 23:59:58.12', \
         X'00FF', NULL";
    assert_eq!(submitted(&server), [text]);
}

#[test]
fn a_prepared_statement_is_run_with_new_values() {
    let server = server();
    let connection = connect(&server);
    let mut prepared = connection.prepare("INSERT INTO t VALUES (?, ?)").unwrap();
    assert_eq!(prepared.num_params().unwrap(), 2);
    for n in [1_i64, 2] {
        let word = format!("word {n}");
        let values = (&n, &word.into_parameter());
        assert!(prepared.execute(values).unwrap().is_none());
    }
    assert_eq!(
        submitted(&server),
        [
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING BIGINT '1', 'word 1'",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING BIGINT '2', 'word 2'",
        ]
    );
}

#[test]
fn columns_are_inserted_in_bulk() {
    let server = server();
    let connection = connect(&server);
    let prepared = connection.prepare("INSERT INTO t VALUES (?, ?)").unwrap();
    let buffers = [
        BindParamDesc {
            buffer_desc: BufferDesc::I64 { nullable: true },
            data_type: DataType::BigInt,
        },
        BindParamDesc::text(10),
    ];
    let mut inserter = prepared.into_column_inserter(3, buffers).unwrap();
    inserter.set_num_rows(3);
    let mut numbers = inserter.column_mut(0).as_nullable_slice::<i64>().unwrap();
    numbers.write([Some(1), None, Some(3)].into_iter());
    let mut words = inserter.column_mut(1).as_text().unwrap();
    for (row, word) in [Some(&b"one"[..]), Some(b""), None].into_iter().enumerate() {
        words.set_cell(row, word);
    }
    inserter.execute().unwrap();
    assert_eq!(
        submitted(&server),
        ["INSERT INTO t VALUES (BIGINT '1', 'one'), (NULL, ''), (BIGINT '3', NULL)"]
    );
}
