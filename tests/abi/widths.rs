//! How many bytes a number takes where an application has a place for it: as many as the reference gives its type, and
//! not one more.

use std::ffi::c_void;
use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// SQLULEN, SQLLEN and addresses.
const WORD: usize = size_of::<usize>();

/// Has `get` write to the middle of a buffer, with a place for the length. How many bytes it wrote and said that it
/// wrote, and the number that they are; `None` when the call failed or wrote text.
fn written(get: impl Fn(*mut c_void, *mut i32) -> SqlReturn) -> Option<(usize, u64)> {
    let sizes = [0x00, 0xEE].map(|canary: u8| {
        let (mut place, mut length) = ([canary; 48], -1);
        // SAFETY: within the buffer.
        let middle = unsafe { place.as_mut_ptr().add(16) };
        if !matches!(get(middle.cast(), &mut length), SQL_SUCCESS) {
            return None;
        }
        assert!(place[..16].iter().all(|byte| *byte == canary));
        let end = place.iter().rposition(|byte| *byte != canary);
        let size = end.map_or(0, |end| end + 1 - 16);
        let number = u64::from_le_bytes(place[16..24].try_into().unwrap());
        Some((size, number, length))
    });
    let [Some((first, number, _)), Some((second, _, length))] = sizes else {
        return None;
    };
    let size = first.max(second);
    assert_eq!(
        usize::try_from(length).ok(),
        Some(size),
        "the length that is told"
    );
    Some((size, number))
}

#[test]
fn attributes_of_connections_are_as_wide_as_their_types() {
    let wide = [
        SQL_ATTR_ODBC_CURSORS,
        SQL_ATTR_QUIET_MODE,
        SQL_ATTR_ASYNC_ENABLE,
        SQL_ATTR_ASYNC_DBC_PCALLBACK,
        SQL_ATTR_ASYNC_DBC_PCONTEXT,
        SQL_ATTR_TRINO_SIGN_IN_CALLBACK,
        SQL_ATTR_TRINO_SIGN_IN_CONTEXT,
    ];
    let narrow = [
        SQL_ATTR_ACCESS_MODE,
        SQL_ATTR_AUTOCOMMIT,
        SQL_ATTR_LOGIN_TIMEOUT,
        SQL_ATTR_TRACE,
        SQL_ATTR_TXN_ISOLATION,
        SQL_ATTR_PACKET_SIZE,
        SQL_ATTR_CONNECTION_TIMEOUT,
        SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE,
        SQL_ATTR_CONNECTION_DEAD,
        SQL_ATTR_AUTO_IPD,
        SQL_ATTR_METADATA_ID,
    ];
    let application = Application::start();
    let known: Vec<i32> = numbers()
        .filter(|attribute| *attribute != SQL_ATTR_CURRENT_CATALOG)
        .filter(|attribute| *attribute != SQL_ATTR_TRINO_ROUTING_GROUP)
        .filter(|attribute| {
            let get = |value, length: *mut i32| {
                // SAFETY: a place for any number, and one for its length.
                unsafe { SQLGetConnectAttrW(application.connection, *attribute, value, 0, length) }
            };
            let Some((size, number)) = written(get) else {
                return false;
            };
            // Options of ODBC 2's statements are SQLULEN, as they are of statements.
            let expected = match narrow.contains(attribute) {
                true => 4,
                false => WORD,
            };
            assert_eq!(size, expected, "{attribute}");
            assert!(number < 1 << 20, "{attribute}: {number:x}");
            true
        })
        .collect();
    for attribute in wide.iter().chain(&narrow) {
        assert!(known.contains(attribute), "{attribute}");
    }
    let others = known.iter().filter(|attribute| **attribute >= 100);
    let others = others.filter(|attribute| !wide.contains(attribute));
    assert!(others.eq(narrow_in_order(&narrow).iter()), "{known:?}");
}

fn narrow_in_order(attributes: &[i32]) -> Vec<i32> {
    let mut attributes = attributes.to_vec();
    attributes.sort_unstable();
    attributes
}

#[test]
fn what_stands_beside_a_number_of_32_bits_is_not_taken_for_it() {
    let application = Application::start();
    let value = |number: u32| {
        let number = number as usize;
        let beside = 0xDEAD_BEEF_usize.checked_shl(32).unwrap_or(0);
        let beside = if WORD == 8 { beside } else { 0 };
        std::ptr::without_provenance_mut::<c_void>(beside | number)
    };
    for (attribute, number) in [
        (SQL_ATTR_AUTOCOMMIT, 0),
        (SQL_ATTR_TXN_ISOLATION, SQL_TXN_SERIALIZABLE),
        (SQL_ATTR_ACCESS_MODE, 1),
        (SQL_ATTR_CONNECTION_TIMEOUT, 7),
        (SQL_ATTR_LOGIN_TIMEOUT, 8),
        (SQL_ATTR_METADATA_ID, 1),
    ] {
        let connection = application.connection;
        let mut got = 0_u32;
        let place = (&raw mut got).cast();
        // SAFETY: a number, and a place for one.
        unsafe {
            let code = SQLSetConnectAttrW(connection, attribute, value(number), 0);
            assert_eq!(code, SQL_SUCCESS, "{attribute}");
            SQLGetConnectAttrW(connection, attribute, place, 0, null_mut());
        }
        assert_eq!(got, number, "{attribute}");
    }
}

