//! An application without a Driver Manager, and a scripted server behind it.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Once;

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

pub type Handle = *mut c_void;

/// An environment, an open connection and a statement; all freed in the end.
pub struct Application {
    pub server: Server,
    pub environment: Handle,
    pub connection: Handle,
    pub statement: Handle,
}

impl Application {
    /// With a server that knows the built-in statements and [`THREE`].
    pub fn start() -> Self {
        Self::with(Server::start())
    }

    pub fn with(server: Server) -> Self {
        Self::connected(server, "")
    }

    /// With further keywords in the connection string.
    pub fn connected(server: Server, keywords: &str) -> Self {
        let port = server.port();
        Self::behind(server, port, keywords)
    }

    /// With something in front of the server, at `port`.
    pub fn behind(server: Server, port: u16, keywords: &str) -> Self {
        let rows = vec![
            vec![json!(1), json!("one"), json!(1.5)],
            vec![json!(2), json!("two, which is long"), json!(null)],
            vec![json!(3), json!(null), json!(-3.75)],
        ];
        let columns = columns![("id", "integer"), ("name", "varchar(20)"), ("x", "double")];
        server.on(THREE, Answer::rows(columns, rows));
        server.on(UPDATE, Answer::update("INSERT", 4));
        let environment = environment();
        let connection = allocate(SQL_HANDLE_DBC, environment);
        assert_eq!(connect_with(connection, port, keywords), SQL_SUCCESS);
        let statement = allocate(SQL_HANDLE_STMT, connection);
        Self {
            server,
            environment,
            connection,
            statement,
        }
    }

