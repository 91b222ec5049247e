//! SSPI of Windows: the user's own sign-in, or a name with a password. Written to the documentation, and not run yet.
//!
//! <https://learn.microsoft.com/windows/win32/secauthn/sspi>

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use super::{Means, Negotiation, NegotiationError};

pub(super) fn negotiate(negotiation: &Negotiation) -> Result<Vec<u8>, NegotiationError> {
    let password = match &negotiation.means {
        Means::System => None,
        Means::Password(password) => Some(wide(password.reveal())),
        Means::Keytab { .. } | Means::Cache(_) => {
            return Err(NegotiationError::Missing(
                "Windows signs in with its own credentials or a password, not with a keytab or a cache"
                    .to_owned(),
            ));
        }
    };
    let user = wide(negotiation.principal.as_deref().unwrap_or_default());
    let identity = password.as_ref().map(|password| AuthIdentity {
        user: user.as_ptr(),
        user_length: length(&user),
        domain: null(),
        domain_length: 0,
        password: password.as_ptr(),
        password_length: length(password),
        flags: UNICODE,
    });
    let identity = identity.as_ref().map_or(null(), |identity| {
        std::ptr::from_ref(identity).cast::<c_void>()
    });
    let package = wide("Negotiate");
    let mut credentials = Credentials(Handle::default());
    let mut expiry = 0_i64;
    // SAFETY: the texts end with zero and outlive the call, as does the identity; what is null may be.
    let status = unsafe {
        AcquireCredentialsHandleW(
            null(),
            package.as_ptr(),
            OUTBOUND,
            null(),
            identity,
            null(),
            null(),
            &mut credentials.0,
            &mut expiry,
        )
    };
    check(status)?;
    first_token(negotiation, &credentials)
}

fn first_token(
    negotiation: &Negotiation,
    credentials: &Credentials,
) -> Result<Vec<u8>, NegotiationError> {
    // Windows writes service names with a slash.
    let target = wide(&negotiation.target.replacen('@', "/", 1));
    let flags = ALLOCATE | if negotiation.delegate { DELEGATE } else { 0 };
    let mut buffer = Buffer {
        size: 0,
        kind: TOKEN,
        data: null_mut(),
    };
    let mut output = Buffers {
        version: 0,
        count: 1,
        buffers: &mut buffer,
    };
    let mut context = Context(Handle::default());
    let (mut attributes, mut expiry) = (0_u32, 0_i64);
    // SAFETY: the target ends with zero, the output has one buffer that Windows allocates; what is null may be.
    let status = unsafe {
        InitializeSecurityContextW(
            &credentials.0,
            null(),
            target.as_ptr(),
            flags,
            0,
            NATIVE,
            null(),
            0,
            &mut context.0,
            &mut output,
            &mut attributes,
            &mut expiry,
        )
    };
    if status < 0 {
        // Nothing was made that would have to go.
        std::mem::forget(context);
        return check(status).map(|()| Vec::new());
    }
    if buffer.data.is_null() {
        return Err(NegotiationError::Refused(
            "Windows gives an empty token".to_owned(),
        ));
    }
    // SAFETY: Windows says that so many bytes are there.
    let token =
        unsafe { std::slice::from_raw_parts(buffer.data.cast::<u8>(), buffer.size as usize) }
            .to_vec();
    // SAFETY: Windows allocated it, and it is let go once.
    unsafe { FreeContextBuffer(buffer.data) };
    Ok(token)
}

fn check(status: i32) -> Result<(), NegotiationError> {
    if status >= 0 {
        return Ok(());
    }
    let words = match status as u32 {
        0x8009_030E => "there are no credentials: the user is not signed in to a domain".to_owned(),
        0x8009_030C => "the name or the password is not accepted".to_owned(),
        0x8009_0303 => "the service is not known to the domain".to_owned(),
        0x8009_0311 => "no domain controller can be reached".to_owned(),
        other => format!("Windows answers with error {other:#010x}"),
    };
    Err(NegotiationError::Refused(words))
}

#[derive(Default)]
#[repr(C)]
struct Handle {
    lower: usize,
    upper: usize,
}

struct Credentials(Handle);

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: the handle is one that Windows gave, or zero, which it refuses.
        unsafe { FreeCredentialsHandle(&mut self.0) };
    }
}

struct Context(Handle);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the handle is one that Windows gave, or zero, which it refuses.
        unsafe { DeleteSecurityContext(&mut self.0) };
    }
}

#[repr(C)]
struct Buffer {
    size: u32,
    kind: u32,
    data: *mut c_void,
}

#[repr(C)]
struct Buffers {
    version: u32,
    count: u32,
    buffers: *mut Buffer,
}

#[repr(C)]
struct AuthIdentity {
    user: *const u16,
    user_length: u32,
    domain: *const u16,
    domain_length: u32,
    password: *const u16,
    password_length: u32,
    flags: u32,
}

#[link(name = "secur32", kind = "raw-dylib")]
unsafe extern "system" {
    fn AcquireCredentialsHandleW(
        principal: *const u16,
        package: *const u16,
        usage: u32,
        logon: *const c_void,
        identity: *const c_void,
        get_key: *const c_void,
        argument: *const c_void,
        credentials: *mut Handle,
        expiry: *mut i64,
    ) -> i32;
    fn InitializeSecurityContextW(
        credentials: *const Handle,
        context: *const Handle,
        target: *const u16,
        flags: u32,
        reserved: u32,
        representation: u32,
        input: *const Buffers,
        reserved_too: u32,
        new_context: *mut Handle,
        output: *mut Buffers,
        attributes: *mut u32,
        expiry: *mut i64,
    ) -> i32;
    fn FreeContextBuffer(buffer: *mut c_void) -> i32;
    fn FreeCredentialsHandle(credentials: *mut Handle) -> i32;
    fn DeleteSecurityContext(context: *mut Handle) -> i32;
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Units without the zero at the end.
fn length(text: &[u16]) -> u32 {
    u32::try_from(text.len().saturating_sub(1)).unwrap_or_default()
}

const OUTBOUND: u32 = 2;
const UNICODE: u32 = 2;
const NATIVE: u32 = 0x10;
const TOKEN: u32 = 2;
const ALLOCATE: u32 = 0x100;
const DELEGATE: u32 = 1;