#[test]
fn attributes_of_statements_are_as_wide_as_their_types() {
    let application = Application::start();
    application.set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let known = numbers().filter(|attribute| {
        let is_text = [
            SQL_ATTR_TRINO_QUERY_ID,
            SQL_ATTR_TRINO_QUERY_STATE,
            SQL_ATTR_TRINO_RETRIEVAL_MODE,
            SQL_ATTR_TRINO_ENCODING,
        ];
        if is_text.contains(attribute) {
            return false;
        }
        let get = |value, length: *mut i32| {
            // SAFETY: a place for any number, and one for its length.
            unsafe { SQLGetStmtAttrW(application.statement, *attribute, value, 0, length) }
        };
        let Some((size, _)) = written(get) else {
            return false;
        };
        let is_ours = *attribute >= SQL_DRIVER_STMT_ATTR_BASE;
        assert_eq!(size, if is_ours { 8 } else { WORD }, "{attribute}");
        true
    });
    assert!(known.count() > 45);
}

#[test]
fn attributes_of_environments_have_32_bits() {
    let environment = environment();
    let known = [
        SQL_ATTR_ODBC_VERSION,
        SQL_ATTR_OUTPUT_NTS,
        SQL_ATTR_CONNECTION_POOLING,
        SQL_ATTR_CP_MATCH,
        SQL_ATTR_DRIVER_UNICODE_TYPE,
    ];
    for attribute in known {
        let get = |value, length: *mut i32| {
            // SAFETY: a place for any number, and one for its length.
            unsafe { SQLGetEnvAttr(environment, attribute, value, 0, length) }
        };
        assert_eq!(written(get).map(|(size, _)| size), Some(4), "{attribute}");
    }
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
}

#[test]
fn fields_of_descriptors_are_as_wide_as_their_types() {
    let application = Application::start();
    let (mut names, mut lengths) = ([[0_u8; 8]; 1], [0]);
    application.bind(1, C_CHAR, &mut names, 8, &mut lengths);
    let mut text = *b"1\0";
    // SAFETY: what is bound outlives the execution.
    unsafe {
        let (data, length) = (text.as_mut_ptr().cast(), null_mut());
        SQLBindParameter(
            application.statement,
            1,
            1,
            C_CHAR,
            12,
            5,
            0,
            data,
            2,
            length,
        );
    }
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let mut known = Vec::new();
    for attribute in SQL_ATTR_APP_ROW_DESC..=SQL_ATTR_IMP_PARAM_DESC {
        let descriptor = std::ptr::without_provenance_mut(application.get(attribute));
        for (field, size) in FIELDS {
            let get = |value, length: *mut i32| {
                // SAFETY: a place for any number, and one for its length.
                unsafe { SQLGetDescFieldW(descriptor, 1, *field, value, 0, length) }
            };
            if let Some((written, _)) = written(get) {
                assert_eq!(written, *size, "{field}");
                known.push(*field);
            }
        }
    }
    for (field, _) in FIELDS {
        assert!(known.contains(field), "{field}");
    }
}

#[test]
fn attributes_of_columns_are_all_an_sqllen() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let known = (0..1100).filter(|field| {
        let get = |value: *mut c_void, length: *mut i32| {
            let (text, no_length) = (null_mut(), null_mut());
            let statement = application.statement;
            // SAFETY: a place for any number, and one for its length.
            unsafe {
                length.write(WORD as i32);
                let number = value.cast();
                SQLColAttributeW(statement, 1, *field, text, 0, no_length, number)
            }
        };
        // Text is written nowhere, and so is no number.
        written_or_text(get)
            .inspect(|size| assert_eq!(*size, WORD, "{field}"))
            .is_some()
    });
    assert!(known.count() > 20);
}

/// As [`written`]; `None` also where nothing was written.
fn written_or_text(get: impl Fn(*mut c_void, *mut i32) -> SqlReturn) -> Option<usize> {
    let mut place = [0xEE_u8; 8];
    let code = get(place.as_mut_ptr().cast(), &mut 0);
    let wrote = code == SQL_SUCCESS && place != [0xEE; 8];
    wrote.then(|| written(get).map(|(size, _)| size))?
}

