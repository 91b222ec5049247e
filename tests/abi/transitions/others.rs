//! Environment, connection and descriptor states.

use std::ptr::{null, null_mut};

use scripted_trino::Server;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{answer, compare};
use crate::application::*;

/// What is called, how, and what it does in each state.
type Row<Call, const STATES: usize> = (&'static str, Call, [&'static str; STATES]);

type OfHandle = fn(Handle) -> SqlReturn;
type OfConnection = fn(Handle, &Server) -> SqlReturn;
type OfDescriptor = fn(Handle, &Application) -> SqlReturn;

/// Rows of the environment: E1 (allocated, its version not set), E1 (set) and E2 (with a connection). Without a version
/// most calls are refused by the Driver Manager; the driver takes 3 for it.
const ENVIRONMENT: &[Row<OfHandle, 3>] = &[
    (
        "SQLAllocHandle of a connection",
        |e| try_allocate(SQL_HANDLE_DBC, e).0,
        ["E2", "E2", "--"],
    ),
    (
        "SQLSetEnvAttr of another version",
        |e| set_version(e, SQL_OV_ODBC2),
        ["--", "--", "HY011"],
    ),
    (
        "SQLSetEnvAttr of the same version",
        |e| set_version(e, SQL_OV_ODBC3),
        ["--", "--", "--"],
    ),
    ("SQLGetEnvAttr", get_version, ["--", "--", "--"]),
    (
        "SQLEndTran",
        // SAFETY: the handle is ours, here and below.
        |e| unsafe { SQLEndTran(SQL_HANDLE_ENV, e, SQL_COMMIT) },
        ["--", "--", "--"],
    ),
    (
        "SQLFreeHandle",
        |e| unsafe { SQLFreeHandle(SQL_HANDLE_ENV, e) },
        ["E0", "E0", "HY010"],
    ),
    ("SQLGetDiagRec", |e| diagnosis(SQL_HANDLE_ENV, e), ["nf"; 3]),
];

