//! Shows a person where to sign in: in the system's browser, on standard error, or through the
//! application.

use std::io::Write as _;

use url::Url;

use super::Error;
use crate::options::Show;
use crate::os;

/// Shows the address, and the code to enter there, if any.
pub(super) async fn show(show: &Show, address: &str, code: Option<&str>) -> Result<(), Error> {
    // By other schemes the system would open programs and files.
    let address = Url::parse(address)
        .ok()
        .filter(|address| matches!(address.scheme(), "https" | "http"))
        .ok_or(Error::InsecureLink)?;
    tracing::info!(
        open = show.open,
        print = show.print,
        callback = show.callback.is_some(),
        "waiting for a person to sign in"
    );
    if let Some(callback) = &show.callback {
        callback.call(address.as_str(), code);
    }
    if show.print {
        let code = code.map_or_else(String::new, |code| format!(" (code {code})"));
        let _ = writeln!(
            std::io::stderr(),
            "To sign in to Trino, open {address}{code}"
        );
    }
    if show.open {
        let opened = tokio::task::spawn_blocking(move || os::open_in_browser(address.as_str()));
        let opened = opened.await.map_err(|error| error.to_string());
        let opened = opened.and_then(|opened| opened.map_err(|error| error.to_string()));
        match opened {
            Ok(()) => {}
            // The person sees the address in another way.
            Err(cause) if show.print || show.callback.is_some() => {
                tracing::warn!(cause, "no browser was opened");
            }
            Err(cause) => return Err(Error::NotShown { cause }),
        }
    }
    Ok(())
}
