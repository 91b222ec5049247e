//! Work of which the cost may grow with its size, but not faster: each piece is done at several sizes, and what a unit of
//! it costs must stay.

use std::convert::Infallible;
use std::ffi::c_void;
use std::hint::black_box;
use std::ptr::null_mut;
use std::sync::Arc;

use trino_client::columns::{Chunk, ChunkSource, Column, ColumnInfo, Type, Values};
use trino_client::decode::RowDecoder;
use trino_client::runtime::Wait;
use trino_client::sql;
use trinoodbc::abi::*;
use trinoodbc::catalog::Limits;
use trinoodbc::convert::{Format, Progress, part};
use trinoodbc::cursor::{Cursor, Motion, StoreLimits};
use trinoodbc::descriptor::{Descriptor, Role};
use trinoodbc::diagnostics::{Diagnostics, Record, SqlState};
use trinoodbc::escape;
use trinoodbc::ffi::*;

use super::opened;

/// What grows.
#[derive(Clone, Copy)]
pub struct Growth {
    pub name: &'static str,
    prepare: Prepare,
}

type Prepare = fn(usize) -> Work;

/// A piece of it, which can be done again and again.
pub struct Work {
    pub units: usize,
    pub run: Box<dyn FnMut()>,
}

impl Growth {
    /// The piece of a size.
    pub fn of_size(&self, size: usize) -> Work {
        (self.prepare)(size)
    }
}

/// The sizes at which each is done.
pub const SIZES: [usize; 3] = [1, 4, 16];

/// All of them.
pub fn all() -> Vec<Growth> {
    let all: [(&str, Prepare); 12] = [
        ("parts-wide", |size| parts(size, CType::WChar)),
        ("parts-narrow", |size| parts(size, CType::Char)),
        ("parts-binary", |size| parts(size, CType::Binary)),
        ("put-data", put_data),
        ("parameters", parameters),
        ("statement", statement),
        ("records", records),
        ("columns", columns),
        ("handles", handles),
        ("scrolling", scrolling),
        ("rowset", rowset),
        ("zones", zones),
    ];
    let all = all.into_iter();
    all.map(|(name, prepare)| Growth { name, prepare })
        .collect()
}

fn work(units: usize, run: impl FnMut() + 'static) -> Work {
    Work {
        units,
        run: Box::new(run),
    }
}

/// A long value by SQLGetData in parts of 4 KB; the unit is a byte of it.
fn parts(size: usize, c_type: CType) -> Work {
    let text = "zażółć ".repeat(size * 4096);
    let units = text.len();
    let column = Column {
        values: Values::Text([text].into_iter().collect()),
        nulls: None,
    };
    let format = Format::default();
    let mut out = vec![0; 4096];
    work(units, move || {
        let mut progress = Progress::default();
        while !progress.finished() {
            let given = part(
                &column,
                0,
                c_type.into(),
                &format,
                &mut progress,
                black_box(&mut out),
            );
            given.expect("text converts");
        }
    })
}

