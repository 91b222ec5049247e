//! A dialog that is created from a layout and runs until it is done.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{HMODULE, HWND, INVALID_HANDLE_VALUE, LPARAM, WPARAM};
use windows_sys::Win32::System::ApplicationInstallationAndServicing::{
    ACTCTXW, ActivateActCtx, CreateActCtxW, DeactivateActCtx, ReleaseActCtx,
};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
    GetModuleHandleExW,
};
use windows_sys::Win32::UI::Input::KeyboardAndMouse::{EnableWindow, IsWindowEnabled};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CreateDialogIndirectParamW, DLGTEMPLATE, DestroyWindow, DispatchMessageW, GetMessageW,
    IsDialogMessageW, MSG, PostQuitMessage, SW_SHOW, ShowWindow, TranslateMessage, WM_INITDIALOG,
};

use super::super::layout::Layout;
use super::control::Control;
use super::template::{self, Frame};

/// What answers the messages of a dialog.
pub trait Messages {
    /// The dialog was created; its controls exist.
    fn created(&self, dialog: HWND);

    /// A control says something: its id and the notification's code.
    fn command(&self, dialog: HWND, id: u16, code: u32);

    /// The person chose another tab.
    fn tab_changed(&self, _dialog: HWND) {}

    /// A message of the driver's own.
    fn posted(&self, _dialog: HWND, _message: u32) {}
}

/// Runs a dialog at `owner`, which gets no input meanwhile, until `done`. `keys` sees keys first, and says which it took.
/// False if the dialog could not be created.
pub fn run<T: Messages>(
    owner: HWND,
    layout: &Layout,
    state: &T,
    done: &Cell<bool>,
    keys: impl Fn(HWND, &MSG) -> bool,
) -> bool {
    let _styles = Styles::activate();
    let dialog = create(owner, layout, Frame::Dialog, state);
    if dialog.is_null() {
        return false;
    }
    // SAFETY: it takes any handle.
    let was_enabled = unsafe { IsWindowEnabled(owner) } != 0;
    Control(owner).enable(false);
    // SAFETY: it takes any handle.
    unsafe { ShowWindow(dialog, SW_SHOW) };
    let mut message = MSG::default();
    while !done.get() {
        // SAFETY: `message` is a place for a message.
        match unsafe { GetMessageW(&mut message, null_mut(), 0, 0) } {
            0 => {
                // The application ends: its own loop has to see that.
                // SAFETY: it takes any code.
                unsafe { PostQuitMessage(message.wParam as i32) };
                break;
            }
            -1 => break,
            _ => {}
        }
        // SAFETY: the message is whole.
        if !keys(dialog, &message) && unsafe { IsDialogMessageW(dialog, &message) } == 0 {
            // SAFETY: the message is whole.
            unsafe { TranslateMessage(&message) };
            // SAFETY: the message is whole.
            unsafe { DispatchMessageW(&message) };
        }
    }
    // Before the dialog goes, or another program's window would come to the front.
    // SAFETY: it takes any handle.
    unsafe { EnableWindow(owner, was_enabled.into()) };
    // SAFETY: the dialog is ours.
    unsafe { DestroyWindow(dialog) };
    true
}

/// Creates a dialog or a page, whose messages `state` answers; null if that fails. `state` outlives it.
pub fn create<T: Messages>(owner: HWND, layout: &Layout, frame: Frame, state: &T) -> HWND {
    let template = template::build(layout, frame);
    let state: *const T = state;
    // SAFETY: the template is whole and aligned, and the state outlives the dialog.
    unsafe {
        CreateDialogIndirectParamW(
            module(),
            template.as_ptr().cast::<DLGTEMPLATE>(),
            owner,
            Some(receive::<T>),
            state as LPARAM,
        )
    }
}

/// The dialog procedure. No panic crosses it.
unsafe extern "system" fn receive<T: Messages>(
    dialog: HWND,
    message: u32,
    first: WPARAM,
    second: LPARAM,
) -> isize {
    let answered = catch_unwind(AssertUnwindSafe(|| {
        if message == WM_INITDIALOG {
            Control(dialog).set_state(second as *const T);
        }
        let state = Control(dialog).state::<T>();
        // SAFETY: it is null, or what `create` was given, which outlives the dialog.
        let Some(state) = (unsafe { state.as_ref() }) else {
            return 0;
        };
        answer(state, dialog, message, first, second)
    }));
    answered.unwrap_or(0)
}

fn answer<T: Messages>(
    state: &T,
    dialog: HWND,
    message: u32,
    first: WPARAM,
    second: LPARAM,
) -> isize {
    use windows_sys::Win32::UI::Controls::{NMHDR, TCN_SELCHANGE};
    use windows_sys::Win32::UI::WindowsAndMessaging::{WM_APP, WM_COMMAND, WM_NOTIFY};
    match message {
        WM_INITDIALOG => {
            state.created(dialog);
            // The focus is set there.
            0
        }
        WM_COMMAND => {
            state.command(dialog, first as u16, (first >> 16) as u32);
            1
        }
        WM_NOTIFY => {
            // SAFETY: with this message comes such a structure.
            let header = unsafe { (second as *const NMHDR).as_ref() };
            let is_change = header.is_some_and(|header| header.code == TCN_SELCHANGE);
            if is_change {
                state.tab_changed(dialog);
            }
            is_change.into()
        }
        WM_APP.. => {
            state.posted(dialog, message);
            1
        }
        _ => 0,
    }
}

/// This library.
fn module() -> HMODULE {
    let mut found = null_mut();
    let here: fn() -> HMODULE = module;
    let flags =
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    // SAFETY: the address is one of this library, and `found` is a place for its handle.
    unsafe { GetModuleHandleExW(flags, here as *const u16, &mut found) };
    found
}

/// The controls of the current Windows, which the driver's manifest requests, while it exists. Without the manifest, those
/// of the application.
struct Styles {
    context: isize,
    cookie: usize,
}

impl Styles {
    fn activate() -> Option<Self> {
        /// Where a library has its manifest.
        const MANIFEST: *const u16 = std::ptr::without_provenance(2);
        const RESOURCE_NAME_VALID: u32 = 0x8;
        const HMODULE_VALID: u32 = 0x80;
        let request = ACTCTXW {
            cbSize: size_of::<ACTCTXW>() as u32,
            dwFlags: RESOURCE_NAME_VALID | HMODULE_VALID,
            lpSource: null(),
            lpResourceName: MANIFEST,
            hModule: module(),
            ..ACTCTXW::default()
        };
        // SAFETY: the request is whole.
        let context = unsafe { CreateActCtxW(&request) };
        if context == INVALID_HANDLE_VALUE {
            return None;
        }
        let mut cookie = 0;
        // SAFETY: the context was just created, and `cookie` is a place for a number.
        let activated = unsafe { ActivateActCtx(context, &mut cookie) } != 0;
        let styles = Self {
            context: context.expose_provenance() as isize,
            cookie,
        };
        if !activated {
            styles.release();
            return None;
        }
        Some(styles)
    }

    fn release(&self) {
        // SAFETY: the context is released once.
        unsafe { ReleaseActCtx(std::ptr::with_exposed_provenance_mut(self.context as usize)) };
    }
}

impl Drop for Styles {
    fn drop(&mut self) {
        // SAFETY: it was activated by this thread, which has deactivated all later ones.
        unsafe { DeactivateActCtx(0, self.cookie) };
        self.release();
    }
}
