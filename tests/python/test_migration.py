"""Connection strings that were written for other drivers connect as they are."""

from contextlib import closing

import manager
import pyodbc
import pytest


def connect(text, **more):
    return closing(pyodbc.connect(text, autocommit=True, timeout=20, **more))


def warnings_of(text):
    """What the driver has to say about a connection string."""
    with manager.connection() as connection:
        answer = connection.connect(text)
        assert answer.code in (manager.SQL_SUCCESS, manager.SQL_SUCCESS_WITH_INFO), answer.records
        return answer.messages


def strings(lab):
    """A connection string of each driver, with the forms of values that its users have."""
    at = f"Host={lab.host};Port={lab.port}"
    return {
        "Starburst V2": f"DRIVER={{Trino}};{at};Catalog=tpch;Schema=tiny;"
        f"AuthenticationType=LDAP Authentication;UID={lab.user};PWD={lab.password};SSL=1;"
        f"TrustedCerts={lab.coordinator_ca};UseSystemTrustStore=0;AllowHostNameCNMismatch=0;"
        "AllowSelfSignedServerCert=0;Min_TLS=1.2;CheckCertRevocation=0;TimeZoneID=Europe/Vienna;"
        "LogLevel=0;LogPath=/tmp;UseUnicodeSqlCharacterTypes=1;MaxVarcharColumnLength=4000;"
        "MaxComplexTypeColumnLength=9000;IgnoreBrokenCatalog=1;UseDSNSchemaForMetadata=0;UseProxy=0;"
        "roles=system=NONE;AutoIPD=0;AutoCommit=1;RowsFetchedPerBlock=10000",
        "Starburst V3": f"Driver={{Trino}};Server={lab.host};Port={lab.port};Database=tpch;Schema=tiny;"
        f"AuthenticationType=Password;UID={lab.user};PWD={{{lab.password}}};SSL=true;"
        f"SSLVerification=Full;SSLTrustStore={lab.coordinator_ca};TimeZone=Europe/Vienna;"
        "DefaultStringColumnLength=4000",
        "JDBC": f"DRIVER={{Trino}};{at};catalog=tpch;schema=tiny;user={lab.user};password={lab.password};"
        f"SSL=true;SSLVerification=FULL;SSLTrustStorePath={lab.coordinator_ca};SSLTrustStoreType=PEM;"
        "timezone=Europe/Vienna;sessionProperties={query_max_run_time:5m;join_distribution_type:BROADCAST};"
        "roles={system:none};extraCredentials={a:b;c:d};clientTags=x,y;clientInfo=i;traceToken=t;source=jdbc;"
        "resourceEstimates={CPU_TIME:5m;PEAK_MEMORY:1GB};locale=de_AT;extraHeaders={X-Team:data};"
        "assumeLiteralUnderscoreInMetadataCallsForNonConformingClients=true;disableCompression=false;"
        "explicitPrepare=false;encoding=json+zstd,json;validateConnection=true;timeout=30s;"
        "externalAuthentication=false;KerberosDelegation=false",
    }


@pytest.mark.parametrize("driver", ["Starburst V2", "Starburst V3", "JDBC"])
def test_a_connection_string_of_another_driver_connects_unchanged(secured, driver):
    # What storage is trusted with is the one thing that those drivers had no keyword for.
    text = strings(secured)[driver] + f";StorageTrustStore={secured.storage_ca}"
    with connect(text) as connection:
        cursor = connection.cursor()
        row = cursor.execute("SELECT current_user, current_timezone(), name FROM region WHERE regionkey = 0")
        assert tuple(row.fetchone()) == (secured.user, "Europe/Vienna", "AFRICA")
        assert len(cursor.execute("SELECT * FROM sf1.orders LIMIT 60000").fetchall()) == 60000


@pytest.mark.parametrize("driver", ["Starburst V2", "Starburst V3", "JDBC"])
def test_nothing_in_such_a_connection_string_is_ignored(secured, driver):
    assert warnings_of(strings(secured)[driver]) == []


def test_values_of_other_drivers_manuals_connect(secured):
    zeros = {name: 0 for name in ("LoginTimeout", "Timeout", "MaxVarcharColumnLength", "MaxComplexTypeColumnLength")}
    with closing(secured.connect(**zeros)) as connection:
        assert connection.execute("SELECT 1").fetchval() == 1
    warnings = warnings_of(secured.connection_string(Min_TLS="1.0", ParallelDownloads=1000, Trace=0))
    assert warnings == [
        "Min_TLS=1.0 is not supported; 1.2 is used instead.",
        "ParallelDownloads=1000 is not supported; 64 is used instead.",
    ]


def test_a_host_may_have_quotes_scheme_and_port(secured):
    for host in (f'"{secured.host}"', f"https://{secured.host}:{secured.port}/"):
        with closing(secured.connect(Host=host)) as connection:
            assert connection.execute("SELECT 1").fetchval() == 1


def test_the_last_of_contradicting_keywords_wins_with_a_warning(secured):
    text = secured.connection_string(User="nobody", UID=secured.user, NoSuchThing=1)
    warnings = warnings_of(text)
    assert "User was ignored because it conflicts with UID." in warnings
    assert any("NoSuchThing" in warning for warning in warnings)


def test_a_session_may_be_anothers(lab):
    with closing(lab.connect(SessionUser="bob")) as connection:
        assert connection.execute("SELECT current_user").fetchval() == "bob"
        assert connection.getinfo(pyodbc.SQL_USER_NAME) == "bob"


def test_who_may_not_be_another_is_refused(secured):
    with pytest.raises(pyodbc.Error, match="bob") as raised:
        with closing(secured.connect(SessionUser="bob")) as connection:
            connection.execute("SELECT 1").fetchall()
    assert secured.password not in str(raised.value)


def test_a_size_is_told_of_columns_without_one(lab):
    with closing(lab.connect(MaxVarcharColumnLength=4000, MaxComplexTypeColumnLength=9000)) as connection:
        cursor = connection.cursor()
        # varchar(7) may hold seven characters that are two units of UTF-16 each.
        cursor.execute("SELECT CAST('x' AS varchar), ARRAY[1], CAST('x' AS varchar(7)), rpad('y', 5000, 'y')")
        assert [column[3] for column in cursor.description] == [4000, 9000, 14, 4000]
        assert len(cursor.fetchone()[3]) == 5000
        columns = cursor.columns(catalog="system", schema="runtime", table="queries").fetchall()
        sizes = {row.column_name: row.column_size for row in columns}
        assert (sizes["query"], sizes["resource_group_id"]) == (4000, 9000)
