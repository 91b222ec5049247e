"""Signing in with Kerberos, at a real Trino and a real KDC."""

import os
import subprocess
import sys
from contextlib import closing

import pyodbc
import pytest


@pytest.fixture(scope="module")
def realm(secured):
    if not secured.realm:
        pytest.fail("the secured lab has no KDC: krb5-kdc and krb5-user are missing")
    return secured.realm


@pytest.fixture
def environment(realm, monkeypatch, tmp_path):
    """What the Kerberos library of this process goes by."""
    monkeypatch.setenv("KRB5_CONFIG", realm["config"])
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'nobody'}")


def user_of(lab, **changes):
    """Who the server says that we are."""
    # The service's name has the host that its certificate has, too.
    changes = {"Host": "localhost", "AuthenticationType": "Kerberos", **changes}
    with closing(lab.connect(User=None, Password=None, **changes)) as connection:
        user = connection.execute("SELECT current_user").fetchval()
        rows = connection.execute("SELECT orderkey FROM tpch.tiny.orders").fetchall()
        assert len(rows) == 15000
        return user


def kinit(realm, cache, *options):
    """Gets a ticket into a cache."""
    command = ["kinit", "-c", cache, "-k", "-t", realm["keytab"], *options, realm["principal"]]
    subprocess.run(command, check=True, env={**os.environ, "KRB5_CONFIG": realm["config"]})


def test_a_keytab_signs_in(secured, realm, environment):
    assert user_of(secured, KerberosKeytab=realm["keytab"], KerberosPrincipal=realm["principal"]) == "ann"


def test_a_cache_of_tickets_signs_in(secured, realm, environment, tmp_path):
    cache = f"FILE:{tmp_path / 'cache'}"
    kinit(realm, cache)
    assert user_of(secured, KerberosCredentialCache=cache) == "ann"


def test_the_systems_own_cache_signs_in(secured, realm, environment, monkeypatch, tmp_path):
    cache = f"FILE:{tmp_path / 'own'}"
    kinit(realm, cache)
    monkeypatch.setenv("KRB5CCNAME", cache)
    assert user_of(secured, KerberosUseCanonicalHostname=0) == "ann"


def test_a_name_and_password_sign_in(secured, realm, environment):
    changes = {"KerberosPrincipal": realm["principal"], "KerberosPassword": realm["password"]}
    assert user_of(secured, **changes) == "ann"
    changes["KerberosPassword"] = "wrong-secret"
    with pytest.raises(pyodbc.Error) as refused:
        user_of(secured, **changes)
    assert "28000" in str(refused.value) and "wrong-secret" not in str(refused.value)


def test_an_expired_ticket_is_told(secured, realm, environment, tmp_path):
    cache = f"FILE:{tmp_path / 'old'}"
    kinit(realm, cache, "-l", "1s")
    subprocess.run(["sleep", "2"], check=True)
    with pytest.raises(pyodbc.Error, match="expired"):
        user_of(secured, KerberosCredentialCache=cache)


def test_a_service_that_the_realm_does_not_know_is_named(secured, realm, environment):
    with pytest.raises(pyodbc.Error, match="nothing@localhost"):
        user_of(
            secured,
            KerberosKeytab=realm["keytab"],
            KerberosPrincipal=realm["principal"],
            KerberosServiceName="nothing",
        )


def test_nobody_signed_in_is_told(secured, environment):
    with pytest.raises(pyodbc.Error, match="Cannot get a Kerberos token for HTTP@localhost"):
        user_of(secured)


def test_a_jdbc_users_properties_sign_in(secured, realm, environment):
    changes = {
        "AuthenticationType": None,
        "KerberosRemoteServiceName": "HTTP",
        "KerberosPrincipal": realm["principal"],
        "KerberosKeytabPath": realm["keytab"],
        "KerberosUseCanonicalHostname": "false",
    }
    assert user_of(secured, **changes) == "ann"


def test_the_driver_loads_without_the_library(secured):
    """In its own process, in which no library can be opened by that name."""
    program = (
        "import ctypes, pyodbc\n"
        "pyodbc.pooling = False\n"
        f"connection = pyodbc.connect({secured.connection_string()!r}, autocommit=True)\n"
        "print(connection.execute('SELECT 1').fetchval())\n"
        "print('gssapi' in open('/proc/self/maps').read())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1", "False"], done.stderr
