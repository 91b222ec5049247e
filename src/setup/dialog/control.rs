//! Windows and their controls, behind safe functions. A handle that is none is refused by the system.

use std::ffi::c_void;

use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::Controls::{BST_CHECKED, EM_SETCUEBANNER, EM_SETSEL};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{EnableWindow, SetFocus};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    BM_GETCHECK, BM_SETCHECK, CB_ADDSTRING, CB_GETCURSEL, CB_SETCURSEL, GetDlgItem, GetPropW,
    GetWindowTextLengthW, GetWindowTextW, MB_ICONWARNING, MB_OK, MessageBoxW, PostMessageW,
    SendMessageW, SetPropW, SetWindowTextW, WM_COPY,
};
use windows_sys::w;

use crate::platform::wide;

/// A window or a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Control(pub HWND);

impl Control {
    /// The control of that id in a dialog.
    pub fn of(dialog: HWND, id: u16) -> Self {
        // SAFETY: it takes any values.
        Self(unsafe { GetDlgItem(dialog, id.into()) })
    }

    pub fn exists(self) -> bool {
        !self.0.is_null()
    }

    pub fn text(self) -> String {
        // SAFETY: it takes any handle.
        let length = unsafe { GetWindowTextLengthW(self.0) }.max(0);
        let mut text = vec![0_u16; length as usize + 1];
        // SAFETY: the buffer has that room.
        let length = unsafe { GetWindowTextW(self.0, text.as_mut_ptr(), length + 1) };
        String::from_utf16_lossy(&text[..length.max(0) as usize])
    }

    pub fn set_text(self, text: &str) {
        let text = wide(text);
        // SAFETY: the text ends with zero.
        unsafe { SetWindowTextW(self.0, text.as_ptr()) };
    }

    /// Shows a text while the control is empty.
    pub fn set_hint(self, hint: &str) {
        let hint = wide(hint);
        self.send(EM_SETCUEBANNER, 0, hint.as_ptr() as isize);
    }

    pub fn is_ticked(self) -> bool {
        self.send(BM_GETCHECK, 0, 0) == BST_CHECKED as isize
    }

    pub fn tick(self, ticked: bool) {
        self.send(BM_SETCHECK, ticked.into(), 0);
    }

    /// Adds a line to a list that drops down.
    pub fn add_choice(self, text: &str) {
        let text = wide(text);
        self.send(CB_ADDSTRING, 0, text.as_ptr() as isize);
    }

    pub fn choose(self, index: usize) {
        self.send(CB_SETCURSEL, index, 0);
    }

    pub fn chosen(self) -> Option<usize> {
        usize::try_from(self.send(CB_GETCURSEL, 0, 0)).ok()
    }

    pub fn enable(self, enabled: bool) {
        // SAFETY: it takes any values.
        unsafe { EnableWindow(self.0, enabled.into()) };
    }

    pub fn focus(self) {
        // SAFETY: it takes any handle.
        unsafe { SetFocus(self.0) };
    }

    /// Copies the whole text of an edit control to the clipboard.
    pub fn copy(self) {
        self.send(EM_SETSEL, 0, -1);
        self.send(WM_COPY, 0, 0);
    }

    pub fn send(self, message: u32, first: usize, second: isize) -> isize {
        // SAFETY: the messages of this module take numbers, and texts that outlive the call.
        unsafe { SendMessageW(self.0, message, first, second) }
    }

    pub fn post(self, message: u32) {
        // SAFETY: it takes any values.
        unsafe { PostMessageW(self.0, message, 0, 0) };
    }

    /// Keeps the address of the state with the window.
    pub fn set_state<T>(self, state: *const T) {
        // SAFETY: the name ends with zero, and the address is not used by the system.
        unsafe { SetPropW(self.0, PROPERTY, state.cast_mut().cast()) };
    }

    /// The state that [`Self::set_state`] kept; null before.
    pub fn state<T>(self) -> *const T {
        // SAFETY: the name ends with zero.
        let state: *mut c_void = unsafe { GetPropW(self.0, PROPERTY) };
        state.cast()
    }

    /// Shows a sentence until it is confirmed.
    pub fn warn(self, text: &str) {
        let text = wide(text);
        // SAFETY: both texts end with zero.
        unsafe { MessageBoxW(self.0, text.as_ptr(), w!("Trino"), MB_OK | MB_ICONWARNING) };
    }
}

const PROPERTY: *const u16 = w!("trino-odbc dialog");
