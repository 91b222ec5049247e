//! Keywords of who signs in, and how.

use super::{AUTHENTICATION_TYPES, Group, Id, Keyword, Kind, TOKEN_CACHES, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::AuthenticationType,
        "AuthenticationType",
        Kind::Choice(AUTHENTICATION_TYPES),
        Group::Credentials,
        "`JWT` with `AccessToken` or `AccessTokenFile`, `Password` with `PWD`, `ClientCredentials` with \
         `OAuth2ClientId` and `OAuth2ClientSecret`, else `None`",
        "How to authenticate. `OAuth2` signs a person in with a browser, by way of the coordinator; \
         `ClientCredentials` and `DeviceFlow` get a token from an issuer, for a program and for a person. \
         `LDAP Authentication` says `Password`; `No Authentication` says `None`; `JWT Authentication` and \
         `Access Token` say `JWT`; `OIDC Authentication`, `OAuth 2.0` and `ExternalAuthentication=true` say `OAuth2`.",
    )
    .aliases(&["AuthType", "AuthScheme"]),
    row(
        Id::User,
        "UID",
        Kind::Text,
        Group::Credentials,
        "required unless a token says it",
        "User that runs the queries, and the name that `PWD` belongs to.",
    )
    .aliases(&["User", "Username", "User ID"]),
    row(
        Id::SessionUser,
        "SessionUser",
        Kind::Text,
        Group::Credentials,
        "`UID`",
        "User that runs the queries instead, if the server lets `UID` do so (impersonation).",
    )
    .aliases(&["Impersonate"]),
    row(
        Id::Password,
        "PWD",
        Kind::Text,
        Group::Credentials,
        "",
        "Password of `UID`. Sent over TLS only.",
    )
    .aliases(&["Password"])
    .secret(),
    row(
        Id::AccessToken,
        "AccessToken",
        Kind::Text,
        Group::Credentials,
        "",
        "Token sent as Bearer credentials. Sent over TLS only.",
    )
    .aliases(&["JWT", "Token"])
    .secret(),
    row(
        Id::AccessTokenFile,
        "AccessTokenFile",
        Kind::Path,
        Group::Credentials,
        "",
        "A file with such a token. It is read again when it changes, and when its token is refused.",
    )
    .aliases(&["JWTFile", "TokenFile"]),
    row(
        Id::ExtraCredentials,
        "ExtraCredentials",
        Kind::Pairs,
        Group::Credentials,
        "",
        "Credentials for connectors: `name:value;name:value`.",
    )
    .aliases(&["ExtraCredential"])
    .secret(),
    row(
        Id::OAuth2RedirectHandlers,
        "OAuth2RedirectHandlers",
        Kind::List,
        Group::OAuth2,
        "`OPEN`",
        "How a person is shown where to sign in: `OPEN` opens the browser, `PRINT` writes the address to standard \
         error, `ALL` does both. A callback of the application (`SQL_ATTR_TRINO_SIGN_IN_CALLBACK`) takes its place.",
    )
    .aliases(&["ExternalAuthenticationRedirectHandlers"]),
    row(
        Id::OAuth2Timeout,
        "OAuth2Timeout",
        Kind::Seconds { min: 1, max: 3600 },
        Group::OAuth2,
        "120",
        "Longest wait for a person to sign in. A login timeout that the application sets counts as well.",
    )
    .aliases(&["ExternalAuthenticationTimeout"]),
    row(
        Id::OAuth2TokenCache,
        "OAuth2TokenCache",
        Kind::Choice(TOKEN_CACHES),
        Group::OAuth2,
        "Memory",
        "Who else may use the token: no other connection, the process's connections to the same host as the same \
         `UID`, or (`File`, also `SYSTEM`) all programs of this user, by a file that only the user can read. A \
         program that connects for several people must tell them apart by `UID`, or use `None`.",
    )
    .aliases(&[
        "ExternalAuthenticationTokenCache",
        "TokenCache",
        "CacheAccessToken",
    ]),
    row(
        Id::OAuth2Issuer,
        "OAuth2Issuer",
        Kind::Text,
        Group::OAuth2,
        "required by `DeviceFlow`",
        "Address of the issuer of tokens, which describes itself at `/.well-known/openid-configuration` below it.",
    )
    .aliases(&["OIDCIssuer", "OIDCDiscoveryURL", "Issuer"]),
    row(
        Id::OAuth2TokenEndpoint,
        "OAuth2TokenEndpoint",
        Kind::Text,
        Group::OAuth2,
        "as the issuer says",
        "Where the issuer gives tokens; with it, `ClientCredentials` needs no `OAuth2Issuer`. Without either, the \
         server says where (Trino does from 484 on); what it says must not differ from this.",
    )
    .aliases(&["TokenEndpoint", "TokenURL"]),
    row(
        Id::OAuth2TokenHosts,
        "OAuth2TokenHosts",
        Kind::List,
        Group::OAuth2,
        "`Host`",
        "Hosts, with or without a port, beside `Host` that `OAuth2ClientSecret` may go to when the server says where \
         the token comes from.",
    ),
    row(
        Id::OAuth2ClientId,
        "OAuth2ClientId",
        Kind::Text,
        Group::OAuth2,
        "required by `ClientCredentials` and `DeviceFlow`",
        "The name that the issuer knows this program by.",
    )
    .aliases(&["ClientId", "Client_ID"]),
    row(
        Id::OAuth2ClientSecret,
        "OAuth2ClientSecret",
        Kind::Text,
        Group::OAuth2,
        "required by `ClientCredentials`",
        "The secret of `OAuth2ClientId`.",
    )
    .aliases(&["ClientSecret", "Client_Secret"])
    .secret(),
    row(
        Id::OAuth2Scope,
        "OAuth2Scope",
        Kind::Text,
        Group::OAuth2,
        "",
        "What the token shall be good for, as the issuer calls it; several with blanks between.",
    )
    .aliases(&["Scope"]),
    row(
        Id::OAuth2Audience,
        "OAuth2Audience",
        Kind::Text,
        Group::OAuth2,
        "",
        "Whom the token shall be good at, for issuers that want to be told.",
    )
    .aliases(&["Audience"]),
    row(
        Id::OAuth2TrustStore,
        "OAuth2TrustStore",
        Kind::Paths,
        Group::OAuth2,
        "the coordinator's trust",
        "Certificates to trust as authorities of the issuer, in the forms of `SSLTrustStore`, beside the system's. \
         `SSLMinVersion` and `SSLRevocationList` count there too, and the issuer is reached by the coordinator's proxy.",
    ),
    row(
        Id::OAuth2TrustStorePassword,
        "OAuth2TrustStorePassword",
        Kind::Text,
        Group::OAuth2,
        "",
        "Password of the PKCS#12 and JKS files in `OAuth2TrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::KerberosServiceName,
        "KerberosServiceName",
        Kind::Text,
        Group::Kerberos,
        "`HTTP`",
        "Name of the coordinator's service. Given without `AuthenticationType`, it asks for Kerberos.",
    )
    .aliases(&["KrbServiceName", "KerberosRemoteServiceName"]),
    row(
        Id::KerberosPrincipal,
        "KerberosPrincipal",
        Kind::Text,
        Group::Kerberos,
        "whoever signed in",
        "Who signs in, as `name@REALM`.",
    )
    .aliases(&["KerberosUsername"]),
    row(
        Id::KerberosPassword,
        "KerberosPassword",
        Kind::Text,
        Group::Kerberos,
        "",
        "Password of `KerberosPrincipal`, instead of a ticket that is there already.",
    )
    .secret(),
    row(
        Id::KerberosKeytab,
        "KerberosKeytab",
        Kind::Path,
        Group::Kerberos,
        "",
        "File of keys to sign in with. Tickets are renewed from it by themselves.",
    )
    .aliases(&["KerberosKeytabPath", "UPNKeytabMappingFile"]),
    row(
        Id::KerberosCredentialCache,
        "KerberosCredentialCache",
        Kind::Text,
        Group::Kerberos,
        "the system's",
        "Cache of tickets: a file, or a name with its kind (`FILE:`, `DIR:`, `KEYRING:`, `MEMORY:`) before it.",
    )
    .aliases(&["KerberosCredentialCachePath"]),
    row(
        Id::KerberosServicePrincipalPattern,
        "KerberosServicePrincipalPattern",
        Kind::Text,
        Group::Kerberos,
        "`${SERVICE}@${HOST}`",
        "How the service's name is made up. With a slash (`${SERVICE}/${HOST}@REALM`) it is taken word for word.",
    ),
    row(
        Id::KerberosUseCanonicalHostname,
        "KerberosUseCanonicalHostname",
        Kind::Boolean,
        Group::Kerberos,
        "true",
        "Whether the Kerberos library may replace `Host` by its canonical name, as `krb5.conf` says.",
    ),
    row(
        Id::KerberosDelegation,
        "KerberosDelegation",
        Kind::Boolean,
        Group::Kerberos,
        "false",
        "Whether the server may act as the user elsewhere.",
    )
    .aliases(&["DelegateKrbCreds"]),
];
