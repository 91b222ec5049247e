//! Why a connection cannot prove who it is. No message holds a secret or a link.

use crate::http;

/// Credentials that cannot be used, or that could not be got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("A password is sent over TLS only: set SSL=true, or leave the password out.")]
    PasswordWithoutTls,
    #[error("An access token is sent over TLS only: set SSL=true, or leave the token out.")]
    TokenWithoutTls,
    #[error("A password needs a user name: set UID.")]
    PasswordWithoutUser,
    #[error("A user name with a colon cannot be sent along with a password.")]
    ColonInUser,
    #[error(
        "User name and password go to the server in ISO 8859-1 (Western European languages), which lacks a character \
         of theirs."
    )]
    UnsendablePassword,
    #[error(
        "The access token cannot be sent: it has characters other than letters, digits and signs of ASCII, such as a \
         blank or a line break."
    )]
    InvalidToken,
    #[error("Both a password and an access token are given; only one can be sent.")]
    Ambiguous,
    /// The file of a token cannot be used.
    #[error("The access token cannot be read from {path}: {cause}.")]
    TokenFile { path: String, cause: String },
    /// The Kerberos library gives no token.
    #[error("Kerberos gives no token for {service}: {cause}.")]
    Kerberos { service: String, cause: String },
    /// The server refuses, and names no way to sign in with a browser.
    #[error(
        "The server does not offer to sign in with a browser (OAuth 2.0). It takes: {offers}. AuthenticationType says \
         how the driver signs in."
    )]
    NotOffered { offers: String },
    /// A link of the server that cannot be followed safely.
    #[error(
        "The server sends to sign in at an address that is not https. Behind a proxy, a server needs \
         http-server.process-forwarded=true."
    )]
    InsecureLink,
    /// Nobody says where the token comes from.
    #[error(
        "The server does not name where to get a token for OAuth2ClientId (Trino does from 484 on): set \
         OAuth2TokenEndpoint or OAuth2Issuer."
    )]
    NoEndpoint,
    /// The server would have the secret sent in the clear, or nowhere.
    #[error(
        "The server names a token endpoint that is not https, and OAuth2ClientSecret is sent over TLS only: set \
         OAuth2TokenEndpoint."
    )]
    InsecureEndpoint,
    /// The server would have the secret sent to a host that nobody vouches for.
    #[error(
        "The server names {host} to get a token from. OAuth2ClientSecret goes to the coordinator's host alone unless \
         OAuth2TokenHosts names others: if {host} is your issuer, set OAuth2TokenHosts={host} or OAuth2TokenEndpoint."
    )]
    StrangeEndpoint { host: String },
    /// The server and the connection disagree on where the token comes from.
    #[error(
        "The server names another token endpoint, at {named}, than OAuth2TokenEndpoint does: one of them is wrong."
    )]
    OtherEndpoint { named: String },
    /// Nobody could be shown where to sign in.
    #[error(
        "The page to sign in at cannot be opened: {cause}. OAuth2RedirectHandlers=PRINT prints its address instead."
    )]
    NotShown { cause: String },
    /// Nobody signed in in time.
    #[error("Nobody signed in within {seconds} seconds (OAuth2Timeout).")]
    TimedOut { seconds: u64 },
    /// Another process is signing in, and does not come to an end.
    #[error("Another process is signing in for {seconds} seconds already (OAuth2Timeout).")]
    Busy { seconds: u64 },
    /// The server, or the issuer, says no.
    #[error("Signing in failed: {message}")]
    Denied { message: String },
    /// The issuer does not accept the client or what it asks for.
    #[error("{endpoint} gives no token: {message}")]
    Refused { endpoint: String, message: String },
    /// The issuer answers with something else than it should.
    #[error("{endpoint} does not answer like an OAuth 2.0 issuer: {message}.")]
    NotAnIssuer { endpoint: String, message: String },
    /// The issuer lacks what the flow needs.
    #[error("The issuer at {endpoint} names no {what}: {advice}.")]
    Lacking {
        endpoint: String,
        what: &'static str,
        advice: &'static str,
    },
    /// No answer at all.
    #[error("{0}")]
    Http(#[from] http::Error),
}
