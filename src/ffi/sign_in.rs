//! The application's function that shows a person where to sign in.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

use crate::config::SignInCallback;
use crate::connection::SignIn;

/// SQL_TRINO_SIGN_IN_CALLBACK: context, address, and code or null; the texts are UTF-8.
type Callback = unsafe extern "system" fn(*mut c_void, *const c_char, *const c_char);

/// A call of the application's function; `None` for a null address.
pub fn callback(SignIn { callback, context }: SignIn) -> Option<SignInCallback> {
    let function: *const c_void = ptr::with_exposed_provenance(callback);
    if function.is_null() {
        return None;
    }
    // SAFETY: the application promised the address of such a function (SQL_ATTR_TRINO_SIGN_IN_CALLBACK).
    let function = unsafe { std::mem::transmute::<*const c_void, Callback>(function) };
    Some(SignInCallback::new(move |address, code| {
        // Neither holds a zero: one is a parsed URI, and a code that did could not be entered.
        let Ok(address) = CString::new(address) else {
            return;
        };
        let code = code.and_then(|code| CString::new(code).ok());
        let code = code.as_ref().map_or(ptr::null(), |code| code.as_ptr());
        // SAFETY: the texts end with zero and outlive the call, and the context is the application's own.
        unsafe {
            function(
                ptr::with_exposed_provenance_mut(context),
                address.as_ptr(),
                code,
            );
        }
    }))
}