#[test]
fn each_function_answers_in_each_environment_state_as_appendix_b_says() {
    let mut wrong = Vec::new();
    for (label, call, cells) in ENVIRONMENT {
        for (index, before) in ["E1", "E1", "E2"].into_iter().enumerate() {
            let environment = allocate(SQL_HANDLE_ENV, null_mut());
            if index > 0 {
                assert_eq!(set_version(environment, SQL_OV_ODBC3), SQL_SUCCESS);
            }
            let connection = (index == 2).then(|| allocate(SQL_HANDLE_DBC, environment));
            let code = call(environment);
            let answer = answer(SQL_HANDLE_ENV, environment, code);
            if let Some(connection) = connection {
                // SAFETY: freed once.
                unsafe { SQLFreeHandle(SQL_HANDLE_DBC, connection) };
            }
            // SAFETY: refused while there are connections, and when it is freed.
            let after = match unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) } {
                SQL_INVALID_HANDLE => "E0",
                SQL_ERROR => "E2",
                _ => before,
            };
            if let Some(difference) = compare(cells[index], &answer, before, after) {
                wrong.push(format!("{label} in {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows of the connection: C2 (allocated), C3 (SQLBrowseConnect needs more) and C4 (connected). Those with statements are
/// in the statements' table.
const CONNECTION: &[Row<OfConnection, 3>] = &[
    (
        "SQLAllocHandle of a statement",
        |c, _| try_allocate(SQL_HANDLE_STMT, c).0,
        ["08003", "08003", "--"],
    ),
    (
        "SQLAllocHandle of a descriptor",
        |c, _| try_allocate(SQL_HANDLE_DESC, c).0,
        ["08003", "08003", "--"],
    ),
    (
        "SQLBrowseConnect with less than is needed",
        |c, _| browse(c, "SSL=false"),
        ["need C3", "need", "08002"],
    ),
    (
        "SQLBrowseConnect with all that is needed",
        |c, server| {
            browse(
                c,
                &format!(
                    "Host=127.0.0.1;Port={};UID=u;ValidateConnection=0",
                    server.port()
                ),
            )
        },
        ["C4", "C4", "08002"],
    ),
    (
        "SQLBrowseConnect with nonsense",
        |c, _| browse(c, "Port=none"),
        ["HY000", "HY000 C2", "08002"],
    ),
    (
        "SQLConnect",
        |c, _| {
            let name = wide("no such data source");
            // SAFETY: the string ends with 0.
            unsafe { SQLConnectW(c, name.as_ptr(), SQL_NTS as i16, null(), 0, null(), 0) }
        },
        ["IM002", "08002", "08002"],
    ),
    ("SQLDriverConnect", connect, ["C4", "08002", "08002"]),
    // SAFETY: the handle is ours, here and below.
    (
        "SQLDisconnect",
        |c, _| unsafe { SQLDisconnect(c) },
        ["08003", "C2", "C2"],
    ),
    (
        "SQLEndTran",
        |c, _| unsafe { SQLEndTran(SQL_HANDLE_DBC, c, SQL_ROLLBACK) },
        ["08003", "08003", "--"],
    ),
    (
        "SQLFreeHandle",
        |c, _| unsafe { SQLFreeHandle(SQL_HANDLE_DBC, c) },
        ["C1", "HY010", "HY010"],
    ),
    (
        "SQLGetConnectAttr that is always there",
        |c, _| get_attribute(c, SQL_ATTR_ACCESS_MODE),
        ["--", "HY010", "--"],
    ),
    (
        "SQLGetConnectAttr of an open connection",
        |c, _| get_attribute(c, SQL_ATTR_CONNECTION_DEAD),
        ["08003", "HY010", "--"],
    ),
    (
        "SQLGetFunctions",
        |c, _| unsafe { SQLGetFunctions(c, 13, &mut 0) },
        ["HY010", "HY010", "--"],
    ),
    (
        "SQLGetInfo of the driver",
        |c, _| unsafe { SQLGetInfoW(c, SQL_DRIVER_ODBC_VER, null_mut(), 0, null_mut()) },
        ["--", "08003", "--"],
    ),
    (
        "SQLGetInfo",
        |c, _| unsafe { SQLGetInfoW(c, SQL_DBMS_NAME, null_mut(), 0, null_mut()) },
        ["08003", "08003", "--"],
    ),
    (
        "SQLNativeSql",
        |c, _| {
            let sql = wide("SELECT 1");
            unsafe { SQLNativeSqlW(c, sql.as_ptr(), SQL_NTS as i32, null_mut(), 0, null_mut()) }
        },
        ["08003", "08003", "--"],
    ),
    (
        "SQLSetConnectAttr",
        |c, _| set_attribute(c, SQL_ATTR_LOGIN_TIMEOUT, 5),
        ["--", "HY010", "--"],
    ),
    (
        "SQLSetConnectAttr of the cursor library",
        |c, _| set_attribute(c, SQL_ATTR_ODBC_CURSORS, SQL_CUR_USE_DRIVER),
        ["--", "HY010", "08002"],
    ),
    (
        "SQLSetConnectAttr of the packet size",
        |c, _| set_attribute(c, SQL_ATTR_PACKET_SIZE, 4096),
        ["--", "HY010", "HY011"],
    ),
    (
        "SQLSetConnectAttr of a translation",
        |c, _| set_attribute(c, SQL_ATTR_TRANSLATE_OPTION, 1),
        ["08003", "HY010", "HYC00"],
    ),
    (
        "SQLGetDiagRec",
        |c, _| diagnosis(SQL_HANDLE_DBC, c),
        ["nf"; 3],
    ),
    (
        "SQLCancelHandle",
        |c, _| unsafe { SQLCancelHandle(SQL_HANDLE_DBC, c) },
        ["--"; 3],
    ),
];

#[test]
fn each_function_answers_in_each_connection_state_as_appendix_b_says() {
    let server = Server::start();
    let mut wrong = Vec::new();
    for (label, call, cells) in CONNECTION {
        for (index, before) in ["C2", "C3", "C4"].into_iter().enumerate() {
            let environment = environment();
            let connection = allocate(SQL_HANDLE_DBC, environment);
            match before {
                "C3" => assert_eq!(browse(connection, "SSL=0"), SQL_NEED_DATA),
                "C4" => assert_eq!(connect(connection, &server), SQL_SUCCESS),
                _ => {}
            }
            let code = call(connection, &server);
            let answer = answer(SQL_HANDLE_DBC, connection, code);
            let after = state_of(connection);
            if let Some(difference) = compare(cells[index], &answer, before, after) {
                wrong.push(format!("{label} in {difference}"));
            }
            // SAFETY: refused where it is not connected, and where it is freed.
            unsafe {
                SQLDisconnect(connection);
                SQLFreeHandle(SQL_HANDLE_DBC, connection);
                SQLFreeHandle(SQL_HANDLE_ENV, environment);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn state_of(connection: Handle) -> &'static str {
    match get_attribute(connection, SQL_ATTR_ACCESS_MODE) {
        SQL_INVALID_HANDLE => return "C1",
        SQL_ERROR => return "C3",
        _ => {}
    }
    // SAFETY: the places may be null.
    match unsafe { SQLGetInfoW(connection, SQL_DBMS_NAME, null_mut(), 0, null_mut()) } {
        SQL_ERROR => "C2",
        _ => "C4",
    }
}

/// Rows of the descriptor: the ARD, APD, IRD and IPD of a statement (D1i), and an explicit one (D1e).
const DESCRIPTOR: &[Row<OfDescriptor, 5>] = &[
    (
        "SQLFreeHandle",
        // SAFETY: the handle is ours, here and below.
        |d, _| unsafe { SQLFreeHandle(SQL_HANDLE_DESC, d) },
        ["HY017", "HY017", "HY017", "HY017", "D0"],
    ),
    (
        "SQLFreeHandle of the statement",
        |_, a| unsafe { SQLFreeHandle(SQL_HANDLE_STMT, a.statement) },
        ["D0", "D0", "D0", "D0", "--"],
    ),
    (
        "SQLFreeHandle of the connection's children",
        |_, a| unsafe { SQLDisconnect(a.connection) },
        ["D0"; 5],
    ),
    (
        "SQLCopyDesc as the source",
        |d, a| unsafe { SQLCopyDesc(d, allocate(SQL_HANDLE_DESC, a.connection)) },
        ["--"; 5],
    ),
    (
        "SQLCopyDesc as the target",
        |d, a| unsafe { SQLCopyDesc(allocate(SQL_HANDLE_DESC, a.connection), d) },
        ["--", "--", "HY016", "--", "--"],
    ),
    ("SQLGetDescField", get_count, ["--"; 5]),
    (
        "SQLSetDescField",
        |d, _| unsafe { SQLSetDescFieldW(d, 0, SQL_DESC_COUNT, null_mut(), 0) },
        ["--", "--", "HY016", "--", "--"],
    ),
    (
        "SQLGetDescRec",
        |d, _| {
            let n = null_mut();
            unsafe { SQLGetDescRecW(d, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n) }
        },
        ["nf", "nf", "--", "nf", "nf"],
    ),
    (
        "SQLSetDescRec",
        |d, _| unsafe {
            SQLSetDescRec(
                d,
                1,
                SQL_INTEGER,
                0,
                4,
                0,
                0,
                null_mut(),
                null_mut(),
                null_mut(),
            )
        },
        ["--", "--", "HY016", "--", "--"],
    ),
    (
        "SQLGetDiagRec",
        |d, _| diagnosis(SQL_HANDLE_DESC, d),
        ["nf"; 5],
    ),
];

#[test]
fn each_function_answers_in_each_descriptor_state_as_appendix_b_says() {
    let mut wrong = Vec::new();
    for (label, call, cells) in DESCRIPTOR {
        for (index, attribute) in [
            Some(SQL_ATTR_APP_ROW_DESC),
            Some(SQL_ATTR_APP_PARAM_DESC),
            Some(SQL_ATTR_IMP_ROW_DESC),
            Some(SQL_ATTR_IMP_PARAM_DESC),
            None,
        ]
        .into_iter()
        .enumerate()
        {
            let application = Application::start();
            assert_eq!(application.execute(THREE), SQL_SUCCESS);
            let handle = match attribute {
                Some(attribute) => {
                    std::ptr::with_exposed_provenance_mut(application.get(attribute))
                }
                None => allocate(SQL_HANDLE_DESC, application.connection),
            };
            let code = call(handle, &application);
            let answer = answer(SQL_HANDLE_DESC, handle, code);
            let after = match get_count(handle, &application) {
                SQL_INVALID_HANDLE => "D0",
                _ => "D1",
            };
            if let Some(difference) = compare(cells[index], &answer, "D1", after) {
                wrong.push(format!("{label}, {index}: {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the tables of this file call.
pub fn names() -> impl Iterator<Item = &'static str> {
    let environment = ENVIRONMENT.iter().map(|row| row.0);
    let connection = CONNECTION.iter().map(|row| row.0);
    environment
        .chain(connection)
        .chain(DESCRIPTOR.iter().map(|row| row.0))
}

fn set_version(environment: Handle, version: usize) -> SqlReturn {
    let version = std::ptr::without_provenance_mut(version);
    // SAFETY: the value of this attribute is a number.
    unsafe { SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, version, 0) }
}

fn get_version(environment: Handle) -> SqlReturn {
    let mut version = 0_i32;
    let place = (&raw mut version).cast();
    // SAFETY: a place for a number.
    unsafe { SQLGetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, place, 4, null_mut()) }
}

fn diagnosis(kind: i16, handle: Handle) -> SqlReturn {
    // SAFETY: the places may be null.
    unsafe {
        SQLGetDiagRecW(
            kind,
            handle,
            1,
            null_mut(),
            null_mut(),
            null_mut(),
            0,
            null_mut(),
        )
    }
}

fn browse(connection: Handle, text: &str) -> SqlReturn {
    let text = wide(text);
    // SAFETY: the string ends with 0; the places may be null.
    unsafe {
        SQLBrowseConnectW(
            connection,
            text.as_ptr(),
            SQL_NTS as i16,
            null_mut(),
            0,
            null_mut(),
        )
    }
}

fn get_attribute(connection: Handle, attribute: i32) -> SqlReturn {
    let mut value = 0_u32;
    let place = (&raw mut value).cast();
    // SAFETY: a place for a number.
    unsafe { SQLGetConnectAttrW(connection, attribute, place, 4, null_mut()) }
}

fn set_attribute(connection: Handle, attribute: i32, value: usize) -> SqlReturn {
    let value = std::ptr::without_provenance_mut(value);
    // SAFETY: the values of these attributes are numbers.
    unsafe { SQLSetConnectAttrW(connection, attribute, value, 0) }
}

fn get_count(descriptor: Handle, _: &Application) -> SqlReturn {
    let mut count = 0_i16;
    let place = (&raw mut count).cast();
    // SAFETY: a place for a number of 16 bits.
    unsafe { SQLGetDescFieldW(descriptor, 0, SQL_DESC_COUNT, place, 2, null_mut()) }
}
