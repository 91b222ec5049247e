//! SSPI of Windows: the user's own sign-in, or a name with a password.
//!
//! <https://learn.microsoft.com/windows/win32/secauthn/sspi>

use std::ffi::c_void;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Foundation::{
    SEC_E_LOGON_DENIED, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_CREDENTIALS,
    SEC_E_TARGET_UNKNOWN,
};
use windows_sys::Win32::Security::Authentication::Identity::{
    AcquireCredentialsHandleW, DeleteSecurityContext, FreeContextBuffer, FreeCredentialsHandle,
    ISC_REQ_ALLOCATE_MEMORY, ISC_REQ_DELEGATE, ISC_REQ_MUTUAL_AUTH, ISC_RET_DELEGATE,
    InitializeSecurityContextW, SECBUFFER_TOKEN, SECPKG_CRED_OUTBOUND, SECURITY_NATIVE_DREP,
    SecBuffer, SecBufferDesc,
};
use windows_sys::Win32::Security::Credentials::SecHandle;
use windows_sys::Win32::System::Rpc::{SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_W};
use zeroize::Zeroizing;

use super::super::windows::wide;
use super::{Means, Negotiation, NegotiationError, domain_and_user};

pub(super) fn negotiate(negotiation: &Negotiation) -> Result<Vec<u8>, NegotiationError> {
    let mut password = match &negotiation.means {
        Means::System => None,
        Means::Password(password) => Some(Zeroizing::new(wide(password.reveal()))),
        Means::Keytab { .. } | Means::Cache(_) => {
            return Err(NegotiationError::Missing(
                "Windows signs in with its own credentials or a password, not with a keytab or a cache"
                    .to_owned(),
            ));
        }
    };
    let principal = negotiation.principal.as_deref().unwrap_or_default();
    let (domain, user) = domain_and_user(principal);
    let (mut domain, mut user) = (domain.map(wide), wide(user));
    let identity = password.as_mut().map(|password| SEC_WINNT_AUTH_IDENTITY_W {
        User: user.as_mut_ptr(),
        UserLength: length(&user),
        DomainLength: domain.as_deref().map_or(0, length),
        Domain: domain
            .as_mut()
            .map_or(null_mut(), |domain| domain.as_mut_ptr()),
        PasswordLength: length(password),
        Password: password.as_mut_ptr(),
        Flags: SEC_WINNT_AUTH_IDENTITY_UNICODE,
    });
    let identity = identity.as_ref().map_or(null(), |identity| {
        std::ptr::from_ref(identity).cast::<c_void>()
    });
    let package = wide("Negotiate");
    let mut credentials = Credentials(SecHandle::default());
    let mut expiry = 0_i64;
    // SAFETY: the texts end with zero and outlive the call, as does the identity; what is null may be.
    let status = unsafe {
        AcquireCredentialsHandleW(
            null(),
            package.as_ptr(),
            SECPKG_CRED_OUTBOUND,
            null(),
            identity,
            None,
            null(),
            &mut credentials.0,
            &mut expiry,
        )
    };
    if status < 0 {
        // Nothing was made that would have to go.
        std::mem::forget(credentials);
        return Err(refused(status));
    }
    first_token(negotiation, &credentials)
}

fn first_token(
    negotiation: &Negotiation,
    credentials: &Credentials,
) -> Result<Vec<u8>, NegotiationError> {
    // Windows writes service names with a slash.
    let target = wide(&negotiation.target.replacen('@', "/", 1));
    let mut flags = ISC_REQ_ALLOCATE_MEMORY;
    if negotiation.delegate {
        // Kerberos of Windows delegates only to a server that proves who it is.
        flags |= ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH;
    }
    let mut buffer = SecBuffer {
        BufferType: SECBUFFER_TOKEN,
        ..SecBuffer::default()
    };
    let mut output = SecBufferDesc {
        cBuffers: 1,
        pBuffers: &mut buffer,
        ..SecBufferDesc::default()
    };
    let mut context = Context(SecHandle::default());
    let (mut attributes, mut expiry) = (0_u32, 0_i64);
    // SAFETY: the target ends with zero, the output has one buffer that Windows allocates; what is null may be.
    let status = unsafe {
        InitializeSecurityContextW(
            &credentials.0,
            null(),
            target.as_ptr(),
            flags,
            0,
            SECURITY_NATIVE_DREP,
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
        return Err(refused(status));
    }
    if negotiation.delegate && attributes & ISC_RET_DELEGATE == 0 {
        tracing::warn!(
            "Windows does not delegate to {}: the domain does not trust it for that",
            negotiation.target
        );
    }
    if buffer.pvBuffer.is_null() {
        return Err(NegotiationError::Refused(
            "Windows gives an empty token".to_owned(),
        ));
    }
    // SAFETY: Windows says that so many bytes are there.
    let token = unsafe {
        std::slice::from_raw_parts(buffer.pvBuffer.cast::<u8>(), buffer.cbBuffer as usize)
    }
    .to_vec();
    // SAFETY: Windows allocated it, and it is let go once.
    unsafe { FreeContextBuffer(buffer.pvBuffer) };
    Ok(token)
}

fn refused(status: i32) -> NegotiationError {
    NegotiationError::Refused(match status {
        SEC_E_NO_CREDENTIALS => {
            "there are no credentials: the user is not signed in to a domain".to_owned()
        }
        SEC_E_LOGON_DENIED => "the name or the password is not accepted".to_owned(),
        SEC_E_TARGET_UNKNOWN => "the service is not known to the domain".to_owned(),
        SEC_E_NO_AUTHENTICATING_AUTHORITY => "no domain controller can be reached".to_owned(),
        other => format!("Windows answers with error {other:#010x}"),
    })
}

struct Credentials(SecHandle);

impl Drop for Credentials {
    fn drop(&mut self) {
        // SAFETY: the handle is one that Windows gave, or zero, which it refuses.
        unsafe { FreeCredentialsHandle(&self.0) };
    }
}

struct Context(SecHandle);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the handle is one that Windows gave, or zero, which it refuses.
        unsafe { DeleteSecurityContext(&self.0) };
    }
}

/// Units without the zero at the end.
fn length(text: &[u16]) -> u32 {
    u32::try_from(text.len().saturating_sub(1)).unwrap_or_default()
}
