//! The Driver Manager is told when a function is done, so that nobody has to ask again and again.

use std::ffi::c_void;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use scripted_trino::{Endpoint, Fault, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::*;

/// A context for [`told`], which lives on: the callback may still be at work when its news is read.
fn context() -> (*mut c_void, Receiver<i32>) {
    let (sender, news) = channel();
    (
        std::ptr::from_ref(&*Box::leak(Box::new(sender)))
            .cast_mut()
            .cast(),
        news,
    )
}

/// SQL_ASYNC_NOTIFICATION_CALLBACK: sends whether it is the last to the sender that the context points to.
unsafe extern "system" fn told(context: *mut c_void, last: i32) -> SqlReturn {
    // SAFETY: the tests' contexts are senders that live on.
    let sender = unsafe { &*context.cast::<Sender<i32>>() };
    sender.send(last).unwrap();
    SQL_SUCCESS
}

fn callback() -> *mut c_void {
    let callback: unsafe extern "system" fn(*mut c_void, i32) -> SqlReturn = told;
    callback as *mut c_void
}

#[test]
fn the_end_of_a_statements_function_is_told_once() {
    let application = application();
    let (context, news) = context();
    let callback = callback().expose_provenance();
    application.set(SQL_ATTR_ASYNC_STMT_PCALLBACK, callback);
    application.set(SQL_ATTR_ASYNC_STMT_PCONTEXT, context.expose_provenance());
    assert_eq!(application.get(SQL_ATTR_ASYNC_STMT_PCALLBACK), callback);
    assert_eq!(application.execute(SLOW), SQL_STILL_EXECUTING);
    assert_eq!(news.recv_timeout(SOON), Ok(1));
    // The next call has the answer.
    assert_eq!(application.execute(SLOW), SQL_SUCCESS);
    assert!(news.recv_timeout(Duration::from_millis(100)).is_err());
    // What answers at once tells nobody.
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert!(news.recv_timeout(Duration::from_millis(100)).is_err());
}

#[test]
fn a_cancelled_function_is_told_of_too() {
    let application = application();
    let (context, news) = context();
    application.set(
        SQL_ATTR_ASYNC_STMT_PCALLBACK,
        callback().expose_provenance(),
    );
    application.set(SQL_ATTR_ASYNC_STMT_PCONTEXT, context.expose_provenance());
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
    cancel(application.statement);
    assert_eq!(news.recv_timeout(SOON), Ok(1));
    assert_eq!(application.execute(ENDLESS), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
}

#[test]
fn the_end_of_connecting_is_told_once() {
    let server = Server::start();
    server.fault(
        Endpoint::Validate,
        Fault::FirstByteDelay(Duration::from_millis(200)),
    );
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let (context, news) = context();
    let on = std::ptr::without_provenance_mut(SQL_ASYNC_DBC_ENABLE_ON);
    for (attribute, value) in [
        (SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE, on),
        (SQL_ATTR_ASYNC_DBC_PCALLBACK, callback()),
        (SQL_ATTR_ASYNC_DBC_PCONTEXT, context),
    ] {
        // SAFETY: what is pointed to outlives the functions.
        let set = unsafe { SQLSetConnectAttrW(connection, attribute, value, 0) };
        assert_eq!(set, SQL_SUCCESS);
    }
    let connect = || connect_with(connection, server.port(), "ValidateConnection=1");
    assert_eq!(connect(), SQL_STILL_EXECUTING);
    assert_eq!(news.recv_timeout(SOON), Ok(1));
    assert_eq!(connect(), SQL_SUCCESS);
    // SAFETY: the handles are ours.
    unsafe {
        assert_eq!(SQLDisconnect(connection), SQL_STILL_EXECUTING);
        assert_eq!(news.recv_timeout(SOON), Ok(1));
        assert_eq!(SQLDisconnect(connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
    }
}
