//! GSS-API (RFC 2744) of the library that the system has: MIT's on most, Heimdal's, macOS' framework.
//!
//! Credentials from a keytab or a cache of their own take MIT's extension `gss_acquire_cred_from`; other libraries serve
//! the user's own sign-in.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL, Symbol};

use super::{Means, Negotiation, NegotiationError};

pub(super) fn negotiate(negotiation: &Negotiation) -> Result<Vec<u8>, NegotiationError> {
    static LIBRARY: OnceLock<Result<Gss, String>> = OnceLock::new();
    let gss = LIBRARY.get_or_init(Gss::load);
    let gss = gss
        .as_ref()
        .map_err(|why| NegotiationError::Missing(why.clone()))?;
    let by = if negotiation.target.contains('/') {
        KRB5_PRINCIPAL
    } else {
        HOSTBASED_SERVICE
    };
    let target = gss.name(&negotiation.target, by)?;
    let credentials = gss.credentials(negotiation)?;
    gss.first_token(&target, credentials.as_ref(), negotiation.delegate)
}

/// An object of the library, by its address.
type Handle = *mut c_void;

// Apple's headers pack this one to two bytes on Intel, as they did on PowerPC.
#[cfg_attr(all(target_os = "macos", target_arch = "x86_64"), repr(C, packed(2)))]
#[cfg_attr(not(all(target_os = "macos", target_arch = "x86_64")), repr(C))]
struct Oid {
    length: u32,
    elements: *const c_void,
}

#[repr(C)]
struct OidSet {
    count: usize,
    elements: *const Oid,
}

#[repr(C)]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

#[repr(C)]
struct KeyValue {
    key: *const c_char,
    value: *const c_char,
}

#[repr(C)]
struct KeyValueSet {
    count: u32,
    elements: *const KeyValue,
}

type ImportName = unsafe extern "C" fn(*mut u32, *const Buffer, *const Oid, *mut Handle) -> u32;
type Release = unsafe extern "C" fn(*mut u32, *mut Handle) -> u32;
type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut Buffer) -> u32;
type DeleteContext = unsafe extern "C" fn(*mut u32, *mut Handle, *mut Buffer) -> u32;
type AcquireFrom = unsafe extern "C" fn(
    *mut u32,
    Handle,
    u32,
    *const OidSet,
    c_int,
    *const KeyValueSet,
    *mut Handle,
    *mut c_void,
    *mut u32,
) -> u32;
type AcquireWithPassword = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *const Buffer,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut c_void,
    *mut u32,
) -> u32;
type DisplayStatus =
    unsafe extern "C" fn(*mut u32, u32, c_int, *const Oid, *mut u32, *mut Buffer) -> u32;
type InitContext = unsafe extern "C" fn(
    *mut u32,
    Handle,
    *mut Handle,
    Handle,
    *const Oid,
    u32,
    u32,
    *const c_void,
    *const Buffer,
    *mut c_void,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> u32;

/// The functions of the library.
struct Gss {
    import_name: Symbol<ImportName>,
    release_name: Symbol<Release>,
    release_credentials: Symbol<Release>,
    release_buffer: Symbol<ReleaseBuffer>,
    delete_context: Symbol<DeleteContext>,
    init_context: Symbol<InitContext>,
    display_status: Symbol<DisplayStatus>,
    acquire_from: Option<Symbol<AcquireFrom>>,
    acquire_with_password: Option<Symbol<AcquireWithPassword>>,
    /// Keeps the functions callable.
    _library: Library,
}

/// Something that goes back to the library.
struct Owned<'a> {
    handle: Handle,
    release: &'a Symbol<Release>,
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the handle is one that the library gave and is released once, by the function for its kind.
        unsafe { (self.release)(&mut minor, &mut self.handle) };
    }
}

impl Gss {
    fn load() -> Result<Self, String> {
        let library = LIBRARIES.iter().find_map(|name| {
            // SAFETY: the libraries are the system's own, and run no initialiser that a process could not stand.
            unsafe { Library::open(Some(*name), RTLD_LAZY | RTLD_LOCAL) }.ok()
        });
        let library = library.ok_or_else(|| {
            format!(
                "The Kerberos library ({}) is not on this computer: install it (Debian, Ubuntu: libgssapi-krb5-2; \
                 Fedora: krb5-libs)",
                LIBRARIES.first().unwrap_or(&"")
            )
        })?;
        Ok(Self {
            import_name: symbol(&library, "gss_import_name")?,
            release_name: symbol(&library, "gss_release_name")?,
            release_credentials: symbol(&library, "gss_release_cred")?,
            release_buffer: symbol(&library, "gss_release_buffer")?,
            delete_context: symbol(&library, "gss_delete_sec_context")?,
            init_context: symbol(&library, "gss_init_sec_context")?,
            display_status: symbol(&library, "gss_display_status")?,
            acquire_from: symbol(&library, "gss_acquire_cred_from").ok(),
            acquire_with_password: symbol(&library, "gss_acquire_cred_with_password").ok(),
            _library: library,
        })
    }

