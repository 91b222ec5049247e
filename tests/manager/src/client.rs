//! An application on the manager's C interface: connections, statements, and what they say.

mod browse;

use std::fmt;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::driver;
use crate::odbc::*;

/// One diagnostic record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub state: String,
    pub native: i32,
    pub message: String,
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    pub code: i16,
    pub records: Vec<Diagnostic>,
}

impl Failure {
    /// SQLSTATE of the first record.
    pub fn state(&self) -> &str {
        self.records.first().map_or("", |record| &record.state)
    }

    /// Native error of the first record.
    pub fn native(&self) -> i32 {
        self.records.first().map_or(0, |record| record.native)
    }

    /// Text of the first record.
    pub fn message(&self) -> &str {
        self.records.first().map_or("", |record| &record.message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] {}", self.state(), self.native(), self.message())
    }
}

/// A handle; applications use them from any thread.
#[derive(Debug, Clone, Copy)]
struct Raw {
    kind: i16,
    address: usize,
}

impl Raw {
    fn allocate(kind: i16, parent: Handle) -> Option<Self> {
        let mut out = null_mut();
        // SAFETY: `out` is a place for a handle.
        let code = unsafe { SQLAllocHandle(kind, parent, &mut out) };
        let address = out.expose_provenance();
        (code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO).then_some(Self { kind, address })
    }

    fn handle(self) -> Handle {
        std::ptr::with_exposed_provenance_mut(self.address)
    }

    fn diagnostics(self) -> Vec<Diagnostic> {
        let mut records = Vec::new();
        let mut text = vec![0_u16; 4096];
        for number in 1.. {
            let mut state = [0_u16; 6];
            let (mut native, mut length) = (0, 0);
            // SAFETY: the buffers are as long as said.
            let code = unsafe {
                SQLGetDiagRecW(
                    self.kind,
                    self.handle(),
                    number,
                    state.as_mut_ptr(),
                    &mut native,
                    text.as_mut_ptr(),
                    text.len() as i16,
                    &mut length,
                )
            };
            if code != SQL_SUCCESS && code != SQL_SUCCESS_WITH_INFO {
                break;
            }
            let length = (length.max(0) as usize).min(text.len() - 1);
            records.push(Diagnostic {
                state: String::from_utf16_lossy(&state[..5]),
                native,
                message: String::from_utf16_lossy(&text[..length]),
            });
        }
        records
    }

    /// The code of a call that did not fail.
    fn check(self, code: i16) -> Result<i16, Failure> {
        match code {
            SQL_ERROR | SQL_INVALID_HANDLE => Err(Failure {
                code,
                records: self.diagnostics(),
            }),
            code => Ok(code),
        }
    }
}

/// The environment of the process.
fn environment() -> Raw {
    static ENVIRONMENT: OnceLock<Raw> = OnceLock::new();
    *ENVIRONMENT.get_or_init(|| {
        driver::register();
        let environment = Raw::allocate(SQL_HANDLE_ENV, null_mut()).expect("an environment");
        let version = std::ptr::without_provenance_mut(SQL_OV_ODBC3_80);
        // SAFETY: the value of this attribute is a number.
        let code =
            unsafe { SQLSetEnvAttr(environment.handle(), SQL_ATTR_ODBC_VERSION, version, 0) };
        environment.check(code).expect("ODBC 3.8");
        environment
    })
}

/// An open connection; dropping it disconnects.
#[derive(Debug)]
pub struct Connection {
    raw: Raw,
    /// What connecting had to say.
    pub warnings: Vec<Diagnostic>,
    /// The completed connection string.
    pub completed: String,
}

impl Connection {
    /// SQLDriverConnect.
    pub fn open(text: &str) -> Result<Self, Failure> {
        Self::connect(|handle, completed| {
            let text = wide(text);
            let mut length = 0_i16;
            // SAFETY: the string ends with 0, and the buffer is as long as said.
            let code = unsafe {
                SQLDriverConnectW(
                    handle,
                    null_mut(),
                    text.as_ptr(),
                    SQL_NTS,
                    completed.as_mut_ptr(),
                    completed.len() as i16,
                    &mut length,
                    0,
                )
            };
            (code, length)
        })
    }

