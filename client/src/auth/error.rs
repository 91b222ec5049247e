//! Why a connection cannot authenticate. No message holds a secret or a link.

use crate::http;

/// Credentials that cannot be used, or could not be obtained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Credentials without TLS.
    #[error("Credentials are sent over TLS only: set SSL=true, or leave them out.")]
    WithoutTls,
    /// A token that no header can carry.
    #[error(
        "The access token cannot be sent: it is empty, or has a character other than visible ASCII, such as a blank or \
         a line break."
    )]
    InvalidToken,
    /// The file of a token cannot be used.
    #[error("Cannot read the access token from {path}: {cause}.")]
    TokenFile {
        /// The file.
        path: String,
        /// Why, as the end of a sentence.
        cause: String,
    },
    /// The Kerberos library returns no token.
    #[error("Cannot get a Kerberos token for {service}: {cause}.")]
    Kerberos {
        /// The coordinator's service.
        service: String,
        /// The library's reason, as the end of a sentence.
        cause: String,
    },
    /// The server does not offer a sign-in with a browser.
    #[error(
        "The server does not offer signing in with a browser (OAuth 2.0). It accepts: {offers}. Set AuthenticationType \
         accordingly."
    )]
    NotOffered {
        /// The schemes of its challenges.
        offers: String,
    },
    /// A link of the server that cannot be followed safely.
    #[error(
        "The server's sign-in address is not https. Behind a proxy, the server requires \
         http-server.process-forwarded=true."
    )]
    InsecureLink,
    /// No token endpoint is known.
    #[error(
        "The server does not name a token endpoint for OAuth2ClientId (Trino does so from 484): set \
         OAuth2TokenEndpoint or OAuth2Issuer."
    )]
    NoEndpoint,
    /// The server names a token endpoint that is not https.
    #[error(
        "The server names a token endpoint that is not https, but OAuth2ClientSecret is sent over TLS only: set \
         OAuth2TokenEndpoint."
    )]
    InsecureEndpoint,
    /// The server names a token endpoint on a host that may not receive the secret.
    #[error(
        "The server names a token endpoint on {host}. OAuth2ClientSecret is sent to the coordinator's host only, unless \
         OAuth2TokenHosts allows others: if {host} is your issuer, set OAuth2TokenHosts={host} or OAuth2TokenEndpoint."
    )]
    StrangeEndpoint {
        /// The host that the server names.
        host: String,
    },
    /// The server and the configuration disagree on the token endpoint.
    #[error(
        "The server names a token endpoint at {named}, which differs from OAuth2TokenEndpoint: one of them is wrong."
    )]
    OtherEndpoint {
        /// Host and port that the server names.
        named: String,
    },
    /// The sign-in page could not be shown.
    #[error(
        "Cannot open the sign-in page: {cause}. Set OAuth2RedirectHandlers=PRINT to print its address instead."
    )]
    NotShown {
        /// Why, as the end of a sentence.
        cause: String,
    },
    /// Nobody signed in in time.
    #[error("Nobody signed in within {seconds} seconds (OAuth2Timeout).")]
    TimedOut {
        /// The time limit.
        seconds: u64,
    },
    /// Another process is signing in, and has not finished.
    #[error("Another process has been signing in for {seconds} seconds (OAuth2Timeout).")]
    Busy {
        /// The time limit.
        seconds: u64,
    },
    /// The server or the issuer denied the sign-in.
    #[error("Signing in failed: {message}")]
    Denied {
        /// Its reason, as a sentence.
        message: String,
    },
    /// The issuer rejects the client or its request.
    #[error("{endpoint} refused to issue a token: {message}")]
    Refused {
        /// Host and port of the issuer.
        endpoint: String,
        /// Its reason, as a sentence.
        message: String,
    },
    /// The response is not one of an issuer.
    #[error("The response of {endpoint} is not that of an OAuth 2.0 issuer: {message}.")]
    NotAnIssuer {
        /// Host and port.
        endpoint: String,
        /// What is wrong with the response, as the end of a sentence.
        message: String,
    },
    /// The issuer does not support the flow.
    #[error("The issuer at {endpoint} has no {what}: {advice}.")]
    Lacking {
        /// Host and port of the issuer.
        endpoint: String,
        /// The entry that its description lacks.
        what: &'static str,
        /// What that means, as the end of a sentence.
        advice: &'static str,
    },
    /// No response at all.
    #[error("{0}")]
    Http(#[from] http::Error),
}