    fn name(&self, text: &str, by: &'static [u8]) -> Result<Owned<'_>, NegotiationError> {
        let oid = oid(by);
        let buffer = buffer(text.as_bytes());
        let (mut minor, mut handle) = (0, null_mut());
        // SAFETY: the buffer and the OID outlive the call, which copies them.
        let major = unsafe { (self.import_name)(&mut minor, &buffer, &oid, &mut handle) };
        self.check(major, minor)?;
        Ok(Owned {
            handle,
            release: &self.release_name,
        })
    }

    /// The credentials to sign in with; `None` for those of the user's own sign-in.
    fn credentials(
        &self,
        negotiation: &Negotiation,
    ) -> Result<Option<Owned<'_>>, NegotiationError> {
        let who = negotiation.principal.as_ref();
        let who = who.map(|who| self.name(who, KRB5_PRINCIPAL)).transpose()?;
        let name = who.as_ref().map_or(null_mut(), |who| who.handle);
        let mechanism = oid(SPNEGO);
        let mechanisms = OidSet {
            count: 1,
            elements: &mechanism,
        };
        let (mut minor, mut handle) = (0, null_mut());
        let entries = match &negotiation.means {
            Means::System if who.is_none() => return Ok(None),
            Means::System => Vec::new(),
            Means::Keytab { file, cache } => vec![
                (c"client_keytab", text(&format!("FILE:{}", file.display()))?),
                (c"ccache", text(cache)?),
            ],
            Means::Cache(cache) => vec![(c"ccache", text(cache)?)],
            Means::Password(password) => {
                let function = self.acquire_with_password.as_ref().ok_or_else(lacking)?;
                let password = buffer(password.reveal().as_bytes());
                // SAFETY: the name is the library's, buffer and set outlive the call, and what is null may be.
                let major = unsafe {
                    function(
                        &mut minor,
                        name,
                        &password,
                        INDEFINITE,
                        &mechanisms,
                        INITIATE,
                        &mut handle,
                        null_mut(),
                        null_mut(),
                    )
                };
                self.check(major, minor)?;
                return Ok(Some(Owned {
                    handle,
                    release: &self.release_credentials,
                }));
            }
        };
        let function = self.acquire_from.as_ref().ok_or_else(lacking)?;
        let elements: Vec<_> = entries
            .iter()
            .map(|(key, value)| KeyValue {
                key: key.as_ptr(),
                value: value.as_ptr(),
            })
            .collect();
        let store = KeyValueSet {
            count: u32::try_from(elements.len()).unwrap_or_default(),
            elements: elements.as_ptr(),
        };
        let store: *const KeyValueSet = if elements.is_empty() { null() } else { &store };
        // SAFETY: the name is the library's, store and set outlive the call, and what is null may be.
        let major = unsafe {
            function(
                &mut minor,
                name,
                INDEFINITE,
                &mechanisms,
                INITIATE,
                store,
                &mut handle,
                null_mut(),
                null_mut(),
            )
        };
        self.check(major, minor)?;
        Ok(Some(Owned {
            handle,
            release: &self.release_credentials,
        }))
    }

    fn first_token(
        &self,
        target: &Owned<'_>,
        credentials: Option<&Owned<'_>>,
        delegate: bool,
    ) -> Result<Vec<u8>, NegotiationError> {
        let mechanism = oid(SPNEGO);
        let flags = if delegate { DELEGATE } else { 0 };
        let (mut minor, mut context) = (0, null_mut());
        let mut output = Buffer {
            length: 0,
            value: null_mut(),
        };
        // SAFETY: the handles are the library's, the mechanism outlives the call, and what is null may be.
        let major = unsafe {
            (self.init_context)(
                &mut minor,
                credentials.map_or(null_mut(), |credentials| credentials.handle),
                &mut context,
                target.handle,
                &mechanism,
                flags,
                0,
                null(),
                null(),
                null_mut(),
                &mut output,
                null_mut(),
                null_mut(),
            )
        };
        let token = self.take(&mut output);
        let mut ignored = 0;
        // SAFETY: the context is the library's, or null, which may be.
        unsafe { (self.delete_context)(&mut ignored, &mut context, null_mut()) };
        self.check(major, minor)?;
        if token.is_empty() {
            return Err(NegotiationError::Refused(
                "the library gives an empty token".to_owned(),
            ));
        }
        Ok(token)
    }

