// Runs the script by which Tableau's connector writes a connection string. Argument: the script.
const assert = require("assert");
const fs = require("fs");
const vm = require("vm");

const connectionHelper = {
    attributeServer: "server",
    attributePort: "port",
    attributeDatabase: "dbname",
    attributeAuthentication: "authentication",
    attributeUsername: "username",
    attributePassword: "password",
    attributeSSLMode: "sslmode",
    formatKeyValuePair: (name, value) => `${name}=${value}`,
    ParseODBCConnectString: (text) => Object.fromEntries(text.split(";").map((pair) => pair.split("="))),
};
const driverLocator = { keywordDriver: "Driver", locateDriver: () => "{Trino}" };
const script = fs.readFileSync(process.argv[2], "utf8");
const build = vm.runInNewContext(script, { connectionHelper, driverLocator });
const common = "Driver={Trino};Host=h;Port=443";

function written(attributes) {
    return Array.from(build({ server: "h", port: "443", sslmode: "require", ...attributes })).join(";");
}

assert.strictEqual(
    written({ authentication: "auth-user-pass", username: "ann", password: "secret", dbname: "tpch" }),
    `${common};Catalog=tpch;AuthenticationType=Password;SSL=1;Source=Tableau;MetadataCache=60;UID=ann;PWD=secret`
);
assert.strictEqual(
    written({ authentication: "auth-user", username: "ann", password: "stale", sslmode: "" }),
    `${common};AuthenticationType=None;SSL=0;Source=Tableau;MetadataCache=60;UID=ann`
);
assert.strictEqual(
    written({ authentication: "auth-integrated", username: "stale", "v-timezone": "UTC", "v-roles": "{hive:admin}" }),
    `${common};AuthenticationType=Kerberos;SSL=1;TimeZone=UTC;Roles={hive:admin};Source=Tableau;MetadataCache=60`
);
assert.strictEqual(
    written({ authentication: "auth-none", "v-storage-trust": "ca.pem", "odbc-connect-string-extras": "Source=Lab" }),
    `${common};AuthenticationType=OAuth2;SSL=1;StorageTrustStore=ca.pem;Source=Lab;MetadataCache=60`
);
console.log(`${process.argv[2]}: as expected`);