    /// SQLCloseCursor on its statement, which succeeds.
    pub fn close_cursor(&self) {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLCloseCursor(self.statement) };
        assert_eq!(code, SQL_SUCCESS);
    }

    /// Binds an integer to the first parameter; value and length outlive the executions of the test.
    pub fn bind_integer(&self, value: &mut i32, length: &mut isize) {
        // SAFETY: as said.
        let code = unsafe {
            let place = (&raw mut *value).cast();
            SQLBindParameter(
                self.statement,
                1,
                SQL_PARAM_INPUT,
                C_SLONG,
                SQL_INTEGER,
                0,
                0,
                place,
                0,
                length,
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }

    /// SQLExecDirect on its statement.
    pub fn execute(&self, sql: &str) -> SqlReturn {
        execute(self.statement, sql)
    }

    /// SQLFetch on its statement.
    pub fn fetch(&self) -> SqlReturn {
        // SAFETY: what is bound lives as long as the test.
        unsafe { SQLFetch(self.statement) }
    }

    /// SQLBindCol of a number or text on its statement.
    pub fn bind<T>(
        &self,
        column: u16,
        c_type: i16,
        data: &mut [T],
        width: usize,
        length: &mut [isize],
    ) {
        // SAFETY: the buffers outlive the fetches of the test.
        let code = unsafe {
            SQLBindCol(
                self.statement,
                column,
                c_type,
                data.as_mut_ptr().cast(),
                width as isize,
                length.as_mut_ptr(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }

    /// SQLSetStmtAttr on its statement.
    pub fn set(&self, attribute: i32, value: usize) -> SqlReturn {
        let value = std::ptr::with_exposed_provenance_mut(value);
        // SAFETY: numbers, and addresses of what outlives the test's fetches.
        unsafe { SQLSetStmtAttrW(self.statement, attribute, value, 0) }
    }

    /// SQLGetStmtAttr of a number on its statement.
    pub fn get(&self, attribute: i32) -> usize {
        let mut value = 0_usize;
        let place = (&raw mut value).cast();
        // SAFETY: `value` is a place for a number.
        let code = unsafe { SQLGetStmtAttrW(self.statement, attribute, place, 8, null_mut()) };
        assert_eq!(code, SQL_SUCCESS);
        value
    }

    /// Fetches the rest of the first column, row by row: the numbers, and what ended them.
    pub fn numbers(&self) -> (Vec<i64>, SqlReturn) {
        let mut numbers = Vec::new();
        loop {
            match self.fetch() {
                SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => numbers.push(self.number()),
                end => return (numbers, end),
            }
        }
    }

    /// The first column of the row that was fetched last.
    pub fn number(&self) -> i64 {
        let (mut number, mut length) = (0_i64, 0_isize);
        let place = (&raw mut number).cast();
        // SAFETY: `number` and `length` are places for numbers.
        let code = unsafe { SQLGetData(self.statement, 1, C_SBIGINT, place, 8, &mut length) };
        assert_eq!(code, SQL_SUCCESS);
        number
    }

    /// Message of the statement's first record.
    pub fn message(&self) -> String {
        message(SQL_HANDLE_STMT, self.statement)
    }

    /// SQLSTATE of the statement's first record.
    pub fn state(&self) -> String {
        state(SQL_HANDLE_STMT, self.statement)
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // A call that a failed test left behind would have to be waited for.
        // SAFETY: a handle that a test freed is refused.
        unsafe { SQLCancel(self.statement) };
        // SAFETY: each handle is freed once; those that a test freed are refused.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, self.statement) };
        // SAFETY: as above.
        unsafe { SQLDisconnect(self.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, self.connection) };
        // SAFETY: as above.
        unsafe { SQLFreeHandle(SQL_HANDLE_ENV, self.environment) };
    }
}

/// An environment of ODBC 3.8.
pub fn environment() -> Handle {
    let environment = allocate(SQL_HANDLE_ENV, null_mut());
    // Here the driver shares the test's panic hook, and would keep failures to its log.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| drop(std::panic::take_hook()));
    let version = std::ptr::without_provenance_mut(SQL_OV_ODBC3_80);
    // SAFETY: the value of this attribute is a number.
    let code = unsafe { SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, version, 0) };
    assert_eq!(code, SQL_SUCCESS);
    environment
}

/// A handle that must be given.
pub fn allocate(kind: i16, parent: Handle) -> Handle {
    let (code, handle) = try_allocate(kind, parent);
    assert_eq!(code, SQL_SUCCESS);
    assert!(!handle.is_null());
    handle
}

/// SQLAllocHandle.
pub fn try_allocate(kind: i16, parent: Handle) -> (SqlReturn, Handle) {
    let mut handle = null_mut();
    // SAFETY: `handle` is a place for a handle.
    let code = unsafe { SQLAllocHandle(kind, parent, &mut handle) };
    (code, handle)
}

/// SQLDriverConnect to a scripted server.
pub fn connect(connection: Handle, server: &Server) -> SqlReturn {
    connect_to(connection, server.port())
}

/// SQLDriverConnect to a port of this machine.
pub fn connect_to(connection: Handle, port: u16) -> SqlReturn {
    connect_with(connection, port, "")
}

/// SQLDriverConnect to a port of this machine, with further keywords.
pub fn connect_with(connection: Handle, port: u16, keywords: &str) -> SqlReturn {
    let text = format!("Host=127.0.0.1;Port={port};User=tester;ValidateConnection=0;{keywords}");
    connect_by(connection, &text)
}

/// SQLDriverConnect with that connection string.
pub fn connect_by(connection: Handle, text: &str) -> SqlReturn {
    let text = wide(text);
    // SAFETY: the string ends with 0; the other pointers may be null.
    unsafe {
        SQLDriverConnectW(
            connection,
            null_mut(),
            text.as_ptr().cast(),
            SQL_NTS as i16,
            null_mut(),
            0,
            null_mut(),
            SQL_DRIVER_NOPROMPT,
        )
    }
}

/// SQLExecDirect.
pub fn execute(statement: Handle, sql: &str) -> SqlReturn {
    let sql = wide(sql);
    // SAFETY: the string ends with 0.
    unsafe { SQLExecDirectW(statement, sql.as_ptr().cast(), SQL_NTS as i32) }
}

/// SQLSTATE of the first record; empty when there is none.
pub fn state(kind: i16, handle: Handle) -> String {
    let mut state = [0_u16; 6];
    // SAFETY: the state has room for five characters and a 0; the others may be null.
    let code = unsafe {
        SQLGetDiagRecW(
            kind,
            handle,
            1,
            state.as_mut_ptr().cast(),
            null_mut(),
            null_mut(),
            0,
            null_mut(),
        )
    };
    match code {
        SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => String::from_utf16(&state[..5]).unwrap(),
        _ => String::new(),
    }
}

/// Message of the first record; empty when there is none.
pub fn message(kind: i16, handle: Handle) -> String {
    let mut text = [0_u16; 1000];
    let mut length = 0_i16;
    // SAFETY: the buffer has the stated size; the others may be null.
    let code = unsafe {
        SQLGetDiagRecW(
            kind,
            handle,
            1,
            null_mut(),
            null_mut(),
            text.as_mut_ptr().cast(),
            1000,
            &mut length,
        )
    };
    match code {
        SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => {
            let length = usize::try_from(length).unwrap().min(999);
            String::from_utf16(&text[..length]).unwrap()
        }
        _ => String::new(),
    }
}

/// UTF-16 with a 0 at its end.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// A query with three rows of an integer, a varchar(20) and a double.
pub const THREE: &str = "SELECT id, name, x FROM three";
/// A statement that changes four rows.
pub const UPDATE: &str = "INSERT INTO three";

pub const C_CHAR: i16 = 1;
pub const C_WCHAR: i16 = -8;
pub const C_SLONG: i16 = -16;
pub const C_SBIGINT: i16 = -25;
pub const C_DOUBLE: i16 = 8;