    /// The bytes of a buffer that the library filled, which gets it back.
    fn take(&self, buffer: &mut Buffer) -> Vec<u8> {
        let bytes = if buffer.value.is_null() {
            Vec::new()
        } else {
            // SAFETY: the library says that so many bytes are there.
            unsafe { std::slice::from_raw_parts(buffer.value.cast::<u8>(), buffer.length) }.to_vec()
        };
        let mut minor = 0;
        // SAFETY: the buffer is the library's, or empty, which may be.
        unsafe { (self.release_buffer)(&mut minor, buffer) };
        bytes
    }

    fn check(&self, major: u32, minor: u32) -> Result<(), NegotiationError> {
        if major & ERRORS == 0 {
            return Ok(());
        }
        let of_mechanism = self.words(minor, OF_MECHANISM, Some(&oid(KRB5)));
        let words = if of_mechanism.is_empty() || minor == 0 {
            self.words(major, OF_GSS, None)
        } else {
            of_mechanism
        };
        Err(NegotiationError::Refused(words))
    }

    /// What the library has to say of a status.
    fn words(&self, status: u32, kind: c_int, mechanism: Option<&Oid>) -> String {
        let (mut minor, mut more) = (0, 0);
        let mut buffer = Buffer {
            length: 0,
            value: null_mut(),
        };
        let mechanism = mechanism.map_or(null(), std::ptr::from_ref);
        // SAFETY: the mechanism outlives the call or is null, which may be; the others are places for results.
        let major = unsafe {
            (self.display_status)(&mut minor, status, kind, mechanism, &mut more, &mut buffer)
        };
        let words = self.take(&mut buffer);
        if major & ERRORS != 0 {
            return String::new();
        }
        String::from_utf8_lossy(&words).into_owned()
    }
}

fn symbol<T>(library: &Library, name: &str) -> Result<Symbol<T>, String> {
    // SAFETY: the types are those of the functions in RFC 2744 and MIT's gssapi_ext.h.
    unsafe { library.get(name.as_bytes()) }
        .map_err(|_| format!("The Kerberos library of this computer lacks {name}"))
}

fn lacking() -> NegotiationError {
    NegotiationError::Missing(
        "The Kerberos library of this computer takes no keytab, cache or password of ours: sign in with kinit instead"
            .to_owned(),
    )
}

fn text(text: &str) -> Result<CString, NegotiationError> {
    CString::new(text).map_err(|_| NegotiationError::Refused("a name holds a zero".to_owned()))
}

fn buffer(bytes: &[u8]) -> Buffer {
    Buffer {
        length: bytes.len(),
        value: bytes.as_ptr().cast_mut().cast(),
    }
}

fn oid(elements: &'static [u8]) -> Oid {
    Oid {
        length: u32::try_from(elements.len()).unwrap_or_default(),
        elements: elements.as_ptr().cast(),
    }
}

#[cfg(target_os = "macos")]
const LIBRARIES: &[&str] = &["/System/Library/Frameworks/GSS.framework/GSS"];
#[cfg(not(target_os = "macos"))]
const LIBRARIES: &[&str] = &["libgssapi_krb5.so.2", "libgssapi.so.3"];

const HOSTBASED_SERVICE: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04";
const KRB5_PRINCIPAL: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01";
const KRB5: &[u8] = b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
const SPNEGO: &[u8] = b"\x2b\x06\x01\x05\x05\x02";

/// Bits of a status that say that it is an error.
const ERRORS: u32 = 0xFFFF_0000;
const DELEGATE: u32 = 1;
const INDEFINITE: u32 = u32::MAX;
const INITIATE: c_int = 1;
const OF_GSS: c_int = 1;
const OF_MECHANISM: c_int = 2;

/// An [`Oid`] has the size that the library's headers give it.
const _: () = assert!(
    size_of::<Oid>()
        == if cfg!(all(target_os = "macos", target_arch = "x86_64")) {
            size_of::<u32>() + size_of::<usize>()
        } else {
            2 * size_of::<usize>()
        }
);
