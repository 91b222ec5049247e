(function dsbuilder(attr) {
    var authentications = {
        "auth-user-pass": "Password",
        "auth-user": "None",
        "auth-integrated": "Kerberos",
        "auth-none": "OAuth2"
    };
    var authentication = attr[connectionHelper.attributeAuthentication];
    var keywords = {
        "Host": attr[connectionHelper.attributeServer],
        "Port": attr[connectionHelper.attributePort],
        "Catalog": attr[connectionHelper.attributeDatabase],
        "AuthenticationType": authentications[authentication],
        "SSL": attr[connectionHelper.attributeSSLMode] === "require" ? "1" : "0",
        "TimeZone": attr["v-timezone"],
        "Roles": attr["v-roles"],
        "StorageTrustStore": attr["v-storage-trust"],
        "Source": "Tableau",
        "MetadataCache": "60"
    };
    if (authentication === "auth-user-pass" || authentication === "auth-user") {
        keywords["UID"] = attr[connectionHelper.attributeUsername];
    }
    if (authentication === "auth-user-pass") {
        keywords["PWD"] = attr[connectionHelper.attributePassword];
    }
    // What people enter under "String Extras" has the last word.
    var extras = attr["odbc-connect-string-extras"];
    if (extras) {
        var more = connectionHelper.ParseODBCConnectString(extras);
        for (var name in more) {
            keywords[name] = more[name];
        }
    }
    var parts = [connectionHelper.formatKeyValuePair(driverLocator.keywordDriver, driverLocator.locateDriver(attr))];
    for (var keyword in keywords) {
        if (keywords[keyword]) {
            parts.push(connectionHelper.formatKeyValuePair(keyword, keywords[keyword]));
        }
    }
    return parts;
})
