//! Attributes of environments, connections and statements.

use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

#[test]
fn an_environment_has_a_version_that_is_set_first() {
    let environment = allocate(SQL_HANDLE_ENV, null_mut());
    for version in [SQL_OV_ODBC3, SQL_OV_ODBC2, SQL_OV_ODBC3_80] {
        let value = std::ptr::without_provenance_mut(version);
        let mut got = 0_i32;
        // SAFETY: a number, and a place for one.
        unsafe {
            assert_eq!(
                SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, value, 0),
                SQL_SUCCESS
            );
            let place = (&raw mut got).cast();
            let code = SQLGetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, place, 4, null_mut());
            assert_eq!(code, SQL_SUCCESS);
        }
        assert_eq!(got as usize, version);
    }
    let value = std::ptr::without_provenance_mut(17);
    // SAFETY: a number.
    let code = unsafe { SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, value, 0) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_ENV, environment), "HY024");
    // SAFETY: freed once.
    assert_eq!(
        unsafe { SQLFreeHandle(SQL_HANDLE_ENV, environment) },
        SQL_SUCCESS
    );
}

#[test]
fn statements_keep_what_is_set() {
    let application = Application::start();
    for (attribute, value) in [
        (SQL_ATTR_QUERY_TIMEOUT, 30),
        (SQL_ATTR_MAX_ROWS, 5),
        (SQL_ATTR_NOSCAN, 1),
        (SQL_ATTR_ROW_ARRAY_SIZE, 64),
        (SQL_ATTR_ROW_BIND_TYPE, 48),
    ] {
        assert_eq!(
            application.set(attribute, value),
            SQL_SUCCESS,
            "{attribute}"
        );
        assert_eq!(application.get(attribute), value, "{attribute}");
    }
}

#[test]
fn statements_start_with_the_standards_defaults() {
    let application = Application::start();
    for (attribute, value) in [
        (SQL_ATTR_QUERY_TIMEOUT, 0),
        (SQL_ATTR_MAX_ROWS, 0),
        (SQL_ATTR_ROW_ARRAY_SIZE, 1),
        (SQL_ATTR_ROW_BIND_TYPE, 0),
        (SQL_ATTR_CURSOR_TYPE, 0),
        (SQL_ATTR_CONCURRENCY, 1),
        (SQL_ATTR_RETRIEVE_DATA, 1),
    ] {
        assert_eq!(application.get(attribute), value, "{attribute}");
    }
}

#[test]
fn values_are_given_whole_and_a_limit_of_their_length_is_not_taken() {
    let application = Application::start();
    assert_eq!(
        application.set(SQL_ATTR_MAX_LENGTH, 5),
        SQL_SUCCESS_WITH_INFO
    );
    assert_eq!(application.state(), "01S02");
    assert_eq!(application.get(SQL_ATTR_MAX_LENGTH), 0);
    assert_eq!(application.set(SQL_ATTR_MAX_LENGTH, 0), SQL_SUCCESS);
}

#[test]
fn unknown_attributes_and_values_are_refused() {
    let application = Application::start();
    assert_eq!(application.set(31_000, 1), SQL_ERROR);
    assert_eq!(application.state(), "HY092");
    assert_eq!(application.set(SQL_ATTR_ROW_ARRAY_SIZE, 0), SQL_ERROR);
    assert_eq!(application.state(), "HY024");
}

#[test]
fn a_limit_of_rows_ends_the_result() {
    let application = Application::start();
    application.set(SQL_ATTR_MAX_ROWS, 2);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_NO_DATA);
}

#[test]
fn a_connection_keeps_its_timeouts_and_reports_that_it_is_alive() {
    let application = Application::start();
    let connection = application.connection;
    let get = |attribute| {
        let mut value = 0xAAAA_AAAA_u32;
        let place = (&raw mut value).cast();
        // SAFETY: a place for a number of 32 bits.
        let code = unsafe { SQLGetConnectAttrW(connection, attribute, place, 4, null_mut()) };
        assert_eq!(code, SQL_SUCCESS, "{attribute}");
        value
    };
    let value = std::ptr::without_provenance_mut(25);
    for attribute in [SQL_ATTR_LOGIN_TIMEOUT, SQL_ATTR_CONNECTION_TIMEOUT] {
        // SAFETY: a number.
        let code = unsafe { SQLSetConnectAttrW(connection, attribute, value, 0) };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(get(attribute), 25);
    }
    assert_eq!(get(SQL_ATTR_AUTOCOMMIT), 1);
    assert_eq!(get(SQL_ATTR_CONNECTION_DEAD), 0);
}