/// A parameter by SQLPutData in parts of 4 KB; the unit is a part.
fn put_data(size: usize) -> Work {
    let statement = opened::statement();
    let parts = size * 16;
    prepare(statement, "SELECT ?");
    let later = Box::leak(Box::new(SQL_DATA_AT_EXEC));
    // SAFETY: the length is never freed, and a value that comes later has no buffer.
    let code = unsafe {
        SQLBindParameter(
            statement,
            1,
            SQL_PARAM_INPUT,
            SQL_C_WCHAR,
            SQL_WVARCHAR,
            0,
            0,
            std::ptr::without_provenance_mut(1),
            0,
            later,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    let mut part = vec![u16::from(b'x'); 2048];
    work(parts, move || {
        let mut address = null_mut();
        // SAFETY: handles, and a buffer of the length that is told.
        unsafe {
            assert_eq!(SQLExecute(statement), SQL_NEED_DATA);
            assert_eq!(SQLParamData(statement, &mut address), SQL_NEED_DATA);
            for _ in 0..parts {
                let data = part.as_mut_ptr().cast();
                assert_eq!(SQLPutData(statement, data, 4096), SQL_SUCCESS);
            }
            SQLCancel(statement);
        }
    })
}

/// A statement with many parameters: counted and bound; the unit is a parameter.
fn parameters(size: usize) -> Work {
    let statement = opened::statement();
    let count = size * 256;
    let sql = format!("INSERT INTO t VALUES (?{})", ", ?".repeat(count - 1));
    let value = Box::leak(Box::new(0_i32));
    work(count, move || {
        prepare(statement, &sql);
        for number in 1..=count as u16 {
            let mut told = 0;
            // SAFETY: the value is never freed.
            unsafe {
                assert_eq!(SQLNumParams(statement, &mut told), SQL_SUCCESS);
                let code = SQLBindParameter(
                    statement,
                    number,
                    SQL_PARAM_INPUT,
                    SQL_C_SLONG,
                    SQL_INTEGER,
                    0,
                    0,
                    std::ptr::from_mut::<i32>(value).cast(),
                    0,
                    null_mut(),
                );
                assert_eq!(code, SQL_SUCCESS);
            }
        }
    })
}

/// A long statement through all that reads it before it is sent; the unit is a byte.
fn statement(size: usize) -> Work {
    let piece =
        "{fn UCASE('it''s')}, \"a?\", {ts '2024-02-29 12:00:00'}, -- why?\n (1 + ?) /* { */, ";
    let text = format!("SELECT {} 1;", piece.repeat(size * 128));
    work(text.len(), move || {
        let translated = escape::translate(black_box(&text)).expect("the escapes are right");
        let statement = sql::Statement::parse(&translated);
        assert_eq!(statement.second(), None);
        black_box(statement);
    })
}

/// Diagnostic records of a rowset: what failed in each row, column by column, and that the row did. The unit is a row.
fn records(size: usize) -> Work {
    let rows = size * 512;
    let record = |row, state, message: &str| Record {
        row: Some(row),
        ..Record::new(state, message)
    };
    let mut all = Vec::new();
    for _column in 0..2 {
        all.extend((1..=rows).map(|row| record(row, SqlState::GENERAL_ERROR, "it fails")));
    }
    all.extend((1..=rows).map(|row| record(row, SqlState::ERROR_IN_ROW, "it has errors")));
    let mut area = Diagnostics::default();
    work(rows, move || {
        area.clear();
        area.extend(all.iter().cloned());
        let length: usize = area.records().iter().map(|it| it.text().len()).sum();
        black_box(length);
    })
}

/// A result of many columns: described, and bound one by one; the unit is a column.
fn columns(size: usize) -> Work {
    let count = size * 200;
    let infos: Vec<_> = (0..count)
        .map(|number| ColumnInfo {
            name: format!("column {number}"),
            kind: Type::BigInt,
        })
        .collect();
    let mut descriptor = Descriptor::new(Role::ImplementationRow, false);
    let statement = opened::statement();
    let value = Box::leak(Box::new(0_i64));
    work(count, move || {
        descriptor.describe(&infos, &[], &Limits::default());
        for number in 1..=count {
            let name = descriptor.column_attribute(number, SQL_DESC_NAME);
            black_box(name.expect("columns have names"));
        }
        let bind = |data: *mut c_void| {
            for number in 1..=count as u16 {
                // SAFETY: nothing is fetched, and the value is never freed.
                let code =
                    unsafe { SQLBindCol(statement, number, SQL_C_SBIGINT, data, 8, null_mut()) };
                assert_eq!(code, SQL_SUCCESS);
            }
        };
        bind(std::ptr::from_mut::<i64>(value).cast());
        bind(null_mut());
    })
}

/// Statements and descriptors of one connection: allocated, and freed in that order; the unit is a pair.
fn handles(size: usize) -> Work {
    let connection = opened::connection();
    let count = size * 256;
    let mut all = Vec::with_capacity(2 * count);
    work(count, move || {
        for _ in 0..count {
            for kind in [SQL_HANDLE_STMT, SQL_HANDLE_DESC] {
                all.push((kind, opened::allocate(kind, connection)));
            }
        }
        for (kind, handle) in all.drain(..) {
            // SAFETY: each handle is freed once.
            assert_eq!(unsafe { SQLFreeHandle(kind, handle) }, SQL_SUCCESS);
        }
    })
}

/// Chunks of a few rows.
struct Chunks(Arc<Chunk>, usize);

impl Chunks {
    fn cursor(count: usize) -> Cursor<Infallible> {
        let column = Column {
            values: Values::Int64(vec![7; ROWS]),
            nulls: None,
        };
        let chunk = Chunk::new(ROWS, vec![column]).expect("one length");
        Cursor::new(Box::new(Self(Arc::new(chunk), count)), 0)
    }
}

impl ChunkSource for Chunks {
    type Error = Infallible;
    type Wait = Wait;

    fn next(&mut self, _: &Wait) -> Result<Option<Arc<Chunk>>, Infallible> {
        let more = self.1.checked_sub(1);
        self.1 = more.unwrap_or_default();
        Ok(more.map(|_| Arc::clone(&self.0)))
    }
}

/// A scrollable cursor to the end and back, row by row; the unit is a row.
fn scrolling(size: usize) -> Work {
    let chunks = size * 64;
    work(chunks * ROWS, move || {
        let room = StoreLimits {
            memory: u64::MAX,
            disk: 0,
            folder: None,
        };
        let mut cursor = Chunks::cursor(chunks).scrollable(room);
        let mut motion = Motion::Last;
        while cursor
            .scroll(motion, 1, Wait::default)
            .expect("it has room")
            .rows
            > 0
        {
            motion = Motion::Prior;
        }
    })
}

/// One rowset of many chunks, of which each row is looked up; the unit is a row.
fn rowset(size: usize) -> Work {
    let rows = size * 64 * ROWS;
    let mut cursor = Chunks::cursor(size * 64);
    let given = cursor.advance(rows, Wait::default).expect("there are rows");
    assert_eq!(given, rows);
    work(rows, move || {
        for row in 0..rows {
            let (_, place) = cursor.rowset().locate(row).expect("it is there");
            black_box(place);
        }
    })
}

/// Timestamps of ever more zones; the unit is a row.
fn zones(size: usize) -> Work {
    let count = size * 100;
    let mut json = b"[".to_vec();
    for row in 0..count * 4 {
        let (hours, minutes) = (row % count / 60 % 14, row % count % 60);
        let sign = if row % count < 840 { '+' } else { '-' };
        let comma = if row == 0 { "" } else { "," };
        let text = format!("{comma}[\"2024-02-29 12:00:00.000 {sign}{hours:02}:{minutes:02}\"]");
        json.extend_from_slice(text.as_bytes());
    }
    json.push(b']');
    let kind = Type::TimestampWithTimeZone { precision: 3 };
    let mut decoder = RowDecoder::new(Arc::from([kind]));
    work(count * 4, move || {
        let chunk = decoder.decode(black_box(&json), count * 4);
        drop(black_box(chunk.expect("the rows are right")));
    })
}

fn prepare(statement: *mut c_void, sql: &str) {
    let text: Vec<u16> = sql.encode_utf16().chain([0]).collect();
    // SAFETY: the text ends with 0.
    let code = unsafe { SQLPrepareW(statement, text.as_ptr().cast(), SQL_NTS as i32) };
    assert_eq!(code, SQL_SUCCESS);
}

/// Rows of a small chunk.
const ROWS: usize = 16;
