//! The dialog of the Test button: runs the test in a thread, and shows its report.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::WindowsAndMessaging::{BN_CLICKED, WM_APP};

use super::control::Control;
use super::modal::{self, Messages};
use crate::config::ConnectionString;
use crate::setup::layout;
use crate::setup::trial::{Report, test};

/// Tests the connection, and shows the report until the person closes it.
pub fn run(owner: HWND, connection: ConnectionString) {
    let trial = Trial {
        connection: Cell::new(Some(connection)),
        report: Arc::default(),
        cancel: CancellationToken::new(),
        thread: Cell::new(None),
        done: Cell::new(false),
    };
    modal::run(owner, &layout::test(), &trial, &trial.done, |_, _| false);
    trial.cancel.cancel();
    if let Some(thread) = trial.thread.take() {
        // It is of this library, which may be unloaded next.
        let _ = thread.join();
    }
}

struct Trial {
    connection: Cell<Option<ConnectionString>>,
    report: Arc<Mutex<Option<Report>>>,
    cancel: CancellationToken,
    thread: Cell<Option<thread::JoinHandle<()>>>,
    done: Cell<bool>,
}

impl Messages for Trial {
    fn created(&self, dialog: HWND) {
        Control::of(dialog, layout::REPORT).set_text("Connecting...");
        Control::of(dialog, layout::COPY).enable(false);
        Control::of(dialog, layout::CANCEL).focus();
        let Some(connection) = self.connection.take() else {
            return;
        };
        let (place, cancel) = (Arc::clone(&self.report), self.cancel.clone());
        let window = dialog.expose_provenance();
        let work = move || {
            *place.lock() = Some(test(&connection, cancel));
            Control(std::ptr::with_exposed_provenance_mut(window)).post(REPORTED);
        };
        match thread::Builder::new()
            .name("trino-odbc-test".to_owned())
            .spawn(work)
        {
            Ok(thread) => self.thread.set(Some(thread)),
            Err(error) => Control::of(dialog, layout::REPORT).set_text(&error.to_string()),
        }
    }

    fn command(&self, dialog: HWND, id: u16, code: u32) {
        match (id, code) {
            (layout::CANCEL, BN_CLICKED) => self.done.set(true),
            (layout::COPY, BN_CLICKED) => Control::of(dialog, layout::REPORT).copy(),
            _ => {}
        }
    }

    fn posted(&self, dialog: HWND, message: u32) {
        if message == REPORTED
            && let Some(report) = self.report.lock().take()
        {
            let text = report.lines.join("\r\n");
            Control::of(dialog, layout::REPORT).set_text(&text);
            Control::of(dialog, layout::COPY).enable(true);
        }
    }
}

const REPORTED: u32 = WM_APP + 2;