#[test]
fn the_current_catalog_is_sent_with_the_next_query() {
    let application = Application::start();
    let connection = application.connection;
    let catalog = wide("memory");
    let mut text = [0_u16; 32];
    let mut length = 0;
    // SAFETY: the string and the buffer are as long as said, in bytes.
    unsafe {
        let value = catalog.as_ptr().cast_mut().cast();
        let code = SQLSetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, value, 12);
        assert_eq!(code, SQL_SUCCESS);
        let place = text.as_mut_ptr().cast();
        let code = SQLGetConnectAttrW(connection, SQL_ATTR_CURRENT_CATALOG, place, 64, &mut length);
        assert_eq!(code, SQL_SUCCESS);
    }
    assert_eq!(length, 12);
    assert_eq!(String::from_utf16_lossy(&text[..6]), "memory");
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    let requests = application.server.requests();
    let post = requests
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert_eq!(post.header("x-trino-catalog"), Some("memory"));
}

#[test]
fn the_current_catalog_follows_use() {
    let application = Application::start();
    assert_eq!(application.execute("USE tpch.tiny"), SQL_SUCCESS);
    let mut text = [0_u16; 32];
    let mut length = 0;
    let place = text.as_mut_ptr().cast();
    // SAFETY: the buffer is as long as said, in bytes.
    let code = unsafe {
        let attribute = SQL_ATTR_CURRENT_CATALOG;
        SQLGetConnectAttrW(application.connection, attribute, place, 64, &mut length)
    };
    assert_eq!((code, length), (SQL_SUCCESS, 8));
    assert_eq!(String::from_utf16_lossy(&text[..4]), "tpch");
}

#[test]
fn information_is_cut_to_the_buffer_and_its_length_returned() {
    let application = Application::start();
    let name = |capacity: i16| {
        let mut text = [0xFFFF_u16; 64];
        let mut length = 0;
        // SAFETY: the buffer is longer than said.
        let code = unsafe {
            SQLGetInfoW(
                application.connection,
                17,
                text.as_mut_ptr().cast(),
                capacity,
                &mut length,
            )
        };
        let end = text.iter().position(|unit| *unit == 0).unwrap();
        (code, String::from_utf16_lossy(&text[..end]), length)
    };
    let (code, whole, length) = name(128);
    assert_eq!((code, length as usize), (SQL_SUCCESS, whole.len() * 2));
    let (code, cut, told) = name(6);
    assert_eq!(
        (code, cut.as_str(), told),
        (SQL_SUCCESS_WITH_INFO, &whole[..2], length)
    );
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "01004");
}

#[test]
fn a_manager_and_the_driver_agree_on_the_width_of_characters() {
    let server = scripted_trino::Server::start();
    let environment = environment();
    let mut kind = 0_i32;
    // SAFETY: a place for a number.
    unsafe {
        let place = (&raw mut kind).cast();
        let code = SQLGetEnvAttr(
            environment,
            SQL_ATTR_DRIVER_UNICODE_TYPE,
            place,
            0,
            null_mut(),
        );
        assert_eq!((code, kind), (SQL_SUCCESS, SQL_DM_CP_UTF16));
    }
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let tell = |kind: i32| {
        let value = std::ptr::without_provenance_mut(kind as usize);
        // SAFETY: a number.
        unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_APP_WCHAR_TYPE, value, 0) }
    };
    assert_eq!(tell(SQL_DM_CP_UTF8), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "HYC00");
    assert_eq!(tell(SQL_DM_CP_UTF16), SQL_SUCCESS);
    assert_eq!(tell(SQL_DM_CP_UCS4), SQL_SUCCESS);
    let text = format!(
        "Host=127.0.0.1;Port={};User=u;ValidateConnection=0\0",
        server.port()
    );
    let text: Vec<u32> = text.chars().map(u32::from).collect();
    let mut out = [0_u32; 100];
    let mut length = 0;
    // SAFETY: the string ends with 0, and the buffer has the stated size.
    let code = unsafe {
        SQLDriverConnectW(
            connection,
            null_mut(),
            text.as_ptr().cast(),
            SQL_NTS as i16,
            out.as_mut_ptr().cast(),
            100,
            &mut length,
            SQL_DRIVER_NOPROMPT,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    let completed: String = out[..usize::try_from(length).unwrap()]
        .iter()
        .map(|unit| char::from_u32(*unit).unwrap())
        .collect();
    assert!(completed.starts_with("Host=127.0.0.1;"), "{completed}");
    // SAFETY: each handle is freed once.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
}