    /// SQLConnect.
    pub fn open_source(
        name: &str,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Result<Self, Failure> {
        Self::connect(|handle, _| {
            let name = wide(name);
            let (user, password) = (user.map(wide), password.map(wide));
            let pointer =
                |text: &Option<Vec<u16>>| text.as_ref().map_or(null(), |text| text.as_ptr());
            let length = |text: &Option<Vec<u16>>| if text.is_some() { SQL_NTS } else { 0 };
            // SAFETY: the strings end with 0.
            let code = unsafe {
                SQLConnectW(
                    handle,
                    name.as_ptr(),
                    SQL_NTS,
                    pointer(&user),
                    length(&user),
                    pointer(&password),
                    length(&password),
                )
            };
            (code, 0)
        })
    }

    fn connect(call: impl FnOnce(Handle, &mut [u16]) -> (i16, i16)) -> Result<Self, Failure> {
        let raw = Raw::allocate(SQL_HANDLE_DBC, environment().handle()).expect("a connection");
        let mut completed = vec![0_u16; 4096];
        let (code, length) = call(raw.handle(), &mut completed);
        let checked = raw.check(code);
        if let Err(failure) = checked {
            // SAFETY: the handle is ours, and not used again.
            unsafe { SQLFreeHandle(SQL_HANDLE_DBC, raw.handle()) };
            return Err(failure);
        }
        completed.truncate(length.max(0) as usize);
        Ok(Self {
            raw,
            warnings: match code {
                SQL_SUCCESS_WITH_INFO => raw.diagnostics(),
                _ => Vec::new(),
            },
            completed: String::from_utf16_lossy(&completed),
        })
    }

    pub fn statement(&self) -> Statement<'_> {
        let raw = Raw::allocate(SQL_HANDLE_STMT, self.raw.handle());
        Statement {
            raw: raw.unwrap_or_else(|| panic!("no statement: {:?}", self.raw.diagnostics())),
            warnings: Vec::new(),
            connection: self,
        }
    }

    /// A statement that was executed.
    pub fn run(&self, sql: &str) -> Result<Statement<'_>, Failure> {
        let mut statement = self.statement();
        statement.execute(sql)?;
        Ok(statement)
    }

    /// The rows of a query as text, cell by cell with SQLGetData.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        self.run(sql)?.rest()
    }

    /// SQLDisconnect, whose failure dropping would hide.
    pub fn close(self) -> Result<(), Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLDisconnect(self.raw.handle()) };
        self.raw.check(code).map(drop)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the handle is ours; a second SQLDisconnect is refused, and nothing more.
        unsafe { SQLDisconnect(self.raw.handle()) };
        // SAFETY: the handle is ours, and not used again.
        unsafe { SQLFreeHandle(SQL_HANDLE_DBC, self.raw.handle()) };
    }
}

/// A column as SQLDescribeCol describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    pub sql_type: i16,
    pub size: usize,
    pub digits: i16,
    pub nullable: i16,
}

/// A statement; dropping it frees the handle.
#[derive(Debug)]
pub struct Statement<'c> {
    raw: Raw,
    /// What the last call had to say beside success.
    pub warnings: Vec<Diagnostic>,
    connection: &'c Connection,
}

/// The means to cancel a statement from another thread.
#[derive(Debug, Clone, Copy)]
pub struct Canceller(Raw);

impl Canceller {
    /// SQLCancel.
    pub fn cancel(self) -> i16 {
        // SAFETY: a handle that was freed is refused.
        unsafe { SQLCancel(self.0.handle()) }
    }
}

