//! Keywords of credentials.

use super::{
    AUTHENTICATION_TYPES, DefaultValue, Group, Id, Keyword, Kind, NONE, TOKEN_CACHES, names, row,
};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::AuthenticationType,
        "AuthenticationType",
        Kind::Choice(&names(&AUTHENTICATION_TYPES)),
        Group::Credentials,
        DefaultValue::Described("`JWT` with `AccessToken` or `AccessTokenFile`, `Password` with `PWD`, `ClientCredentials` with \
         `OAuth2ClientId` and `OAuth2ClientSecret`, else `None`"),
        "How to authenticate. `OAuth2` signs a person in with a browser, through the coordinator; \
         `ClientCredentials` and `DeviceFlow` get a token from an issuer, for a program and for a \
         person. `LDAP Authentication` means `Password`; `No Authentication` means `None`; `JWT \
         Authentication` and `Access Token` mean `JWT`; `OIDC Authentication`, `OAuth 2.0` and \
         `ExternalAuthentication=true` mean `OAuth2`.",
    )
    .aliases(&["AuthType", "AuthScheme"]),
    row(
        Id::User,
        "UID",
        Kind::Text,
        Group::Credentials,
        DefaultValue::Described("required unless a token or a certificate implies it"),
        "User name. It runs the queries, and `PWD` is its password.",
    )
    .aliases(&["User", "Username", "User ID"]),
    row(
        Id::SessionUser,
        "SessionUser",
        Kind::Text,
        Group::Credentials,
        DefaultValue::Described("`UID`"),
        "User to run the queries as, if the server allows `UID` to impersonate that user.",
    )
    .aliases(&["Impersonate"]),
    row(
        Id::Password,
        "PWD",
        Kind::Text,
        Group::Credentials,
        NONE,
        "Password of `UID`. Sent over TLS only.",
    )
    .aliases(&["Password"])
    .secret(),
    row(
        Id::AccessToken,
        "AccessToken",
        Kind::Text,
        Group::Credentials,
        NONE,
        "Bearer token to authenticate with. Sent over TLS only.",
    )
    .aliases(&["JWT", "Token"])
    .secret(),
    row(
        Id::AccessTokenFile,
        "AccessTokenFile",
        Kind::Path,
        Group::Credentials,
        NONE,
        "File with such a token. Read again when it changes, and when its token is rejected.",
    )
    .aliases(&["JWTFile", "TokenFile"]),
    row(
        Id::ExtraCredentials,
        "ExtraCredentials",
        Kind::Pairs,
        Group::Credentials,
        NONE,
        "Credentials for connectors: `name:value;name:value`.",
    )
    .aliases(&["ExtraCredential"])
    .secret(),
    row(
        Id::ProtectedSecrets,
        "ProtectedSecrets",
        Kind::Text,
        Group::Credentials,
        NONE,
        "Passwords and tokens of a data source, encrypted by Windows for the user who saved them, \
         as the setup dialog writes them. Keywords for the same secrets take precedence. Nobody \
         else can read them, and no other system.",
    )
    .secret(),
    row(
        Id::OAuth2RedirectHandlers,
        "OAuth2RedirectHandlers",
        Kind::List,
        Group::OAuth2,
        DefaultValue::Text("OPEN"),
        "How to show a person where to sign in: `OPEN` opens the browser, `PRINT` writes the \
         address to standard error, `ALL` does both. A callback of the application \
         (`SQL_ATTR_TRINO_SIGN_IN_CALLBACK`) replaces them.",
    )
    .aliases(&["ExternalAuthenticationRedirectHandlers"]),
    row(
        Id::OAuth2Timeout,
        "OAuth2Timeout",
        Kind::Seconds { min: 1, max: 3600 },
        Group::OAuth2,
        DefaultValue::Seconds(120),
        "How long to wait for a person to sign in. A login timeout set by the application applies \
         as well.",
    )
    .aliases(&["ExternalAuthenticationTimeout"]),
    row(
        Id::OAuth2TokenCache,
        "OAuth2TokenCache",
        Kind::Choice(&names(&TOKEN_CACHES)),
        Group::OAuth2,
        DefaultValue::Text("Memory"),
        "Who shares the token: no other connection, connections of the process to the same host \
         as the same `UID`, or (`File`, also `SYSTEM`) all programs of this user, through a file that only \
         the user can read. A program that connects on behalf of several people must set a \
         different `UID` for each, or use `None`.",
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
        DefaultValue::Described("required by `DeviceFlow`"),
        "URL of the token issuer, which publishes its configuration at \
         `/.well-known/openid-configuration` below it.",
    )
    .aliases(&["OIDCIssuer", "OIDCDiscoveryURL", "Issuer"]),
    row(
        Id::OAuth2TokenEndpoint,
        "OAuth2TokenEndpoint",
        Kind::Text,
        Group::OAuth2,
        DefaultValue::Described("as the issuer publishes"),
        "URL that issues tokens; with it, `ClientCredentials` needs no `OAuth2Issuer`. Without \
         either, the server provides it (from Trino 484). If both are known, they must agree.",
    )
    .aliases(&["TokenEndpoint", "TokenURL"]),
    row(
        Id::OAuth2TokenHosts,
        "OAuth2TokenHosts",
        Kind::List,
        Group::OAuth2,
        DefaultValue::Described("`Host`"),
        "Additional hosts, with or without a port, that `OAuth2ClientSecret` may be sent to if \
         the server provides the token endpoint.",
    ),
    row(
        Id::OAuth2ClientId,
        "OAuth2ClientId",
        Kind::Text,
        Group::OAuth2,
        DefaultValue::Described("required by `ClientCredentials` and `DeviceFlow`"),
        "Client id of this program at the issuer.",
    )
    .aliases(&["ClientId", "Client_ID"]),
    row(
        Id::OAuth2ClientSecret,
        "OAuth2ClientSecret",
        Kind::Text,
        Group::OAuth2,
        DefaultValue::Described("required by `ClientCredentials`"),
        "Client secret for `OAuth2ClientId`.",
    )
    .aliases(&["ClientSecret", "Client_Secret"])
    .secret(),
    row(
        Id::OAuth2Scope,
        "OAuth2Scope",
        Kind::Text,
        Group::OAuth2,
        NONE,
        "Scopes to request, separated by blanks.",
    )
    .aliases(&["Scope"]),
    row(
        Id::OAuth2Audience,
        "OAuth2Audience",
        Kind::Text,
        Group::OAuth2,
        NONE,
        "Audience to request, if the issuer requires one.",
    )
    .aliases(&["Audience"]),
    row(
        Id::OAuth2TrustStore,
        "OAuth2TrustStore",
        Kind::Paths,
        Group::OAuth2,
        DefaultValue::Described("the coordinator's trust"),
        "Additional authorities to trust for the issuer, in the forms of `SSLTrustStore`. \
         `SSLMinVersion` and `SSLRevocationList` apply to the issuer too, and it is reached \
         through the coordinator's proxy.",
    ),
    row(
        Id::OAuth2TrustStorePassword,
        "OAuth2TrustStorePassword",
        Kind::Text,
        Group::OAuth2,
        NONE,
        "Password of PKCS#12 and JKS files in `OAuth2TrustStore`. PEM and DER files need none.",
    )
    .secret(),
    row(
        Id::KerberosServiceName,
        "KerberosServiceName",
        Kind::Text,
        Group::Kerberos,
        DefaultValue::Text("HTTP"),
        "Service name of the coordinator. Setting it without `AuthenticationType` selects \
         Kerberos.",
    )
    .aliases(&["KrbServiceName", "KerberosRemoteServiceName"]),
    row(
        Id::KerberosPrincipal,
        "KerberosPrincipal",
        Kind::Text,
        Group::Kerberos,
        DefaultValue::Described("the signed-in user"),
        "Principal to sign in as, `name@REALM`; on Windows also `DOMAIN\\name`.",
    )
    .aliases(&["KerberosUsername"]),
    row(
        Id::KerberosPassword,
        "KerberosPassword",
        Kind::Text,
        Group::Kerberos,
        NONE,
        "Password of `KerberosPrincipal`, if there is no ticket.",
    )
    .secret(),
    row(
        Id::KerberosKeytab,
        "KerberosKeytab",
        Kind::Path,
        Group::Kerberos,
        NONE,
        "Keytab to sign in with. Tickets are renewed from it automatically.",
    )
    .aliases(&["KerberosKeytabPath", "UPNKeytabMappingFile"]),
    row(
        Id::KerberosCredentialCache,
        "KerberosCredentialCache",
        Kind::Text,
        Group::Kerberos,
        DefaultValue::Described("the system's"),
        "Ticket cache: a file, or a name with a type prefix (`FILE:`, `DIR:`, `KEYRING:`, \
         `MEMORY:`).",
    )
    .aliases(&["KerberosCredentialCachePath"]),
    row(
        Id::KerberosServicePrincipalPattern,
        "KerberosServicePrincipalPattern",
        Kind::Text,
        Group::Kerberos,
        DefaultValue::Text("${SERVICE}@${HOST}"),
        "Pattern of the service principal. With a slash (`${SERVICE}/${HOST}@REALM`) it is used \
         literally.",
    ),
    row(
        Id::KerberosUseCanonicalHostname,
        "KerberosUseCanonicalHostname",
        Kind::Boolean,
        Group::Kerberos,
        DefaultValue::Boolean(true),
        "Let the Kerberos library replace `Host` by its canonical name, as `krb5.conf` configures.",
    ),
    row(
        Id::KerberosDelegation,
        "KerberosDelegation",
        Kind::Boolean,
        Group::Kerberos,
        DefaultValue::Boolean(false),
        "Delegate the ticket, so that the server can act as the user elsewhere.",
    )
    .aliases(&["DelegateKrbCreds"]),
];
