//! The proxy settings of the user, and the proxies that a script of theirs (PAC) names.

use std::io;
use std::time::Duration;

/// The proxy settings of the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProxySettings {
    /// Whether the network is searched for a script (WPAD).
    pub(crate) detects: bool,
    /// Address of the script.
    pub(crate) script: Option<String>,
    /// The proxies without a script, or if there is none to be had.
    pub(crate) list: ProxyList,
}

/// Proxies, and hosts to connect to without them, as Windows writes both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProxyList {
    /// Such as `proxy.example:3128` or `http=a:80;https=b:80`; empty connects directly.
    pub(crate) servers: String,
    /// Such as `*.example;<local>`.
    pub(crate) exclusions: String,
}

/// The settings of the user; `None` on systems that have none of this kind.
#[cfg(not(windows))]
pub(crate) fn proxy_settings() -> Option<ProxySettings> {
    None
}

/// The proxies that the script of these settings names for `uri`. May take longer than `limit`.
#[cfg(not(windows))]
pub(crate) fn proxies_by_script(
    _settings: &ProxySettings,
    _uri: &str,
    _limit: Duration,
) -> io::Result<ProxyList> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(windows)]
pub(crate) use winhttp::{proxies_by_script, proxy_settings};

#[cfg(windows)]
mod winhttp {
    use std::ffi::c_void;
    use std::ptr::null;

    use windows_sys::Win32::Foundation::GlobalFree;
    use windows_sys::Win32::Globalization::lstrlenW;
    use windows_sys::Win32::Networking::WinHttp::{
        ERROR_WINHTTP_AUTODETECTION_FAILED, ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT,
        ERROR_WINHTTP_LOGIN_FAILURE, ERROR_WINHTTP_SCRIPT_EXECUTION_ERROR,
        ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT, ERROR_WINHTTP_UNHANDLED_SCRIPT_TYPE,
        WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTO_DETECT_TYPE_DHCP,
        WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT,
        WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS,
        WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO, WinHttpCloseHandle,
        WinHttpGetDefaultProxyConfiguration, WinHttpGetIEProxyConfigForCurrentUser,
        WinHttpGetProxyForUrl, WinHttpOpen, WinHttpSetTimeouts,
    };

    use super::super::windows::wide;
    use super::{Duration, ProxyList, ProxySettings, io};

    /// The settings of the user, or the computer's for a service, which has no user.
    pub(crate) fn proxy_settings() -> Option<ProxySettings> {
        let mut config = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
        // SAFETY: `config` is a place for the settings.
        if unsafe { WinHttpGetIEProxyConfigForCurrentUser(&mut config) } == 0 {
            return Some(ProxySettings {
                list: of_computer(),
                ..ProxySettings::default()
            });
        }
        // SAFETY: each text is null, or allocated for the caller, and is taken once.
        let [script, servers, exclusions] = [
            config.lpszAutoConfigUrl,
            config.lpszProxy,
            config.lpszProxyBypass,
        ]
        .map(|text| unsafe { taken(text) });
        Some(ProxySettings {
            detects: config.fAutoDetect != 0,
            script: script.filter(|script| !script.is_empty()),
            list: ProxyList {
                servers: servers.unwrap_or_default(),
                exclusions: exclusions.unwrap_or_default(),
            },
        })
    }

    /// The computer's proxies (`netsh winhttp set proxy`).
    fn of_computer() -> ProxyList {
        let mut info = WINHTTP_PROXY_INFO::default();
        // SAFETY: `info` is a place for the proxies.
        match unsafe { WinHttpGetDefaultProxyConfiguration(&mut info) } {
            0 => ProxyList::default(),
            // SAFETY: the call has filled `info` for the caller, and it is taken once.
            _ => unsafe { list(&info) },
        }
    }

    /// The proxies that the script of these settings names for `uri`. May take longer than `limit`.
    pub(crate) fn proxies_by_script(
        settings: &ProxySettings,
        uri: &str,
        limit: Duration,
    ) -> io::Result<ProxyList> {
        let session = Session::open(limit)?;
        let script = settings.script.as_deref().map(wide);
        let uri = wide(uri);
        let mut options = WINHTTP_AUTOPROXY_OPTIONS::default();
        if settings.detects {
            options.dwFlags |= WINHTTP_AUTOPROXY_AUTO_DETECT;
            options.dwAutoDetectFlags =
                WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
        }
        if let Some(script) = &script {
            options.dwFlags |= WINHTTP_AUTOPROXY_CONFIG_URL;
            options.lpszAutoConfigUrl = script.as_ptr();
        }
        let mut info = WINHTTP_PROXY_INFO::default();
        let mut query = |options: &mut WINHTTP_AUTOPROXY_OPTIONS| {
            // SAFETY: the session is open, the texts end with zero and outlive the call, and `info` is a place for
            // the answer.
            match unsafe { WinHttpGetProxyForUrl(session.0, uri.as_ptr(), options, &mut info) } {
                0 => Err(io::Error::last_os_error()),
                _ => Ok(()),
            }
        };
        // The server of the script is given the user's credentials only if it demands them.
        let answer = query(&mut options).or_else(|error| match code(&error) {
            Some(ERROR_WINHTTP_LOGIN_FAILURE) => {
                options.fAutoLogonIfChallenged = 1;
                query(&mut options)
            }
            _ => Err(error),
        });
        answer.map_err(in_words)?;
        // SAFETY: the call has filled `info` for the caller, and it is taken once.
        Ok(unsafe { list(&info) })
    }