impl Statement<'_> {
    pub fn canceller(&self) -> Canceller {
        Canceller(self.raw)
    }

    /// The driver's own handle, for [`crate::driver::cancel`].
    pub fn driver_handle(&self) -> usize {
        let mut handle = self.raw.handle();
        let connection = self.connection.raw.handle();
        let (place, size) = ((&raw mut handle).cast(), size_of::<Handle>() as i16);
        // SAFETY: the place holds a handle, and gets another.
        let code = unsafe { SQLGetInfoW(connection, SQL_DRIVER_HSTMT, place, size, null_mut()) };
        assert_eq!(code, SQL_SUCCESS);
        handle.expose_provenance()
    }

    fn check(&mut self, code: i16) -> Result<i16, Failure> {
        self.warnings = match code {
            SQL_SUCCESS_WITH_INFO => self.raw.diagnostics(),
            _ => Vec::new(),
        };
        self.raw.check(code)
    }

    /// SQLExecDirect.
    pub fn execute(&mut self, sql: &str) -> Result<i16, Failure> {
        let sql = wide(sql);
        // SAFETY: the string ends with 0.
        let code = unsafe { SQLExecDirectW(self.raw.handle(), sql.as_ptr(), SQL_NTS.into()) };
        self.check(code)
    }

    /// SQLExecDirect of an application that uses narrow strings.
    pub fn execute_narrow(&mut self, sql: &str) -> Result<i16, Failure> {
        // SAFETY: the string is as long as said.
        let code = unsafe { SQLExecDirect(self.raw.handle(), sql.as_ptr(), sql.len() as i32) };
        self.check(code)
    }

    /// SQLPrepare.
    pub fn prepare(&mut self, sql: &str) -> Result<i16, Failure> {
        let sql = wide(sql);
        // SAFETY: the string ends with 0.
        let code =
            ended(|| unsafe { SQLPrepareW(self.raw.handle(), sql.as_ptr(), SQL_NTS.into()) });
        self.check(code)
    }

    /// SQLExecute.
    pub fn execute_prepared(&mut self) -> Result<i16, Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLExecute(self.raw.handle()) };
        self.check(code)
    }

    /// SQLNumResultCols.
    pub fn column_count(&mut self) -> Result<u16, Failure> {
        let mut count = 0;
        // SAFETY: `count` is a place for a number.
        let code = ended(|| unsafe { SQLNumResultCols(self.raw.handle(), &mut count) });
        self.check(code).map(|_| count as u16)
    }

    /// SQLDescribeCol; columns count from 1.
    pub fn describe(&mut self, column: u16) -> Result<Described, Failure> {
        let mut name = [0_u16; 256];
        let (mut length, mut sql_type, mut size, mut digits, mut nullable) = (0, 0, 0, 0, 0);
        // SAFETY: the buffer is as long as said, the others are places for numbers.
        let code = unsafe {
            SQLDescribeColW(
                self.raw.handle(),
                column,
                name.as_mut_ptr(),
                name.len() as i16,
                &mut length,
                &mut sql_type,
                &mut size,
                &mut digits,
                &mut nullable,
            )
        };
        self.check(code)?;
        Ok(Described {
            name: String::from_utf16_lossy(&name[..length as usize]),
            sql_type,
            size,
            digits,
            nullable,
        })
    }

    /// SQLRowCount.
    pub fn row_count(&mut self) -> Result<isize, Failure> {
        let mut count = 0;
        // SAFETY: `count` is a place for a number.
        let code = unsafe { SQLRowCount(self.raw.handle(), &mut count) };
        self.check(code).map(|_| count)
    }

    /// SQLFetch; `false` at the end.
    pub fn fetch(&mut self) -> Result<bool, Failure> {
        // SAFETY: nothing is bound.
        let code = ended(|| unsafe { SQLFetch(self.raw.handle()) });
        self.check(code).map(|code| code != SQL_NO_DATA)
    }

    /// SQLFetchScroll; `false` before the start and after the end.
    pub fn scroll(&mut self, orientation: i16, offset: isize) -> Result<bool, Failure> {
        // SAFETY: nothing is bound.
        let code = unsafe { SQLFetchScroll(self.raw.handle(), orientation, offset) };
        self.check(code).map(|code| code != SQL_NO_DATA)
    }

    /// SQLMoreResults; `false` when there are none.
    pub fn more_results(&mut self) -> Result<bool, Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLMoreResults(self.raw.handle()) };
        self.check(code).map(|code| code != SQL_NO_DATA)
    }

    /// SQLCloseCursor.
    pub fn close_cursor(&mut self) -> Result<i16, Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLCloseCursor(self.raw.handle()) };
        self.check(code)
    }

    /// SQLFreeStmt(SQL_CLOSE).
    pub fn close(&mut self) -> Result<i16, Failure> {
        // SAFETY: the handle is ours.
        let code = unsafe { SQLFreeStmt(self.raw.handle(), SQL_CLOSE) };
        self.check(code)
    }

    /// SQLSetStmtAttr of a number.
    pub fn set_attribute(&mut self, attribute: i32, value: usize) -> Result<i16, Failure> {
        let value = std::ptr::without_provenance_mut(value);
        // SAFETY: the attribute's value is a number.
        let code = unsafe { SQLSetStmtAttrW(self.raw.handle(), attribute, value, 0) };
        self.check(code)
    }

    /// SQLGetStmtAttr of a 64-bit number.
    pub fn number_attribute(&mut self, attribute: i32) -> Result<u64, Failure> {
        let mut value = 0_u64;
        let place = (&raw mut value).cast();
        // SAFETY: `value` is a place for 8 bytes.
        let code = unsafe { SQLGetStmtAttrW(self.raw.handle(), attribute, place, 8, null_mut()) };
        self.check(code).map(|_| value)
    }

    /// SQLGetStmtAttr of a text.
    pub fn text_attribute(&mut self, attribute: i32) -> Result<String, Failure> {
        let mut text = [0_u16; 256];
        let mut length = 0;
        // SAFETY: the buffer is as long as said, in bytes.
        let code = unsafe {
            SQLGetStmtAttrW(
                self.raw.handle(),
                attribute,
                text.as_mut_ptr().cast(),
                size_of_val(&text) as i32,
                &mut length,
            )
        };
        self.check(code)?;
        Ok(String::from_utf16_lossy(&text[..length as usize / 2]))
    }

    /// One call of SQLGetData: its code and indicator, with the bytes in `out`.
    pub fn get_data(
        &mut self,
        column: u16,
        c_type: i16,
        out: &mut [u8],
    ) -> Result<(i16, isize), Failure> {
        let mut indicator = 0;
        // SAFETY: the buffer is as long as said.
        let code = unsafe {
            SQLGetData(
                self.raw.handle(),
                column,
                c_type,
                out.as_mut_ptr().cast(),
                out.len() as isize,
                &mut indicator,
            )
        };
        self.check(code).map(|code| (code, indicator))
    }

    /// A value of `N` bytes; `None` for NULL.
    pub fn fixed<const N: usize>(
        &mut self,
        column: u16,
        c_type: i16,
    ) -> Result<Option<[u8; N]>, Failure> {
        let mut out = [0; N];
        let (_, indicator) = self.get_data(column, c_type, &mut out)?;
        Ok((indicator != SQL_NULL_DATA).then_some(out))
    }

    /// A value as wide text, in as many parts as it takes; `None` for NULL.
    pub fn text(&mut self, column: u16) -> Result<Option<String>, Failure> {
        let units = self.wide_parts(column, 512)?;
        Ok(units.map(|units| String::from_utf16(&units).expect("the parts are UTF-16")))
    }

    /// The UTF-16 units of a value, fetched with a buffer of `capacity` units. As applications do,
    /// takes it that a part that is not the last fills the buffer but for the terminator.
    pub fn wide_parts(
        &mut self,
        column: u16,
        capacity: usize,
    ) -> Result<Option<Vec<u16>>, Failure> {
        let mut out = vec![0; capacity * 2];
        let mut units = Vec::new();
        loop {
            let (code, indicator) = self.get_data(column, SQL_C_WCHAR, &mut out)?;
            if code == SQL_NO_DATA {
                return Ok(Some(units));
            }
            if indicator == SQL_NULL_DATA {
                return Ok(None);
            }
            let room = (capacity - 1) * 2;
            let length = usize::try_from(indicator).map_or(room, |length| length.min(room));
            let part = out[..length].chunks_exact(2);
            units.extend(part.map(|pair| u16::from_ne_bytes([pair[0], pair[1]])));
            if code == SQL_SUCCESS {
                return Ok(Some(units));
            }
            assert!(units.len() < ENDLESS, "the parts do not end");
        }
    }

    /// A value as bytes of `c_type`, in parts that fill a buffer of `capacity` bytes.
    pub fn byte_parts(
        &mut self,
        column: u16,
        c_type: i16,
        capacity: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let terminator = usize::from(c_type == SQL_C_CHAR);
        let mut out = vec![0; capacity];
        let mut bytes = Vec::new();
        loop {
            let (code, indicator) = self.get_data(column, c_type, &mut out)?;
            if code == SQL_NO_DATA {
                return Ok(Some(bytes));
            }
            if indicator == SQL_NULL_DATA {
                return Ok(None);
            }
            let room = capacity - terminator;
            let length = usize::try_from(indicator).map_or(room, |length| length.min(room));
            bytes.extend_from_slice(&out[..length]);
            if code == SQL_SUCCESS {
                return Ok(Some(bytes));
            }
            assert!(bytes.len() < ENDLESS, "the parts do not end");
        }
    }

    /// The rows that are left, as text.
    pub fn rest(&mut self) -> Result<Vec<Vec<Option<String>>>, Failure> {
        let columns = self.column_count()?;
        let mut rows = Vec::new();
        while self.fetch()? {
            let cells = (1..=columns).map(|column| self.text(column));
            rows.push(cells.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(rows)
    }
}

impl Drop for Statement<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is ours, and not used again.
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, self.raw.handle()) };
    }
}

/// The code of a call, made until an asynchronous statement has ended it.
fn ended(mut call: impl FnMut() -> i16) -> i16 {
    loop {
        let code = call();
        if code != SQL_STILL_EXECUTING {
            return code;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// UTF-16 with a 0 at its end.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Attributes of `include/trino_odbc.h`.
pub const QUERY_ID: i32 = 0x4000;
pub const RETRIEVAL_MODE: i32 = 0x4003;
pub const SEGMENTS_SPOOLED: i32 = 0x4005;
pub const SEGMENTS_SPILLED: i32 = 0x400a;

/// No value of a test is longer.
const ENDLESS: usize = 1 << 16;