#[test]
fn a_row_of_a_rowset_is_as_wide_as_the_headers_have_it() {
    type SetPos = unsafe extern "system" fn(Handle, SqlSetPosIRow, u16, u16) -> SqlReturn;
    let _: SetPos = SQLSetPos;
    assert_eq!(size_of::<SqlSetPosIRow>(), if WORD == 8 { 8 } else { 2 });
}

#[test]
fn of_a_buffer_that_iodbc_has_made_itself_a_quarter_is_written_at_most() {
    let server = scripted_trino::Server::start();
    let environment = environment();
    let string = format!(
        "Host=127.0.0.1;Port={};User=u;ValidateConnection=0;ClientInfo={}\0",
        server.port(),
        "x".repeat(5000)
    );
    let string: Vec<u32> = string.chars().map(u32::from).collect();
    for (said, room, code) in [
        // Its 8,192 bytes, which it says for characters.
        (8192, 2048, SQL_SUCCESS_WITH_INFO),
        // An application's own.
        (8191, 8191, SQL_SUCCESS),
        (2048, 2048, SQL_SUCCESS_WITH_INFO),
    ] {
        let connection = allocate(SQL_HANDLE_DBC, environment);
        let kind = std::ptr::without_provenance_mut(SQL_DM_CP_UCS4 as usize);
        let mut out = vec![0xEEEE_EEEE_u32; room + 8];
        let mut length = 0;
        // SAFETY: the string ends with 0, and the buffer has the room that iODBC's has, or an application's.
        let connected = unsafe {
            SQLSetConnectAttrW(connection, SQL_ATTR_APP_WCHAR_TYPE, kind, 0);
            SQLDriverConnectW(
                connection,
                null_mut(),
                string.as_ptr().cast(),
                SQL_NTS as i16,
                out.as_mut_ptr().cast(),
                said,
                &mut length,
                SQL_DRIVER_NOPROMPT,
            )
        };
        assert_eq!(connected, code, "{said}");
        assert!(length > 5000);
        assert_eq!(out[room..], [0xEEEE_EEEE; 8], "{said}");
        let end = out.iter().position(|unit| *unit == 0).unwrap();
        assert_eq!(end, (length as usize).min(room - 1), "{said}");
        // SAFETY: freed once.
        unsafe {
            SQLDisconnect(connection);
            SQLFreeHandle(SQL_HANDLE_DBC, connection);
        }
    }
    // SAFETY: freed once.
    unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) };
}

/// Where attributes are: the standard's, iODBC's and the driver's own.
fn numbers() -> impl Iterator<Item = i32> {
    (-10..130)
        .chain(1000..1300)
        .chain(9_990..10_100)
        .chain(SQL_DRIVER_CONN_ATTR_BASE..SQL_DRIVER_CONN_ATTR_BASE + 0x400)
}

/// Fields that are numbers or addresses, and the sizes of their types.
const FIELDS: &[(i16, usize)] = &[
    (SQL_DESC_ALLOC_TYPE, 2),
    (SQL_DESC_ARRAY_SIZE, WORD),
    (SQL_DESC_ARRAY_STATUS_PTR, WORD),
    (SQL_DESC_BIND_OFFSET_PTR, WORD),
    (SQL_DESC_BIND_TYPE, 4),
    (SQL_DESC_COUNT, 2),
    (SQL_DESC_ROWS_PROCESSED_PTR, WORD),
    (SQL_DESC_AUTO_UNIQUE_VALUE, 4),
    (SQL_DESC_CASE_SENSITIVE, 4),
    (SQL_DESC_CONCISE_TYPE, 2),
    (SQL_DESC_DATA_PTR, WORD),
    (SQL_DESC_DATETIME_INTERVAL_CODE, 2),
    (SQL_DESC_DATETIME_INTERVAL_PRECISION, 4),
    (SQL_DESC_DISPLAY_SIZE, WORD),
    (SQL_DESC_FIXED_PREC_SCALE, 2),
    (SQL_DESC_INDICATOR_PTR, WORD),
    (SQL_DESC_LENGTH, WORD),
    (SQL_DESC_NULLABLE, 2),
    (SQL_DESC_NUM_PREC_RADIX, 4),
    (SQL_DESC_OCTET_LENGTH, WORD),
    (SQL_DESC_OCTET_LENGTH_PTR, WORD),
    (SQL_DESC_PARAMETER_TYPE, 2),
    (SQL_DESC_PRECISION, 2),
    (SQL_DESC_ROWVER, 2),
    (SQL_DESC_SCALE, 2),
    (SQL_DESC_SEARCHABLE, 2),
    (SQL_DESC_TYPE, 2),
    (SQL_DESC_UNNAMED, 2),
    (SQL_DESC_UNSIGNED, 2),
    (SQL_DESC_UPDATABLE, 2),
];