    /// A session, which is closed at the end.
    struct Session(*mut c_void);

    impl Session {
        fn open(limit: Duration) -> io::Result<Self> {
            let agent = wide("trino-odbc");
            // SAFETY: the text ends with zero and outlives the call; the others may be null.
            let session = unsafe {
                WinHttpOpen(
                    agent.as_ptr(),
                    WINHTTP_ACCESS_TYPE_NO_PROXY,
                    null(),
                    null(),
                    0,
                )
            };
            if session.is_null() {
                return Err(io::Error::last_os_error());
            }
            let session = Self(session);
            let limit = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
            // SAFETY: the session is open. Without the limits, those of the system apply.
            unsafe { WinHttpSetTimeouts(session.0, limit, limit, limit, limit) };
            Ok(session)
        }
    }

    impl Drop for Session {
        fn drop(&mut self) {
            // SAFETY: the session is open, and nothing uses it any more.
            unsafe { WinHttpCloseHandle(self.0) };
        }
    }

    /// The proxies of an answer.
    ///
    /// # Safety
    ///
    /// The texts of `info` are null or allocated for the caller, and nobody takes them again.
    unsafe fn list(info: &WINHTTP_PROXY_INFO) -> ProxyList {
        // SAFETY: as the caller promises.
        let [servers, exclusions] =
            [info.lpszProxy, info.lpszProxyBypass].map(|text| unsafe { taken(text) });
        match info.dwAccessType {
            WINHTTP_ACCESS_TYPE_NO_PROXY => ProxyList::default(),
            _ => ProxyList {
                servers: servers.unwrap_or_default(),
                exclusions: exclusions.unwrap_or_default(),
            },
        }
    }

    /// A copy of a text, which is freed.
    ///
    /// # Safety
    ///
    /// `text` is null, or ends with zero and was allocated by GlobalAlloc for the caller.
    unsafe fn taken(text: *mut u16) -> Option<String> {
        if text.is_null() {
            return None;
        }
        // SAFETY: the text ends with zero.
        let length = unsafe { lstrlenW(text) };
        // SAFETY: so many units are there.
        let units = unsafe { std::slice::from_raw_parts(text, length.unsigned_abs() as usize) };
        let copy = String::from_utf16_lossy(units);
        // SAFETY: it was allocated for the caller, and is not used any more.
        unsafe { GlobalFree(text.cast()) };
        Some(copy)
    }

    /// The number of an error of Windows.
    fn code(error: &io::Error) -> Option<u32> {
        error.raw_os_error().map(i32::cast_unsigned)
    }

    /// The error in words: the system has none for errors of WinHTTP.
    fn in_words(error: io::Error) -> io::Error {
        let words = match code(&error) {
            Some(ERROR_WINHTTP_AUTODETECTION_FAILED) => {
                return io::Error::new(
                    io::ErrorKind::NotFound,
                    "no proxy script was detected on the network",
                );
            }
            Some(ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT) => {
                "the proxy script cannot be downloaded"
            }
            Some(
                ERROR_WINHTTP_BAD_AUTO_PROXY_SCRIPT
                | ERROR_WINHTTP_SCRIPT_EXECUTION_ERROR
                | ERROR_WINHTTP_UNHANDLED_SCRIPT_TYPE,
            ) => "the proxy script has an error",
            Some(ERROR_WINHTTP_LOGIN_FAILURE) => {
                "the server of the proxy script refuses the user's credentials"
            }
            _ => return error,
        };
        io::Error::other(words)
    }

    #[cfg(test)]
    mod tests {
        use std::io::{Read as _, Write as _};
        use std::net::TcpListener;

        use super::*;

        /// The address of a script, which is served as long as the process lasts.
        fn serve(script: &'static str) -> String {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = write!(
                        stream,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/x-ns-proxy-autoconfig\r\n\
                         Content-Length: {}\r\nConnection: close\r\n\r\n{script}",
                        script.len()
                    );
                }
            });
            format!("http://{address}/proxy.pac")
        }

        fn by(script: String, uri: &str) -> io::Result<ProxyList> {
            let settings = ProxySettings {
                script: Some(script),
                ..ProxySettings::default()
            };
            proxies_by_script(&settings, uri, Duration::from_secs(10))
        }

        #[test]
        fn a_script_names_a_proxy_by_host() {
            let script = serve(
                "function FindProxyForURL(url, host) {\n\
                 if (host == 'near.example') return 'DIRECT';\n\
                 return 'PROXY proxy.example:3128';\n}",
            );
            let far = by(script.clone(), "https://far.example/").unwrap();
            assert_eq!(far.servers, "proxy.example:3128");
            let near = by(script, "https://near.example/").unwrap();
            assert_eq!(near, ProxyList::default());
        }

        #[test]
        fn a_script_that_cannot_be_had_is_an_error_in_words() {
            let error = by(
                "http://127.0.0.1:9/proxy.pac".to_owned(),
                "https://far.example/",
            );
            let message = error.unwrap_err().to_string();
            assert!(message.contains("script"), "{message}");
        }

        #[test]
        fn the_settings_of_the_user_can_be_read() {
            assert!(proxy_settings().is_some());
        }
    }
}
